//! Owns `<staticContent>`: which file name extensions IIS serves, and as what.
//!
//! Does not serve files.

use std::collections::HashMap;

use crate::attributes::MIME_MAP;
use crate::collection::{Order, Shape};
use crate::document::Element;
use crate::error::Error;
use crate::read::Reader;

/// The effective MIME map. What is not in it is not served (404.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MimeMap {
    /// Extension in lower case, with its dot, to content type.
    types: HashMap<String, String>,
}

impl MimeMap {
    /// The content type of a file name. `.` stands for names without an extension, `.*` for all.
    pub fn get(&self, file_name: &str) -> Option<&str> {
        let extension = file_name.rfind('.').map_or(".", |at| &file_name[at..]);
        let known = self.types.get(&extension.to_lowercase()).or_else(|| self.types.get(".*"));
        known.map(String::as_str)
    }
}

const SHAPE: Shape =
    Shape { add: "mimeMap", key: "fileExtension", case_sensitive: false, order: Order::Append };

/// Reads and merges `<staticContent>` elements, outermost first.
///
/// # Errors
/// On missing attributes and duplicate extensions.
pub fn read(levels: &[&Element]) -> Result<MimeMap, Error> {
    let pair = |element| {
        let reader = Reader::new(element, MIME_MAP);
        Ok((reader.text("fileExtension")?.to_lowercase(), reader.text("mimeType")?))
    };
    let types = SHAPE.merge(levels)?.into_iter().map(pair).collect::<Result<_, _>>()?;
    Ok(MimeMap { types })
}

//! Owns `<defaultDocument>` and `<directoryBrowse>`: what answers for a folder.
//!
//! Does not look for files.

use crate::attributes::{DEFAULT_DOCUMENT, DEFAULT_DOCUMENT_FILE, DIRECTORY_BROWSE};
use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::read::Reader;

/// The effective `<defaultDocument>` section: file names in the order in which they are tried; none
/// when it is switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultDocuments {
    /// The file names.
    pub names: Vec<String>,
}

/// The effective `<directoryBrowse>` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryBrowse {
    /// Whether folders are listed.
    pub is_enabled: bool,
    /// What is shown: words of `showFlags`.
    pub shows: Vec<&'static str>,
}

/// An inner level's names come before the inherited ones.
/// Reads and merges `<defaultDocument>` elements, outermost first.
///
/// # Errors
/// On attributes of another type and duplicate names.
pub fn read_default_documents(levels: &[&Element]) -> Result<DefaultDocuments, Error> {
    let files: Vec<&Element> = levels.iter().filter_map(|level| level.child("files")).collect();
    let name = |item| Reader::new(item, DEFAULT_DOCUMENT_FILE).text("value");
    let names = collections::of_items(DEFAULT_DOCUMENT_FILE)
        .merge(&files)?
        .into_iter()
        .map(name)
        .collect::<Result<Vec<_>, _>>()?;
    let is_enabled = Reader::innermost(levels, DEFAULT_DOCUMENT, "enabled").flag("enabled")?;
    let names = names.into_iter().filter(|name| !name.is_empty());
    Ok(DefaultDocuments { names: if is_enabled { names.collect() } else { Vec::new() } })
}

/// Reads `<directoryBrowse>` elements, outermost first.
///
/// # Errors
/// On attributes of another type.
pub fn read_directory_browse(levels: &[&Element]) -> Result<DirectoryBrowse, Error> {
    let reader = |name| Reader::innermost(levels, DIRECTORY_BROWSE, name);
    Ok(DirectoryBrowse {
        is_enabled: reader("enabled").flag("enabled")?,
        shows: reader("showFlags").choices("showFlags")?,
    })
}

#[cfg(test)]
mod tests {
    use super::{read_default_documents, read_directory_browse};
    use crate::document::{self, Element};
    use crate::place::Source;

    fn level(xml: &str) -> Element {
        document::parse(Source::new("web.config", xml)).unwrap()
    }

    #[test]
    fn inner_names_come_first() {
        let server =
            level("<x><files><add value='Default.htm'/><add value='index.html'/></files></x>");
        let web =
            level("<x><files><remove value='default.htm'/><add value='start.htm'/></files></x>");
        let off = level("<x enabled='false'/>");
        let names = |levels: &[&Element]| read_default_documents(levels).unwrap().names;
        assert_eq!(names(&[&server]), ["Default.htm", "index.html"]);
        assert_eq!(names(&[&server, &web]), ["start.htm", "index.html"]);
        assert!(names(&[&server, &off]).is_empty() && names(&[]).is_empty());
    }

    #[test]
    fn browsing() {
        let on = level("<directoryBrowse enabled='true' showFlags='Size, longdate'/>");
        let browse = read_directory_browse(&[&on]).unwrap();
        assert!(browse.is_enabled);
        assert_eq!(browse.shows, ["Size", "LongDate"]);
        let usual = read_directory_browse(&[]).unwrap();
        assert!(!usual.is_enabled);
        assert_eq!(usual.shows, ["Date", "Time", "Size", "Extension"]);
    }
}

//! Owns the parts of `<requestFiltering>` that hide files: segments and file name extensions.
//!
//! Does not own limits, verbs and URL rules yet, and refuses no request itself.

use crate::attributes::{FILE_EXTENSION, HIDDEN_SEGMENT};
use crate::collection::{Order, Shape};
use crate::document::Element;
use crate::error::Error;
use crate::read::Reader;

/// The effective request filtering.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFiltering {
    hidden_segments: Vec<String>,
    denied_extensions: Vec<String>,
}

impl RequestFiltering {
    /// Tells whether a URL segment is hidden (404.8).
    pub fn hides(&self, segment: &str) -> bool {
        let segment = segment.to_lowercase();
        self.hidden_segments.contains(&segment)
    }

    /// Tells whether a file name's extension is denied (404.7).
    pub fn denies(&self, file_name: &str) -> bool {
        let name = file_name.to_lowercase();
        self.denied_extensions
            .iter()
            .any(|extension| name.rfind('.').is_some_and(|at| name[at..] == **extension))
    }
}

const fn shape(key: &'static str) -> Shape {
    Shape { add: "add", key, case_sensitive: false, order: Order::Append }
}

/// Reads and merges `<requestFiltering>` elements, outermost first.
///
/// # Errors
/// On missing attributes and duplicates.
pub fn read(levels: &[&Element]) -> Result<RequestFiltering, Error> {
    let children = |name: &str| -> Vec<&Element> {
        levels.iter().filter_map(|level| level.child(name)).collect()
    };
    let segment = |element| Reader::new(element, HIDDEN_SEGMENT).text("segment");
    let mut denied_extensions = Vec::new();
    for element in shape("fileExtension").merge(&children("fileExtensions"))? {
        let reader = Reader::new(element, FILE_EXTENSION);
        let extension = reader.text("fileExtension")?.to_lowercase();
        if !reader.flag("allowed")? {
            denied_extensions.push(extension);
        }
    }
    let segments = shape("segment").merge(&children("hiddenSegments"))?.into_iter();
    Ok(RequestFiltering {
        hidden_segments: segments
            .map(|element| segment(element).map(|text| text.to_lowercase()))
            .collect::<Result<_, _>>()?,
        denied_extensions,
    })
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::document;
    use crate::place::Source;

    #[test]
    fn levels_are_merged() {
        let parse = |xml: &str| document::parse(Source::new("web.config", xml)).unwrap();
        let outer = parse(
            "<requestFiltering><hiddenSegments><add segment='bin'/><add segment='web.config'/></hiddenSegments>\
             <fileExtensions><add fileExtension='.cs' allowed='false'/><add fileExtension='.vb' allowed='false'/></fileExtensions></requestFiltering>",
        );
        let inner = parse(
            "<requestFiltering><hiddenSegments><remove segment='BIN'/><add segment='.env'/></hiddenSegments>\
             <fileExtensions><remove fileExtension='.vb'/><add fileExtension='.vb'/></fileExtensions></requestFiltering>",
        );
        let filtering = read(&[&outer, &inner]).unwrap();
        for (segment, hidden) in
            [("bin", false), (".ENV", true), ("web.config", true), ("x", false)]
        {
            assert_eq!(filtering.hides(segment), hidden, "{segment}");
        }
        for (name, denied) in [("a.CS", true), ("a.vb", false), ("cs", false), (".cs", true)] {
            assert_eq!(filtering.denies(name), denied, "{name}");
        }
    }
}

//! Owns `<httpRedirect>`: where a whole site or folder has moved to.
//!
//! Does not answer requests: `front::redirect` does.

use crate::attributes::{HTTP_REDIRECT, HTTP_REDIRECT_ADD};
use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::read::Reader;

/// The effective `<httpRedirect>` section, where it is enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRedirect {
    /// Where requests go; empty when only `wildcards` count.
    pub destination: String,
    /// Patterns and their destinations.
    pub wildcards: Vec<(String, String)>,
    /// The destination stands as it is; otherwise the rest of the URL follows it.
    pub is_exact: bool,
    /// Folders below the one that it was written for are left alone.
    pub is_for_children_only: bool,
    /// 301, 302, 307 or 308.
    pub status: u16,
    /// How many segments the path has that the destination was written for.
    pub depth: usize,
}

/// Reads and merges `<httpRedirect>` elements with the depth of their folders, outermost first.
/// `None` where nothing is redirected.
///
/// # Errors
/// On attributes of another type and duplicate wildcards.
pub fn read(levels: &[(usize, &Element)]) -> Result<Option<HttpRedirect>, Error> {
    let elements: Vec<&Element> = levels.iter().map(|(_, element)| *element).collect();
    let reader = |name| Reader::innermost(&elements, HTTP_REDIRECT, name);
    if !reader("enabled").flag("enabled")? {
        return Ok(None);
    }
    let pair = |item| {
        let reader = Reader::new(item, HTTP_REDIRECT_ADD);
        Ok((reader.text("wildcard")?, reader.text("destination")?))
    };
    let sets = |(_, element): &&(usize, &Element)| {
        element.attribute("destination").is_some() || element.child("add").is_some()
    };
    let status = reader("httpResponseStatus").choice("httpResponseStatus")?;
    Ok(Some(HttpRedirect {
        destination: reader("destination").text("destination")?,
        wildcards: collections::of_items(HTTP_REDIRECT_ADD)
            .merge(&elements)?
            .into_iter()
            .map(pair)
            .collect::<Result<_, Error>>()?,
        is_exact: reader("exactDestination").flag("exactDestination")?,
        is_for_children_only: reader("childOnly").flag("childOnly")?,
        status: [301, 302, 307, 308][status],
        depth: levels.iter().rev().find(sets).map_or(0, |(depth, _)| *depth),
    }))
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::document;
    use crate::place::Source;

    #[test]
    fn the_destination_knows_its_depth() {
        let level = |xml: &str| document::parse(Source::new("web.config", xml)).unwrap();
        let outer = level(
            "<httpRedirect enabled='true' destination='/new' httpResponseStatus='Permanent'/>",
        );
        let inner = level("<httpRedirect childOnly='true'/>");
        let off = level("<httpRedirect enabled='false'/>");
        let redirect = read(&[(1, &outer), (2, &inner)]).unwrap().unwrap();
        assert_eq!((redirect.destination.as_str(), redirect.depth), ("/new", 1));
        assert_eq!((redirect.status, redirect.is_for_children_only), (301, true));
        assert_eq!(read(&[(1, &outer), (2, &off)]).unwrap(), None);
        assert_eq!(read(&[]).unwrap(), None);
    }
}

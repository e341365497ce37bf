//! Owns `<httpProtocol>`: headers that responses get, and whether connections are kept.
//!
//! Does not put them on responses.

use crate::attributes::{CUSTOM_HEADER, HTTP_PROTOCOL, REDIRECT_HEADER};
use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::read::Reader;

/// The effective `<httpProtocol>` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpProtocol {
    /// Whether a connection may carry more than one request.
    pub keeps_alive: bool,
    /// Names and values that every response gets.
    pub custom_headers: Vec<(String, String)>,
    /// Names and values that redirects get besides.
    pub redirect_headers: Vec<(String, String)>,
}

/// Reads and merges `<httpProtocol>` elements, outermost first.
///
/// # Errors
/// On attributes of another type and duplicate names.
pub fn read(levels: &[&Element]) -> Result<HttpProtocol, Error> {
    Ok(HttpProtocol {
        keeps_alive: Reader::innermost(levels, HTTP_PROTOCOL, "allowKeepAlive")
            .flag("allowKeepAlive")?,
        custom_headers: headers(levels, "customHeaders", CUSTOM_HEADER)?,
        redirect_headers: headers(levels, "redirectHeaders", REDIRECT_HEADER)?,
    })
}

fn headers(
    levels: &[&Element],
    child: &str,
    row: &'static str,
) -> Result<Vec<(String, String)>, Error> {
    let levels: Vec<&Element> = levels.iter().filter_map(|level| level.child(child)).collect();
    let pair = |item| {
        let reader = Reader::new(item, row);
        Ok((reader.text("name")?, reader.text("value")?))
    };
    collections::of_items(row).merge(&levels)?.into_iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::document;
    use crate::place::Source;

    #[test]
    fn headers_are_merged() {
        let level = |xml: &str| document::parse(Source::new("web.config", xml)).unwrap();
        let server = level(
            "<httpProtocol><customHeaders><clear/><add name='X-Powered-By' value='ASP.NET'/></customHeaders></httpProtocol>",
        );
        let web = level(
            "<httpProtocol allowKeepAlive='false'><customHeaders><remove name='x-powered-by'/>\
             <add name='X-Frame-Options' value='DENY'/></customHeaders></httpProtocol>",
        );
        let protocol = read(&[&server, &web]).unwrap();
        assert!(!protocol.keeps_alive);
        assert_eq!(protocol.custom_headers, [("X-Frame-Options".to_owned(), "DENY".to_owned())]);
        assert!(read(&[]).unwrap().keeps_alive);
    }
}

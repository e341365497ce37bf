//! Owns `<requestFiltering>`: what may not be asked for, and how large a request may be.
//!
//! Does not refuse requests itself (`front::filtering` does). `filteringRules` are not read.

use crate::attributes::{
    ALWAYS_ALLOWED_QUERY, ALWAYS_ALLOWED_URL, DENIED_QUERY_SEQUENCE, DENIED_URL_SEQUENCE,
    FILE_EXTENSION, FILE_EXTENSIONS, FILTERING, HEADER_LIMIT, HIDDEN_SEGMENT, REQUEST_LIMITS, VERB,
    VERBS,
};
use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::read::Reader;

/// The effective request filtering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFiltering {
    /// Whether paths that change when they are decoded a second time are let through (else 404.11).
    pub allows_double_escaping: bool,
    /// Whether characters beyond ASCII are let through in paths (else 404.12).
    pub allows_high_bit_characters: bool,
    /// Whether query strings are looked at decoded as well.
    pub unescapes_query: bool,
    /// Whether responses leave without IIS's own `Server` header.
    pub removes_server_header: bool,
    /// The longest body that a client may announce (404.13).
    pub content_length_max_bytes: u32,
    /// The longest path (404.14).
    pub url_max_bytes: u32,
    /// The longest query string (404.15).
    pub query_max_bytes: u32,
    /// Headers in lower case, and how long their values may be (404.10).
    pub header_limits: Vec<(String, u32)>,
    /// Lower-case parts that no path may have (404.5).
    pub denied_url_sequences: Vec<String>,
    /// Lower-case parts that no query string may have (404.18).
    pub denied_query_sequences: Vec<String>,
    always_allowed_urls: Vec<String>,
    always_allowed_queries: Vec<String>,
    hidden_segments: Vec<String>,
    extensions: Listed,
    verbs: Listed,
}

/// What is listed is allowed or not; so is what is not listed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    listed: Vec<(String, bool)>,
    allows_unlisted: bool,
}

impl Listed {
    fn allows(&self, word: &str) -> bool {
        let found = self.listed.iter().find(|(other, _)| other == word);
        found.map_or(self.allows_unlisted, |(_, is_allowed)| *is_allowed)
    }
}

impl RequestFiltering {
    /// Tells whether a URL segment is hidden (404.8).
    pub fn hides(&self, segment: &str) -> bool {
        self.hidden_segments.contains(&segment.to_lowercase())
    }

    /// Tells whether a file name's extension is denied (404.7). Names without one, and folders, have
    /// the extension `.`.
    pub fn denies(&self, file_name: &str) -> bool {
        let name = file_name.to_lowercase();
        let extension = name.rfind('.').map_or(".", |at| &name[at..]);
        !self.extensions.allows(extension)
    }

    /// Tells whether a verb is allowed (else 404.6).
    pub fn allows_verb(&self, verb: &str) -> bool {
        self.verbs.allows(verb)
    }

    /// Tells whether a path passes whatever the rules for paths say.
    pub fn always_allows_url(&self, path: &str) -> bool {
        self.always_allowed_urls.contains(&path.to_lowercase())
    }

    /// Tells whether a query string passes whatever the rules for query strings say.
    pub fn always_allows_query(&self, query: &str) -> bool {
        self.always_allowed_queries.contains(&query.to_lowercase())
    }
}

/// Reads and merges `<requestFiltering>` elements, outermost first.
///
/// # Errors
/// On attributes of another type, missing ones, and duplicates.
pub fn read(levels: &[&Element]) -> Result<RequestFiltering, Error> {
    let children = |name: &str| -> Vec<&Element> {
        levels.iter().filter_map(|level| level.descendant(name)).collect()
    };
    let texts = |name: &str, row: &'static str, key: &'static str| -> Result<Vec<String>, Error> {
        let items = collections::of_items(row).merge(&children(name))?.into_iter();
        items.map(|item| Ok(Reader::new(item, row).text(key)?.to_lowercase())).collect()
    };
    let flag = |name| Reader::innermost(levels, FILTERING, name).flag(name);
    let limits = children("requestLimits");
    let limit = |name| Reader::innermost(&limits, REQUEST_LIMITS, name).number(name);
    let header_limits =
        collections::of_items(HEADER_LIMIT).merge(&children("requestLimits/headerLimits"))?;
    let extensions = listed(&children("fileExtensions"), (FILE_EXTENSIONS, FILE_EXTENSION))?;
    Ok(RequestFiltering {
        allows_double_escaping: flag("allowDoubleEscaping")?,
        allows_high_bit_characters: flag("allowHighBitCharacters")?,
        unescapes_query: flag("unescapeQueryString")?,
        removes_server_header: flag("removeServerHeader")?,
        content_length_max_bytes: limit("maxAllowedContentLength")?,
        url_max_bytes: limit("maxUrl")?,
        query_max_bytes: limit("maxQueryString")?,
        header_limits: header_limits
            .into_iter()
            .map(|item| {
                let reader = Reader::new(item, HEADER_LIMIT);
                Ok((reader.text("header")?.to_lowercase(), reader.number("sizeLimit")?))
            })
            .collect::<Result<_, Error>>()?,
        denied_url_sequences: texts("denyUrlSequences", DENIED_URL_SEQUENCE, "sequence")?,
        denied_query_sequences: texts(
            "denyQueryStringSequences",
            DENIED_QUERY_SEQUENCE,
            "sequence",
        )?,
        always_allowed_urls: texts("alwaysAllowedUrls", ALWAYS_ALLOWED_URL, "url")?,
        always_allowed_queries: texts(
            "alwaysAllowedQueryStrings",
            ALWAYS_ALLOWED_QUERY,
            "queryString",
        )?,
        hidden_segments: texts("hiddenSegments", HIDDEN_SEGMENT, "segment")?,
        extensions,
        verbs: listed(&children("verbs"), (VERBS, VERB))?,
    })
}

/// A collection with `allowed` on each item and `allowUnlisted` on itself. Keys that differ by case
/// are kept as they are.
fn listed(
    levels: &[&Element],
    (section, row): (&'static str, &'static str),
) -> Result<Listed, Error> {
    let shape = collections::of_items(row);
    let item = |element| {
        let reader = Reader::new(element, row);
        let key = reader.text(shape.key)?;
        let key = if shape.case_sensitive { key } else { key.to_lowercase() };
        Ok((key, reader.flag("allowed")?))
    };
    Ok(Listed {
        listed: shape.merge(levels)?.into_iter().map(item).collect::<Result<_, Error>>()?,
        allows_unlisted: Reader::innermost(levels, section, "allowUnlisted")
            .flag("allowUnlisted")?,
    })
}

#[cfg(test)]
#[path = "request_filtering_tests.rs"]
mod tests;

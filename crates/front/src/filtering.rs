//! Owns request filtering: what is refused before anything else looks at a request, each with the
//! sub-status that IIS gives it.
//!
//! Does not own the rules (`iis::request_filtering` does). The order of the checks is ours: IIS's is
//! not documented, and a request that breaks two rules is refused either way. A chunked body has no
//! announced length, so it is not measured.

use iis::request_filtering::RequestFiltering;
use percent_encoding::percent_decode;

use crate::answer::Refused;
use crate::runtime::{HeaderMap, header};

/// What the checks look at.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    pub(crate) method: &'a str,
    /// The path as the client sent it.
    pub(crate) raw_path: &'a str,
    pub(crate) query: &'a str,
    /// The decoded path.
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

/// Refuses a request that a rule forbids.
pub(crate) fn check(rules: &RequestFiltering, look: &Look<'_>) -> Result<(), Refused> {
    limits(rules, look)?;
    if !rules.allows_verb(look.method) {
        return Err(refused(6, "The verb is denied", look, "verbs"));
    }
    if !rules.allows_double_escaping && changes_when_decoded_again(look.raw_path) {
        return Err(refused(11, "The path is escaped twice", look, "allowDoubleEscaping=\"true\"").lead(
            "IIS decodes the path a second time, where a plus sign stands for a space, and refuses \
             it when the second result differs from the first. So it refuses every + in a path, \
             such as Zope's ++resource++ names, escaped (%2B) or not. A + in a query string is fine.",
        ));
    }
    if !rules.allows_high_bit_characters && !look.path.is_ascii() {
        let attribute = "allowHighBitCharacters=\"true\"";
        return Err(refused(12, "The path has characters beyond ASCII", look, attribute));
    }
    if !rules.always_allows_url(look.path) {
        path_rules(rules, look)?;
    }
    query_rules(rules, look)
}

fn limits(rules: &RequestFiltering, look: &Look<'_>) -> Result<(), Refused> {
    let too_long = |bytes: usize, limit: u32| bytes as u64 > u64::from(limit);
    let length = look.headers.get(header::CONTENT_LENGTH).and_then(|told| told.to_str().ok());
    let length = length.and_then(|told| told.parse::<u64>().ok()).unwrap_or(0);
    if length > u64::from(rules.content_length_max_bytes) {
        let refused =
            refused(13, "The body is too long", look, "requestLimits maxAllowedContentLength");
        return Err(refused
            .fact("Content-Length", length.to_string())
            .fact("maxAllowedContentLength", rules.content_length_max_bytes.to_string()));
    }
    if too_long(look.raw_path.len(), rules.url_max_bytes) {
        return Err(refused(14, "The path is too long", look, "requestLimits maxUrl"));
    }
    if too_long(look.query.len(), rules.query_max_bytes) {
        let name = "requestLimits maxQueryString";
        return Err(refused(15, "The query string is too long", look, name));
    }
    for (name, limit) in &rules.header_limits {
        if look.headers.get_all(name).iter().any(|value| too_long(value.len(), *limit)) {
            let refused = refused(10, "A header is too long", look, "requestLimits headerLimits");
            return Err(refused.fact("Header", name.as_str()));
        }
    }
    Ok(())
}

fn path_rules(rules: &RequestFiltering, look: &Look<'_>) -> Result<(), Refused> {
    let lower = look.path.to_lowercase();
    if let Some(found) = rules.denied_url_sequences.iter().find(|part| lower.contains(&**part)) {
        let refused = refused(5, "The path has a denied sequence", look, "denyUrlSequences");
        return Err(refused.fact("Sequence", found.as_str()));
    }
    if let Some(segment) = look.path.split('/').find(|segment| rules.hides(segment)) {
        let refused = refused(8, "The path has a hidden segment", look, "hiddenSegments");
        return Err(refused.fact("Segment", segment));
    }
    let name = look.path.rsplit('/').next().unwrap_or_default();
    if rules.denies(name) {
        return Err(refused(7, "The file extension is denied", look, "fileExtensions"));
    }
    Ok(())
}

fn query_rules(rules: &RequestFiltering, look: &Look<'_>) -> Result<(), Refused> {
    if rules.denied_query_sequences.is_empty() || rules.always_allows_query(look.query) {
        return Ok(());
    }
    let raw = look.query.to_lowercase();
    let decoded = if rules.unescapes_query {
        String::from_utf8_lossy(&decode(raw.as_bytes())).to_lowercase()
    } else {
        raw.clone()
    };
    let denied = rules.denied_query_sequences.iter();
    match denied.into_iter().find(|part| raw.contains(&**part) || decoded.contains(&**part)) {
        None => Ok(()),
        Some(found) => {
            let title = "The query string has a denied sequence";
            let refused = refused(18, title, look, "denyQueryStringSequences");
            Err(refused.fact("Sequence", found.as_str()))
        }
    }
}

fn refused(sub_status: u16, title: &str, look: &Look<'_>, rule: &str) -> Refused {
    let hint = format!("The rule stands in <system.webServer><security><requestFiltering>: {rule}");
    Refused::new(404, sub_status, title, look.path).hint(hint)
}

fn decode(bytes: &[u8]) -> Vec<u8> {
    percent_decode(bytes).collect()
}

/// Whether decoding what was decoded changes it, a plus sign becoming a space the second time.
fn changes_when_decoded_again(raw: &str) -> bool {
    let once = decode(raw.as_bytes());
    once.contains(&b'+') || decode(&once) != once
}

#[cfg(test)]
mod tests {
    use super::changes_when_decoded_again;

    #[test]
    fn double_escapes() {
        for (raw, expected) in [
            ("/a/b", false),
            ("/a%20b/%C3%A9", false),
            ("/a+b", true),
            ("/a%2Bb", true),
            ("/++resource++x/y.css", true),
            ("/@@view", false),
            ("/a%2520b", true),
            ("/a%252e%252e/", true),
            ("/100%25", false),
            ("/100%25x", false),
            ("/100%2541", true),
        ] {
            assert_eq!(changes_when_decoded_again(raw), expected, "{raw}");
        }
    }
}

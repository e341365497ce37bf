//! Owns the reading of an `Accept` header: does this client want HTML?
//!
//! Does not own content negotiation beyond that question.

/// Tells whether a client that sent this `Accept` header names HTML.
///
/// `*/*` alone (curl, wget, most libraries) is no: such clients show markup as markup, and the
/// plain rendering says the same. Browsers always name `text/html` for a page.
pub fn wants_html(accept: Option<&str>) -> bool {
    accept.unwrap_or_default().split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        let html = media.eq_ignore_ascii_case("text/html")
            || media.eq_ignore_ascii_case("application/xhtml+xml");
        html && !parts.any(refused)
    })
}

/// A quality of zero means "not this one" (RFC 9110 §12.4.2).
fn refused(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case("q") && value.trim().parse() == Ok(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::wants_html;

    #[test]
    fn accept_headers() {
        for (accept, expected) in [
            (None, false),
            (Some(""), false),
            (Some("*/*"), false),
            (Some("text/html"), true),
            (Some("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"), true),
            (Some("application/json, TEXT/HTML;level=1"), true),
            (Some("text/html;q=0, */*"), false),
            (Some("text/html; Q=0.000"), false),
        ] {
            assert_eq!(wants_html(accept), expected, "{accept:?}");
        }
    }
}

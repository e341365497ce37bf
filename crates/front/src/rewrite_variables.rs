//! Owns `{…}` in rules: server variables, groups of patterns, maps and functions.
//!
//! Does not own the variables that FastCGI applications get.

use iis::pattern::Groups;
use iis::rewrite::Rewriting;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::asked::Asked;
use crate::server_variables::host_name;
use crate::site::ServedSite;
use crate::url;

/// What references refer to.
pub(crate) struct Scope<'a> {
    pub(crate) site: &'a ServedSite,
    pub(crate) rewriting: &'a Rewriting,
    pub(crate) asked: &'a Asked,
    /// Decoded, as rewritten so far.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// `{R:n}`.
    pub(crate) rule: &'a Groups,
    /// `{C:n}`.
    pub(crate) conditions: &'a Groups,
}

/// Replaces all references; inner ones first. What has no closing brace stays.
pub(crate) fn expand(template: &str, scope: &Scope<'_>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let Some(end) = closing(&rest[at..]) else { break };
        let inner = expand(&rest[at + 1..at + end], scope);
        out.push_str(&value(&inner, scope));
        rest = &rest[at + end + 1..];
        if rest.is_empty() {
            return out;
        }
    }
    out + rest
}

/// Where the brace is that closes the one at the start.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn value(reference: &str, scope: &Scope<'_>) -> String {
    let Some((name, rest)) = reference.split_once(':') else { return variable(reference, scope) };
    match name.to_ascii_lowercase().as_str() {
        "r" | "c" => {
            let groups = if name.eq_ignore_ascii_case("r") { scope.rule } else { scope.conditions };
            rest.parse().map_or_else(|_| String::new(), |group| groups.get(group).to_owned())
        }
        "tolower" => rest.to_lowercase(),
        "urlencode" => utf8_percent_encode(rest, NON_ALPHANUMERIC).to_string(),
        "urldecode" => percent_decode_str(rest).decode_utf8_lossy().into_owned(),
        _ => scope.rewriting.map(name, rest).unwrap_or_default().to_owned(),
    }
}

/// A server variable; empty when there is none of that name.
fn variable(name: &str, scope: &Scope<'_>) -> String {
    let (parts, peers) = (&scope.asked.parts, &scope.asked.peers);
    let name = name.to_ascii_uppercase();
    let header = |name: &str| {
        let values = parts.headers.get_all(name).iter();
        let values: Vec<_> =
            values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        values.join(", ")
    };
    if let Some(rest) = name.strip_prefix("HTTP_") {
        return if rest == "HOST" {
            scope.asked.host()
        } else {
            header(&rest.to_ascii_lowercase().replace('_', "-"))
        };
    }
    match name.as_str() {
        "QUERY_STRING" => scope.query.to_owned(),
        "URL" | "PATH_INFO" | "SCRIPT_NAME" => scope.path.to_owned(),
        "REQUEST_URI" if scope.query.is_empty() => scope.path.to_owned(),
        "REQUEST_URI" => format!("{}?{}", scope.path, scope.query),
        "UNENCODED_URL" => scope.asked.request_uri().to_owned(),
        "REQUEST_METHOD" => parts.method.to_string(),
        "HTTPS" => if peers.cipher_bits.is_some() { "on" } else { "off" }.to_owned(),
        "SERVER_PORT_SECURE" => u8::from(peers.cipher_bits.is_some()).to_string(),
        "SERVER_NAME" => host_name(&scope.asked.host()).to_owned(),
        "SERVER_PORT" => peers.local.port().to_string(),
        "LOCAL_ADDR" => peers.local.ip().to_string(),
        "REMOTE_ADDR" | "REMOTE_HOST" => peers.remote.ip().to_string(),
        "REMOTE_PORT" => peers.remote.port().to_string(),
        "CONTENT_TYPE" => header("content-type"),
        "CONTENT_LENGTH" => header("content-length"),
        "REQUEST_FILENAME" | "SCRIPT_FILENAME" | "PATH_TRANSLATED" => {
            let located = scope.site.locate(scope.path);
            let file = located.map(|located| url::below(located.root, located.rest));
            file.map(|file| file.to_string_lossy().into_owned()).unwrap_or_default()
        }
        "APPL_PHYSICAL_PATH" | "DOCUMENT_ROOT" => {
            let located = scope.site.locate(scope.path);
            let root = located.map(|located| located.application.root().to_owned());
            root.map(|root| root.to_string_lossy().into_owned()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::closing;

    #[test]
    fn braces() {
        for (text, expected) in
            [("{a}b", Some(2)), ("{a{b}c}d", Some(6)), ("{a", None), ("{", None)]
        {
            assert_eq!(closing(text), expected, "{text}");
        }
    }
}

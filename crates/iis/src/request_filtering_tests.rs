//! Owns the tests of `request_filtering`.
//!
//! Does not test what is refused.

use super::{RequestFiltering, read};
use crate::document::{self, Element};
use crate::place::Source;

fn element(xml: &str) -> Element {
    let xml = format!("<requestFiltering {xml}</requestFiltering>");
    document::parse(Source::new("web.config", xml)).unwrap()
}

fn filtering(levels: &[&str]) -> RequestFiltering {
    let levels: Vec<Element> = levels.iter().map(|xml| element(xml)).collect();
    read(&levels.iter().collect::<Vec<_>>()).unwrap()
}

#[test]
fn levels_are_merged() {
    let filtering = filtering(&[
        "><hiddenSegments><add segment='bin'/><add segment='web.config'/></hiddenSegments>\
         <fileExtensions><add fileExtension='.cs' allowed='false'/><add fileExtension='.vb' allowed='false'/></fileExtensions>",
        "><hiddenSegments><remove segment='BIN'/><add segment='.env'/></hiddenSegments>\
         <fileExtensions><remove fileExtension='.vb'/><add fileExtension='.vb'/></fileExtensions>",
    ]);
    for (segment, hidden) in [("bin", false), (".ENV", true), ("web.config", true), ("x", false)] {
        assert_eq!(filtering.hides(segment), hidden, "{segment}");
    }
    for (name, denied) in [("a.CS", true), ("a.vb", false), ("cs", false), (".cs", true)] {
        assert_eq!(filtering.denies(name), denied, "{name}");
    }
}

#[test]
fn the_defaults_are_the_schemas() {
    let nothing = read(&[]).unwrap();
    assert_eq!(nothing, filtering(&[">", ">"]));
    assert!(!nothing.allows_double_escaping && nothing.allows_high_bit_characters);
    assert!(nothing.unescapes_query && !nothing.removes_server_header);
    let limits = (nothing.content_length_max_bytes, nothing.url_max_bytes, nothing.query_max_bytes);
    assert_eq!(limits, (30_000_000, 4096, 2048));
    assert!(nothing.allows_verb("PURGE") && !nothing.denies("a.b") && !nothing.hides("bin"));
    assert!(!nothing.always_allows_url("/") && !nothing.always_allows_query(""));
}

#[test]
fn the_innermost_attribute_counts() {
    let filtering = filtering(&[
        "allowDoubleEscaping='true' allowHighBitCharacters='false'><requestLimits maxUrl='10' maxQueryString='5'/>",
        "allowDoubleEscaping='False'><requestLimits maxUrl='20'><headerLimits><add header='X-A' sizeLimit='3'/></headerLimits></requestLimits>",
    ]);
    assert!(!filtering.allows_double_escaping && !filtering.allows_high_bit_characters);
    assert_eq!((filtering.url_max_bytes, filtering.query_max_bytes), (20, 5));
    assert_eq!(filtering.header_limits, [("x-a".to_owned(), 3)]);
}

#[test]
fn what_is_not_listed() {
    let filtering = filtering(&[
        "><verbs allowUnlisted='false'><add verb='GET' allowed='true'/><add verb='get' allowed='false'/></verbs>\
         <fileExtensions allowUnlisted='false'><add fileExtension='.' allowed='true'/><add fileExtension='.Htm' allowed='true'/></fileExtensions>\
         <alwaysAllowedUrls><add url='/Open'/></alwaysAllowedUrls>",
    ]);
    for (verb, allowed) in [("GET", true), ("get", false), ("POST", false)] {
        assert_eq!(filtering.allows_verb(verb), allowed, "{verb}");
    }
    for (name, denied) in [("a.HTM", false), ("a.html", true), ("users", false), ("", false)] {
        assert_eq!(filtering.denies(name), denied, "{name}");
    }
    assert!(filtering.always_allows_url("/open") && !filtering.always_allows_url("/open/x"));
}

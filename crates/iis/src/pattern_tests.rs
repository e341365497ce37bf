//! Owns the tests of `pattern`.
//!
//! Does not test rules.

use super::{Groups, Pattern};

fn found(pattern: &str, text: &str) -> Option<String> {
    let groups = Pattern::regular(pattern, true).unwrap().find(text)?;
    Some(groups.0.join("|"))
}

#[test]
fn regular_expressions() {
    for (pattern, text, expected) in [
        ("", "abc", Some("")),
        ("b", "abc", Some("b")),
        ("^b", "abc", None),
        ("^(.*)$", "a/b", Some("a/b|a/b")),
        (".*", "", Some("")),
        (r"^articles/(\d+)/([^/]+)/?$", "Articles/12/Title/", Some("Articles/12/Title/|12|Title")),
        (r"^articles/(\d+)/([^/]+)/?$", "articles/x/t", None),
        (r"\.(css|js|png)$", "a/site.JS", Some(".JS|JS")),
        (r"\.(css|js|png)$", "a/site.jsx", None),
        ("a+?b?", "aab", Some("a")),
        ("(a*)*c", "aac", Some("aac|aa")),
        ("(a*)+$", "aab", Some("|")),
        ("(a|ab)(c|bcd)(d*)", "abcd", Some("abcd|a|bcd|")),
        ("x{2,3}", "axxxx", Some("xxx")),
        ("x{2}y{0,}", "xxyy", Some("xxyy")),
        ("x{", "x{", Some("x{")),
        ("[^/a-c]+", "ab-/xyz", Some("-")),
        (r"[\w.-]+@[\d]", "me.you-x@1", Some("me.you-x@1")),
        ("[]a]", "a", None),
        (r"\bfoo\b", "a foo.", Some("foo")),
        (r"\bfoo\b", "afoo", None),
        ("^(?!api/)(.*)", "api/x", None),
        ("^(?!api/)(.*)", "apix", Some("apix|apix")),
        ("(?=.*\\d)(?:a|b)", "b1", Some("b")),
        (r"(.)\1", "abccd", Some("cc|c")),
        (r"\u0041\x42", "xab", Some("ab")),
        ("ÉT", "un été", Some("ét")),
        ("^$", "", Some("")),
        (r"^\+\+resource\+\+", "++resource++x", Some("++resource++")),
    ] {
        assert_eq!(found(pattern, text).as_deref(), expected, "{pattern} on {text}");
    }
    assert!(Pattern::regular("abc", false).unwrap().find("ABC").is_none());
}

#[test]
fn wildcards_and_exact_texts() {
    let wild = Pattern::wildcard("*/old/*.HTM", true).unwrap();
    let groups = wild.find("a/b/old/x.y.htm").unwrap();
    assert_eq!((groups.get(0), groups.get(1), groups.get(2)), ("a/b/old/x.y.htm", "a/b", "x.y"));
    assert!(wild.find("a/old/x.html").is_none());
    let exact = Pattern::exact("a.b", true).unwrap();
    assert!(exact.find("A.B").is_some() && exact.find("axb").is_none());
    assert_eq!(groups.get(9), "");
}

#[test]
fn what_is_not_understood_is_told() {
    for (pattern, expected) in [
        ("(a", "without a closing"),
        ("a)", "without an opening"),
        ("[a", "without a closing"),
        ("*a", "nothing before it"),
        ("(?<name>a)", "groups begin with"),
        (r"\p{L}", r"an escape that we do not know: \p"),
        ("[b-a]", "backwards"),
        ("a{5,2}", "the lower one first"),
        ("a\\", "backslash at the end"),
        (r"\x4", "needs 2 digits"),
    ] {
        let told = Pattern::regular(pattern, true).unwrap_err();
        assert!(told.contains(expected), "{pattern}: {told}");
    }
    assert!(Pattern::regular(&"(".repeat(60), true).unwrap_err().contains("deeper"));
    assert!(Pattern::regular("(((a{1000}){1000}){1000})", true).unwrap_err().contains("large"));
}

#[test]
fn a_match_that_takes_too_long_is_none() {
    let slow = Pattern::regular("^(a+)+(b|c)+$", true).unwrap();
    assert!(slow.find(&"a".repeat(60)).is_none());
    let long = "a".repeat(4096);
    assert_eq!(found("^(.*)$", &long).map(|all| all.len()), Some(4096 * 2 + 1));
}

#[test]
fn groups_of_several_matches() {
    let mut all = Groups::default();
    for text in ["a1", "b2"] {
        all.extend(&Pattern::regular(r"(\w)(\d)", true).unwrap().find(text).unwrap());
    }
    assert_eq!(all.0, ["a1", "a", "1", "b", "2"]);
}

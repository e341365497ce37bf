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
        ("b(a", "parenthesis without closing"),
        ("ab)", "at character 3"),
        ("é[a", "a [ without a closing ], at character 2"),
        ("*a", "repeat operator is invalid, at character 1"),
        (r"\d(x|*)", "repeat operator is invalid, at character 6"),
        ("a++", "nothing before it"),
        ("(?<name>a)", "a group that we do not know: they begin with"),
        ("(?i)a", "a group that we do not know: they begin with"),
        (r"x\p{L}", r"an escape that we do not know: \p, at character 2"),
        ("[b-a]", "invalid character class range"),
        ("a{5,2}", "the lower number first, at character 2"),
        ("a\\", "backslash at the end"),
        (r"\x4", "needs 2 digits"),
        (r"(a)\2", "back reference"),
    ] {
        let told = Pattern::regular(pattern, true).unwrap_err();
        assert!(told.contains(expected), "{pattern}: {told}");
    }
    assert!(Pattern::regular(&"(".repeat(300), true).unwrap_err().contains("deeply"));
    let large = Pattern::regular("(((a{1000}){1000}){1000})", true).unwrap_err();
    assert!(large.contains("too large"), "{large}");
}

#[test]
fn a_match_that_takes_too_long_is_none() {
    for pattern in ["^(a+)+(b|c)+$", r"^(a+)+\1(b|c)+$", r"^(?:(a|aa)+(?!x))+(b|c)$"] {
        let slow = Pattern::regular(pattern, true).unwrap();
        assert!(slow.find(&"a".repeat(60)).is_none(), "{pattern}");
    }
    let long = "a".repeat(4096);
    assert_eq!(found("^(.*)$", &long).map(|all| all.len()), Some(4096 * 2 + 1));
    let referring = Pattern::regular(r"^(.)(.*)\1$", true).unwrap();
    assert_eq!(referring.find(&long).unwrap().get(2).len(), 4094);
}

#[test]
fn what_the_engine_reads_otherwise() {
    for (pattern, text, expected) in [
        (r"\d", "\u{664}", None),
        (r"^\w+$", "é", None),
        (r"[^\W\d]+", "1ab_é", Some("ab_")),
        ("[[a]+", "x[a]", Some("[a")),
        ("[a&&b]+", "x&b", Some("&b")),
        ("[^]+", "a\nb", Some("a\nb")),
        (r"[a\-z\]\b]+", "m-z]", Some("-z]")),
        (r"\/\-\_\~\%", "a/-_~%", Some("/-_~%")),
        (r"a{,2}x{b}", "a{,2}x{b}", Some("a{,2}x{b}")),
        ("a#b c", "a#b c", Some("a#b c")),
        (r"\cA\0|\v", "\u{1}\0", Some("\u{1}\0")),
    ] {
        assert_eq!(found(pattern, text).as_deref(), expected, "{pattern} on {text}");
    }
}

#[test]
fn groups_of_several_matches() {
    let mut all = Groups::default();
    for text in ["a1", "b2"] {
        all.extend(&Pattern::regular(r"(\w)(\d)", true).unwrap().find(text).unwrap());
    }
    assert_eq!(all.0, ["a1", "a", "1", "b", "2"]);
}

//! Owns the tests of `document`.
//!
//! Does not test what elements mean.

use std::path::{Path, PathBuf};

use super::{load, parse};
use crate::place::Source;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/config").join(name)
}

#[test]
fn elements_know_their_place() {
    let source = Source::new(
        "web.config",
        "<configuration>\n  <a x='1'\n     y = \"&lt;2\"/>\n</configuration>",
    );
    let root = parse(source).unwrap();
    let a = root.descendant("a").unwrap();
    assert_eq!((a.place().line, a.place().column), (2, 3));
    assert_eq!(a.attribute("y"), Some("<2"));
    assert_eq!((a.attribute_place("y").line, a.attribute_place("y").column), (3, 11));
    assert_eq!(a.attribute_name_place("y").column, 6);
    assert_eq!(a.attribute("Y"), None);
    assert_eq!(
        a.attribute_error("y", "what is that: <2").to_string(),
        "web.config:3:11: what is that: <2\n 3 | y = \"&lt;2\"/>\n   |      ^"
    );
}

#[test]
fn faults_show_the_line() {
    for (text, expected) in [
        (
            "<a>\n  <b>\n</a>",
            "web.config:3:1: not well-formed XML: </a> stands where <b> of line 2 must be closed\n \
             3 | </a>\n   | ^",
        ),
        ("<a x='1' x='2'/>", "web.config:1:10: not well-formed XML: attribute 'x'"),
        ("", "web.config:1:1: not well-formed XML:"),
        ("<!DOCTYPE a [<!ENTITY b 'b'>]><a>&b;</a>", "web.config:1:1: not well-formed XML:"),
    ] {
        let message = parse(Source::new("web.config", text)).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{text:?}: {message}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let message = parse(Source::new("web.config", deep)).unwrap_err().to_string();
    assert!(message.contains("nested deeper than 64 elements"), "{message}");
}

#[test]
fn real_files_are_read() {
    for name in ["iis10-arr-applicationHost.config", "iisexpress-applicationhost.config"] {
        let root = load(&fixture(name)).unwrap();
        assert_eq!(root.name(), "configuration");
        assert!(
            root.descendant("system.webServer/staticContent").unwrap().children().count() > 300
        );
    }
}

#[test]
fn a_missing_file_is_named() {
    let message = load(Path::new("nowhere/web.config")).unwrap_err().to_string();
    assert!(message.starts_with("cannot read nowhere/web.config: "), "{message}");
}

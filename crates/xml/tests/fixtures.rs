//! Owns the test that every configuration file of the project comes back byte for byte.
//!
//! Does not test what they say.

use std::path::{Path, PathBuf};

use xml::{Document, NewElement, Place};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ext| {
            ext.eq_ignore_ascii_case("config") || ext.eq_ignore_ascii_case("xml")
        }) {
            found.push(path);
        }
    }
}

/// All of them, read.
fn all() -> Vec<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in ["fixtures/config", "fixtures/sites", "examples"] {
        files(&root.join(folder), &mut found);
    }
    found.push(root.join("crates/iis/src/defaults.config"));
    assert!(found.len() > 30, "{found:?}");
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).unwrap();
        (path, bytes)
    };
    found.into_iter().map(read).collect()
}

fn parse(path: &Path, bytes: &[u8]) -> Document {
    Document::parse(bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn files_come_back_byte_for_byte() {
    for (path, bytes) in all() {
        assert!(parse(&path, &bytes).to_bytes() == bytes, "{}", path.display());
    }
}

#[test]
fn what_is_put_in_can_be_taken_out() {
    for (path, bytes) in all() {
        let mut document = parse(&path, &bytes);
        let root = document.root();
        let children: Vec<_> = root.children().map(|child| child.id()).collect();
        let (root, is_empty) = (root.id(), children.is_empty());
        let value = "<\"'&ж€";
        document.set_attribute(root, "new", value).unwrap();
        let new = NewElement::new("new").attribute("x", value);
        let places = children.iter().map(|&child| Place::After(child)).chain([Place::Start]);
        let new: Vec<_> = places.map(|place| document.insert(root, place, &new).unwrap()).collect();
        let again = parse(&path, &document.to_bytes());
        assert_eq!(again.root().attribute("new").unwrap().value(), value, "{}", path.display());
        for id in new {
            assert_eq!(document.element(id).unwrap().attribute("x").unwrap().value(), value);
            document.remove(id).unwrap();
        }
        document.remove_attribute(root, "new").unwrap();
        assert!(is_empty || document.to_bytes() == bytes, "{}", path.display());
    }
}

#[test]
fn odd_files_are_understood() {
    let mut seen = Vec::new();
    for (path, bytes) in all().iter().filter(|(path, _)| path.parent().unwrap().ends_with("odd")) {
        let document = parse(path, bytes);
        if let Some(add) = document.root().descendant("appSettings/add") {
            assert_eq!(add.attribute("key").unwrap().value(), "Straße", "{}", path.display());
            let encoding = document.encoding();
            seen.push(format!("{:?} {}", encoding.charset, encoding.has_byte_order_mark));
        }
    }
    seen.sort();
    let expected = [
        "Latin1 false",
        "Utf16Be true",
        "Utf16Le false",
        "Utf16Le true",
        "Utf8 false",
        "Utf8 true",
        "Windows1252 false",
    ];
    assert_eq!(seen, expected);
}

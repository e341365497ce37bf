//! Owns the invariant: what can be parsed prints back as it was read, and what is then put in and taken
//! out again leaves no trace, whatever the bytes.
//!
//! Does not own single cases (`crates/xml/tests`).

use xml::{Document, NewElement, Place};

pub(crate) fn hold(bytes: &[u8]) {
    let Ok(mut document) = Document::parse(bytes) else { return };
    assert_eq!(document.to_bytes(), bytes);
    let root = document.root();
    let last = root.children().last().map(|child| child.id());
    let root = root.id();
    if document.root().attribute("fuzzed").is_none() {
        document.set_attribute(root, "fuzzed", "<&\"'\n").expect("a good name and value");
        let again = Document::parse(&document.to_bytes()).expect("edits keep it well-formed");
        assert_eq!(again.root().attribute("fuzzed").expect("it is there").value(), "<&\"'\n");
        document.remove_attribute(root, "fuzzed").expect("it is there");
        assert_eq!(document.to_bytes(), bytes);
    }
    let Some(last) = last else { return };
    let new = NewElement::new("fuzzed").child(NewElement::new("inner"));
    // Too deep or too many is refused, and then nothing has changed.
    if let Ok(id) = document.insert(root, Place::After(last), &new) {
        document.remove(id).expect("it was just put in");
    }
    assert_eq!(document.to_bytes(), bytes);
}

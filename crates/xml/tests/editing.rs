//! Owns the tests of edits: what each changes, and that it changes nothing else.
//!
//! Does not test reading (`reading`); random documents are in `properties`.

use xml::{Document, ElementId, Error, NewElement, Place};

/// Applies an edit to the element at a path and returns the text.
fn edited(
    text: &str,
    path: &str,
    edit: impl FnOnce(&mut Document, ElementId) -> Result<(), Error>,
) -> String {
    let mut document = Document::parse(text.as_bytes()).unwrap();
    let found = match path {
        "" => Some(document.root()),
        path => document.root().descendant(path),
    };
    let id = found.expect("it is there").id();
    edit(&mut document, id).unwrap();
    String::from_utf8(document.to_bytes()).unwrap()
}

fn inserted(text: &str, path: &str, new: &NewElement) -> String {
    edited(text, path, |document, id| document.insert(id, Place::End, new).map(drop))
}

#[test]
fn attributes_are_set() {
    for (before, after) in [
        ("<a x='1' y=\"2\"/>", "<a x='&quot;&apos;&lt;' y=\"2\"/>"),
        ("<a  x = '1'\n>t</a>", "<a  x = '&quot;&apos;&lt;'\n>t</a>"),
        ("<a/>", "<a x=\"&quot;'&lt;\"/>"),
        ("<a />", "<a x=\"&quot;'&lt;\" />"),
        ("<a y='1'/>", "<a y='1' x='\"&apos;&lt;'/>"),
        ("<a\n  y=\"1\"\n  z=\"2\"\n/>", "<a\n  y=\"1\"\n  z=\"2\"\n  x=\"&quot;'&lt;\"\n/>"),
        (
            "<a y=\"1\"\r\n   z=\"2\">\r\n</a>",
            "<a y=\"1\"\r\n   z=\"2\"\r\n   x=\"&quot;'&lt;\">\r\n</a>",
        ),
    ] {
        // Quotes that need no reference stay as they are.
        let after = after.replace("'&quot;&apos;&lt;'", "'\"&apos;&lt;'");
        assert_eq!(edited(before, "", |d, id| d.set_attribute(id, "x", "\"'<")), after);
    }
    let same = "<a x='&#49;'/>";
    assert_eq!(edited(same, "", |d, id| d.set_attribute(id, "x", "1")), same, "nothing to do");
}

#[test]
fn attributes_are_removed_with_the_space_before_them() {
    for (before, after) in [
        ("<a x='1'/>", "<a/>"),
        ("<a x='1' />", "<a />"),
        ("<a y='2'\n   x='1' z='3'>t</a>", "<a y='2' z='3'>t</a>"),
        ("<a y='2'/>", "<a y='2'/>"),
    ] {
        assert_eq!(edited(before, "", |d, id| d.remove_attribute(id, "x").map(drop)), after);
    }
}

#[test]
fn elements_are_laid_out_like_their_siblings() {
    let new = NewElement::new("n").attribute("k", "v");
    for (before, path, after) in [
        ("<a/>", "", "<a>\n    <n k=\"v\" />\n</a>"),
        ("<a></a>", "", "<a>\n    <n k=\"v\" />\n</a>"),
        ("<a>\r\n</a>\r\n", "", "<a>\r\n    <n k=\"v\" />\r\n</a>\r\n"),
        ("<a>\n\t<b/>\n</a>", "", "<a>\n\t<b/>\n\t<n k=\"v\" />\n</a>"),
        ("<a>\n\t<b/>\n</a>", "b", "<a>\n\t<b>\n\t\t<n k=\"v\" />\n\t</b>\n</a>"),
        ("<a>\n  <b c='d' />\n</a>", "b", "<a>\n  <b c='d'>\n    <n k=\"v\" />\n  </b>\n</a>"),
        ("<a><b/></a>", "", "<a><b/><n k=\"v\" /></a>"),
        ("<a><b/></a>", "b", "<a><b><n k=\"v\" /></b></a>"),
        ("<a>\n  <b/> <!-- b -->\n</a>", "", "<a>\n  <b/> <!-- b -->\n  <n k=\"v\" />\n</a>"),
        ("<a>\n  <!-- c -->\n</a>", "", "<a>\n  <!-- c -->\n    <n k=\"v\" />\n</a>"),
        ("<a>\n  <b/><c/>\n</a>", "", "<a>\n  <b/><c/>\n  <n k=\"v\" />\n</a>"),
        ("<a>\n  <b/><!--> b -->\n</a>", "", "<a>\n  <b/><!--> b -->\n  <n k=\"v\" />\n</a>"),
        ("<a>text</a>", "", "<a>text<n k=\"v\" /></a>"),
    ] {
        assert_eq!(inserted(before, path, &new), after, "{before:?} {path}");
    }
    let odd = "<a><!--> a -->\n</a>";
    let start = edited(odd, "", |d, id| d.insert(id, Place::Start, &new).map(drop));
    assert_eq!(start, "<a><!--> a -->\n    <n k=\"v\" />\n</a>", "not into the comment");
    let nested = NewElement::new("o").child(new.clone()).child(NewElement::new("p"));
    assert_eq!(
        inserted("<a>\n  <b />\n</a>", "b", &nested),
        "<a>\n  <b>\n    <o>\n      <n k=\"v\" />\n      <p />\n    </o>\n  </b>\n</a>"
    );
    assert_eq!(inserted("<a><b/></a>", "", &nested), "<a><b/><o><n k=\"v\" /><p /></o></a>");
}

#[test]
fn elements_have_their_place_among_siblings() {
    let text = "<a> <!-- a -->\n  <b/> <!-- b -->\n  <!-- c -->\n  <c/>\n</a>";
    let n = NewElement::new("n");
    let with = |place: fn(ElementId, ElementId) -> Place| {
        edited(text, "", |document, root| {
            let b = document.root().child("b").unwrap().id();
            let c = document.root().child("c").unwrap().id();
            let id = document.insert(root, place(b, c), &n)?;
            assert_eq!(document.element(id).unwrap().name(), "n");
            assert_eq!(document.element(b).unwrap().name(), "b");
            assert_eq!(document.element(c).unwrap().name(), "c");
            Ok(())
        })
    };
    let start = "<a> <!-- a -->\n  <n />\n  <b/> <!-- b -->\n  <!-- c -->\n  <c/>\n</a>";
    let middle = "<a> <!-- a -->\n  <b/> <!-- b -->\n  <n />\n  <!-- c -->\n  <c/>\n</a>";
    let end = "<a> <!-- a -->\n  <b/> <!-- b -->\n  <!-- c -->\n  <c/>\n  <n />\n</a>";
    assert_eq!(with(|_, _| Place::Start), start);
    assert_eq!(with(|b, _| Place::Before(b)), start);
    assert_eq!(with(|b, _| Place::After(b)), middle);
    assert_eq!(with(|_, c| Place::Before(c)), middle, "before the comment that is about c");
    assert_eq!(with(|_, c| Place::After(c)), end);
    assert_eq!(with(|_, _| Place::End), end);
}

#[test]
fn elements_go_with_their_line() {
    for (before, after) in [
        ("<a>\r\n  <b/>\r\n  <c/>\r\n</a>", "<a>\r\n  <c/>\r\n</a>"),
        ("<a>\n  <b>\n    <d/>\n  </b>\n</a>", "<a>\n</a>"),
        ("<a>\n  <b/> <!-- b -->\n</a>", "<a>\n   <!-- b -->\n</a>"),
        ("<a>\n  <b/><c/>\n</a>", "<a>\n  <c/>\n</a>"),
        ("<a><b/><c/></a>", "<a><c/></a>"),
    ] {
        assert_eq!(edited(before, "b", |d, id| d.remove(id)), after, "{before:?}");
    }
}

#[test]
fn what_became_empty_can_be_one_tag_again() {
    for (before, after) in [
        ("<a>\n</a>", "<a />"),
        ("<a x='1' >\n</a>", "<a x='1' />"),
        ("<a></a>", "<a />"),
        ("<a><!-- c --></a>", "<a><!-- c --></a>"),
        ("<a>\u{a0}</a>", "<a>\u{a0}</a>"),
        ("<a/>", "<a/>"),
    ] {
        assert_eq!(edited(before, "", |d, id| d.collapse(id).map(drop)), after);
    }
}

#[test]
fn texts_are_set() {
    for (before, after) in [
        ("<a/>", "<a>1 &lt; 2 &amp; é]]&gt;</a>"),
        ("<a x='1' />", "<a x='1'>1 &lt; 2 &amp; é]]&gt;</a>"),
        ("<a>old<!-- c --></a>", "<a>1 &lt; 2 &amp; é]]&gt;</a>"),
    ] {
        let text = "1 < 2 & é]]>";
        assert_eq!(edited(before, "", |d, id| d.set_text(id, text)), after);
        let document = Document::parse(after.as_bytes()).unwrap();
        assert_eq!(document.root().text(), text);
    }
}

#[test]
fn what_the_encoding_lacks_is_a_reference() {
    let text = "<?xml version='1.0' encoding='windows-1252'?><a x='caf\u{e9}'/>";
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let mut document = Document::parse(&bytes).unwrap();
    let root = document.root().id();
    document.set_attribute(root, "x", "ж é €").unwrap();
    let printed = document.to_bytes();
    assert!(printed.ends_with(b"<a x='&#x436; \xe9 \x80'/>"), "{printed:?}");
    let again = Document::parse(&printed).unwrap();
    assert_eq!(again.root().attribute("x").unwrap().value(), "ж é €");
    assert!(document.set_attribute(root, "ж", "").is_err());
}

#[test]
fn what_cannot_be_is_refused_and_nothing_changes() {
    let text = "<a>\n  <b/>\n  <c><d/></c>\n</a>";
    let mut document = Document::parse(text.as_bytes()).unwrap();
    let (root, b) = (document.root().id(), document.root().child("b").unwrap().id());
    let d = document.root().descendant("c/d").unwrap().id();
    let n = NewElement::new("n");
    assert!(document.set_attribute(b, "a b", "").is_err());
    assert!(document.set_attribute(b, "x", "\u{0}").is_err());
    assert!(document.insert(b, Place::End, &NewElement::new("<")).is_err());
    assert!(document.insert(root, Place::After(d), &n).is_err());
    assert!(
        document
            .insert(root, Place::End, &n.clone().attribute("x", "").attribute("x", ""))
            .is_err()
    );
    assert!(document.remove(root).is_err());
    assert!(document.set_text(root, "").is_err());
    assert_eq!(document.text(), text);
    document.remove(b).unwrap();
    assert!(document.element(b).is_none());
    assert!(document.set_attribute(b, "x", "").is_err());
    assert!(document.remove(b).is_err());
    assert_eq!(document.element(d).unwrap().name(), "d");
}

//! Owns the properties that hold for every document: print∘parse = id; an edit changes only its span;
//! reading again sees the edit; what is put in and taken out leaves no trace; nothing panics.
//!
//! Does not test single cases (`reading`, `editing`).

use proptest::prelude::*;
use xml::{Document, ElementId, NewElement, Place};

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]", "[a-z_é][a-zA-Z0-9_.é-]{0,5}", "[a-z]:[a-z]{1,3}"]
}

/// A value as it is meant.
fn value() -> impl Strategy<Value = String> {
    "[ a-z0-9<>&'\"é€%|;\\t\\r\\n\u{1F600}-]{0,12}"
}

/// White space, which may be a line end with indentation.
fn blank() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("\n  ".to_owned()),
        Just("\r\n\t".to_owned()),
        "[ \\t\\r\\n]{0,4}"
    ]
}

fn escaped(value: &str) -> String {
    let mut out = String::new();
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#x27;"),
            other => out.push(other),
        }
    }
    out
}

fn attributes() -> impl Strategy<Value = String> {
    let one = (name(), value(), blank(), any::<bool>());
    prop::collection::vec(one, 0..4).prop_map(|list| {
        let mut seen = Vec::new();
        let mut out = String::new();
        for (name, value, blank, is_single) in list {
            if seen.contains(&name) {
                continue;
            }
            let quote = if is_single { '\'' } else { '"' };
            let value = escaped(&value);
            out.push_str(&format!(" {blank}{name}{blank}={quote}{value}{quote}"));
            seen.push(name);
        }
        out
    })
}

/// An element's text.
fn element() -> impl Strategy<Value = String> {
    let leaf = (name(), attributes(), blank())
        .prop_map(|(name, attributes, blank)| format!("<{name}{attributes}{blank}/>"));
    leaf.prop_recursive(4, 24, 5, |inner| {
        let piece = prop_oneof![
            4 => inner,
            3 => blank(),
            1 => value().prop_map(|text| escaped(&text)),
            1 => "[a-z <>é]{0,8}".prop_map(|text| format!("<!--{text}-->")),
            1 => "[a-z <>&é]{0,8}".prop_map(|text| format!("<![CDATA[{text}]]>")),
            1 => Just("<?p i?>".to_owned()),
        ];
        (name(), attributes(), prop::collection::vec(piece, 0..5)).prop_map(
            |(name, attributes, pieces)| {
                format!("<{name}{attributes}>{}</{name}>", pieces.concat())
            },
        )
    })
}

/// A whole document's text.
fn document() -> impl Strategy<Value = String> {
    (any::<bool>(), blank(), element(), blank()).prop_map(|(declared, before, root, after)| {
        let declaration = if declared { "<?xml version=\"1.0\"?>" } else { "" };
        let before = if declared { before } else { String::new() };
        format!("{declaration}{before}{root}{after}")
    })
}

fn ids(document: &Document) -> Vec<ElementId> {
    let mut ids = vec![document.root().id()];
    let mut at = 0;
    while at < ids.len() {
        let element = document.element(ids[at]).expect("it was just found");
        ids.extend(element.children().map(|child| child.id()));
        at += 1;
    }
    ids
}

/// All that is in a document, without its layout.
fn meaning(document: &Document) -> Vec<String> {
    ids(document)
        .into_iter()
        .map(|id| {
            let element = document.element(id).expect("it was just found");
            let attributes: Vec<String> =
                element.attributes().map(|a| format!("{}={:?}", a.name(), a.value())).collect();
            let span = element.span();
            format!("{} {} {span:?} {}", element.name(), attributes.join(" "), element.text())
        })
        .collect()
}

fn parse(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

/// What is in memory is what a reader of the file will see.
fn assert_consistent(document: &Document) {
    let again = Document::parse(&document.to_bytes()).expect("it is still well-formed");
    assert_eq!(again.text(), document.text());
    assert_eq!(meaning(&again), meaning(document));
}

/// Enough to find what is wrong in a second; a failure is shown with its text, so none is stored.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn printing_gives_what_was_read(text in document()) {
        let little = text.encode_utf16().flat_map(u16::to_le_bytes);
        let big = text.encode_utf16().flat_map(u16::to_be_bytes);
        let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        for bytes in [
            text.clone().into_bytes(),
            marked(b"\xef\xbb\xbf", text.clone().into_bytes()),
            marked(b"\xff\xfe", little.collect()),
            marked(b"\xfe\xff", big.collect()),
        ] {
            let document = Document::parse(&bytes).unwrap();
            prop_assert_eq!(document.to_bytes(), bytes);
            prop_assert_eq!(document.text(), &text);
        }
    }

    #[test]
    fn an_attribute_changes_its_own_span(
        text in document(), which in any::<prop::sample::Index>(), name in name(), value in value()
    ) {
        let mut document = parse(&text);
        let id = *which.get(&ids(&document));
        let before = document.element(id).unwrap();
        let old = before.attribute(&name).map(|a| (a.value_span(), a.value()));
        let tag = before.span();
        document.set_attribute(id, &name, &value).unwrap();
        let now = document.element(id).unwrap();
        prop_assert_eq!(now.attribute(&name).unwrap().value(), &*value);
        let (start, end) = match old.clone() {
            Some((span, _)) => (span.start, span.end),
            // A new one stands in the tag.
            None => {
                let span = now.attribute(&name).unwrap().value_span();
                let at = text[..tag.end].len().min(span.start);
                (at - at.saturating_sub(tag.start), at)
            }
        };
        prop_assert!(document.text().starts_with(&text[..start.min(tag.start + 1)]));
        prop_assert!(document.text().ends_with(&text[end.max(tag.end)..]));
        if let Some((span, old)) = old {
            prop_assert_eq!(&document.text()[..span.start], &text[..span.start]);
            prop_assert!(document.text().ends_with(&text[span.end..]));
            if old == value {
                prop_assert_eq!(document.text(), &text);
            }
        } else {
            assert_consistent(&document);
            document.remove_attribute(id, &name).unwrap();
            prop_assert_eq!(document.text(), &text, "set and removed");
        }
        assert_consistent(&document);
    }

    #[test]
    fn what_is_put_in_and_taken_out_leaves_no_trace(
        text in document(), which in any::<prop::sample::Index>(), where_ in 0..4,
        new in name(), value in value()
    ) {
        let mut document = parse(&text);
        let all = ids(&document);
        let parent = *which.get(&all);
        let children: Vec<ElementId> =
            document.element(parent).unwrap().children().map(|child| child.id()).collect();
        let place = match (where_, children.first(), children.last()) {
            (0, Some(&first), _) => Place::Before(first),
            (1, _, Some(&last)) => Place::After(last),
            (2, ..) => Place::Start,
            _ => Place::End,
        };
        let others: Vec<String> =
            all.iter().map(|&id| document.element(id).unwrap().name().to_owned()).collect();
        let element = NewElement::new(&new).attribute("k", &value).child(NewElement::new("i"));
        let was_empty = document.text()[document.element(parent).unwrap().span()].ends_with("/>")
            || document.element(parent).unwrap().is_empty();
        let id = document.insert(parent, place, &element).unwrap();
        let found = document.element(id).unwrap();
        prop_assert_eq!(found.parent().unwrap().id(), parent);
        prop_assert_eq!(found.attribute("k").unwrap().value(), value);
        for (id, name) in all.iter().zip(&others) {
            prop_assert_eq!(document.element(*id).unwrap().name(), name);
        }
        assert_consistent(&document);
        document.remove(id).unwrap();
        assert_consistent(&document);
        prop_assert!(document.element(id).is_none());
        if !was_empty {
            prop_assert_eq!(document.text(), &text);
        }
    }

    #[test]
    fn elements_can_be_taken_out(text in document(), which in any::<prop::sample::Index>()) {
        let mut document = parse(&text);
        let id = *which.get(&ids(&document));
        let span = document.element(id).unwrap().span();
        if document.remove(id).is_ok() {
            prop_assert!(document.text().ends_with(&text[span.end..]));
            let kept = document.text().len() - (text.len() - span.end);
            prop_assert_eq!(&document.text()[..kept], &text[..kept]);
            prop_assert!(text[kept..span.start].bytes().all(|byte| byte.is_ascii_whitespace()));
            assert_consistent(&document);
        }
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), text in "[<>/!?&;#x'\"= a\\[\\]-]{0,40}") {
        for bytes in [bytes, text.into_bytes()] {
            if let Ok(document) = Document::parse(&bytes) {
                prop_assert_eq!(document.to_bytes(), bytes);
            }
        }
    }
}

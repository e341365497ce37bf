//! Owns the tests of what is read and what is refused, and where.
//!
//! Does not test edits (`editing`).

use xml::{Charset, Document, Error};

fn refused(text: &str) -> (usize, usize, String) {
    match Document::parse(text.as_bytes()) {
        Err(Error::Syntax { position, line, message }) => {
            assert_eq!(text.lines().nth(position.line - 1).unwrap_or_default(), line, "{text:?}");
            (position.line, position.column, message)
        }
        other => panic!("{text:?} gave {other:?}"),
    }
}

#[test]
fn what_can_be_seen() {
    let text = "<?xml version='1.0'?>\n<!-- <no/> -->\n<a xmlns:x='u'>\n  <b x:y = \"1 &lt;\t&#xA;&amp;\"/>\
                t&#65;<![CDATA[<b>]]><!-- c -->é\r\n<b/><c><d/></c></a>\n<!-- end -->\n";
    let document = Document::parse(text.as_bytes()).unwrap();
    let root = document.root();
    assert_eq!((root.name(), root.parent().is_none()), ("a", true));
    let names: Vec<_> = root.children().map(|child| child.name()).collect();
    assert_eq!(names, ["b", "b", "c"]);
    let b = root.child("b").unwrap();
    let attribute = b.attribute("x:y").unwrap();
    assert_eq!((attribute.local_name(), attribute.value().as_str()), ("y", "1 < \n&"));
    assert_eq!(attribute.written(), "1 &lt;\t&#xA;&amp;");
    assert_eq!((b.position().line, b.position().column), (4, 3));
    assert_eq!((attribute.position().column, attribute.value_position().column), (6, 13));
    assert_eq!(root.text(), "\n  tA<b>é\n");
    assert_eq!(root.descendant("c/d").unwrap().parent().unwrap().name(), "c");
    assert!(b.is_empty() && !root.is_empty());
    assert_eq!(document.encoding().charset, Charset::Utf8);
}

#[test]
fn what_is_refused_and_where() {
    for (text, line, column, message) in [
        ("", 1, 1, "no element"),
        ("<!-- -->", 1, 1, "no element"),
        ("<a>\n  <b>\n</a>", 3, 1, "</a> stands where <b> of line 2 must be closed"),
        ("<a>\n<b>", 2, 1, "<b> is never closed"),
        ("<a/><b/>", 1, 5, "second element"),
        ("<a/>x", 1, 5, "text outside"),
        ("<![CDATA[x]]><a/>", 1, 1, "text outside"),
        ("</a>", 1, 1, "closes nothing"),
        ("<a x='1' x='2'/>", 1, 10, "attribute 'x' stands here twice"),
        ("<a x='1'y='2'/>", 1, 9, "space between"),
        ("<a x>", 1, 5, "has no value"),
        ("<a x=1/>", 1, 6, "must stand in quotes"),
        ("<a x='1/>", 1, 6, "has no end: '"),
        ("<a\nx='<'/>", 2, 4, "write &lt;"),
        ("<a", 1, 1, "> is missing"),
        ("<a / >", 1, 5, "not followed by >"),
        ("<a></a x>", 1, 8, "something else than >"),
        ("<a>a & b</a>", 1, 6, "write &amp;"),
        ("<a x='&nbsp;'/>", 1, 7, "write &amp;"),
        ("<a>&#0;</a>", 1, 4, "write &amp;"),
        ("<a>&#xD800;</a>", 1, 4, "write &amp;"),
        ("<a>\u{1}</a>", 1, 4, "U+0001"),
        ("<a>]]></a>", 1, 4, "]]&gt;"),
        ("<a>< b/></a>", 1, 5, "&lt; for the character <"),
        ("<1/>", 1, 2, "a tag's name"),
        ("<a><!-- -- --></a>", 1, 9, "-- stands in a comment"),
        ("<a><!-- ---></a>", 1, 9, "ends with --->"),
        ("<a><!-- </a>", 1, 4, "the comment has no end"),
        ("<a><![CDATA[</a>", 1, 4, "has no end: ]]>"),
        ("<a><?x</a>", 1, 4, "has no end: ?>"),
        ("<a><? x?></a>", 1, 6, "needs a name"),
        ("\n<?xml version='1.0'?><a/>", 2, 1, "very beginning"),
        ("<!DOCTYPE a [<!ENTITY b 'b'>]><a>&b;</a>", 1, 1, "are refused"),
        ("<a><!ELEMENT b></a>", 1, 5, "a tag's name"),
    ] {
        let told = refused(text);
        assert_eq!((told.0, told.1), (line, column), "{text:?}: {}", told.2);
        assert!(told.2.contains(message), "{text:?}: {}", told.2);
    }
}

#[test]
fn bombs_are_bounded() {
    use xml::limits::{ATTRIBUTES_MAX, DEPTH_MAX, DOCUMENT_BYTES_MAX, ELEMENTS_MAX};
    let deep = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
    assert!(Document::parse(deep(DEPTH_MAX).as_bytes()).is_ok());
    assert!(refused(&deep(100_000)).2.contains("nested deeper than 64 elements"));
    let attributes = |n: usize| {
        let list: String = (0..n).map(|i| format!(" a{i}=''")).collect();
        format!("<a{list}/>")
    };
    assert!(Document::parse(attributes(ATTRIBUTES_MAX).as_bytes()).is_ok());
    assert!(refused(&attributes(ATTRIBUTES_MAX + 1)).2.contains("more than 256 attributes"));
    let wide = format!("<a>{}</a>", "<b/>".repeat(ELEMENTS_MAX));
    assert!(refused(&wide).2.contains("more than 1000000 elements"));
    let huge = vec![b' '; DOCUMENT_BYTES_MAX + 1];
    assert!(matches!(Document::parse(&huge), Err(Error::Bytes(_))));
}

#[test]
fn every_beginning_of_a_document_is_refused() {
    // What a write that broke off leaves behind: never half a document.
    let text = "<?xml version='1.0'?><!-- c --><a b='&lt;'>x<![CDATA[y]]>&#65;<c d=\"e\"/></a>";
    let whole = Document::parse(text.as_bytes()).unwrap();
    assert_eq!(whole.to_bytes(), text.as_bytes());
    for end in 0..text.len() {
        assert!(Document::parse(&text.as_bytes()[..end]).is_err(), "{:?}", &text[..end]);
    }
    assert!(Document::parse(format!("{text}\n<!-- z -->\n").as_bytes()).is_ok());
    assert!(Document::parse(format!("{text}z").as_bytes()).is_err());
}

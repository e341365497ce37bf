//! Owns the tests of `editor`.
//!
//! Does not test the layout of what is new (`xml` does).

use std::path::Path;

use xml::Place;

use super::{Added, Editor};

const FASTCGI: &str = "system.webServer/fastCgi";
const HANDLERS: &str = "system.webServer/handlers";

fn fixture(name: &str) -> Editor {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/config");
    Editor::load(&folder.join(name)).unwrap()
}

fn text(editor: &Editor) -> String {
    String::from_utf8(editor.to_bytes()).unwrap()
}

/// The lines that only one of two texts has, `-` those of the first.
fn changed(before: &[u8], after: &[u8]) -> Vec<String> {
    let lines = |bytes: &[u8]| -> Vec<String> {
        String::from_utf8_lossy(bytes).split_inclusive('\n').map(str::to_owned).collect()
    };
    let (a, b) = (lines(before), lines(after));
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let minus = a[..a.len() - end].iter().map(|line| format!("-{}", line.trim_end()));
    let plus = b[..b.len() - end].iter().map(|line| format!("+{}", line.trim_end()));
    minus.chain(plus).collect()
}

#[test]
fn an_application_comes_and_goes_without_a_trace() {
    for (name, expected) in [
        (
            "iis10-arr-applicationHost.config",
            &[
                "-        <fastCgi />",
                "+        <fastCgi>",
                "+            <application fullPath=\"C:\\a.exe\" arguments=\"-x &quot;y&quot;\" />",
                "+        </fastCgi>",
            ][..],
        ),
        (
            "iisexpress-applicationhost.config",
            // It has no such section: one is made.
            &[
                "+    <fastCgi>",
                "+      <application fullPath=\"C:\\a.exe\" arguments=\"-x &quot;y&quot;\" />",
                "+    </fastCgi>",
            ],
        ),
    ] {
        let mut editor = fixture(name);
        let item = [("fullPath", r"C:\a.exe"), ("arguments", "-x \"y\"")];
        let section = editor.section(FASTCGI, None).unwrap();
        assert_eq!(editor.add(FASTCGI, section, &item, Place::End).unwrap(), Added::Inserted);
        let original = editor.original().unwrap().to_vec();
        let found = changed(&original, &editor.to_bytes());
        let shown: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(shown.len(), expected.len(), "{name}: {shown:#?}");
        for (found, expected) in shown.iter().zip(expected) {
            let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(words(found), words(expected), "{name}");
        }
        assert_eq!(editor.add(FASTCGI, section, &item, Place::End).unwrap(), Added::Unchanged);
        // Keys of applications are alike in any case.
        let key = [("fullPath", r"c:\A.EXE"), ("arguments", "-X \"y\"")];
        assert!(editor.remove(FASTCGI, section, &key).unwrap());
        assert!(!editor.remove(FASTCGI, section, &key).unwrap());
        if expected.len() == 3 {
            editor.remove_empty(section).unwrap();
        }
        assert!(!editor.is_changed(), "{name}");
    }
}

#[test]
fn the_files_own_section_may_stand_in_a_location() {
    let editor = fixture("iisexpress-applicationhost.config");
    let root = editor.root();
    assert!(root.descendant(HANDLERS).is_none(), "they are in <location path=\"\">");
    assert!(editor.find(HANDLERS, None).is_some());
    assert!(editor.find(HANDLERS, Some("Shop")).is_none());
}

#[test]
fn what_is_missing_is_made_before_the_locations() {
    let text_of = |path: &str, location: Option<&str>| {
        let bytes = b"<configuration>\n  <location path=\"a\" />\n</configuration>".to_vec();
        let mut editor = Editor::parse(Path::new("web.config"), bytes).unwrap();
        let first = editor.section(path, location).unwrap();
        assert_eq!(editor.section(path, location).unwrap(), first, "found again");
        text(&editor)
    };
    assert_eq!(
        text_of("system.webServer/security/requestFiltering", None),
        "<configuration>\n  <system.webServer>\n    <security>\n      <requestFiltering />\n    \
         </security>\n  </system.webServer>\n  <location path=\"a\" />\n</configuration>"
    );
    assert_eq!(
        text_of(HANDLERS, Some("A")),
        "<configuration>\n  <location path=\"a\">\n    <system.webServer>\n      <handlers />\n    \
         </system.webServer>\n  </location>\n</configuration>"
    );
    assert_eq!(
        text_of("appSettings", Some("b/c")),
        "<configuration>\n  <location path=\"a\" />\n  <location path=\"b/c\">\n    <appSettings />\n  \
         </location>\n</configuration>"
    );
}

#[test]
fn items_are_changed_in_their_place() {
    let xml = "<configuration>\n<system.webServer><handlers>\n  <add name='b' path=\"*\" verb='*'/> \
               <!-- mine -->\n</handlers></system.webServer>\n</configuration>";
    let mut editor = Editor::parse(Path::new("web.config"), xml.into()).unwrap();
    let handlers = editor.section(HANDLERS, None).unwrap();
    let add = |editor: &mut Editor, name: &str, path: &str| {
        let item = [("name", name), ("path", path), ("verb", "*")];
        editor.add(HANDLERS, handlers, &item, Place::Start).unwrap()
    };
    assert_eq!(add(&mut editor, "b", "x/*"), Added::Changed);
    assert_eq!(text(&editor), xml.replace("\"*\"", "\"x/*\""));
    // Names of handlers differ by case.
    assert_eq!(add(&mut editor, "B", "*"), Added::Inserted);
    assert!(
        text(&editor).contains("<handlers>\n  <add name=\"B\" path=\"*\" verb=\"*\" />\n  <add")
    );
    assert_eq!(editor.root().descendant(HANDLERS).unwrap().children().count(), 2);
    assert!(editor.item_of(HANDLERS, handlers, &[("name", "b")]).is_some());
}

#[test]
fn a_file_begins_as_iis_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut editor = Editor::web_config(folder.path()).unwrap();
    assert!(editor.original().is_none() && editor.is_changed());
    let browse = editor.section("system.webServer/directoryBrowse", None).unwrap();
    editor.document().set_attribute(browse, "enabled", "false").unwrap();
    assert_eq!(
        text(&editor),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<configuration>\r\n    <system.webServer>\r\n\
         \x20       <directoryBrowse enabled=\"false\" />\r\n    </system.webServer>\r\n\
         </configuration>\r\n"
    );
    std::fs::write(folder.path().join("Web.Config"), "<config/>").unwrap();
    let error = Editor::web_config(folder.path()).unwrap_err().to_string();
    assert!(error.contains("the root element must be <configuration>"), "{error}");
}

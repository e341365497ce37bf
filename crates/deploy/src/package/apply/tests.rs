//! Owns the tests of putting values into providers' paths and files.

use super::*;
use crate::package::parameters::Parameter;
use std::collections::BTreeMap;

fn parameters(kind: &str, scope: &str, pattern: &str, value: &str) -> Parameters {
    let mut parameter = Parameter::new("P", value);
    parameter.entries.push(ParameterEntry::new(EntryKind::read(kind), scope, pattern));
    Parameters { parameters: vec![parameter] }
}

fn applied(kind: &str, scope: &str, pattern: &str, value: &str, file: &str) -> String {
    let parameters = parameters(kind, scope, pattern, value);
    let values = parameters.resolve(&BTreeMap::new()).expect("it has a default");
    let application = Application::new(&parameters, &values).expect("its scope is a pattern");
    match application.file("\\Site\\web.config", file.as_bytes()) {
        Ok(Some(bytes)) => String::from_utf8(bytes).expect("it was UTF-8"),
        Ok(None) => "unchanged".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn texts_are_replaced_wherever_they_match() {
    for (scope, pattern, value, expected) in [
        (r"\\web\.config$", "__MODE__", "debug", "a debug debug\r\n"),
        (r"\\WEB\.config$", "__mode__", "debug", "unchanged"),
        (r"^other", "__MODE__", "x", "unchanged"),
        ("web.config", r"(?<=a )__\w+?__", "$1", "a $1 __MODE__\r\n"),
        ("web.config", "(", "x", "parameter P: \\Site\\web.config: the match ( is no pattern: "),
    ] {
        let found = applied("textfile", scope, pattern, value, "a __MODE__ __MODE__\r\n");
        assert!(found.starts_with(expected), "{scope} {pattern}: {found:?}");
    }
}

#[test]
fn positions_are_lines_columns_and_lengths() {
    let file = "one\r\ntwö three\nend";
    for (pattern, expected) in [
        ("2;5;5", "one\r\ntwö X\nend"),
        ("1;1;3", "X\r\ntwö three\nend"),
        ("3;4;0", "one\r\ntwö three\nendX"),
        ("1;2;9", "parameter P: \\Site\\web.config: it has no 9 characters at line 1"),
        ("4;1;1", "parameter P: \\Site\\web.config: it has no 1 characters at line 4"),
        ("1;x;1", "parameter P: \\Site\\web.config: the match 1;x;1 is not line;column;length"),
        ("0;1;1", "parameter P: \\Site\\web.config: the match 0;1;1 is not line;column;length"),
    ] {
        assert_eq!(
            applied("TextFilePosition", "config", pattern, "X", file),
            expected,
            "{pattern}"
        );
    }
}

#[test]
fn xpaths_find_elements_and_attributes() {
    let file = "<a><!-- kept --><b k='1' v='x'/><b k='2' v=\"y\"/><c>t</c></a>";
    for (pattern, expected) in [
        ("/a/b[@k='2']/@v", "<a><!-- kept --><b k='1' v='x'/><b k='2' v=\"N&amp;\"/><c>t</c></a>"),
        ("//b[1]/@v", "<a><!-- kept --><b k='1' v='N&amp;'/><b k='2' v=\"y\"/><c>t</c></a>"),
        (
            "//b[@k = \"1\" and @v='x']/@k",
            "<a><!-- kept --><b k='N&amp;' v='x'/><b k='2' v=\"y\"/><c>t</c></a>",
        ),
        ("/a/c/text()", "<a><!-- kept --><b k='1' v='x'/><b k='2' v=\"y\"/><c>N&amp;</c></a>"),
        (
            "//*[local-name()='c']",
            "<a><!-- kept --><b k='1' v='x'/><b k='2' v=\"y\"/><c>N&amp;</c></a>",
        ),
        (
            "/a[c='t']/b[@k!='1']/@v",
            "<a><!-- kept --><b k='1' v='x'/><b k='2' v=\"N&amp;\"/><c>t</c></a>",
        ),
        ("/b", "unchanged"),
        ("/a/b[@k='3']/@v", "unchanged"),
        ("/a/b/@none", "unchanged"),
    ] {
        assert_eq!(applied("XmlFile", r"\.config$", pattern, "N&", file), expected, "{pattern}");
    }
    for pattern in
        ["/a/following-sibling::b", "/a/count(b)", "/a[", "/a[@k=1]", "/a/@b/c", "", "/a/.."]
    {
        let found = applied("XmlFile", "config", pattern, "N", file);
        assert!(found.contains("XPath"), "{pattern}: {found}");
    }
}

#[test]
fn steps_go_from_parent_to_child() {
    let file = "<a><b i='1'/><c><b i='2'/><b i='3'><d><b i='4'/></d></b></c></a>";
    for (pattern, expected) in [
        // The first of its parent's, not of all.
        ("//b[1]/@i", "124"),
        ("/a//b[1]/@i", "124"),
        ("//c//b/@i", "234"),
        // Found in several ways, given once.
        ("//*//*//b/@i", "234"),
        ("//*//@i", "1234"),
        ("/a/*/@i", "1"),
        ("//a/c/b[2]//b/@i", "4"),
    ] {
        let path = XPath::read(pattern).expect("it is a path");
        let document = xml::Document::parse(file.as_bytes()).expect("it is XML");
        let found: String = path
            .find(&document)
            .iter()
            .filter_map(|(id, _)| document.element(*id)?.attribute("i").map(|i| i.value()))
            .collect();
        assert_eq!(found, expected, "{pattern}");
    }
}

#[test]
fn an_xpath_is_followed_in_bounded_time() {
    // Deep and wide: all ways through it are more than anybody could follow.
    let line = "<e>".repeat(63) + &"</e>".repeat(63);
    let file = format!("<e>{}</e>", line.repeat(100));
    let pattern = "//*".repeat(9);
    let document = xml::Document::parse(file.as_bytes()).expect("it is XML");
    let found = XPath::read(&pattern).expect("it is a path").find(&document);
    assert_eq!(found.len(), 100 * 56);
    let wide = format!("<e>{}</e>", "<a/>".repeat(200_000));
    let document = xml::Document::parse(wide.as_bytes()).expect("it is XML");
    assert_eq!(XPath::read("//a").expect("it is a path").find(&document).len(), 200_000);
    // To write so many values would take hours.
    let told = applied("XmlFile", "config", "//a", "x", &wide);
    assert!(told.contains("the match //a finds 200000 places; 335 are the most"), "{told}");
    for (pattern, told) in [
        ("/a".repeat(33), "an XPath with more than 32 steps"),
        (format!("//a{}", "[b]".repeat(33)), "an XPath with more than 32 predicates"),
    ] {
        assert_eq!(XPath::read(&pattern).map_err(|error| error == told), Err(true), "{pattern}");
    }
}

#[test]
fn a_pattern_that_takes_too_long_is_told_and_no_half_of_the_values_is_put() {
    // It matches once, and then there are too many ways through the rest.
    let slow = "__P__|(?:a|a)+(?=b)";
    let text = format!("__P__ {}! __P__", "a".repeat(60));
    let told = applied("TextFile", "config", slow, "x", &text);
    let expected = r"parameter P: \Site\web.config: the pattern __P__|(?:a|a)+(?=b) takes too long";
    assert!(told.starts_with(expected), "{told}");
    // The same for scopes.
    let parameters = parameters("TextFile", slow, "__P__", "x");
    let values = parameters.resolve(&BTreeMap::new()).expect("it has a default");
    let application = Application::new(&parameters, &values).expect("its scope is a pattern");
    let path = format!("\\Site\\{}", "a".repeat(60));
    assert!(application.concerns(&path).is_err() && application.file(&path, b"").is_err());
    assert_eq!(application.concerns("\\Site\\b"), Ok(false));
}

#[test]
fn the_first_parameter_that_means_a_provider_gives_its_path() {
    let mut parameters = parameters("ProviderPath", "setacl", "gsp/App_Data", "first");
    let mut second = Parameter::new("Q", "second");
    let entry = |scope, pattern| ParameterEntry::new(EntryKind::ProviderPath, scope, pattern);
    second.entries.push(entry("setAcl", "gsp/App_Data/x"));
    second.entries.push(entry("dbFullSql|dbMySql", ""));
    parameters.parameters.push(second);
    let values = parameters.resolve(&BTreeMap::new()).expect("they have defaults");
    let application = Application::new(&parameters, &values).expect("its scopes are patterns");
    for (name, path, expected) in [
        ("setAcl", "gsp/App_Data/x", Some("first")),
        ("setAcl", "gsp/other", None),
        ("dbmysql", "install.sql", Some("second")),
        ("dbMySqlite", "install.sql", None),
    ] {
        let found = application.provider_path(&Provider::new(name, path)).expect("patterns");
        assert_eq!(found, expected, "{name} {path}");
    }
}

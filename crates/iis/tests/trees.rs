//! Owns the test that trees of configuration files are merged as Microsoft's documentation says: each
//! text in `fixtures/config/trees` holds one tree, what must come of it, and the page that says so.
//!
//! Does not test typed views: `effective` shows every section.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use iis::effective::Entry;

/// At least so many trees there are.
const TREES_MIN: usize = 25;

/// What is expected of one section at one URL path.
#[derive(Debug)]
struct Expectation {
    url: String,
    section: String,
    with_defaults: bool,
    lines: Vec<String>,
}

/// A text with a tree: files, and what is expected of them.
#[derive(Debug, Default)]
struct Tree {
    source: String,
    files: Vec<(String, String)>,
    expectations: Vec<Expectation>,
}

fn tree(text: &str) -> Tree {
    let mut tree = Tree::default();
    let mut parts = text.split("\n=== ");
    let head = parts.next().unwrap_or_default();
    tree.source = head.lines().find_map(|l| l.strip_prefix("Source: ")).unwrap_or("").to_owned();
    for part in parts {
        let (title, body) = part.split_once('\n').unwrap_or((part, ""));
        let words: Vec<&str> = title.split_whitespace().collect();
        match words.as_slice() {
            ["expect", url, section, rest @ ..] => tree.expectations.push(Expectation {
                url: (*url).to_owned(),
                section: (*section).to_owned(),
                with_defaults: rest == ["with", "defaults"],
                lines: body.lines().map(normal).filter(|line| !line.is_empty()).collect(),
            }),
            [file] => tree.files.push(((*file).to_owned(), format!("{body}\n"))),
            _ => panic!("what is this: {title}"),
        }
    }
    tree
}

/// One space between words.
fn normal(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What there is at a URL path, in the form of the texts.
fn told(root: &Path, expectation: &Expectation) -> Vec<String> {
    let server = root.join("applicationHost.config");
    let found = if server.exists() {
        iis::site::load_configuration(&server).and_then(|server| {
            let sites = iis::sites::read(&server)?;
            iis::way::of_site(&server, &sites[0], &expectation.url)
        })
    } else {
        iis::way::below_folder(&root.join("site"), &expectation.url)
    };
    let view = found
        .and_then(|way| way.inheritance.effective(&expectation.section, expectation.with_defaults));
    match view {
        Ok(view) => view.entries.iter().map(|entry| normal(&line(root, entry))).collect(),
        Err(error) => {
            // No value stands in these, so every backslash is one of a path.
            let separator = std::path::MAIN_SEPARATOR;
            let text = error.to_string().replace(&format!("{}{separator}", root.display()), "");
            let text = text.lines().next().unwrap_or_default().replace('\\', "/");
            vec![format!("error: {}", normal(&text))]
        }
    }
}

fn line(root: &Path, entry: &Entry) -> String {
    match &entry.place {
        Some(place) => {
            let path = place.path.strip_prefix(root).unwrap_or(&place.path).display().to_string();
            format!("{}:{} {entry}", path.replace('\\', "/"), place.line)
        }
        None => format!("default {entry}"),
    }
}

#[test]
fn trees_are_merged_as_the_documentation_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/config/trees");
    let mut texts: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "txt"))
        .collect();
    texts.sort();
    let (mut wrong, mut sources) = (String::new(), HashSet::new());
    for path in &texts {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let tree = tree(&std::fs::read_to_string(path).unwrap().replace("\r\n", "\n"));
        assert!(tree.source.starts_with("https://"), "{name} cites no page");
        assert!(!tree.expectations.is_empty(), "{name} expects nothing");
        sources.insert(tree.source);
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (file, text) in &tree.files {
            let file = root.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text.replace("{root}", &root.display().to_string())).unwrap();
        }
        for expectation in &tree.expectations {
            let told = told(root, expectation);
            if told != expectation.lines {
                let _ = writeln!(
                    wrong,
                    "{name}: {} of {}\n  expected:\n    {}\n  found:\n    {}",
                    expectation.section,
                    expectation.url,
                    expectation.lines.join("\n    "),
                    told.join("\n    ")
                );
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(texts.len() >= TREES_MIN, "{} trees", texts.len());
    assert!(sources.len() > 5, "{sources:?}");
}

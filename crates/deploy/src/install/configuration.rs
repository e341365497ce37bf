//! Owns fitting a release's `web.config` to this server: each handler of ours names this program and
//! the release, so that the release has a FastCGI application of its own.
//!
//! Does not own the server's file (`server`).

use super::Error;
use iis::init::{Listing, Refusal, Wish, plan};
use iis::{Editor, ScriptProcessor};
use std::path::Path;

/// Fits it, and writes one where there is none; gives the programs of its handlers.
pub(super) fn fit(
    site: &Path,
    program: &str,
    python: Option<&Path>,
) -> Result<Vec<ScriptProcessor>, Error> {
    let mut editor = Editor::web_config(site)?;
    if handlers(&editor).is_empty() {
        begin(site, program)?;
        editor = Editor::web_config(site)?;
    }
    let mut processors = Vec::new();
    for (id, told) in handlers(&editor) {
        let arguments = arguments(&told.arguments, site, python);
        let processor = ScriptProcessor { full_path: program.to_owned(), arguments };
        let text = format!("{}|{}", processor.full_path, processor.arguments);
        let path = editor.path().to_owned();
        let set = editor.document().set_attribute(id, "scriptProcessor", &text);
        set.map_err(|error| iis::Error::Absent { path, message: error.to_string() })?;
        if !processors.contains(&processor) {
            processors.push(processor);
        }
    }
    let path = editor.path().to_owned();
    std::fs::write(&path, editor.to_bytes()).map_err(Error::io("write", &path))?;
    Ok(processors)
}

/// As `iisgate init` does.
fn begin(site: &Path, program: &str) -> Result<(), Error> {
    let listing = Listing::read(site).map_err(Error::io("read", site))?;
    let wish = Wish { target: None, program: program.to_owned(), origin: None };
    let plan = plan(site, &listing, &wish).map_err(|refusal| match refusal {
        Refusal::Undecided { message, hint } => {
            let message = format!("the package has no web.config that runs iisgate, and {message}");
            Error::refused(message, format!("before the package is built: iisgate init ({hint})"))
        }
        Refusal::Configuration(error) => Error::Configuration(error),
        other => Error::refused(other.to_string(), ""),
    })?;
    for change in plan.changes {
        std::fs::write(&change.path, &change.fresh).map_err(Error::io("write", &change.path))?;
    }
    Ok(())
}

/// The handlers of ours, in all sections of the file.
fn handlers(editor: &Editor) -> Vec<(xml::ElementId, ScriptProcessor)> {
    let mut document = editor.clone();
    let mut found = Vec::new();
    collect(document.document().root(), &mut found);
    found
}

fn collect(element: xml::Element<'_>, found: &mut Vec<(xml::ElementId, ScriptProcessor)>) {
    for child in element.children() {
        if child.name() == "add" && element.name() == "handlers" {
            let told = child.attribute("scriptProcessor").map(|told| told.value());
            let told = told.map(|told| ScriptProcessor::parse(&told));
            found.extend(told.filter(is_ours).map(|told| (child.id(), told)));
        }
        collect(child, found);
    }
}

/// Whether it is iisgate, on its own or as `python -m iisgate`.
fn is_ours(program: &ScriptProcessor) -> bool {
    let name = program.file_name().to_lowercase();
    name.trim_end_matches(".exe") == "iisgate" || program.arguments.starts_with("-m iisgate")
}

/// The arguments for the release: whatever they were, and `--site`, and `--python` if that must be told.
fn arguments(old: &str, site: &Path, python: Option<&Path>) -> String {
    let rest = old.trim().strip_prefix("-m iisgate").unwrap_or(old).trim();
    let rest = rest.strip_prefix("fcgi").unwrap_or(rest);
    let mut words = platform::launch::split_arguments(rest).into_iter();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        let is_told = |flag: &str| word == flag;
        if is_told("--site") || (is_told("--python") && python.is_some()) {
            words.next();
        } else if !word.starts_with("--site=") {
            kept.push(word);
        }
    }
    let site = dunce::simplified(site).display().to_string();
    let python = python.map(|python| dunce::simplified(python).display().to_string());
    let told = ["--site".to_owned(), site].into_iter();
    let told = told.chain(python.into_iter().flat_map(|python| ["--python".to_owned(), python]));
    let words = std::iter::once("fcgi".to_owned()).chain(told).chain(kept);
    words.map(|word| quoted(&word)).collect::<Vec<_>>().join(" ")
}

/// As programs on Windows split their command lines.
fn quoted(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '"']) {
        return word.to_owned();
    }
    let mut text = String::from("\"");
    let mut backslashes = 0;
    for c in word.chars() {
        if c == '"' {
            text.push_str(&"\\".repeat(backslashes + 1));
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        text.push(c);
    }
    text + &"\\".repeat(backslashes) + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_name_the_release() {
        let (plain, blank) = (Path::new("/r/1"), Path::new("/my sites/1"));
        let python = Some(Path::new("/py/python"));
        for (old, site, python, expected) in [
            ("fcgi app:app", plain, None, "fcgi --site /r/1 app:app"),
            ("fcgi", blank, None, "fcgi --site \"/my sites/1\""),
            ("-m iisgate fcgi app:app", plain, None, "fcgi --site /r/1 app:app"),
            (
                "fcgi --site /old --threads 4 app:app",
                plain,
                None,
                "fcgi --site /r/1 --threads 4 app:app",
            ),
            ("fcgi --site=/old", plain, None, "fcgi --site /r/1"),
            (
                "fcgi --python /old \"my app.py:app\"",
                plain,
                python,
                "fcgi --site /r/1 --python /py/python \"my app.py:app\"",
            ),
            ("fcgi --python env", plain, None, "fcgi --site /r/1 --python env"),
        ] {
            assert_eq!(arguments(old, site, python), expected, "{old}");
        }
        assert_eq!(quoted("a \"b\\\" c\\"), "\"a \\\"b\\\\\\\" c\\\\\"");
    }

    #[test]
    fn all_handlers_of_ours_are_fitted_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.config");
        let text = "<configuration>\n  <system.webServer><handlers>\n    \
            <!-- ours --><add name=\"a\" path=\"*\" scriptProcessor=\"C:\\x\\iisgate.exe|fcgi a:app\" />\n    \
            <add name=\"php\" path=\"*.php\" scriptProcessor=\"C:\\php\\php-cgi.exe\" />\n  \
            </handlers></system.webServer>\n  <location path=\"b\"><system.webServer><handlers>\n    \
            <add name=\"b\" path=\"*\" scriptProcessor=\"C:\\py\\python.exe|-m iisgate fcgi b:app\" />\n  \
            </handlers></system.webServer></location>\n</configuration>\n";
        std::fs::write(&path, text).unwrap();
        let fitted = fit(folder.path(), "/opt/iisgate", None).unwrap();
        let site = folder.path().display();
        let expected = ["a", "b"].map(|name| ScriptProcessor {
            full_path: "/opt/iisgate".into(),
            arguments: format!("fcgi --site {site} {name}:app"),
        });
        assert_eq!(fitted, expected);
        let after = std::fs::read_to_string(&path).unwrap();
        let expected = text
            .replace("C:\\x\\iisgate.exe|fcgi", &format!("/opt/iisgate|fcgi --site {site}"))
            .replace(
                "C:\\py\\python.exe|-m iisgate fcgi",
                &format!("/opt/iisgate|fcgi --site {site}"),
            );
        assert_eq!(after, expected);
    }

    #[test]
    fn a_package_without_web_config_gets_one() {
        let folder = tempfile::tempdir().unwrap();
        let refused = fit(folder.path(), "/opt/iisgate", None).unwrap_err();
        assert!(refused.to_string().contains("no web.config"), "{refused}");
        std::fs::write(folder.path().join("app.py"), "import flask\napp = flask.Flask(__name__)\n")
            .unwrap();
        let fitted = fit(folder.path(), "/opt/iisgate", None).unwrap();
        assert!(fitted[0].arguments.ends_with("app:app"), "{fitted:?}");
    }
}

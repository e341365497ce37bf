//! Owns rules about `pyproject.toml` and the TARGET.
//!
//! Does not own what `[tool.iisgate]` knows (`project` of the crate).

use super::super::finding::Hit;
use super::super::rule::{Rule, error, note, warning};
use super::super::subject::{PythonHandler, Subject};

const PAGE: &str = "README.md";

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["pyproject-unreadable", "pyproject.toml cannot be read",
        "IIS does not read the file, but the gate does before it starts Python: static files are sent, and each other request is IG011.",
        "Correct the place.", "https://toml.io/en/v1.0.0"], unreadable),
    warning(["pyproject-byte-order-mark", "pyproject.toml begins with a byte order mark",
        "TOML files have none; pip and Python's own tomllib refuse the file.",
        "Save the file as UTF-8 without a byte order mark.", "https://toml.io/en/v1.0.0"], mark),
    warning(["debug-in-pyproject", "The developer's error page is on",
        "debug = true shows visitors tracebacks with paths and values.",
        "Delete the key on the server; iisgate serve --debug shows the page to you.", PAGE], debug),
    note(["reload-in-pyproject", "The site is reloaded when code changes",
        "reload = true watches the folder. On a server a deployment that copies file by file is loaded half done.",
        "Delete the key on the server; touch tmp/restart.txt when the copy is whole.", PAGE], reload),
    warning(["target-told-twice", "Two files name different apps",
        "The TARGET in the handler's arguments wins over [tool.iisgate] target, which wins over WSGI_HANDLER: what is changed in one file may change nothing.",
        "Name the app in one place.", PAGE], twice),
    error(["target-file-missing", "The file that the TARGET names is not there",
        "A TARGET such as file.ini or file.py:app is looked for in the site's folder.",
        "Correct the TARGET, or deploy the file.", PAGE], missing),
    warning(["log-in-static-folder", "The log lies where IIS sends files from",
        "What lies below a folder of static files can be asked for, and a log tells users, addresses and tracebacks.",
        "Name a folder outside the site, or one that is no static folder.", PAGE], log),
    error(["script-name-odd", "The path where the app is mounted cannot be one",
        "SCRIPT_NAME begins with a slash and does not end with one; otherwise the app's own links are wrong.",
        "Write script-name = \"/shop\".", "https://peps.python.org/pep-3333/"], script_name),
];

fn unreadable(subject: &Subject<'_>) -> Vec<Hit> {
    if let Some(crate::Error::Content { place, message }) = &subject.project_error {
        return vec![Hit::at((**place).clone(), message)];
    }
    let Some(file) = subject.files.pyproject.as_ref().filter(|_| subject.pyproject_text.is_none())
    else {
        return Vec::new();
    };
    vec![Hit::file(&file.path, "the file is not valid UTF-8")]
}

fn mark(subject: &Subject<'_>) -> Vec<Hit> {
    let found =
        subject.files.pyproject.iter().filter(|file| file.bytes.starts_with(&[0xef, 0xbb, 0xbf]));
    found.map(|file| Hit::file(&file.path, "TOML files have no byte order mark")).collect()
}

fn key(subject: &Subject<'_>, is_set: bool, key: &str, message: &str) -> Vec<Hit> {
    let place = subject.key_place(key).filter(|_| is_set);
    place.map(|place| Hit::at(place, message)).into_iter().collect()
}

fn debug(subject: &Subject<'_>) -> Vec<Hit> {
    key(subject, subject.project.debug == Some(true), "debug", "visitors see tracebacks")
}

fn reload(subject: &Subject<'_>) -> Vec<Hit> {
    key(subject, subject.project.reload == Some(true), "reload", "a half-copied app may be loaded")
}

/// The TARGET of `iisgate fcgi TARGET …`.
fn target<'a>(python: &'a PythonHandler<'_>) -> Option<&'a str> {
    let mut words = python.processor.arguments.split(' ').filter(|word| !word.is_empty());
    words.find(|word| *word == "fcgi")?;
    words.next().filter(|word| !word.starts_with(['-', '"']))
}

fn twice(subject: &Subject<'_>) -> Vec<Hit> {
    let settings = subject.sections("appSettings").flat_map(|section| section.children());
    let setting = |item: &&crate::Element| {
        item.attribute("key").is_some_and(|key| key.eq_ignore_ascii_case("WSGI_HANDLER"))
    };
    let handler = settings.filter(setting).find_map(|item| item.attribute("value"));
    let ours = subject.project.target.as_deref();
    let mut hits = Vec::new();
    for python in subject.pythons() {
        let told = target(&python);
        let others = [ours, handler.filter(|_| ours.is_some() || told.is_some())];
        let first = told.or(ours);
        for other in others.into_iter().flatten() {
            let alike = |text: &str| text.replace(':', ".").trim_end_matches("()").to_owned();
            if first.is_some_and(|first| alike(first) != alike(other)) {
                let place = python.element.attribute_place("scriptProcessor");
                let first = first.unwrap_or_default();
                hits.push(Hit::at(place, format!("{first} is served, {other} is named, too")));
            }
        }
    }
    hits
}

/// The file of a TARGET, if it names one.
fn file(target: &str) -> Option<&str> {
    let name = target.split('#').next()?;
    let name = if name.ends_with(".ini") { name } else { name.split_once(':')?.0 };
    let is_here = !name.contains(['\\', '%']) && !name.starts_with(['/', '.']);
    (is_here && (name.ends_with(".ini") || name.ends_with(".py"))).then_some(name)
}

fn missing(subject: &Subject<'_>) -> Vec<Hit> {
    let mut told: Vec<(String, crate::Place)> = subject
        .pythons()
        .filter_map(|python| {
            Some((target(&python)?.to_owned(), python.element.attribute_place("scriptProcessor")))
        })
        .collect();
    if let (Some(target), Some(place)) = (&subject.project.target, subject.key_place("target")) {
        told.push((target.clone(), place));
    }
    let found = told.into_iter().filter_map(|(target, place)| {
        let name = file(&target)?;
        (!subject.has(name)).then(|| Hit::at(place, format!("the site has no {name}")))
    });
    found.collect()
}

fn log(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(log) = &subject.project.log else { return Vec::new() };
    let name = log.replace('\\', "/");
    let is_here = !name.starts_with(['/', '.']) && !name.contains([':', '%']);
    let is_sent = is_here && subject.is_static(&name) && name.contains('/');
    key(subject, is_sent, "log", "visitors may ask for it")
}

fn script_name(subject: &Subject<'_>) -> Vec<Hit> {
    let told = subject.project.script_name.as_deref().unwrap_or("/x");
    let is_odd = !told.is_empty() && (!told.starts_with('/') || told.ends_with('/'));
    key(subject, is_odd, "script-name", "it must begin with / and not end with it")
}

//! Owns rules about `scriptProcessor` and the FastCGI application that it must name to the letter.
//!
//! Does not own the application's limits (`pools`).

use super::super::edit::Edit;
use super::super::finding::Hit;
use super::super::rule::{Rule, error, note, warning};
use super::super::subject::{PythonHandler, Subject, unquoted};
use super::reference;

const PAGE: &str = reference!("system.webserver/fastcgi/application/");

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["processor-mismatch", "No FastCGI application fits the handler's scriptProcessor",
        "scriptProcessor must be the fullPath of an <application> in applicationHost.config, a bar, and its arguments, to the letter; else each request is 500.",
        "Write both alike, or register it: iisgate iis install", PAGE], mismatch),
    warning(["processor-quoted", "The program's path stands in quotes",
        "IIS starts fullPath as it is: quotes are part of the text that must be alike in both files, and one side mostly lacks them. Blanks need none.",
        "Write the path without quotes, here and in applicationHost.config.", PAGE], quoted),
    warning(["entry-quoted", "The FastCGI application's path stands in quotes",
        "wfastcgi-enable wrote such entries for paths with blanks. A handler that names the path without quotes does not fit.",
        "Write fullPath without quotes.", PAGE], entry_quoted),
    error(["processor-blanks", "Blanks stand around the bar",
        "Everything before the bar is the path and everything behind it the arguments, blanks included: they make another FastCGI application.",
        "Write FULLPATH|ARGUMENTS without blanks at the bar.", PAGE], blanks).mended(),
    error(["processor-relative", "The program is not named by its full path",
        "IIS starts FastCGI processes by fullPath and searches no PATH.",
        "Write the full path, with the drive.", PAGE], relative),
    warning(["processor-slashes", "The path is written with /",
        "The path in the handler and that of the FastCGI application are compared as texts: / and \\ are two letters.",
        "Write \\ in both files.", PAGE], slashes),
    error(["processor-arguments-unquoted", "A path with blanks stands in the arguments without quotes",
        "Arguments are split at blanks: C:\\Program Files\\x.py arrives as two.",
        "Put the path in &quot;…&quot;, in both files.", PAGE], unquoted_arguments),
    error(["processor-is-script", "The program is a script, not an executable",
        "IIS starts executables. A .bat, .cmd, .ps1 or .py file would need another program to run it, which would not hand on the pipe.",
        "Name iisgate.exe; the virtual environment is told by [tool.iisgate] python.", PAGE], is_script),
    warning(["processor-no-gateway", "Python is started without a FastCGI gateway",
        "python.exe with a script of the app speaks no FastCGI on the pipe: each request is 500 until the time limit.",
        "Name iisgate.exe|fcgi TARGET.", PAGE], no_gateway),
    warning(["processor-pythonw", "pythonw.exe has no standard streams",
        "pythonw.exe is for windows: what the app prints goes nowhere, and libraries that ask for sys.stdout fail.",
        "Name iisgate.exe, or python.exe.", "https://docs.python.org/3/using/windows.html"], pythonw),
    warning(["debug-in-arguments", "The developer's error page is on",
        "--debug shows visitors tracebacks with paths and values.",
        "Take --debug out of the arguments, in both files.", "docs/guides/debugging.md"], debug),
    note(["record-on", "All conversations are recorded",
        "--record writes each request and answer to a file that grows, masked but not secret, and lets the gate pass all bytes on.",
        "Take --record out of the arguments when the fault is found.", "README.md"], record),
    note(["reload-on", "The site is reloaded when code changes",
        "--reload watches the folder. On a server a deployment that copies file by file is loaded half done.",
        "Take --reload out; touch tmp/restart.txt when the copy is whole.", "README.md"], reload),
];

fn each(subject: &Subject<'_>, rule: impl Fn(&PythonHandler<'_>) -> Option<String>) -> Vec<Hit> {
    let found = subject.pythons().filter(|python| !python.processor.full_path.is_empty());
    let found = found.filter_map(|python| {
        Some(Hit::at(python.element.attribute_place("scriptProcessor"), rule(&python)?))
    });
    found.collect()
}

fn mismatch(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.server.is_none() {
        return Vec::new();
    }
    each(subject, |python| {
        let told = &python.processor;
        let fits = |path: &str, arguments: &str| {
            unquoted(path) == unquoted(&told.full_path) && arguments == told.arguments
        };
        if subject.applications.iter().any(|known| fits(&known.full_path, &known.arguments)) {
            return None;
        }
        let file =
            |path: &str| unquoted(path).rsplit(['\\', '/']).next().unwrap_or_default().to_owned();
        let near = subject
            .applications
            .iter()
            .find(|known| file(&known.full_path) == file(&told.full_path));
        Some(match near {
            Some(near) => {
                let at = near.place.as_ref().map(|place| format!(" (line {})", place.line));
                format!(
                    "no FastCGI application is just so; near it is {}|{}{}",
                    near.full_path,
                    near.arguments,
                    at.unwrap_or_default()
                )
            }
            None => "applicationHost.config has no such FastCGI application".to_owned(),
        })
    })
}

fn quoted(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |python| {
        python
            .processor
            .full_path
            .contains('"')
            .then(|| "quotes around the program's path".to_owned())
    })
}

fn entry_quoted(subject: &Subject<'_>) -> Vec<Hit> {
    let items = subject.pool_elements();
    let path = |item: &crate::Element| item.attribute("fullPath").unwrap_or_default().to_owned();
    // Two that differ in quotes alone are another rule's.
    let has_twin = items.iter().any(|item| !path(item).contains('"'));
    let found = items.into_iter().filter(|item| path(item).contains('"') && !has_twin);
    let hit = |item: &crate::Element| {
        Hit::at(item.attribute_place("fullPath"), "quotes around the program's path")
    };
    found.map(hit).collect()
}

fn blanks(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for python in subject.pythons() {
        let told = &python.processor;
        let (path, arguments) = (told.full_path.trim(), told.arguments.trim());
        if path != told.full_path || arguments != told.arguments {
            let value =
                if arguments.is_empty() { path.to_owned() } else { format!("{path}|{arguments}") };
            let (element, attribute) = (python.element.place(), "scriptProcessor".to_owned());
            let place = python.element.attribute_place("scriptProcessor");
            hits.push(
                Hit::at(place, "blanks belong to the path or the arguments").edit(Edit::Set {
                    element,
                    attribute,
                    value,
                }),
            );
        }
    }
    hits
}

fn relative(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |python| {
        let path = python.processor.full_path.trim().trim_matches('"');
        let has_drive = path.as_bytes().get(1) == Some(&b':');
        let is_full = has_drive || path.starts_with(['%', '\\', '/']);
        (!is_full).then(|| format!("{path} is no full path"))
    })
}

fn slashes(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |python| {
        let path = &python.processor.full_path;
        let has_drive = path.trim_matches('"').as_bytes().get(1) == Some(&b':');
        (has_drive && path.contains('/')).then(|| format!("{path} is written with /"))
    })
}

fn unquoted_arguments(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |python| {
        // What stands in quotes is whole; of the rest a drive begins a path, a word with a dot ends it.
        let outside: String =
            python.processor.arguments.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        let words: Vec<&str> = outside.split(' ').collect();
        let begins = |word: &&str| word.as_bytes().get(1) == Some(&b':');
        let at = words.iter().position(begins)?;
        let has_end = |word: &str| word.rsplit('\\').next().is_some_and(|last| last.contains('.'));
        if has_end(words[at]) {
            return None;
        }
        let rest = words.get(at + 1..)?;
        rest.iter()
            .any(|word| word.contains('\\') && has_end(word))
            .then(|| "the path is split at its blank".to_owned())
    })
}

fn program(python: &PythonHandler<'_>) -> String {
    python.processor.file_name().trim().to_lowercase()
}

fn is_script(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |python| {
        let name = program(python);
        [".bat", ".cmd", ".ps1", ".py", ".sh"]
            .iter()
            .any(|end| name.ends_with(end))
            .then(|| format!("{name} is no executable"))
    })
}

fn is_python(python: &PythonHandler<'_>) -> bool {
    let name = program(python);
    name == "py.exe" || name.starts_with("python") && !name.starts_with("pythonw")
}

fn no_gateway(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |python| {
        let arguments = python.processor.arguments.to_lowercase();
        let speaks =
            ["wfastcgi", "iisgate", "fcgi", "zoofcgi"].iter().any(|name| arguments.contains(name));
        (is_python(python) && !speaks).then(|| "nothing here speaks FastCGI".to_owned())
    })
}

fn pythonw(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |python| {
        program(python).starts_with("pythonw").then(|| "pythonw.exe is for windows".to_owned())
    })
}

fn has_flag(python: &PythonHandler<'_>, flag: &str) -> bool {
    python.processor.arguments.split(' ').any(|word| word.split('=').next() == Some(flag))
}

fn flag(subject: &Subject<'_>, flag: &str) -> Vec<Hit> {
    each(subject, |python| has_flag(python, flag).then(|| format!("{flag} is among the arguments")))
}

fn debug(subject: &Subject<'_>) -> Vec<Hit> {
    flag(subject, "--debug")
}

fn record(subject: &Subject<'_>) -> Vec<Hit> {
    flag(subject, "--record")
}

fn reload(subject: &Subject<'_>) -> Vec<Hit> {
    flag(subject, "--reload")
}

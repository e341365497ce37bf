//! Owns what differs between a start under a web server and a console, in users' words, and what
//! mends it.
//!
//! Does not find the circumstances out.

use super::Circumstances;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Variables that a shell, a terminal, a desktop or a web server sets for its own sake.
const OF_SURROUNDINGS: &[&str] = &[
    "_",
    "SHELL",
    "SHLVL",
    "PWD",
    "OLDPWD",
    "TERM",
    "COLORTERM",
    "LS_COLORS",
    "LINES",
    "COLUMNS",
    "PS1",
    "PROMPT",
    "EDITOR",
    "PAGER",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "MAIL",
    "LOGNAME",
    "USER",
    "USERNAME",
    "USERDOMAIN",
    "USERDNSDOMAIN",
    "USERDOMAIN_ROAMINGPROFILE",
    "LOGONSERVER",
    "SESSIONNAME",
    "CLIENTNAME",
    "HOMEDRIVE",
    "HOMEPATH",
    "ONEDRIVE",
    "WSLENV",
    "HOSTNAME",
    "DBUS_SESSION_BUS_ADDRESS",
    "LESSOPEN",
    "LESSCLOSE",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
];

/// Likewise, by how their names begin.
const OF_SURROUNDINGS_BEGIN: &[&str] = &[
    "XDG_",
    "SSH_",
    "WT_",
    "VSCODE_",
    "TERM_",
    "APP_POOL_",
    "IISGATE_",
    "_FCGI_",
    "LC_",
    "CARGO_",
];

/// One difference that may matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What is there and what is here.
    pub what: String,
    /// What to do if it matters.
    pub mend: String,
    /// What to type or write for it, maybe nothing.
    pub command: String,
    /// Whether the failure names it.
    pub is_named: bool,
}

/// What differs, with what the failure names in front.
pub fn differences(there: &Circumstances, here: &Circumstances) -> Vec<Difference> {
    let said = there.said();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let mut found = Vec::new();
    let mut tell = |is_named: bool, what: String, mend: &str, command: String| {
        found.push(Difference { what, mend: mend.to_owned(), command, is_named });
    };
    if there.identity != here.identity {
        tell(
            says(&["PermissionError", "ermission denied", "Access is denied", "IG058"]),
            format!("it runs as {} there; you are {}", there.identity, here.identity),
            "files that only you may read are closed to it; let it read what the app needs",
            grant(&there.identity, &here.site),
        );
    }
    if there.python != here.python {
        let told = |python: &Option<PathBuf>| {
            python.as_ref().map_or_else(|| "none".to_owned(), |path| path.display().to_string())
        };
        tell(
            says(&["ModuleNotFoundError", "ImportError", "no Python", "IG05"]),
            format!("Python is {} there; {} here", told(&there.python), told(&here.python)),
            "name one for both, in pyproject.toml",
            here.python.as_ref().map_or_else(String::new, |python| {
                format!("[tool.iisgate] python = '{}'", python.display())
            }),
        );
    }
    if there.working_directory != here.working_directory && there.python.is_some() {
        tell(
            says(&["FileNotFoundError", "No such file", "cannot find the path"]),
            format!(
                "the app works in {} there; you are in {}: names of files without a folder mean \
                 others",
                there.working_directory.display(),
                here.working_directory.display()
            ),
            "let it work in the site's folder, in pyproject.toml",
            "[tool.iisgate] working-directory = \".\"".to_owned(),
        );
    }
    let missing = missing_folders(there, here);
    if !missing.is_empty() {
        tell(
            says(&["FileNotFoundError", "DLL load failed", "shared object", "WinError 2", "IG052"]),
            format!("PATH has not there: {}", missing.join(", ")),
            "programs and libraries there are not found; add the folder to the machine's PATH, \
             then restart the web server",
            restart(),
        );
    }
    for name in there.shown.keys().chain(here.shown.keys()).collect::<BTreeSet<_>>() {
        // HOME and the like follow the user, which is told.
        let is_python = name.starts_with("PYTHON")
            || ["VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH", "TZ"].contains(&name.as_str());
        let (far, near) = (there.shown.get(name), here.shown.get(name));
        if !is_python || far == near {
            continue;
        }
        let told = |value: Option<&String>| value.map_or("not set".to_owned(), Clone::clone);
        let is_path = ["PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX"].contains(&name.as_str());
        tell(
            names(&said, name) || is_path && says(&["ModuleNotFoundError", "IG050"]),
            format!("{name} is {} there; {} here", told(far), told(near)),
            "set it for the app, in pyproject.toml",
            near.map_or_else(String::new, |value| setting(name, value)),
        );
    }
    let lacks: Vec<&String> =
        here.others.difference(&there.others).filter(|name| !is_of_surroundings(name)).collect();
    let (named, rest): (Vec<_>, Vec<_>) = lacks.into_iter().partition(|name| names(&said, name));
    for name in named {
        tell(
            true,
            format!("{name} is set here and not there"),
            "set it for the app, in pyproject.toml (or in the <environmentVariables> of IIS's \
             FastCGI application)",
            setting(name, "…"),
        );
    }
    if !rest.is_empty() {
        let names: Vec<&str> = rest.iter().map(|name| name.as_str()).collect();
        tell(
            false,
            format!("set here and not there: {}", names.join(", ")),
            "if the app needs one, set it in pyproject.toml",
            setting("NAME", "…"),
        );
    }
    found.sort_by_key(|difference| !difference.is_named);
    found
}

/// Whether a text holds a name as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
    })
}

fn is_of_surroundings(name: &str) -> bool {
    OF_SURROUNDINGS.contains(&name) || OF_SURROUNDINGS_BEGIN.iter().any(|it| name.starts_with(it))
}

fn missing_folders(there: &Circumstances, here: &Circumstances) -> Vec<String> {
    let folders = |of: &Circumstances| -> Vec<PathBuf> {
        of.shown.get("PATH").map(|path| std::env::split_paths(path).collect()).unwrap_or_default()
    };
    let far = folders(there);
    let folders =
        folders(here).into_iter().filter(|folder| !far.contains(folder) && folder.is_dir());
    folders.map(|folder| folder.display().to_string()).collect()
}

fn setting(name: &str, value: &str) -> String {
    format!("[tool.iisgate.env] {name} = '{value}'")
}

fn grant(identity: &str, site: &Path) -> String {
    if cfg!(windows) {
        format!("icacls \"{}\" /grant \"{identity}:(OI)(CI)RX\"", site.display())
    } else {
        format!("sudo -u '{identity}' ls -lR \"{}\"", site.display())
    }
}

fn restart() -> String {
    if cfg!(windows) { "iisreset".to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circumstances(said: &str) -> Circumstances {
        Circumstances {
            site: "/site".into(),
            failure: Some(("IG054: it broke".to_owned(), said.to_owned())),
            identity: "web".to_owned(),
            working_directory: "/".into(),
            python: Some("/usr/bin/python3".into()),
            shown: [("PATH".to_owned(), "/bin".to_owned())].into(),
            others: ["KEPT".to_owned()].into(),
            ..Circumstances::default()
        }
    }

    #[test]
    fn the_same_circumstances_differ_in_nothing() {
        let there = circumstances("KeyError: 'KEPT'");
        assert_eq!(differences(&there, &there.clone()), []);
        let mut here = there.clone();
        here.others.extend(["TERM".to_owned(), "XDG_SEAT".to_owned(), "_".to_owned()]);
        here.shown.insert("HOME".to_owned(), "/home/ann".to_owned());
        assert_eq!(differences(&there, &here), []);
    }

    #[test]
    fn what_the_failure_names_comes_first() {
        let change = |change: fn(&mut Circumstances)| {
            let mut here = circumstances("");
            here.identity = "ann".to_owned();
            here.working_directory = "/site".into();
            change(&mut here);
            here
        };
        let temporary = std::env::temp_dir();
        let in_path = |mut here: Circumstances| {
            here.shown.insert("PATH".to_owned(), format!("/bin:{}", temporary.display()));
            here
        };
        let same = change(|_| {});
        for (said, here, first, command) in [
            ("PermissionError: x", same.clone(), "it runs as web there; you are ann", "/site"),
            ("FileNotFoundError: 'data.db'", same, "the app works in / there", "working-directory"),
            (
                "KeyError: 'DATABASE_URL'",
                change(|here| here.others.extend(["A".into(), "DATABASE_URL".into()])),
                "DATABASE_URL is set here and not there",
                "[tool.iisgate.env] DATABASE_URL = '…'",
            ),
            (
                "ModuleNotFoundError: No module named 'shop'",
                change(|here| drop(here.shown.insert("PYTHONPATH".into(), "/src".into()))),
                "PYTHONPATH is not set there; /src here",
                "[tool.iisgate.env] PYTHONPATH = '/src'",
            ),
            (
                "ModuleNotFoundError: No module named 'shop'",
                change(|here| here.python = Some("/venv/bin/python".into())),
                "Python is /usr/bin/python3 there; /venv/bin/python here",
                "[tool.iisgate] python = '/venv/bin/python'",
            ),
        ] {
            let found = differences(&circumstances(said), &here);
            assert!(found[0].is_named && found[0].what.starts_with(first), "{said}: {found:?}");
            assert!(found[0].command.contains(command) || cfg!(windows), "{found:?}");
            assert!(found.iter().skip(1).any(|other| !other.is_named), "{found:?}");
        }
        if cfg!(unix) {
            let here = in_path(change(|_| {}));
            let found = differences(&circumstances("ImportError: DLL load failed"), &here);
            assert_eq!(found[0].what, format!("PATH has not there: {}", temporary.display()));
        }
    }
}

//! Owns what a Python's own words tell of why it does not run our worker.
//!
//! Starts nothing: the words are given.

use super::status::{DLL_MISSING, Ended, OTHER_KIND};
use crate::codes;
use crate::control::StartFailure;
use std::path::Path;

/// The oldest Python that we run on.
const VERSION_MIN: (u32, u32) = (3, 10);

/// What the probe said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The version, when it came so far.
    version: Option<(u32, u32, u32)>,
    bits: Option<u32>,
    /// What it wrote to standard error: nothing if our module can be imported.
    errors: String,
}

impl Said {
    /// From `3.11.2 64` and what was written to standard error.
    pub(super) fn new(about: &str, errors: String) -> Self {
        let mut words = about.split_whitespace();
        let version = words.next().and_then(|text| {
            let mut parts = text.splitn(3, '.').map(str::parse);
            let mut next = || parts.next()?.ok();
            Some((next()?, next()?, next()?))
        });
        Self { version, bits: words.next().and_then(|bits| bits.parse().ok()), errors }
    }

    /// The version and bits as people say them.
    fn python(&self) -> String {
        match (self.version, self.bits) {
            (Some((major, minor, patch)), Some(bits)) => {
                format!("Python {major}.{minor}.{patch} ({bits}-bit)")
            }
            _ => "this Python".to_owned(),
        }
    }

    /// The line that says what is wrong: a traceback's last.
    fn last_line(&self) -> &str {
        self.errors.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim()
    }
}

/// Tells what was wrong, from how the worker ended and from what the probe said.
pub(super) fn explain(python: &Path, ended: &Ended, said: &Said) -> StartFailure {
    let shown = python.display();
    let told = said.errors.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| told.contains(word));
    let reinstall = format!("{shown} -m pip install --force-reinstall --no-cache-dir iisgate");
    let failure = if let Some((major, minor, _)) = said.version
        && (major, minor) < VERSION_MIN
    {
        let title = format!("{} is too old: iisgate needs 3.10 or newer", said.python());
        StartFailure::of(&codes::PYTHON_TOO_OLD, title).mend(
            "make the site's virtual environment anew with a newer Python, or name one: --python PATH",
            if cfg!(windows) { "py -3 -m venv --clear .venv" } else { "python3 -m venv --clear .venv" },
        )
    } else if has(&["no module named 'iisgate._native'"]) {
        let title = format!("iisgate was built for another Python than {}", said.python());
        StartFailure::of(&codes::BUILT_FOR_ANOTHER, title).mend("install it anew", reinstall)
    } else if has(&["no module named 'iisgate'", "no module named iisgate"]) {
        let title = format!("iisgate is not installed for {shown}");
        StartFailure::of(&codes::NOT_INSTALLED, title)
            .mend("install it", format!("{shown} -m pip install iisgate"))
    } else if has(&["not a valid win32 application", "wrong elf class", "exec format error"])
        || ended.code == Some(OTHER_KIND)
    {
        let title =
            format!("iisgate and {} are not of the same kind (32 or 64 bits)", said.python());
        StartFailure::of(&codes::OTHER_BITNESS, title)
            .mend("install iisgate with the Python that runs it", reinstall)
    } else if has(&[
        "undefined symbol",
        "conflicts with this version of python",
        "procedure could not be found",
    ]) {
        let title = format!("iisgate was built for another Python than {}", said.python());
        StartFailure::of(&codes::BUILT_FOR_ANOTHER, title).mend("install it anew", reinstall)
    } else if has(&[
        "no module named 'encodings'",
        "filesystem encoding",
        "init_fs_encoding",
        "pythonhome",
    ]) {
        let title = format!("{shown} does not find its own library");
        StartFailure::of(&codes::PYTHON_BROKEN, title).mend(
            "look whether PYTHONHOME is set, and whether the web server's user may read Python's folder",
            format!("{shown} -c \"import encodings\""),
        )
    } else if let Some(library) = library(&said.errors) {
        let title = format!("a shared library that Python needs is missing: {library}");
        StartFailure::of(&codes::LIBRARY_MISSING, title)
            .mend("install it, or let the system find it", try_by_hand(python))
    } else if has(&["dll load failed"])
        || ended.code.is_some_and(|code| DLL_MISSING.contains(&code))
    {
        let title = format!("a DLL that Python needs is missing: {}", ended.sentence());
        StartFailure::of(&codes::LIBRARY_MISSING, title).mend(
            "most often it is python3xx.dll, of a Python that was moved or half removed, or \
             VCRUNTIME140.dll: repair that Python, or install the Visual C++ runtime",
            "winget install Microsoft.VCRedist.2015+.x64",
        )
    } else if has(&["permission denied", "access is denied", "permissionerror"]) {
        let title = format!("Python may not read what it needs: {}", said.last_line());
        StartFailure::of(&codes::PYTHON_DENIED, title).mend(
            "let the web server's user read Python and its packages",
            crate::interpreter::grant(python),
        )
    } else {
        let title = format!("Python ended before it served: {}", ended.sentence());
        let hint = if said.errors.is_empty() {
            "the log has what it printed; to see it start by hand"
        } else {
            "try it by hand"
        };
        StartFailure::of(&codes::WORKER_ENDED, title).mend(hint, try_by_hand(python))
    };
    failure.at(shown).saying(said.errors.clone())
}

fn try_by_hand(python: &Path) -> String {
    format!("{} -X faulthandler -c \"import iisgate._native\"", python.display())
}

/// The library that a Unix system's loader does not find.
fn library(errors: &str) -> Option<&str> {
    const MARK: &str = ": cannot open shared object file";
    let line = errors.lines().find(|line| line.contains(MARK))?;
    let before = &line[..line.find(MARK)?];
    before.rsplit([' ', ':']).next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_said_is_understood() {
        let new = "3.11.2 64\n";
        let trace =
            "Traceback (most recent call last):\n  File \"<string>\", line 4, in <module>\n";
        for (about, errors, code, expected) in [
            (
                "2.7.18 64\n",
                "ImportError: No module named iisgate",
                &codes::PYTHON_TOO_OLD,
                "Python 2.7.18 (64-bit)",
            ),
            ("3.9.1 32", "", &codes::PYTHON_TOO_OLD, "3.10 or newer"),
            (
                new,
                "ModuleNotFoundError: No module named 'iisgate'",
                &codes::NOT_INSTALLED,
                "is not installed for",
            ),
            (
                new,
                "ModuleNotFoundError: No module named 'iisgate._native'",
                &codes::BUILT_FOR_ANOTHER,
                "3.11.2",
            ),
            (
                "3.12.1 32",
                "ImportError: DLL load failed while importing _native: %1 is not a valid Win32 application.",
                &codes::OTHER_BITNESS,
                "Python 3.12.1 (32-bit)",
            ),
            (
                new,
                "ImportError: /x/_native.so: wrong ELF class: ELFCLASS32",
                &codes::OTHER_BITNESS,
                "64-bit",
            ),
            (
                new,
                "ImportError: /x/_native.so: undefined symbol: PyX",
                &codes::BUILT_FOR_ANOTHER,
                "another Python",
            ),
            (
                "",
                "python: error while loading shared libraries: libpython3.11.so.1.0: cannot open shared object \
                 file: No such file or directory",
                &codes::LIBRARY_MISSING,
                "missing: libpython3.11.so.1.0",
            ),
            (
                "",
                "Fatal Python error: init_fs_encoding: failed",
                &codes::PYTHON_BROKEN,
                "its own library",
            ),
            (
                new,
                "ImportError: DLL load failed while importing _native: The specified module could not be found.",
                &codes::LIBRARY_MISSING,
                "a DLL",
            ),
            (
                new,
                "PermissionError: [Errno 13] Permission denied: '/x'",
                &codes::PYTHON_DENIED,
                "'/x'",
            ),
            (new, "", &codes::WORKER_ENDED, "exit status: 7"),
            (new, "SomethingElse: x", &codes::WORKER_ENDED, "exit status: 7"),
        ] {
            let ended = Ended { told: "exit status: 7".into(), ..Ended::default() };
            let errors =
                if errors.is_empty() { String::new() } else { format!("{trace}{errors}\n") };
            let failure = explain(Path::new("/p/python"), &ended, &Said::new(about, errors));
            assert_eq!(failure.code, code, "{failure}");
            assert!(failure.title.contains(expected), "{failure}");
            assert!(!failure.command.is_empty() && !failure.hint.is_empty());
        }
    }

    #[test]
    fn windows_words_for_missing_dlls_are_understood() {
        for (number, code) in [
            (0xC000_0135, &codes::LIBRARY_MISSING),
            (0xC000_0139, &codes::LIBRARY_MISSING),
            (0xC000_007B, &codes::OTHER_BITNESS),
            (0xC000_0005, &codes::WORKER_ENDED),
        ] {
            let ended = Ended {
                told: format!("exit code: {number:#x}"),
                code: Some(number),
                ..Ended::default()
            };
            assert_eq!(explain(Path::new("p"), &ended, &Said::default()).code, code);
        }
    }
}

//! Owns what `pyvenv.cfg` says of a virtual environment: which Python is behind it.
//!
//! Does not look for virtual environments.

use super::{Interpreter, System, denied, hidden};
use crate::codes;
use crate::control::StartFailure;
use std::path::{Path, PathBuf};

/// The file's name.
const PYVENV_CFG: &str = "pyvenv.cfg";

/// By this variable Python's own launcher in `Scripts` tells the Python that it starts, which
/// virtual environment it is of (CPython, `PC/venvlauncher.c` and `Modules/getpath.py`).
const LAUNCHER: &str = "__PYVENV_LAUNCHER__";

/// Where the `pyvenv.cfg` of an interpreter is, if it has one: beside it or a folder above, as Python
/// looks for it.
pub(super) fn configuration(python: &Path) -> Option<PathBuf> {
    let folders = python.ancestors().skip(1).take(2);
    folders.map(|folder| folder.join(PYVENV_CFG)).find(|file| file.is_file())
}

/// Finds what is to be started for an interpreter.
///
/// # Errors
/// When it belongs to a virtual environment whose Python has gone.
pub(super) fn resolve(python: PathBuf, system: System) -> Result<Interpreter, StartFailure> {
    let Some(file) = configuration(&python) else { return Ok(Interpreter::plain(python)) };
    let bytes = match system {
        System::Unix => Vec::new(),
        System::Windows => std::fs::read(&file).map_err(|error| denied(&file, &error))?,
    };
    let text = String::from_utf8_lossy(&bytes);
    behind(python, &Configuration { file: &file, text: &text }, system, Path::is_file)
}

/// A `pyvenv.cfg`.
struct Configuration<'a> {
    file: &'a Path,
    text: &'a str,
}

impl<'a> Configuration<'a> {
    /// The first value of a key, and its line's number.
    fn get(&self, wanted: &str) -> Option<(usize, &'a str)> {
        let mut pairs = self.text.lines().zip(1..).filter_map(|(line, number)| {
            let (key, value) = line.trim_start_matches('\u{feff}').split_once('=')?;
            key.trim().eq_ignore_ascii_case(wanted).then(|| (number, value.trim()))
        });
        pairs.next().filter(|(_, value)| !value.is_empty())
    }

    fn folder(&self) -> &'a Path {
        self.file.parent().unwrap_or(self.file)
    }

    fn failure(&self, title: String, place: String) -> StartFailure {
        let upgrade = format!("python -m venv --upgrade \"{}\"", self.folder().display());
        StartFailure::of(&codes::VENV_MOVED, title)
            .at(place)
            .mend("make it whole with a Python of the version that it had", upgrade)
    }

    fn gone(&self, program: &Path, place: String) -> StartFailure {
        if let Some(denied) = hidden(program) {
            return denied.saying(format!("{place} leads there"));
        }
        let (folder, program) = (self.folder().display(), program.display());
        let title =
            format!("the Python behind the virtual environment {folder} is gone: {program}");
        self.failure(title, place)
    }
}

fn behind(
    python: PathBuf,
    configuration: &Configuration<'_>,
    system: System,
    is_file: impl Fn(&Path) -> bool,
) -> Result<Interpreter, StartFailure> {
    if system == System::Unix {
        // There it is a link or a copy, and knows by itself where it is.
        return if is_file(&python) {
            Ok(Interpreter::plain(python))
        } else {
            Err(configuration.gone(&python, configuration.file.display().to_string()))
        };
    }
    let Some((line, home)) = configuration.get("home") else {
        let folder = configuration.folder().display();
        let title = format!("the virtual environment {folder} does not say which Python it is of");
        let details = format!("{} has no line: home = …", configuration.file.display());
        let place = configuration.file.display().to_string();
        return Err(configuration.failure(title, place).saying(details));
    };
    let home = configuration.folder().join(home);
    let name = python.file_name().unwrap_or("python.exe".as_ref());
    let told = ["executable", "base-executable"].map(|key| configuration.get(key));
    let programs = [home.join(name), home.join("python.exe")]
        .into_iter()
        .chain(told.into_iter().flatten().map(|(_, path)| configuration.folder().join(path)));
    let Some(program) = programs.into_iter().find(|program| is_file(program)) else {
        let file = configuration.file.display();
        return Err(configuration
            .gone(&home.join(name), format!("{file}:{line}"))
            .saying(format!("{file}:{line}: home = {}", home.display())));
    };
    if program == python {
        return Ok(Interpreter::plain(python));
    }
    let environment = vec![(LAUNCHER.into(), python.clone().into())];
    Ok(Interpreter { python, program, environment })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The program, or the whole failure.
    fn check(system: System, python: &str, cfg: &str, files: &[&str]) -> Result<String, String> {
        let file = Path::new("/site/.venv/pyvenv.cfg");
        let configuration = Configuration { file, text: cfg };
        let is_file = |path: &Path| files.iter().any(|file| Path::new(file) == path);
        let found = behind(python.into(), &configuration, system, is_file)
            .map_err(|failure| failure.to_string())?;
        assert_eq!(found.python, Path::new(python));
        let launcher = (LAUNCHER.into(), python.into());
        let is_started = found.program == found.python;
        assert_eq!(found.environment, if is_started { vec![] } else { vec![launcher] });
        Ok(found.program.to_str().expect("ASCII").replace('\\', "/"))
    }

    const SCRIPTS: &str = "/site/.venv/Scripts/python.exe";
    const BIN: &str = "/site/.venv/bin/python";
    const BASE: &str = "/Python 311/python.exe";

    #[test]
    fn on_windows_the_base_interpreter_is_started() {
        let full = "home = /Python 311\r\ninclude-system-site-packages = false\r\n\
                    version = 3.11.9\r\nexecutable = /Python 311/python.exe\r\n";
        for (cfg, files, expected) in [
            (full, &[SCRIPTS, BASE][..], BASE),
            ("home = /Python 311", &[SCRIPTS, BASE], BASE),
            ("HOME=/Python 311  \n", &[SCRIPTS, BASE], BASE),
            ("\u{feff}home = /Python 311\n", &[SCRIPTS, BASE], BASE),
            ("homely = /x\nhome = /Python 311\nhome = /x", &[SCRIPTS, BASE, "/x/python.exe"], BASE),
            // uv's and virtualenv's.
            (
                "home = /uv\nimplementation = CPython\nuv = 0.9\n",
                &["/uv/python.exe"],
                "/uv/python.exe",
            ),
            ("home = /no\nbase-executable = /Python 311/python.exe\n", &[BASE], BASE),
            ("home = /no\nexecutable = /Python 311/python.exe\n", &[BASE], BASE),
            (
                "home = ../base\n",
                &["/site/.venv/../base/python.exe"],
                "/site/.venv/../base/python.exe",
            ),
            // A copy that lies beside its own file is no virtual environment.
            ("home = /site/.venv/Scripts", &[SCRIPTS], SCRIPTS),
        ] {
            assert_eq!(
                check(System::Windows, SCRIPTS, cfg, files).as_deref(),
                Ok(expected),
                "{cfg}"
            );
        }
        let windowless = "/site/.venv/Scripts/pythonw.exe";
        for (files, expected) in
            [(&[BASE, "/Python 311/pythonw.exe"][..], "/Python 311/pythonw.exe"), (&[BASE], BASE)]
        {
            let found = check(System::Windows, windowless, "home = /Python 311", files);
            assert_eq!(found.as_deref(), Ok(expected));
        }
    }

    #[test]
    fn on_unix_the_virtual_environments_own_is_started() {
        for cfg in ["home = /usr/bin\n", "home = /no\n", "", "nonsense"] {
            assert_eq!(check(System::Unix, BIN, cfg, &[BIN]).as_deref(), Ok(BIN), "{cfg}");
        }
    }

    #[test]
    fn what_a_virtual_environment_lacks_is_told_with_what_mends_it() {
        let mend = "python -m venv --upgrade \"/site/.venv\"";
        for (system, cfg, expected) in [
            (System::Windows, "", "/site/.venv/pyvenv.cfg has no line: home = …"),
            (System::Windows, "home\n", "/site/.venv/pyvenv.cfg has no line: home = …"),
            (System::Windows, "home =\n", "/site/.venv/pyvenv.cfg has no line: home = …"),
            (
                System::Windows,
                "version = 3.11.9\nhome = /Python 311\n",
                "/site/.venv/pyvenv.cfg:2: home = /Python 311",
            ),
            (System::Unix, "home = /usr/bin\n", "is gone: /site/.venv/bin/python"),
        ] {
            let python = if system == System::Unix { BIN } else { SCRIPTS };
            let told = check(system, python, cfg, &[]).expect_err(cfg).replace('\\', "/");
            assert!(told.contains(expected) && told.contains(mend), "{told}");
        }
    }

    #[test]
    fn a_python_without_the_file_is_started_itself() {
        let nowhere = PathBuf::from("/no/such/folder/bin/python");
        for system in [System::Windows, System::Unix] {
            let found = resolve(nowhere.clone(), system).expect("nothing to be wrong");
            assert_eq!(found, Interpreter::plain(nowhere.clone()));
        }
    }
}

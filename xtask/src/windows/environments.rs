//! Owns the virtual environments of the Windows Python, with the packages that the tests want.
//!
//! Does not own the lists: those are requirement files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{PYTHON_MINOR, build, places, python, stamps, wine};
use crate::interpreter::Interpreter;
use crate::venv::{self, Venv};
use crate::{process, repo};

/// Installs packages for Windows on another system; pip alone would choose by this system's rules.
const UV: &str = "uv>=0.9,<1";

/// What is published only as its sources, which are Python alone.
const SOURCES_ONLY: &[&str] = &["wfastcgi"];

/// A virtual environment for the Windows tests.
#[derive(Debug)]
struct Environment {
    name: &'static str,
    folder: fn() -> PathBuf,
    requirements: &'static [&'static str],
}

const ENVIRONMENTS: &[Environment] = &[
    Environment {
        name: "venv",
        folder: places::venv,
        requirements: &["tests/windows/requirements.txt"],
    },
    Environment {
        name: "plone",
        folder: places::plone,
        requirements: &["examples/plone/requirements.txt", "examples/plone/requirements-zeo.txt"],
    },
];

/// Requirement files that are for the Windows Python alone.
pub(crate) fn requirement_files() -> impl Iterator<Item = &'static str> {
    ENVIRONMENTS.iter().flat_map(|environment| environment.requirements).copied()
}

/// Makes what is missing: Wine's prefix, the Windows Python, its environments. `like_it` is a Python
/// of this system of the same version.
pub(super) fn prepare_under_wine(like_it: &Interpreter) -> Result<()> {
    let tools = Venv::make("venv-windows", like_it)?;
    tools.install("uv", &[], &[UV])?;
    wine::prepare()?;
    python::prepare(like_it, &tools.python())?;
    let made_with = fs::read_to_string(places::stamps().join("python.txt"))?;
    for environment in ENVIRONMENTS {
        environment.make(&made_with, |folder| {
            let home = python::executable();
            let folder = wine::windows_path(folder);
            wine::output(&home, &["-m", "venv", "--without-pip", &folder]).map(drop)
        })?;
        environment.install(|folder, files| {
            let mut uv = Command::new(tools.program("uv"));
            uv.args(["pip", "install", "--python-platform", "x86_64-pc-windows-msvc"]);
            uv.args(["--python-version", &format!("3.{PYTHON_MINOR}"), "--only-binary", ":all:"]);
            uv.args(SOURCES_ONLY.iter().flat_map(|name| ["--no-binary", name]));
            uv.arg("--target").arg(folder.join("Lib/site-packages"));
            uv.args(files.iter().flat_map(|file| [Path::new("--requirement"), file.as_path()]));
            environment.quietly(&mut uv)?;
            python::compile(like_it, &folder.join("Lib/site-packages"))
        })?;
    }
    wine::end()
}

/// Makes the environments with this Windows machine's own Python.
pub(super) fn prepare_on_windows(python: &Interpreter) -> Result<()> {
    let made_with = format!("{} {:?}", python.path.display(), python.version);
    for environment in ENVIRONMENTS {
        environment.make(&made_with, |folder| {
            process::output(Command::new(&python.path).args(["-m", "venv"]).arg(folder)).map(drop)
        })?;
        environment.install(|folder, files| {
            let mut pip = Command::new(folder.join("Scripts/python.exe"));
            pip.args(["-m", "pip", "install", "--disable-pip-version-check"]);
            pip.args(files.iter().flat_map(|file| [Path::new("--requirement"), file.as_path()]));
            environment.quietly(&mut pip)
        })?;
    }
    Ok(())
}

/// Lays what was built for Windows into each environment, where `pip install` would put it.
pub(super) fn install_ours(dist: &Path) -> Result<()> {
    for environment in ENVIRONMENTS {
        let folder = (environment.folder)();
        let package = folder.join("Lib/site-packages/iisgate");
        if package.exists() {
            fs::remove_dir_all(&package)
                .with_context(|| format!("cannot replace {}", package.display()))?;
        }
        fs::create_dir_all(&package)
            .with_context(|| format!("cannot make {}", package.display()))?;
        for entry in fs::read_dir(dist.join("iisgate"))? {
            let entry = entry?;
            build::copy(&entry.path(), &package.join(entry.file_name()))?;
        }
        build::copy(&dist.join("iisgate.exe"), &folder.join("Scripts/iisgate.exe"))?;
    }
    Ok(())
}

impl Environment {
    /// Makes the empty environment, again when the Python was made again.
    fn make(&self, made_with: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let folder = (self.folder)();
        stamps::once(&places::stamps(), self.name, made_with, || {
            if folder.exists() {
                fs::remove_dir_all(&folder)
                    .with_context(|| format!("cannot remove {}", folder.display()))?;
            }
            let note = places::stamps().join(format!("{}.txt", self.packages()));
            let _ = fs::remove_file(note);
            make(&folder)
        })
    }

    /// Installs what the requirement files name, again when they changed.
    fn install(&self, install: impl FnOnce(&Path, &[PathBuf]) -> Result<()>) -> Result<()> {
        let mut files = Vec::new();
        let mut state = String::new();
        for name in self.requirements {
            let file = repo::root().join(name);
            state += &fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            files.push(file);
        }
        stamps::once(&places::stamps(), &self.packages(), &state, || {
            install(&(self.folder)(), &files)
        })
    }

    fn packages(&self) -> String {
        format!("{}-packages", self.name)
    }

    fn quietly(&self, command: &mut Command) -> Result<()> {
        let what = format!("packages for the Windows environment {}", self.name);
        process::quiet(command, &what, &venv::log("windows", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_file_is_here() {
        for name in requirement_files() {
            assert!(repo::root().join(name).is_file(), "{name}");
        }
    }
}

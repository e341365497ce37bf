//! Owns the virtual environments below `target`: made once, brought up to date when sources change.
//!
//! Does not own what goes into them: each chore brings its list.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::build::Build;
use crate::interpreter::Interpreter;
use crate::{process, repo};

/// What the installed package is made of: when one of these changes it is installed again.
const PACKAGE_SOURCES: &[&str] =
    &["Cargo.toml", "Cargo.lock", "README.md", "crates", "pyproject.toml", "python"];

/// Holds which sources and requirements are installed.
const STAMP: &str = "installed.txt";

/// A virtual environment.
#[derive(Clone, Debug)]
pub(crate) struct Venv {
    dir: PathBuf,
}

impl Venv {
    /// Makes `target/NAME`, or takes the one there is if it is of the same Python.
    pub(crate) fn make(name: &str, python: &Interpreter) -> Result<Self> {
        let venv = Venv { dir: repo::target().join(name) };
        let made_by = format!("{} {:?}\n", python.path.display(), python.version);
        let stamp = venv.dir.join("made-by.txt");
        if fs::read_to_string(&stamp).is_ok_and(|text| text == made_by) && venv.python().exists() {
            return Ok(venv);
        }
        let mut command = Command::new(&python.path);
        command.args(["-m", "venv", "--clear"]).arg(&venv.dir);
        let what = format!("virtual environment {} ({})", show(&venv.dir), python.path.display());
        process::quiet(&mut command, &what, &log(name, "venv"))?;
        fs::write(&stamp, made_by).with_context(|| format!("cannot write {}", stamp.display()))?;
        Ok(venv)
    }

    /// `target/NAME`, which another chore has made.
    pub(crate) fn existing(name: &str) -> Result<Self> {
        let venv = Venv { dir: repo::target().join(name) };
        let why = "is not there yet: run `cargo xtask windows test` first";
        ensure!(venv.python().exists(), "{} {why}", show(&venv.dir));
        Ok(venv)
    }

    /// Its Python.
    pub(crate) fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// A program installed in it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        if cfg!(windows) {
            self.dir.join("Scripts").join(format!("{name}.exe"))
        } else {
            self.dir.join("bin").join(name)
        }
    }

    /// Installs this checkout, unless the same sources are installed already.
    pub(crate) fn install_ours(&self, build: Build) -> Result<()> {
        let state = repo::state_of(PACKAGE_SOURCES)?;
        self.once("iisgate", &state, |pip| {
            // A build of the same version must replace the one that is there.
            pip.args(["--force-reinstall", "--no-deps", "."]);
            build.tell(pip);
        })
    }

    /// Installs what requirement files and single requirements name, unless they are installed.
    pub(crate) fn install(&self, key: &str, files: &[PathBuf], single: &[&str]) -> Result<()> {
        let mut state = single.join(" ");
        for file in files {
            let text = fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            state += &text.replace('\n', " ");
        }
        if files.is_empty() && single.is_empty() {
            return Ok(());
        }
        self.once(key, &state, |pip| {
            for file in files {
                pip.arg("-r").arg(file);
            }
            pip.args(single);
        })
    }

    /// Installs a package that is compiled here, with what is in the environment already.
    pub(crate) fn install_built(&self, package: &str) -> Result<()> {
        let key = package.split(['>', '=', '<']).next().unwrap_or(package);
        self.once(key, package, |pip| {
            pip.args(["--no-build-isolation", package]);
        })
    }

    /// Runs `pip install` unless the stamp says that `key` is installed in this `state`.
    fn once(&self, key: &str, state: &str, arguments: impl FnOnce(&mut Command)) -> Result<()> {
        let path = self.dir.join(STAMP);
        let stamp = fs::read_to_string(&path).unwrap_or_default();
        let line = format!("{key} {state}");
        if stamp.lines().any(|known| known == line) {
            return Ok(());
        }
        let mut pip = Command::new(self.python());
        pip.current_dir(repo::root());
        pip.args(["-m", "pip", "install", "--disable-pip-version-check"]);
        arguments(&mut pip);
        let name = self.dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        process::quiet(&mut pip, &format!("pip install {key} into {name}"), &log(&name, key))?;
        let others = stamp.lines().filter(|known| known.split(' ').next() != Some(key));
        let text: String = others.chain([line.as_str()]).map(|l| format!("{l}\n")).collect();
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Where a quiet program's output is kept.
pub(crate) fn log(chore: &str, what: &str) -> PathBuf {
    repo::target().join("logs").join(format!("{chore}-{what}.log"))
}

fn show(path: &Path) -> String {
    path.strip_prefix(repo::root()).unwrap_or(path).display().to_string()
}

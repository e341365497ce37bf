//! Owns building the yardstick, `benches/yardstick/pyfloor.c`, for the interpreter that all servers
//! run with.
//!
//! Does not own measuring it: it is a peer like any other.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::venv::{self, Venv};
use crate::{process, repo};

/// Where the built module lies.
pub(crate) fn folder() -> PathBuf {
    repo::target().join("yardstick")
}

/// Compiles it.
///
/// # Errors
/// Without gcc or Python's headers.
pub(crate) fn build(venv: &Venv) -> Result<()> {
    let source = repo::root().join("benches/yardstick/pyfloor.c");
    std::fs::create_dir_all(folder())?;
    let told =
        "import sysconfig as s; print(s.get_path('include'), s.get_config_var('EXT_SUFFIX'))";
    let told = process::output(Command::new(venv.python()).args(["-c", told]))?;
    let (headers, suffix) = told.trim().rsplit_once(' ').context("Python tells no paths")?;
    let module = folder().join(format!("pyfloor{suffix}"));
    let mut gcc = Command::new("gcc");
    gcc.args(["-O2", "-Wall", "-shared", "-fPIC", "-I", headers, "-o"]).arg(module).arg(source);
    process::quiet(&mut gcc, "the yardstick", &venv::log("bench", "yardstick"))
}

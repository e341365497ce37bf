//! Owns building for Windows: the folder a user would install from.
//!
//! Does not own how cargo is called: see `cargo`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{PYTHON_MINOR, cargo};
use crate::build::Build;
use crate::{process, repo};

/// Prints the end of an extension module's file name: `.cp311-win_amd64.pyd`.
const SUFFIX: &str = "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))";

/// Which files of the Python package are installed.
const PACKAGE_FILES: &[&str] = &["py", "pyi", "typed"];

/// Builds and leaves `iisgate.exe` and the package folder `iisgate` in `out`.
pub(super) fn run(out: &Path, python: &str, build: Build) -> Result<()> {
    let mut cargo = cargo::cargo("build")?;
    cargo.args([
        "--profile",
        build.profile(),
        "--package",
        "iisgate-cli",
        "--package",
        "iisgate-python",
    ]);
    process::stream(cargo.env("PYO3_PYTHON", python))?;
    let built = cargo::results(build);
    let suffix = if cfg!(windows) {
        process::output(Command::new(python).args(["-c", SUFFIX]))?.trim().to_owned()
    } else {
        format!(".cp3{PYTHON_MINOR}-win_amd64.pyd")
    };
    let package = out.join("iisgate");
    fs::create_dir_all(&package).with_context(|| format!("cannot make {}", package.display()))?;
    for file in package_files()? {
        copy(&file, &package.join(file.file_name().expect("a file has a name")))?;
    }
    copy(&built.join("_native.dll"), &package.join(format!("_native{suffix}")))?;
    copy(&built.join("iisgate.exe"), &out.join("iisgate.exe"))?;
    eprintln!("   built: {} and {}", out.join("iisgate.exe").display(), package.display());
    Ok(())
}

/// The Python package's sources, without what was built beside them.
fn package_files() -> Result<Vec<PathBuf>> {
    let folder = repo::root().join("python/iisgate");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let path = entry?.path();
        let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if PACKAGE_FILES.contains(&ending.as_str()) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_its_sources_and_its_types() {
        let files = package_files().expect("the package is here");
        let names: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
        for wanted in ["__init__.py", "__main__.py", "_native.pyi", "py.typed"] {
            assert!(names.contains(&wanted), "{wanted} is not among {names:?}");
        }
        assert!(!names.iter().any(|name| name.ends_with(".so")), "{names:?}");
    }
}

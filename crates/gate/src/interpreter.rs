//! Owns finding the Python that runs the app.
//!
//! Does not start it.

use crate::control::StartFailure;
use crate::settings::Settings;
use iis::Project;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Folders of a site in which a virtual environment lies by custom.
const VENV_FOLDERS: [&str; 3] = [".venv", "venv", "env"];

/// The interpreter's place within a virtual environment, and its name.
const IN_VENV: &str = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
const NAMES: [&str; 2] =
    if cfg!(windows) { ["python.exe", "python3.exe"] } else { ["python3", "python"] };

/// Finds the interpreter: the flag, `IISGATE_PYTHON`, `[tool.iisgate] python`, a virtual environment
/// in the site's folder, `VIRTUAL_ENV`, the environment that this program is installed in, `PATH`.
///
/// # Errors
/// A [`StartFailure`] that names the places looked at.
pub(crate) fn find(
    settings: &Settings,
    project: &Project,
    site: &Path,
) -> Result<PathBuf, StartFailure> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let named = settings
        .python
        .clone()
        .map(|path| (path, "--python"))
        .or_else(|| variable("IISGATE_PYTHON").map(|path| (path.into(), "IISGATE_PYTHON")))
        .or_else(|| {
            let path = project.python.as_ref()?;
            Some((path.into(), "[tool.iisgate] python"))
        });
    if let Some((path, source)) = named {
        let path = site.join(path);
        // A virtual environment may be named instead of its interpreter.
        let path = if path.is_dir() { path.join(IN_VENV) } else { path };
        return if path.is_file() {
            Ok(path)
        } else {
            let title = format!("there is no Python at {}", path.display());
            Err(StartFailure::new(title, format!("it was named by {source}: correct it")))
        };
    }
    let candidates: Vec<PathBuf> = VENV_FOLDERS
        .iter()
        .map(|folder| site.join(folder).join(IN_VENV))
        .chain(variable("VIRTUAL_ENV").map(|venv| PathBuf::from(venv).join(IN_VENV)))
        .chain(beside_this_program())
        .chain(in_path(variable("PATH")))
        .collect();
    if let Some(found) = candidates.iter().find(|candidate| candidate.is_file()) {
        return Ok(found.clone());
    }
    let mut failure = StartFailure::new(
        "no Python was found",
        "make a virtual environment in the site's folder (python3 -m venv .venv), or name one: --python PATH",
    );
    failure.details =
        candidates.iter().map(|path| format!("not there: {}\n", path.display())).collect();
    Err(failure)
}

/// `pip install` puts this program and the interpreter into one folder.
fn beside_this_program() -> Vec<PathBuf> {
    let folder = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned));
    folder.map(|folder| NAMES.iter().map(|name| folder.join(name)).collect()).unwrap_or_default()
}

fn in_path(path: Option<OsString>) -> Vec<PathBuf> {
    let folders = path.as_ref().map(|path| std::env::split_paths(path).collect::<Vec<_>>());
    let folders = folders.unwrap_or_default();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).collect()
}

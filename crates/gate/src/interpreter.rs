//! Owns finding the Python that runs the app, and what is to be started for it.
//!
//! Does not start it.

mod venv;

use crate::codes;
use crate::control::StartFailure;
use crate::settings::Settings;
use iis::Project;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A Python that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interpreter {
    /// By what the user knows it, and what installs packages for it.
    pub(crate) python: PathBuf,
    /// What is started. On Windows the `python.exe` of a virtual environment only starts another
    /// one: whoever ends it, waits for it or gives it handles means the wrong process.
    pub(crate) program: PathBuf,
    /// What is to be set for the program, so that it is the one of the virtual environment.
    pub(crate) environment: Vec<(OsString, OsString)>,
}

impl Interpreter {
    fn plain(python: PathBuf) -> Self {
        Self { program: python.clone(), python, environment: Vec::new() }
    }
}

/// A system, as far as interpreters differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Windows,
    Unix,
}

const SYSTEM: System = if cfg!(windows) { System::Windows } else { System::Unix };

impl System {
    /// The interpreter's place within a virtual environment.
    const fn in_venv(self) -> &'static str {
        match self {
            Self::Windows => r"Scripts\python.exe",
            Self::Unix => "bin/python",
        }
    }

    const fn names(self) -> [&'static str; 2] {
        match self {
            Self::Windows => ["python.exe", "python3.exe"],
            Self::Unix => ["python3", "python"],
        }
    }
}

/// Folders of a site in which a virtual environment lies by custom.
const VENV_FOLDERS: [&str; 3] = [".venv", "venv", "env"];

/// Finds the interpreter: the flag, `IISGATE_PYTHON`, `[tool.iisgate] python`, a virtual environment
/// in the site's folder, `VIRTUAL_ENV`, the environment that this program is installed in, `PATH`.
///
/// # Errors
/// A [`StartFailure`] that names the places looked at, or what a virtual environment lacks.
pub(crate) fn find(
    settings: &Settings,
    project: &Project,
    site: &Path,
) -> Result<Interpreter, StartFailure> {
    let found = venv::resolve(locate(settings, project, site)?, SYSTEM)?;
    // There, whoever may not read it may not run it.
    let opened = std::fs::File::open(&found.program);
    match opened.err().filter(is_denied) {
        Some(error) if SYSTEM == System::Windows => Err(denied(&found.program, &error)),
        _ => Ok(found),
    }
}

fn is_denied(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::PermissionDenied
}

/// Why a file cannot even be looked at, if that is so: it may well be there.
fn hidden(path: &Path) -> Option<StartFailure> {
    let error = path.metadata().err().filter(is_denied)?;
    Some(denied(path, &error))
}

/// A Python that may not be read: that of another user's profile, most likely.
fn denied(program: &Path, error: &std::io::Error) -> StartFailure {
    let title = format!("Python may not be read: {}: {error}", program.display());
    StartFailure::of(&codes::PYTHON_DENIED, title).at(program.display()).mend(
        "let the web server's user read and run it; a Python installed for all users can be read anyway",
        grant(program),
    )
}

fn locate(settings: &Settings, project: &Project, site: &Path) -> Result<PathBuf, StartFailure> {
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
        let path = if path.is_dir() { path.join(SYSTEM.in_venv()) } else { path };
        return if is_there(&path) {
            Ok(path)
        } else {
            let title = format!("there is no Python at {}", path.display());
            Err(hidden(&path).unwrap_or_else(|| {
                StartFailure::of(&codes::PYTHON_NOT_THERE, title).at(path.display()).mend(
                    format!("it was named by {source}: correct it, or make one there"),
                    make_venv(site),
                )
            }))
        };
    }
    let candidates: Vec<PathBuf> = VENV_FOLDERS
        .iter()
        .map(|folder| site.join(folder).join(SYSTEM.in_venv()))
        .chain(variable("VIRTUAL_ENV").map(|venv| PathBuf::from(venv).join(SYSTEM.in_venv())))
        .chain(beside_this_program())
        .chain(in_path(variable("PATH")))
        .collect();
    if let Some(found) = candidates.iter().find(|candidate| is_there(candidate)) {
        return Ok(found.clone());
    }
    let looked: String =
        candidates.iter().map(|path| format!("not there: {}\n", path.display())).collect();
    Err(StartFailure::of(&codes::NO_PYTHON, "no Python was found")
        .at(site.display())
        .mend(
            "make a virtual environment in the site's folder, or name an interpreter: --python PATH",
            make_venv(site),
        )
        .saying(looked))
}

/// What is started for an interpreter that users know by this name.
///
/// # Errors
/// When it belongs to a virtual environment whose Python has gone.
pub(crate) fn behind(python: &Path) -> Result<Interpreter, StartFailure> {
    venv::resolve(python.to_owned(), SYSTEM)
}

/// The command that makes the site's virtual environment.
fn make_venv(site: &Path) -> String {
    let python = if cfg!(windows) { "py" } else { "python3" };
    format!("{python} -m venv \"{}\"", site.join(VENV_FOLDERS[0]).display())
}

/// The command that lets the web server's user read and run what is there.
pub(crate) fn grant(path: &Path) -> String {
    let folder = path.parent().unwrap_or(path).display();
    if cfg!(windows) {
        let user = std::env::var("APP_POOL_ID").unwrap_or_else(|_| "DefaultAppPool".to_owned());
        format!("icacls \"{folder}\" /grant \"IIS AppPool\\{user}:(OI)(CI)RX\"")
    } else {
        format!("chmod -R a+rX \"{folder}\"")
    }
}

/// A virtual environment whose Python has gone is there, too: to take another one in silence would
/// only say that packages are missing.
fn is_there(python: &Path) -> bool {
    python.is_file() || python.is_symlink() && venv::configuration(python).is_some()
}

/// `pip install` puts this program and the interpreter into one folder.
fn beside_this_program() -> Vec<PathBuf> {
    let folder = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned));
    folder
        .map(|folder| SYSTEM.names().iter().map(|name| folder.join(name)).collect())
        .unwrap_or_default()
}

fn in_path(path: Option<OsString>) -> Vec<PathBuf> {
    let folders = path.as_ref().map(|path| std::env::split_paths(path).collect::<Vec<_>>());
    let folders = folders.unwrap_or_default();
    let names = SYSTEM.names();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).collect()
}

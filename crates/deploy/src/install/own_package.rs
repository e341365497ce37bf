//! Owns that a release's environment has iisgate's Python package, which the worker is.
//!
//! Does not own how that is made. It is copied from where this program's own is, so that both are of
//! one version and no network is needed; where there is none, pip is asked for it.

use super::Error;
use super::environment::{quiet, run};
use super::host::{Command, Host};
use std::path::{Path, PathBuf};
use std::time::Duration;

const NAME: &str = "iisgate";

/// Asking Python for one thing takes a moment, the first time under a virus scanner far more.
const ASK_TIMEOUT: Duration = Duration::from_secs(120);

/// Tells whether the package works, and where packages go.
const ASK: &str = "\
import sysconfig
try:
    import iisgate._native
    print('works')
except ImportError as error:
    print('lacks', error)
print(sysconfig.get_path('platlib'))
";

/// Provides it.
pub(super) fn provide(python: &Path, folder: &Path, host: &mut dyn Host) -> Result<(), Error> {
    let (works, _, packages) = ask(python, host)?;
    if works {
        return Ok(());
    }
    if !packages.starts_with(folder) {
        let why = format!("{} is not in {}", packages.display(), folder.display());
        return Err(Error::failed("asking the environment where its packages are", why));
    }
    let to = packages.join(NAME);
    let sources = sources();
    for source in &sources {
        if to.exists() {
            std::fs::remove_dir_all(&to).map_err(Error::io("remove", &to))?;
        }
        copy(source, &to)?;
        let (works, why, _) = ask(python, host)?;
        if works {
            return Ok(());
        }
        host.say(&format!("{} is of no use to this Python: {why}", source.display()));
    }
    if to.exists() {
        std::fs::remove_dir_all(&to).map_err(Error::io("remove", &to))?;
    }
    let install = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", NAME];
    let command = quiet(Command::new(python, ASK_TIMEOUT * 5)).args(install);
    run(host, &command).map(drop).map_err(|error| {
        let looked: Vec<String> = sources.iter().map(|it| it.display().to_string()).collect();
        let looked = if looked.is_empty() { "nowhere".into() } else { looked.join(", ") };
        Error::refused(
            format!(
                "the environment has no iisgate package that its Python can load (found: \
                 {looked}), and pip brought none: {error}"
            ),
            "put the folder iisgate of the distribution beside iisgate.exe, for the same version of \
             Python, or name that Python: --python PATH",
        )
    })
}

fn ask(python: &Path, host: &mut dyn Host) -> Result<(bool, String, PathBuf), Error> {
    // Isolated from the folder where somebody stands, and from variables.
    let command = quiet(Command::new(python, ASK_TIMEOUT)).args(["-I", "-c", ASK]);
    let text = String::from_utf8_lossy(&run(host, &command)?).replace("\r\n", "\n");
    let mut lines = text.lines();
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let why = first.strip_prefix("lacks ").unwrap_or_default().to_owned();
    Ok((first == "works", why, PathBuf::from(second)))
}

/// Where this program's own package may be: beside it, in the environment that it is installed in, and
/// where `PYTHONPATH` leads.
fn sources() -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let folder = program.as_deref().and_then(Path::parent);
    let mut folders: Vec<PathBuf> = folder.map(Path::to_owned).into_iter().collect();
    if let Some(above) = folder.and_then(Path::parent) {
        folders.push(above.join("Lib").join("site-packages"));
        let versions = std::fs::read_dir(above.join("lib")).into_iter().flatten().flatten();
        folders.extend(versions.map(|version| version.path().join("site-packages")));
    }
    let path = std::env::var_os("PYTHONPATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let named = folders.into_iter().map(|folder| folder.join(NAME));
    named.filter(|folder| folder.join("__init__.py").is_file()).collect()
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(to).map_err(Error::io("make", to))?;
    let entries = std::fs::read_dir(from).map_err(Error::io("read", from))?;
    for entry in entries {
        let path = entry.map_err(Error::io("read", from))?.path();
        let Some(name) = path.file_name().filter(|name| *name != "__pycache__") else { continue };
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            std::fs::copy(&path, to.join(name)).map_err(Error::io("copy", &path))?;
        }
    }
    Ok(())
}

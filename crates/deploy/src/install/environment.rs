//! Owns the environment of a release: which Python it is made with, what is installed into it and
//! from where.
//!
//! Does not own iisgate's own Python package (`own_package`).

use super::host::{Command, Host};
use super::{Error, own_package};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Environment {
    /// A new one, in the release.
    Make {
        /// The Python to make it with; without one it is looked for.
        python: Option<PathBuf>,
        /// Whether it sees the packages of that Python.
        sees_system: bool,
    },
    /// One that is there, or an interpreter: nothing is installed into it.
    Existing(PathBuf),
}

/// Where a release's environment is, as gates look for it.
pub(super) const FOLDER: &str = ".venv";

/// Where a package brings its wheels: a folder beside the site's files, or in them.
pub(super) const WHEELS: &str = "wheels";

/// The files that say what is to be installed; the first that is there counts.
const REQUIREMENTS: &str = "requirements.txt";

/// Plone has 235 packages, which may have to be fetched over a slow line and compiled.
const INSTALL_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// A virtual environment is made in seconds; a scanner for viruses may look at each file of it.
const MAKE_TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// Lines of a failing command's output that are told: `pip` says why at the end.
const TOLD_LINES_MAX: usize = 25;

/// Makes the environment of a release; gives the interpreter to name in `web.config`, if that is none
/// which gates find by themselves.
pub(super) fn make(
    wanted: &Environment,
    root: &Path,
    site: &Path,
    host: &mut dyn Host,
) -> Result<Option<PathBuf>, Error> {
    let (python, sees_system) = match wanted {
        Environment::Existing(path) => {
            let python = interpreter_in(path);
            if !python.is_file() {
                let message = format!("there is no Python at {}", python.display());
                return Err(Error::refused(message, "name another one: --environment PATH"));
            }
            return Ok(Some(std::path::absolute(&python).map_err(Error::io("find", &python))?));
        }
        Environment::Make { python, sees_system } => (python.clone(), *sees_system),
    };
    let python = match python {
        Some(python) => interpreter_in(&python),
        None => find_python().ok_or_else(|| {
            let hint = "install Python for all users, or name one: --python PATH";
            Error::refused("no Python was found to make the environment with", hint)
        })?,
    };
    let uv = in_path(if cfg!(windows) { "uv.exe" } else { "uv" });
    let folder = site.join(FOLDER);
    let command = make_command(uv.as_deref(), &python, &folder, sees_system);
    run(host, &command)?;
    let inner = interpreter_in(&folder);
    if !inner.is_file() {
        let why = format!("there is no {} afterwards", inner.display());
        return Err(Error::failed(command.shown(), why));
    }
    let requirements = requirements(root, site)?;
    if !requirements.is_empty() {
        let wheels = wheels(root, site);
        let command = install_command(uv.as_deref(), &inner, &requirements, wheels.as_deref());
        host.say(&format!("{} …", command.shown()));
        run(host, &command.within(site))?;
    }
    own_package::provide(&inner, &folder, host)?;
    Ok(None)
}

/// What is to be installed, as words of `pip install`.
fn requirements(root: &Path, site: &Path) -> Result<Vec<OsString>, Error> {
    for folder in [site, root] {
        let file = folder.join(REQUIREMENTS);
        if file.is_file() {
            return Ok(vec!["-r".into(), file.into()]);
        }
    }
    for folder in [site, root] {
        let file = folder.join(iis::site::PYPROJECT);
        if file.is_file() {
            return dependencies(&file);
        }
    }
    Ok(Vec::new())
}

/// `[project] dependencies`.
fn dependencies(file: &Path) -> Result<Vec<OsString>, Error> {
    let text = std::fs::read_to_string(file).map_err(Error::io("read", file))?;
    let table: toml::Table = text.parse().map_err(|error| {
        let message = format!("{} is not valid TOML: {error}", file.display());
        Error::refused(message, "mend the package's pyproject.toml and build it anew")
    })?;
    let project = table.get("project").and_then(toml::Value::as_table);
    let list = project.and_then(|project| project.get("dependencies")?.as_array());
    let words = list.into_iter().flatten().filter_map(toml::Value::as_str);
    Ok(words.map(OsString::from).collect())
}

/// The folder of wheels that the package brought.
fn wheels(root: &Path, site: &Path) -> Option<PathBuf> {
    let folders = [site.join(WHEELS), root.join(WHEELS)];
    folders.into_iter().find(|folder| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).any(|file| file.extension() == Some("whl".as_ref()))
    })
}

fn make_command(uv: Option<&Path>, python: &Path, folder: &Path, sees_system: bool) -> Command {
    let command = match uv {
        // In its own place a site may have one already.
        Some(uv) => quiet(Command::new(uv, MAKE_TIMEOUT))
            .args(["venv", "--allow-existing", "--python"])
            .arg(python),
        None => quiet(Command::new(python, MAKE_TIMEOUT)).args(["-m", "venv"]),
    };
    let system = sees_system.then_some("--system-site-packages");
    command.args(system).arg(folder)
}

fn install_command(
    uv: Option<&Path>,
    python: &Path,
    requirements: &[OsString],
    wheels: Option<&Path>,
) -> Command {
    let command = match uv {
        Some(uv) => {
            Command::new(uv, INSTALL_TIMEOUT).args(["pip", "install", "--python"]).arg(python)
        }
        None => Command::new(python, INSTALL_TIMEOUT).args([
            "-m",
            "pip",
            "install",
            "--no-input",
            "--disable-pip-version-check",
            "--no-warn-script-location",
        ]),
    };
    let mut command = quiet(command);
    if let Some(wheels) = wheels {
        command = command.args(["--no-index", "--find-links"]).arg(wheels);
    }
    command.args(requirements)
}

/// What the console was told about Python is not meant for the release's.
pub(super) fn quiet(command: Command) -> Command {
    let names =
        ["PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "IISGATE_PYTHON", "PIP_REQUIRE_VIRTUALENV"];
    let command = names.iter().fold(command, |command, name| command.without(name));
    command.with("PYTHONUTF8", "1")
}

/// Runs a command that must succeed.
pub(super) fn run(host: &mut dyn Host, command: &Command) -> Result<Vec<u8>, Error> {
    let shown = command.shown();
    let ended = host.run(command).map_err(|error| Error::failed(&*shown, error.to_string()))?;
    if ended.is_good() {
        return Ok(ended.stdout);
    }
    let how = match (ended.is_late, ended.status) {
        (true, _) => format!("it took more than {} s", command.timeout.as_secs()),
        (_, Some(status)) => format!("it ended with status {status}"),
        (_, None) => "it was ended by a signal".to_owned(),
    };
    Err(Error::failed(shown, format!("{how}{}", told(&ended.output))))
}

/// The end of what a command said, on lines of its own.
pub(super) fn told(output: &str) -> String {
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    let shown = &lines[lines.len().saturating_sub(TOLD_LINES_MAX)..];
    shown.iter().map(|line| format!("\n  {line}")).collect()
}

/// The interpreter of a virtual environment, or what was named itself.
pub(super) fn interpreter_in(path: &Path) -> PathBuf {
    if path.extension() == Some("exe".as_ref()) || path.is_file() {
        return path.to_owned();
    }
    if cfg!(windows) {
        let scripts = path.join("Scripts").join("python.exe");
        let is_plain = !scripts.is_file() && path.join("python.exe").is_file();
        return if is_plain { path.join("python.exe") } else { scripts };
    }
    path.join("bin").join("python")
}

/// A Python of this machine: the one that this program is installed in, else that of `PATH`.
fn find_python() -> Option<PathBuf> {
    let names: &[&str] =
        if cfg!(windows) { &["python.exe", "python3.exe"] } else { &["python3", "python"] };
    let program = std::env::current_exe().ok();
    let folder = program.as_deref().and_then(Path::parent);
    let above = folder.and_then(Path::parent).filter(|_| cfg!(windows));
    let beside = folder.into_iter().chain(above);
    let mut beside = beside.flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    // The Store's placeholder, a file without content, only opens the Store.
    let is_real = |path: &PathBuf| path.metadata().is_ok_and(|it| it.is_file() && it.len() > 0);
    beside.find(is_real).or_else(|| names.iter().find_map(|name| in_path(name)))
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut found = std::env::split_paths(&path).map(|folder| folder.join(name));
    found.find(|file| file.metadata().is_ok_and(|it| it.is_file() && it.len() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(command: &Command) -> String {
        command.shown().replace('\\', "/")
    }

    #[test]
    fn uv_is_used_where_it_is() {
        let (uv, python, folder) = (Path::new("/uv"), Path::new("/py"), Path::new("/s/.venv"));
        for (uv, sees_system, expected) in [
            (None, false, "/py -m venv /s/.venv"),
            (None, true, "/py -m venv --system-site-packages /s/.venv"),
            (
                Some(uv),
                true,
                "/uv venv --allow-existing --python /py --system-site-packages /s/.venv",
            ),
        ] {
            assert_eq!(words(&make_command(uv, python, folder, sees_system)), expected);
        }
        let what = ["-r".into(), "/s/requirements.txt".into()];
        let own = "--no-input --disable-pip-version-check --no-warn-script-location";
        for (uv, wheels, expected) in [
            (None, None, format!("/py -m pip install {own} -r /s/requirements.txt")),
            (
                None,
                Some(Path::new("/s/wheels")),
                format!(
                    "/py -m pip install {own} --no-index --find-links /s/wheels -r \
                     /s/requirements.txt"
                ),
            ),
            (Some(uv), None, "/uv pip install --python /py -r /s/requirements.txt".to_owned()),
        ] {
            assert_eq!(words(&install_command(uv, python, &what, wheels)), expected);
        }
    }

    #[test]
    fn requirements_are_found_in_the_site_before_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let (root, site) = (folder.path().to_owned(), folder.path().join("site"));
        std::fs::create_dir(&site).unwrap();
        assert!(requirements(&root, &site).unwrap().is_empty());
        let project =
            "[project]\nname = 'x'\ndependencies = ['flask>=3', 'x; os_name == \"nt\"']\n";
        std::fs::write(root.join("pyproject.toml"), project).unwrap();
        let expected: Vec<OsString> = vec!["flask>=3".into(), "x; os_name == \"nt\"".into()];
        assert_eq!(requirements(&root, &site).unwrap(), expected);
        for place in [&root, &site] {
            let file = place.join("requirements.txt");
            std::fs::write(&file, "").unwrap();
            assert_eq!(requirements(&root, &site).unwrap()[1], file.into_os_string());
        }
        assert_eq!(wheels(&root, &site), None);
        std::fs::create_dir(root.join("wheels")).unwrap();
        std::fs::write(root.join("wheels").join("x-1-py3-none-any.whl"), "").unwrap();
        assert_eq!(wheels(&root, &site), Some(root.join("wheels")));
    }
}

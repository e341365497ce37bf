//! Owns a project's name, version and description: from `pyproject.toml`, `setup.cfg`, or the project's
//! build backend, asked through the standard interface (PEP 517).
//!
//! Does not own what the package is called by its author (`table`).

use std::path::Path;
use std::process::{Command, Stdio};

use super::table::PyProject;
use super::{BuildError, Progress};

/// What is known of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Its name; without one the folder's is taken.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What it is, in one line.
    pub description: Option<String>,
}

/// Asks the build backend for the metadata, in a folder that is deleted afterwards, and prints its
/// first lines, each as a name and its value.
const ASK: &str = r#"
import email, importlib, os, sys, tempfile
try:
    import tomllib
    with open("pyproject.toml", "rb") as file:
        system = tomllib.load(file).get("build-system", {})
except (ImportError, FileNotFoundError):
    system = {}
sys.path[:0] = [os.path.abspath(path) for path in system.get("backend-path", [])]
name, _, attribute = system.get("build-backend", "setuptools.build_meta:__legacy__").partition(":")
backend = importlib.import_module(name)
for part in filter(None, attribute.split(".")):
    backend = getattr(backend, part)
told, sys.stdout = sys.stdout, sys.stderr
with tempfile.TemporaryDirectory() as folder:
    made = backend.prepare_metadata_for_build_wheel(folder)
    with open(os.path.join(folder, made, "METADATA"), encoding="utf-8") as file:
        headers = email.message_from_file(file)
for key in ("Name", "Version", "Summary"):
    print(key, (headers[key] or "").replace("\n", " "), file=told)
"#;

/// Finds out, asking Python only for what no file tells.
pub(super) fn find(
    folder: &Path,
    pyproject: &PyProject,
    python: Option<&Path>,
    progress: &mut dyn Progress,
) -> Result<Metadata, BuildError> {
    let mut found = Metadata::default();
    if let Some(project) = &pyproject.project {
        found.name.clone_from(&project.name);
        found.version.clone_from(&project.version);
        found.description.clone_from(&project.description);
    }
    let setup_cfg = folder.join("setup.cfg");
    if setup_cfg.is_file() {
        let text =
            std::fs::read_to_string(&setup_cfg).map_err(BuildError::io("read", &setup_cfg))?;
        let of = |key: &str| static_value(&text, key);
        found.name = found.name.or_else(|| of("name"));
        found.version = found.version.or_else(|| of("version"));
        found.description = found.description.or_else(|| of("description"));
    }
    let is_project = pyproject.project.is_some()
        || pyproject.build_system.is_some()
        || folder.join("setup.py").is_file()
        || setup_cfg.is_file();
    let told = pyproject.package();
    let lacks_name = found.name.is_none() && told.name.is_none();
    let lacks_version = found.version.is_none() && told.version.is_none();
    if is_project && (lacks_name || lacks_version) {
        let asked = asked(folder, python, progress)?;
        found.name = found.name.or(asked.name);
        found.version = found.version.or(asked.version);
        found.description = found.description.or(asked.description);
    }
    let or = |told: &Option<String>, found: Option<String>| told.clone().or(found);
    Ok(Metadata {
        name: or(&told.name, found.name),
        version: or(&told.version, found.version),
        description: or(&told.description, found.description),
    })
}

/// A value of `[metadata]` in `setup.cfg` that stands there itself.
fn static_value(text: &str, key: &str) -> Option<String> {
    let mut is_metadata = false;
    for line in text.lines() {
        if let Some(section) = line.trim().strip_prefix('[') {
            is_metadata = section.trim_end_matches(']').trim() == "metadata";
            continue;
        }
        let Some((name, value)) = line.split_once(['=', ':']) else { continue };
        let value = value.trim();
        let is_elsewhere = value.starts_with("attr:") || value.starts_with("file:");
        if is_metadata && name.trim_end() == key && !value.is_empty() {
            return (!is_elsewhere).then(|| value.to_owned());
        }
    }
    None
}

fn asked(
    folder: &Path,
    python: Option<&Path>,
    progress: &mut dyn Progress,
) -> Result<Metadata, BuildError> {
    const HINT: &str = "install the project's build backend into that Python, name another one by \
        IISGATE_PYTHON, or tell name and version in [tool.iisgate.package]";
    let what = "asking the project's build backend for its version";
    let Some(python) = python else {
        let message =
            "no file tells the project's version, and no Python was found to ask its build backend";
        return Err(BuildError::refused(message, HINT));
    };
    progress.say(&format!("{what} …"));
    let output = Command::new(python)
        .args(["-c", ASK])
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::null())
        .output()
        .map_err(BuildError::io("start", python))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        line.map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
    };
    if !output.status.success() || value("Version").is_none() {
        return Err(BuildError::Program {
            what: format!("{what} ({})", python.display()),
            output: super::tail(&output.stderr),
            hint: HINT.to_owned(),
        });
    }
    Ok(Metadata { name: value("Name"), version: value("Version"), description: value("Summary") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setup_cfg_is_read_as_far_as_it_is_static() {
        let text = "[options]\nname = no\n[metadata]\nname = shop\nversion = attr: shop.VERSION\n\
                    description: A shop\n";
        assert_eq!(static_value(text, "name").as_deref(), Some("shop"));
        assert_eq!(static_value(text, "version"), None);
        assert_eq!(static_value(text, "description").as_deref(), Some("A shop"));
    }
}

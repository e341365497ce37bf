//! Owns putting the wheels of all requirements into a package, for the server's Windows and Python, so
//! that the server needs no Internet.
//!
//! Does not own resolving: `pip` does. Asked about another system, `pip` still judges markers such as
//! `sys_platform == "win32"` by its own, and so would leave out what only Windows needs; we tell it
//! the server's.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::plan::Plan;
use super::{BuildError, Progress, Request};

/// The folder in the application where `package install` and `post-install` look for wheels.
const FOLDER: &str = "wheels";

/// How many projects without a wheel may be built here: Plone has about ten.
const BUILT_MAX: usize = 40;

/// The server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendor {
    /// Its Python, such as `3.12`.
    pub python: String,
    /// Its processor as wheels name it, such as `win_amd64`.
    pub platform: String,
    /// Folders of wheels.
    pub find_links: Vec<PathBuf>,
    /// Whether nothing but those is looked into.
    pub is_offline: bool,
}

/// Runs pip with the server's markers: `sys.argv[1:3]` are its Python and its machine.
const PIP: &str = r#"
import runpy, sys
version, machine = sys.argv[1:3]
del sys.argv[1:3]
import pip._vendor.packaging.markers as markers
told = {
    "implementation_name": "cpython", "implementation_version": version + ".0", "os_name": "nt",
    "platform_machine": machine, "platform_release": "10", "platform_system": "Windows",
    "platform_version": "10.0.20348", "python_full_version": version + ".0",
    "platform_python_implementation": "CPython", "python_version": version, "sys_platform": "win32",
}
markers.default_environment = lambda: dict(told)
sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"#;

/// Fetches the wheels into a folder, and adds them to the plan.
pub(super) fn wheels(
    plan: &mut Plan,
    vendor: &Vendor,
    request: &Request,
    folder: &Path,
    progress: &mut dyn Progress,
) -> Result<(), BuildError> {
    let requirements = requirements(plan)?;
    let Some(python) = &request.python else {
        let message = "no Python was found whose pip could fetch the wheels";
        return Err(BuildError::refused(message, "install one, or name it by IISGATE_PYTHON"));
    };
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).map_err(BuildError::io("make", folder))?;
    let fetcher = Fetcher { python, vendor, folder, site: &request.folder };
    let mut built = Vec::new();
    progress.say(&format!("fetching wheels for Python {} on {} …", vendor.python, vendor.platform));
    while let Err(failure) = fetcher.download(&requirements, progress) {
        let Some(project) = without_wheel(&failure) else { return Err(failed(&failure)) };
        if built.contains(&project) || built.len() == BUILT_MAX {
            return Err(failed(&failure));
        }
        progress.say(&format!("{project} has no wheel for Windows: building one here …"));
        fetcher.build(&project, progress)?;
        built.push(project);
    }
    let read = std::fs::read_dir(folder).map_err(BuildError::io("read", folder))?;
    let mut wheels = Vec::new();
    for item in read {
        let item = item.map_err(BuildError::io("read", folder))?;
        let size = item.metadata().map_err(BuildError::io("read", &item.path()))?.len();
        let name = item.file_name().to_string_lossy().into_owned();
        if name.ends_with(".whl") {
            wheels.push((name, item.path(), size));
        }
    }
    wheels.sort();
    for (name, path, size) in wheels {
        plan.add(&format!("{FOLDER}/{name}"), path, size);
    }
    Ok(())
}

/// What is to be installed, as words for pip.
fn requirements(plan: &Plan) -> Result<Vec<String>, BuildError> {
    if let Some(file) = &plan.requirements {
        return Ok(vec!["-r".to_owned(), file.to_string_lossy().into_owned()]);
    }
    if plan.dependencies.is_empty() {
        let message = "there is neither a requirements.txt nor dependencies in pyproject.toml";
        let hint = "write a requirements.txt, or build without --vendor";
        return Err(BuildError::refused(message, hint));
    }
    Ok(plan.dependencies.clone())
}

struct Fetcher<'a> {
    python: &'a Path,
    vendor: &'a Vendor,
    folder: &'a Path,
    site: &'a Path,
}

impl Fetcher<'_> {
    fn download(&self, requirements: &[String], progress: &mut dyn Progress) -> Result<(), String> {
        let mut command = self.pip("download");
        command.args(["--only-binary=:all:", "--implementation=cp"]);
        command.arg(format!("--python-version={}", self.vendor.python));
        command.arg(format!("--platform={}", self.vendor.platform));
        command.arg("--dest").arg(self.folder).arg("--find-links").arg(self.folder);
        command.args(requirements);
        run(command, progress)
    }

    /// Builds a wheel of a project that has none; only one without compiled parts fits Windows.
    fn build(&self, project: &str, progress: &mut dyn Progress) -> Result<(), BuildError> {
        // Here pip must judge by this machine: it runs the build backend.
        let mut command = Command::new(self.python);
        command.args(["-m", "pip", "wheel", "--no-deps"]);
        self.sources(&mut command);
        command.arg("--wheel-dir").arg(self.folder).arg(project);
        run(command, progress).map_err(|output| failed(&output))?;
        let read = std::fs::read_dir(self.folder).map_err(BuildError::io("read", self.folder))?;
        let names = read.flatten().map(|item| item.file_name().to_string_lossy().into_owned());
        let is_foreign = |name: &String| {
            !name.ends_with("-none-any.whl") && name.contains("linux") | name.contains("macosx")
        };
        match names.into_iter().find(is_foreign) {
            Some(wheel) => Err(BuildError::refused(
                format!("{project} has no wheel for Windows, and must be compiled: {wheel}"),
                "give one by --find-links, or another version in requirements.txt",
            )),
            None => Ok(()),
        }
    }

    fn pip(&self, verb: &str) -> Command {
        let machine = match self.vendor.platform.as_str() {
            "win_arm64" => "ARM64",
            "win32" => "x86",
            _ => "AMD64",
        };
        let mut command = Command::new(self.python);
        command.args(["-c", PIP, &self.vendor.python, machine, verb]);
        self.sources(&mut command);
        command
    }

    fn sources(&self, command: &mut Command) {
        command.args(["--disable-pip-version-check", "--no-input", "--progress-bar=off"]);
        if self.vendor.is_offline {
            command.arg("--no-index");
        }
        for folder in &self.vendor.find_links {
            command.arg("--find-links").arg(folder);
        }
        command.current_dir(self.site).stdin(Stdio::null());
        command.env("PYTHONIOENCODING", "utf-8").env_remove("PIP_REQUIRE_VIRTUALENV");
    }
}

/// Runs pip; its lines about what it fetches are told as they come. The error is what it said.
fn run(mut command: Command, progress: &mut dyn Progress) -> Result<(), String> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let stderr = child.stderr.take();
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stderr.map(|mut from| from.read_to_end(&mut text));
        text
    });
    let mut said = Vec::new();
    for line in child.stdout.take().into_iter().flat_map(|from| BufReader::new(from).lines()) {
        let Ok(line) = line else { break };
        // `Collecting x>=1 (from y)`: who wants it is of no interest.
        let shown = line.trim().split(" (from").next().unwrap_or_default();
        if ["Collecting ", "Building "].iter().any(|word| shown.starts_with(word)) {
            progress.say(shown);
        }
        said.extend_from_slice(line.as_bytes());
        said.push(b'\n');
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    let errors = reading.join().unwrap_or_default();
    if status.success() {
        return Ok(());
    }
    said.extend(errors);
    Err(super::tail(&said))
}

/// The project for which pip found no wheel.
fn without_wheel(output: &str) -> Option<String> {
    let line =
        output.lines().rev().find(|line| line.contains("No matching distribution found for"))?;
    let rest = line.split("found for").nth(1)?.trim();
    // It may be followed by who wants it, in parentheses.
    let rest = rest.split(" (from").next()?.trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}

fn failed(output: &str) -> BuildError {
    BuildError::Program {
        what: "fetching wheels with pip".to_owned(),
        output: output.to_owned(),
        hint: "look whether the requirement has a wheel for the server's Python: --python 3.N names it"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_without_a_wheel_is_found_in_what_pip_says() {
        let output = "ERROR: Could not find a version that satisfies the requirement x==1 (from y)\n\
                      ERROR: No matching distribution found for x==1 (from y==2)\n";
        assert_eq!(without_wheel(output).as_deref(), Some("x==1"));
        assert_eq!(without_wheel("ERROR: no such option"), None);
    }
}

//! Owns what is to be started as a helper: program, folder, environment, checks, all paths absolute.
//!
//! Does not start it (`tending`).

use super::limits::{READY_TIMEOUT, STOP_TIMEOUT};
use super::zeo;
use crate::control::StartFailure;
use crate::interpreter;
use crate::service::service_name;
use iis::Site;
use iis::project_helpers::{Helper, Preset, Restart, Start};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Where IIS tells an app its folder, with a separator at its end; helpers are told, too, so that a
/// configuration may be written for both.
const SITE_VARIABLE: &str = "APPL_PHYSICAL_PATH";

/// The word for the app's interpreter.
pub(super) const PYTHON: &str = "{python}";

fn is_python(word: &String) -> bool {
    word == PYTHON
}

/// A helper, as it is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: String,
    pub(super) command: Vec<String>,
    pub(super) working_directory: PathBuf,
    pub(super) environment: Vec<(String, String)>,
    pub(super) start: Start,
    /// The name of the service that runs it, or would.
    pub(super) service: String,
    pub(super) ready_port: Option<String>,
    pub(super) ready_file: Option<PathBuf>,
    pub(super) ready_line: Option<String>,
    pub(super) ready_timeout: Duration,
    pub(super) stop_command: Vec<String>,
    pub(super) stop_signal: String,
    pub(super) stop_timeout: Duration,
    pub(super) restart: Restart,
    pub(super) stale_files: Vec<String>,
}

/// The helpers of a site, as a gate's plan has them.
#[derive(Clone, Debug, Default)]
pub struct Helpers {
    pub(super) definitions: Vec<Definition>,
    pub(super) grace: Duration,
}

impl Helpers {
    /// What the site's files say.
    ///
    /// # Errors
    /// When a preset's own file does not tell what is needed.
    pub(crate) fn of(files: &Site, python: &Path, grace: Duration) -> Result<Self, StartFailure> {
        Ok(Self { definitions: load(files, python)?, grace })
    }

    /// Tells apart what is run differently.
    pub(super) fn fingerprint(&self) -> String {
        let hash = Sha256::digest(format!("{:?}", self.definitions).as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// All helpers that a site's files name, in their order.
pub(super) fn load(files: &Site, python: &Path) -> Result<Vec<Definition>, StartFailure> {
    let define = |helper| Definition::new(helper, &files.directory, python);
    files.project.helpers.iter().map(define).collect()
}

impl Definition {
    pub(super) fn new(helper: &Helper, site: &Path, python: &Path) -> Result<Self, StartFailure> {
        let folder = helper.working_directory.as_deref().map_or(site.to_owned(), |f| site.join(f));
        let seconds = |given: Option<u32>, default| {
            given.map_or(default, |given| Duration::from_secs(given.into()))
        };
        let interpreter = interpreter::behind(python)?;
        let (python_text, site_text) = (python.to_string_lossy(), site.to_string_lossy());
        let fill = |words: &[String]| {
            let fill = |word: &String| {
                word.replace("{python}", &python_text).replace("{site}", &site_text)
            };
            let mut filled: Vec<String> = words.iter().map(fill).collect();
            if let Some(program) = filled.first_mut() {
                *program = if words[0] == PYTHON {
                    // Without the program that only starts it, which would be a process of its own.
                    interpreter.program.to_string_lossy().into_owned()
                } else {
                    find_program(program, &folder, python)
                };
            }
            filled
        };
        let command = match helper.preset {
            Some(Preset::Zeo) if helper.command.is_empty() => zeo::command(helper, site)?,
            _ => helper.command.clone(),
        };
        let site_variable = format!("{site_text}{MAIN_SEPARATOR_STR}");
        let mut environment = vec![(SITE_VARIABLE.to_owned(), site_variable)];
        if [&command, &helper.stop_command].iter().any(|words| words.first().is_some_and(is_python))
        {
            let text = |text: &OsString| text.to_string_lossy().into_owned();
            let set = interpreter.environment.iter();
            environment.extend(set.map(|(name, value)| (text(name), text(value))));
        }
        environment.extend(helper.env.clone());
        let mut definition = Self {
            name: helper.name.clone(),
            command: fill(&command),
            stop_command: fill(&helper.stop_command),
            environment,
            start: helper.start,
            service: service_name(helper, site),
            ready_port: helper.ready_port.clone(),
            ready_file: helper.ready_file.as_ref().map(|file| folder.join(file)),
            ready_line: helper.ready_line.clone(),
            ready_timeout: seconds(helper.ready_timeout_secs, READY_TIMEOUT),
            stop_signal: helper.stop_signal.clone().unwrap_or_else(|| "TERM".into()),
            stop_timeout: seconds(helper.stop_timeout_secs, STOP_TIMEOUT),
            restart: helper.restart,
            stale_files: helper.stale_files.clone(),
            working_directory: folder,
        };
        if helper.preset == Some(Preset::Zeo) {
            zeo::complete(&mut definition, helper, site)?;
        }
        Ok(definition)
    }

    /// A command as it is started: in the helper's folder, with its environment.
    pub(super) fn prepare(&self, words: &[String]) -> Option<Command> {
        let (program, arguments) = words.split_first()?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.working_directory);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Some(command)
    }
}

/// A bare name is looked for beside the interpreter, where `pip` installs programs, and is left to
/// the system otherwise; a path is relative to the helper's folder.
fn find_program(program: &str, folder: &Path, python: &Path) -> String {
    let path = Path::new(program);
    let found = if path.components().count() > 1 {
        folder.join(path)
    } else {
        let file = if cfg!(windows) && path.extension().is_none() {
            path.with_extension("exe")
        } else {
            path.to_owned()
        };
        let beside = python.parent().map(|folder| folder.join(file));
        beside.filter(|file| file.is_file()).unwrap_or_else(|| path.to_owned())
    };
    found.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_beside_the_interpreter() {
        let folder = tempfile::tempdir().expect("a folder");
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).expect("made");
        let name = if cfg!(windows) { "celery.exe" } else { "celery" };
        std::fs::write(bin.join(name), "").expect("written");
        let python = bin.join("python");
        let find = |program| PathBuf::from(find_program(program, folder.path(), &python));
        assert_eq!(find("celery"), bin.join(name));
        assert_eq!(find("redis-server"), PathBuf::from("redis-server"));
        assert_eq!(find("tools/run"), folder.path().join("tools/run"));
    }

    #[test]
    fn what_is_written_is_what_is_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "[tool.iisgate.helpers.queue]\ncommand = ['{python}', '{site}/q.py']\n\
                    working-directory = 'jobs'\nready-file = 'ready'\nready-timeout = 3\n";
        std::fs::write(folder.path().join("pyproject.toml"), text).expect("written");
        let load = || {
            let files = Site::load(folder.path()).expect("well written");
            Helpers::of(&files, Path::new("/py/python"), Duration::ZERO).expect("whole")
        };
        let helpers = load();
        let queue = &helpers.definitions[0];
        let script = format!("{}/q.py", folder.path().display());
        assert_eq!(queue.command, ["/py/python", &script]);
        assert_eq!(queue.working_directory, folder.path().join("jobs"));
        assert_eq!(queue.ready_file, Some(folder.path().join("jobs").join("ready")));
        assert_eq!(queue.ready_timeout, Duration::from_secs(3));
        assert_eq!(queue.stop_timeout, STOP_TIMEOUT);
        // Lines that move change nothing; what is run differently does.
        let before = helpers.fingerprint();
        std::fs::write(folder.path().join("pyproject.toml"), format!("\n\n{text}"))
            .expect("written");
        assert_eq!(load().fingerprint(), before);
        let changed = text.replace("= 3", "= 4");
        std::fs::write(folder.path().join("pyproject.toml"), changed).expect("written");
        assert_ne!(load().fingerprint(), before);
    }
}

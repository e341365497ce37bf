//! Owns an installation: everything is downloaded and judged before anything is run, then run in order.
//!
//! Does not own the plan (`resolve`), nor how a package is installed: whoever calls brings that along.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::cache::Cache;
use super::digest::{Digests, Hashing};
use super::discovery::{Machine, expanded};
use super::error::Error;
use super::fetch::Fetch;
use super::limits::{DOWNLOAD_BYTES_MAX, INSTALLER_TIMEOUT};
use super::location::Location;
use super::model::{Action, CommandLine, InstallerFile};
use super::resolve::{Plan, Step};

/// Exit statuses of Windows Installer that mean success: a restart was begun, or is still to come.
const RESTART: [i32; 2] = [1641, 3010];

/// By what name a command line calls the downloaded file.
const INSTALLER_FILE: &str = "InstallerFile";

/// What installs.
pub trait Actor {
    /// Hears what is being done.
    fn hear(&mut self, event: Event<'_>);

    /// Runs a program to its end, within [`INSTALLER_TIMEOUT`]; gives its exit status, or `None` when
    /// its time was over.
    ///
    /// # Errors
    /// When it cannot be started.
    fn run(&mut self, exe: &str, arguments: &str) -> io::Result<Option<i32>>;

    /// Installs a Web Deploy package.
    ///
    /// # Errors
    /// What went wrong.
    fn deploy(&mut self, step: &Step, package: &Path) -> Result<(), String>;
}

/// What is being done.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A file is downloaded.
    Downloads {
        /// For which product.
        product: &'a str,
        /// From where.
        place: &'a Location,
    },
    /// A file was there already.
    Kept {
        /// For which product.
        product: &'a str,
        /// Where.
        path: &'a Path,
    },
    /// A product is installed.
    Installs {
        /// Which.
        product: &'a str,
    },
    /// Windows wants to be started again.
    WantsRestart {
        /// For which product.
        product: &'a str,
    },
}

/// Downloads all, judges all, and only then installs, in the plan's order.
///
/// # Errors
/// When a file cannot be had or is another than the feed tells of (then nothing has been run), or an
/// installer fails (then those behind it have not been run).
pub fn install(
    plan: &Plan,
    cache: &Cache,
    fetch: &mut dyn Fetch,
    machine: &dyn Machine,
    actor: &mut dyn Actor,
) -> Result<(), Error> {
    let files: Result<Vec<Option<PathBuf>>, Error> =
        plan.steps.iter().map(|step| provide(step, cache, fetch, actor)).collect();
    for (step, file) in plan.steps.iter().zip(files?) {
        actor.hear(Event::Installs { product: &step.entry.product });
        perform(step, file.as_deref(), machine, actor)?;
    }
    Ok(())
}

/// A step's file, downloaded and judged.
fn provide(
    step: &Step,
    cache: &Cache,
    fetch: &mut dyn Fetch,
    actor: &mut dyn Actor,
) -> Result<Option<PathBuf>, Error> {
    let (Some(place), Some(file)) = (&step.place, &step.installer.file) else { return Ok(None) };
    let product = &step.entry.product;
    let path = cache.place(product, &place.file_name());
    if path.is_file() && Digests::of(&path)?.mismatch(file).is_none() {
        actor.hear(Event::Kept { product, path: &path });
        return Ok(Some(path));
    }
    actor.hear(Event::Downloads { product, place });
    download(place, file, &path, fetch, product)?;
    Ok(Some(path))
}

fn download(
    place: &Location,
    file: &InstallerFile,
    path: &Path,
    fetch: &mut dyn Fetch,
    product: &str,
) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(Error::io(folder))?;
    // Under another name until it is judged, so that nothing half or wrong bears the right one.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!("{name}.part"));
    let mut out = Hashing::new(File::create(&part).map_err(Error::io(&part))?);
    let fetched = fetch.fetch(place, DOWNLOAD_BYTES_MAX, &mut out).and_then(|()| {
        match out.finish().mismatch(file) {
            None => Ok(()),
            Some(message) => Err(Error::Mismatch {
                product: product.to_owned(),
                place: place.to_string(),
                message,
            }),
        }
    });
    if let Err(error) = fetched {
        // What is wrong is not kept; that it cannot be removed is the lesser trouble.
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    fs::rename(&part, path).map_err(Error::io(path))
}

fn perform(
    step: &Step,
    file: Option<&Path>,
    machine: &dyn Machine,
    actor: &mut dyn Actor,
) -> Result<(), Error> {
    let product = &step.entry.product;
    let failed = |message: String| Error::Failed { product: product.clone(), message };
    match (&step.installer.action, file) {
        (Some(Action::MsDeploy { .. }), Some(package)) => {
            actor.deploy(step, package).map_err(failed)
        }
        (Some(Action::Commands(commands)), _) => {
            for command in commands {
                run(step, command, file, machine, actor)?;
            }
            Ok(())
        }
        _ => Err(failed("the feed does not say how it is installed".to_owned())),
    }
}

fn run(
    step: &Step,
    command: &CommandLine,
    file: Option<&Path>,
    machine: &dyn Machine,
    actor: &mut dyn Actor,
) -> Result<(), Error> {
    let product = &step.entry.product;
    let (exe, arguments, ignores) = match command {
        CommandLine::Program { exe, arguments, ignore_exit_code } => {
            let ignores = ignore_exit_code
                .as_deref()
                .is_some_and(|told| matches!(told.to_ascii_lowercase().as_str(), "true" | "1"));
            (exe.clone(), arguments.clone(), ignores)
        }
        CommandLine::Msi(file) => (
            "%SystemRoot%\\System32\\msiexec.exe".to_owned(),
            format!("/i \"{file}\" /qn /norestart"),
            false,
        ),
    };
    let expand = |text: &str| {
        let lookup = |name: &str| {
            if name.eq_ignore_ascii_case(INSTALLER_FILE) {
                return file.map(|file| file.display().to_string());
            }
            machine.variable(name)
        };
        iis::expand::environment_variables(text, lookup)
    };
    let (exe, arguments) = (expand(&exe), expand(&arguments));
    let failed = |message: String| Error::Failed { product: product.clone(), message };
    let status = actor
        .run(&exe, &arguments)
        .map_err(|error| failed(format!("{exe} cannot be started: {error}")))?;
    match status {
        Some(0) => return Ok(()),
        Some(status) if RESTART.contains(&status) => {
            actor.hear(Event::WantsRestart { product });
            return Ok(());
        }
        Some(_) if ignores => return Ok(()),
        _ => {}
    }
    let ending = match status {
        Some(status) => format!("ended with status {status}"),
        None => format!(
            "did not end within {} minutes and was stopped: it may wait for an answer that nobody \
             gives, or for another installer",
            INSTALLER_TIMEOUT.as_secs() / 60
        ),
    };
    let logs = step.installer.logs.iter().map(|log| expanded(log, machine));
    let logs: String = logs.map(|log| format!("; its log is {log}")).collect();
    Err(failed(format!("{exe} {arguments} {ending}{logs}")))
}

#[cfg(test)]
#[path = "install_tests.rs"]
mod tests;

//! Owns what is to be started for a site: interpreter, arguments, environment, folders, log.
//!
//! Starts nothing.

mod folders;

pub(crate) mod log_path;

mod key;

use crate::codes;
use crate::control::StartFailure;
use crate::debug::{self, Session, Viewers};
use crate::helpers::Helpers;
use crate::settings::Settings;
use crate::{interpreter, limits};
use iis::Site;
use platform::log_file::LogForm;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use log_path::{LogPlan, log_places, open_log};

/// Everything that a worker is started with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The site's folder.
    pub site: PathBuf,
    /// The interpreter by the name that users know: that of its virtual environment, if it is in one.
    pub python: PathBuf,
    /// The interpreter to be started: on Windows the one behind the virtual environment.
    pub program: PathBuf,
    /// Variables to be set for the program, beside those that are inherited.
    pub environment: Vec<(OsString, OsString)>,
    /// Arguments behind `python -m iisgate worker`, without `--endpoint`.
    pub arguments: Vec<OsString>,
    /// The folder to start in, in which the app works.
    pub working_directory: PathBuf,
    /// Where and how all of them log.
    pub log: LogPlan,
    /// Workers that share the load.
    pub workers: u32,
    /// Which of them this plan is for, counted from 0.
    pub slot: u32,
    /// Threads per worker.
    pub threads: u32,
    /// Whether failures are shown in full.
    pub debug: bool,
    /// The debug mode that was on when the plan was made.
    pub session: Option<Session>,
    /// For whom failures are shown in full.
    pub viewers: Vec<Viewers>,
    /// What the app needs beside it.
    pub helpers: Helpers,
    /// Gates with equal keys share their workers.
    pub key: String,
}

impl Plan {
    /// Makes the plan for a site's folder.
    ///
    /// # Errors
    /// When the folder, its files or the interpreter are not as they should be.
    pub fn new(settings: &Settings, site: &Path) -> Result<Self, StartFailure> {
        let site = folders::site(site)?;
        // Before they are read: one that changes meanwhile is then noticed by the worker.
        let mut stamp = iis::site::stamp(&site);
        // A file that is just being written is read once more when it is whole.
        let files = Site::load(&site).or_else(|_| {
            std::thread::sleep(limits::SETTLE);
            stamp = iis::site::stamp(&site);
            Site::load(&site)
        });
        let files = files.map_err(|error| unreadable(&error))?;
        let interpreter = interpreter::find(settings, &files.project, &site)?;
        let threads = settings.threads.or(files.project.threads).unwrap_or(limits::THREADS);
        let workers = settings.workers.or(files.project.workers).unwrap_or(1).max(1);
        let debug = settings.debug || files.project.debug.unwrap_or(false);
        let working_directory = folders::working_directory(&site, &files, settings.works_in_site)?;
        let log = log_path::find(settings, Some(&files), &site);
        let session = Session::of(&site);
        let viewers = debug::viewers(settings, debug, session.as_ref());
        let mut plan = Self {
            site,
            python: interpreter.python,
            program: interpreter.program,
            environment: interpreter.environment,
            arguments: Vec::new(),
            working_directory,
            log,
            workers,
            slot: 0,
            threads,
            debug,
            session,
            viewers,
            helpers: Helpers::default(),
            key: String::new(),
        };
        plan.arguments = plan.arguments(settings, &files, &stamp);
        let grace = settings.grace.unwrap_or(limits::GRACE);
        plan.helpers = Helpers::of(&files, &plan.python, grace)?;
        plan.key = key::of(&plan, &files);
        Ok(plan)
    }

    /// What gates of the same worker have in common: the name of the place where they meet it.
    pub(crate) fn place(&self) -> String {
        match self.workers {
            1 => self.key.clone(),
            _ => format!("{}-{}", self.key, self.slot),
        }
    }

    fn arguments(&self, settings: &Settings, files: &Site, stamp: &str) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["--site".into(), self.site.clone().into()];
        let mut option = |name: &str, value: OsString| arguments.extend([name.into(), value]);
        option("--working-directory", self.working_directory.clone().into());
        option("--configured-by", stamp.into());
        option("--threads", self.threads.to_string().into());
        option("--log", self.log.path.clone().map_or_else(|| "-".into(), Into::into));
        if self.log.form != LogForm::default() {
            option("--log-format", self.log.form.name().into());
        }
        let grace = settings.grace.unwrap_or(limits::GRACE);
        option("--grace", grace.as_secs_f64().to_string().into());
        // What the site's files say of these the worker reads itself.
        if let Some(timeout) = settings.timeout {
            option("--timeout", timeout.as_secs_f64().to_string().into());
        }
        if let Some(requests) = settings.max_requests {
            option("--max-requests", requests.to_string().into());
        }
        if let Some(mib) = settings.max_memory_mib {
            option("--max-memory", mib.to_string().into());
        }
        if let Some(age) = settings.max_age {
            option("--max-age", age.as_secs_f64().to_string().into());
        }
        if let Some(mount) = settings.script_name.as_ref().or(files.project.script_name.as_ref()) {
            option("--script-name", mount.into());
        }
        if let Some(viewers) = settings.debug_for.filter(|_| self.debug) {
            option("--debug-for", viewers.word().into());
        }
        if let Some(path) = &settings.bound_to {
            option("--bound-to", path.into());
        }
        for (is_set, flag) in [
            (self.debug, "--debug"),
            (settings.trust_original_url, "--trust-original-url"),
            (settings.reload, "--reload"),
            (self.workers > 1, "--multiprocess"),
        ] {
            if is_set {
                arguments.push(flag.into());
            }
        }
        if let Some(target) = settings.target.as_ref().or(files.project.target.as_ref()) {
            arguments.extend(["--".into(), target.into()]);
        }
        arguments
    }
}

/// Why the site's files cannot be read: mostly with line and column.
pub(crate) fn unreadable(error: &iis::Error) -> StartFailure {
    let told = error.to_string();
    let first = told.lines().next().unwrap_or_default();
    let title = format!("the site's configuration cannot be read: {first}");
    let failure = StartFailure::of(&codes::CONFIGURATION, title);
    let place = match error {
        iis::Error::Io { path, .. }
        | iis::Error::Encoding { path, .. }
        | iis::Error::Absent { path, .. } => path.display().to_string(),
        other => other.place().map(ToString::to_string).unwrap_or_default(),
    };
    let denied = matches!(error, iis::Error::Io { source, .. }
        if source.kind() == std::io::ErrorKind::PermissionDenied);
    let failure = if denied {
        failure.mend("let the web server's user read it", interpreter::grant(Path::new(&place)))
    } else {
        failure.mend("correct the file at the place that is told; then try it", "iisgate serve")
    };
    failure.at(place).saying(told)
}

//! Owns what is to be started for a site: interpreter, arguments, log, and the key by which gates
//! of the same site, user and configuration find the same worker.
//!
//! Starts nothing.

use crate::control::StartFailure;
use crate::settings::Settings;
use crate::{interpreter, limits};
use iis::Site;
use platform::log_file::LogFile;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Variables that differ between instances of one pool, or between shells: not part of the key.
const VOLATILE: [&str; 7] =
    ["_FCGI_X_PIPE_", "_FCGI_SHUTDOWN_EVENT_", "_FCGI_MUTEX_", "_", "SHLVL", "PWD", "OLDPWD"];

/// Everything that a worker is started with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The site's folder.
    pub site: PathBuf,
    /// The interpreter.
    pub python: PathBuf,
    /// Arguments behind `python -m iisgate worker`, without `--endpoint`.
    pub arguments: Vec<OsString>,
    /// The log file; `None` is standard error.
    pub log: Option<PathBuf>,
    /// Workers, for `--listen`.
    pub workers: u32,
    /// Threads per worker.
    pub threads: u32,
    /// Whether failures are shown in full.
    pub debug: bool,
    /// Gates with equal keys share a worker.
    pub key: String,
}

impl Plan {
    /// Makes the plan for a site's folder.
    ///
    /// # Errors
    /// When the folder, its files or the interpreter are not as they should be.
    pub fn new(settings: &Settings, site: &Path) -> Result<Self, StartFailure> {
        let absolute = std::path::absolute(site).and_then(std::fs::canonicalize);
        let site = absolute.map_err(|error| {
            let title = format!("the site's folder cannot be entered: {}: {error}", site.display());
            StartFailure::new(title, "name it: --site DIR")
        })?;
        // A file that is just being written is read once more when it is whole.
        let files = Site::load(&site).or_else(|_| {
            std::thread::sleep(limits::SETTLE);
            Site::load(&site)
        });
        let files = files.map_err(|error| {
            let mut failure = StartFailure::new(
                "the site's configuration cannot be read",
                "correct the file at the place that is told",
            );
            failure.details = error.to_string();
            failure
        })?;
        let python = interpreter::find(settings, &files.project, &site)?;
        let threads = settings.threads.or(files.project.threads).unwrap_or(limits::THREADS);
        let workers = settings.workers.or(files.project.workers).unwrap_or(1).max(1);
        let debug = settings.debug || files.project.debug.unwrap_or(false);
        let log = log_path(settings, Some(&files), &site);
        let mut plan = Self {
            site,
            python,
            arguments: Vec::new(),
            log,
            workers,
            threads,
            debug,
            key: String::new(),
        };
        plan.arguments = plan.arguments(settings, &files);
        plan.key = plan.key(&files);
        Ok(plan)
    }

    fn arguments(&self, settings: &Settings, files: &Site) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["--site".into(), self.site.clone().into()];
        let mut option = |name: &str, value: OsString| arguments.extend([name.into(), value]);
        option("--threads", self.threads.to_string().into());
        option("--log", self.log.clone().map_or_else(|| "-".into(), Into::into));
        let grace = settings.grace.unwrap_or(limits::GRACE);
        option("--grace", grace.as_secs_f64().to_string().into());
        if let Some(mount) = settings.script_name.as_ref().or(files.project.script_name.as_ref()) {
            option("--script-name", mount.into());
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

    /// What must be equal for two gates to share a worker: our version, interpreter, arguments,
    /// the configuration files' contents, and the environment. (The user is part of the folder in
    /// which the key is a name.)
    fn key(&self, files: &Site) -> String {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(env!("CARGO_PKG_VERSION").as_bytes());
        part(self.python.as_os_str().as_encoded_bytes());
        for argument in &self.arguments {
            part(argument.as_encoded_bytes());
        }
        let web_config = iis::site::find_web_config(&files.directory).ok().flatten();
        for file in [web_config, Some(files.directory.join(iis::site::PYPROJECT))] {
            // A file that is not there is part of the configuration, too.
            part(&file.and_then(|file| std::fs::read(file).ok()).unwrap_or_default());
        }
        // Files that `<appSettings file="…">` names are read as well.
        for setting in files.app_settings.iter() {
            part(setting.key.as_bytes());
            part(setting.value.as_bytes());
        }
        let mut environment: Vec<_> = std::env::vars_os()
            .filter(|(name, _)| !VOLATILE.iter().any(|volatile| name == volatile))
            .collect();
        environment.sort();
        for (name, value) in environment {
            part(name.as_encoded_bytes());
            part(value.as_encoded_bytes());
        }
        /// Enough that no two sites meet by chance; short, for socket paths have 108 bytes.
        const KEY_BYTES: usize = 12;
        hash.finalize()[..KEY_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Where to log: the flag, `IISGATE_LOG`, `[tool.iisgate] log`, wfastcgi's `WSGI_LOG`, standard error
/// if there is one, the site's `logs` folder if there is one, else the folder for temporary files.
fn log_path(settings: &Settings, files: Option<&Site>, site: &Path) -> Option<PathBuf> {
    let variable = std::env::var("IISGATE_LOG").ok().filter(|value| !value.is_empty());
    let expand = |value: &str| iis::expand::environment_variables(value, iis::expand::from_process);
    let named = settings
        .log
        .clone()
        .or(variable)
        .or_else(|| files?.project.log.clone())
        .or_else(|| files?.app_settings.get("WSGI_LOG").map(expand));
    match named.as_deref() {
        Some("-") => return None,
        Some(path) => return Some(site.join(path)),
        None => {}
    }
    if has_stderr() {
        return None;
    }
    let logs = site.join("logs");
    if logs.is_dir() {
        return Some(logs.join("iisgate.log"));
    }
    let name = site.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Some(std::env::temp_dir().join("iisgate-logs").join(format!("{name}.log")))
}

/// Opens the process's log for a gate, before anything can fail: where its site's worker would log,
/// as far as that is known, else standard error. That it cannot be opened fails nothing.
pub fn open_log(settings: &Settings) {
    let site = settings.site.clone().unwrap_or_else(|| PathBuf::from("."));
    let site = std::path::absolute(&site).unwrap_or(site);
    let path = log_path(settings, Site::load(&site).ok().as_ref(), &site);
    let file = path.and_then(|path| LogFile::open(&path).ok());
    if let Some(file) = file.map_or_else(|| LogFile::stderr().ok(), Some) {
        let level = if settings.debug { log::LevelFilter::Debug } else { log::LevelFilter::Info };
        platform::log_file::install(file, level);
    }
}

/// Whether what is written to standard error is kept by someone.
fn has_stderr() -> bool {
    use std::os::unix::fs::MetadataExt;
    if std::io::stderr().is_terminal() {
        return true;
    }
    let null = std::fs::metadata("/dev/null").map(|metadata| metadata.rdev());
    std::fs::metadata("/proc/self/fd/2")
        .is_ok_and(|metadata| null.is_ok_and(|null| metadata.rdev() != null))
}

//! Owns where gate and worker log.
//!
//! Does not write there (`platform::log_file`).

use crate::StartFailure;
use crate::codes;
use crate::settings::Settings;
use iis::Site;
use platform::log_file::{self, LogFile};
use platform::standard_error;
use std::path::{Path, PathBuf};

/// Where to log: the flag, `IISGATE_LOG`, `[tool.iisgate] log`, wfastcgi's `WSGI_LOG`, standard error
/// if somebody keeps what is written there, the site's `logs` folder if there is one, else the folder
/// for temporary files. `None` is standard error.
pub(super) fn find(settings: &Settings, files: Option<&Site>, site: &Path) -> Option<PathBuf> {
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
    if standard_error::is_kept() {
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
    let path = find(settings, Site::load(&site).ok().as_ref(), &site);
    let file = path.and_then(|path| LogFile::open(&path).ok());
    if let Some(file) = file.map_or_else(|| LogFile::stderr().ok(), Some) {
        let level = if settings.debug { log::LevelFilter::Debug } else { log::LevelFilter::Info };
        log_file::install(file, level);
    }
}

/// Why the log cannot be written. That is told on the page alone.
pub(crate) fn unwritable(path: Option<&Path>, error: &std::io::Error) -> StartFailure {
    let path = path.unwrap_or_else(|| Path::new("standard error"));
    let what = format!("the log cannot be written: {}", path.display());
    let failure = StartFailure::system(&codes::LOG_UNWRITABLE, &what, error).at(path.display());
    if failure.code != &codes::LOG_UNWRITABLE {
        return failure;
    }
    failure.mend(
        "let the web server's user write there, or name another file: --log FILE",
        crate::interpreter::grant(path).replace("RX", "M").replace("a+rX", "u+rwX"),
    )
}

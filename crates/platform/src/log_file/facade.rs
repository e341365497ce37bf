//! Owns the process's one log behind the `log` macros.
//!
//! Does not own its form nor its file.

use super::LogFile;
use std::sync::OnceLock;

/// The process's log, for the `log` façade.
static LOG: OnceLock<LogFile> = OnceLock::new();

/// Tells the id of the request that the thread works on.
static WHO: OnceLock<fn() -> Option<String>> = OnceLock::new();

struct Facade;

impl log::Log for Facade {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &log::Record<'_>) {
        if let (true, Some(file)) = (self.enabled(record.metadata()), LOG.get()) {
            let who = WHO.get().and_then(|who| who());
            file.line(record.level(), who.as_deref().unwrap_or("-"), &record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// Makes this the process's log, where the `log` macros write. The first call counts.
pub fn install(file: LogFile, level: log::LevelFilter) -> &'static LogFile {
    let file = LOG.get_or_init(|| file);
    if log::set_logger(&Facade).is_ok() {
        log::set_max_level(level);
    }
    file
}

/// The process's log, if there is one.
pub fn installed() -> Option<&'static LogFile> {
    LOG.get()
}

/// Says how the request is known that a thread works on, so that what the `log` macros write is
/// told under its id. The first call counts.
pub fn tell_who(who: fn() -> Option<String>) {
    let _ = WHO.set(who);
}

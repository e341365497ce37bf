//! Owns what `serve` and `request` share: from a folder or an applicationHost.config to the
//! settings of the stand-in.
//!
//! Does not own the stand-in (`front`).

use crate::args::SiteArgs;
use crate::commands::log_follower::LogFollower;
use crate::printer::Printer;
use anyhow::Context;
use front::{Note, NoteKind, Settings, SiteSource};
use platform::instance::SHARES_STANDARD_ERROR;
use std::path::{Path, PathBuf};

/// What is meant by the arguments, and what must live as long as the instances do.
pub(crate) fn settings(
    dir: &Path,
    args: SiteArgs,
) -> anyhow::Result<(Settings, Option<LogFollower>)> {
    let absolute = |path: &Path| {
        dunce::canonicalize(path).with_context(|| format!("there is no {}", path.display()))
    };
    let source = match args.config {
        Some(file) => SiteSource::ApplicationHost { file: absolute(&file)?, site: args.name },
        None => {
            let dir = absolute(dir)?;
            // Where packages are installed, what is live there is meant.
            SiteSource::Directory(deploy::install::live_folder(&dir).unwrap_or(dir))
        }
    };
    let mut settings = Settings::new(source);
    settings.max_instances = args.max_instances;
    settings.user = args.user;
    args.as_iis.iter().for_each(|way| way.set(&mut settings.conduct));
    settings.local_iisgate =
        Some(std::env::current_exe().context("this program's own path cannot be had")?);
    let mut set = |name: &str, value: String| settings.environment.push((name.into(), value));
    // IIS gives instances no standard error; here a developer wants to see what is said.
    let log = if SHARES_STANDARD_ERROR {
        None
    } else {
        Some(LogFollower::start().context("the log of the instances cannot be made")?)
    };
    set("IISGATE_LOG", log.as_ref().map_or_else(|| "-".into(), LogFollower::path));
    // What goes wrong here says nothing about the web server.
    set(gate::circumstances::STAND_IN, "1".into());
    if let Some(python) = args.python {
        set("IISGATE_PYTHON", interpreter(python)?);
    }
    if args.debug {
        set("IISGATE_DEBUG", "1".into());
        if std::env::var_os("IISGATE_LOG_FORMAT").is_none() {
            // Somebody sits before it: what the app prints and its tracebacks, as Python has them.
            set("IISGATE_LOG_FORMAT", "plain".into());
        }
        if let Some(viewers) = args.debug_for {
            set("IISGATE_DEBUG_FOR", viewers.word());
        }
    }
    Ok((settings, log))
}

/// Instances start elsewhere: the path is made absolute, its links left alone, for a virtual
/// environment's interpreter is one.
fn interpreter(python: PathBuf) -> anyhow::Result<String> {
    let path = std::path::absolute(&python).context("--python")?;
    path.into_os_string()
        .into_string()
        .map_err(|path| anyhow::anyhow!("--python: not UTF-8: {path:?}"))
}

/// Says what the stand-in noticed about the configuration.
pub(crate) fn say_notes(printer: &Printer, notes: &[Note]) {
    for note in notes {
        let word = match note.kind {
            NoteKind::Mapped => "mapped",
            NoteKind::NotSimulated => "not simulated",
            NoteKind::NoEffect => "no effect",
        };
        let place = note.place.as_ref().map(|place| {
            let file = place.path.file_name().unwrap_or_default().to_string_lossy();
            format!(" ({file}:{})", place.line)
        });
        let place = place.unwrap_or_default();
        printer.say(format!("  {:<13} {}{place}", word, note.message));
    }
}

//! Owns asking a release for one page through the whole stack: the stand-in, gate, worker, app.
//!
//! Does not own the stack: `iisgate request` is run, as a process of its own, so that it can be
//! bounded and takes along what it started.

use super::Error;
use super::environment::{quiet, told};
use super::host::{Command, Host};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is asked for, and how long that may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// This program.
    pub iisgate: PathBuf,
    /// The URL's path.
    pub path: String,
    /// How long the first page may take.
    pub timeout: Duration,
}

/// Statuses that say that somebody has to sign on first: the app, or the server for it, is there.
const NEEDS_SIGN_ON: [u16; 2] = [401, 403];

/// Asks a site; gives the status.
pub(super) fn ask(health: &Health, site: &Path, host: &mut dyn Host) -> Result<u16, Error> {
    let command = quiet(Command::new(&health.iisgate, health.timeout))
        .args(["request", "GET", &health.path, "--include", "--dir"])
        .arg(site)
        // Its worker is met by no other gate: what it has open is for this one request.
        .with("IISGATE_HEALTH", std::process::id().to_string())
        .without("IISGATE_TARGET")
        .without("IISGATE_SITE");
    let what = format!("GET {} of the new release", health.path);
    let ended = host.run(&command).map_err(|error| Error::failed(&*what, error.to_string()))?;
    let head = ended.stdout.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let status = String::from_utf8_lossy(head).split(' ').nth(1).and_then(|it| it.parse().ok());
    let Some(status) = status else {
        let why = if ended.is_late {
            format!("no answer came in {} s", health.timeout.as_secs())
        } else {
            "no answer came".to_owned()
        };
        return Err(Error::failed(what, format!("{why}{}", told(&ended.output))));
    };
    if status < 400 || NEEDS_SIGN_ON.contains(&status) {
        return Ok(status);
    }
    let why = format!("it was answered {status}{}", told(&without_page(&ended.output)));
    if status < 500 {
        let message = format!("{what} failed: {why}");
        return Err(Error::refused(message, "a page that the site has is named by --health PATH"));
    }
    Err(Error::failed(what, why))
}

/// What was said, without the page of an error: tags are of no use in a console.
fn without_page(output: &str) -> String {
    let lines = output.lines().filter(|line| !line.trim_start().starts_with('<'));
    lines.collect::<Vec<_>>().join("\n")
}

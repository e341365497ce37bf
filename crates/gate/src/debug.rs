//! Owns debug mode: the session that `iisgate debug on` writes into the site's folder, how long it
//! holds, and for whom the developer's page is.
//!
//! Does not own what a worker does in it (`iisgate.debugging`), nor what is printed (`cli`).

mod viewers;

mod notice;

use crate::settings::Settings;
use platform::private_file;
use std::fmt;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use notice::{Notice, Outcome};
pub use viewers::Viewers;

/// The file, in the site's folder: there the web server's user can read it, whoever that is, and
/// only who may change the site's code can write it. It holds no secret, and IIS serves no file
/// without a known extension.
pub const FILE: &str = ".iisgate-debug";

/// How long debug mode lasts where nothing is said: a coffee longer than finding a fault takes.
pub const MINUTES: u32 = 30;

/// The longest: who forgets it has a production site again the next day.
pub const MINUTES_MAX: u32 = 24 * 60;

/// The debugger's port where none is said: debugpy's own, which editors propose.
pub const DEBUGGER_PORT: u16 = 5678;

/// Between a clock that tells the end and the moment when all agree that it is over.
pub const END_SLACK: Duration = Duration::from_secs(1);

/// More is no file of ours.
const FILE_BYTES_MAX: u64 = 4096;

/// One debug mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its end, in seconds since 1970.
    until: u64,
    /// Who sees the page; `None` for this machine.
    pub address: Option<IpAddr>,
    /// At which port a debugger is waited for.
    pub debugger: Option<u16>,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

impl Session {
    /// A session that begins now.
    pub fn new(minutes: u32, address: Option<IpAddr>, debugger: Option<u16>) -> Self {
        Self { until: now() + u64::from(minutes) * 60, address, debugger }
    }

    /// The session of a site, if one is on.
    pub fn of(site: &Path) -> Option<Self> {
        Self::parse(&read(site)?).filter(|session| session.left().is_some())
    }

    /// How long it still lasts. One that would last longer than any may was not written by us, or
    /// by another clock.
    pub fn left(&self) -> Option<Duration> {
        let seconds = self.until.checked_sub(now()).filter(|seconds| *seconds > 0)?;
        (seconds <= u64::from(MINUTES_MAX) * 60).then(|| Duration::from_secs(seconds))
    }

    /// When it ends.
    pub fn end(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.until)
    }

    /// Who sees the developer's page.
    pub fn viewers(&self) -> Viewers {
        self.address.map_or(Viewers::Loopback, Viewers::Address)
    }

    /// Reads what [`fmt::Display`] wrote; lines of comment and unknown words are passed over.
    pub fn parse(text: &str) -> Option<Self> {
        let mut session =
            Self { until: word(text, "until")?.parse().ok()?, address: None, debugger: None };
        if let Some(address) = word(text, "address") {
            // A word that is not understood must not open the page to this machine instead.
            session.address = Some(address.parse().ok()?);
        }
        if let Some(port) = word(text, "debugger") {
            session.debugger = Some(port.parse().ok()?);
        }
        Some(session)
    }

    /// Turns it on for a site. Workers that run tell the notice what becomes of them.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, site: &Path, notice: &Notice) -> io::Result<()> {
        write(site, &format!("{self}\n{notice}"))
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "until={}", self.until)?;
        if let Some(address) = self.address {
            write!(f, " address={address}")?;
        }
        if let Some(port) = self.debugger {
            write!(f, " debugger={port}")?;
        }
        Ok(())
    }
}

/// Who sees failures in full: those of `--debug`, if it is set, and those of the session that is
/// on.
pub(crate) fn viewers(settings: &Settings, debug: bool, session: Option<&Session>) -> Vec<Viewers> {
    // Our stand-in tells that it answers this machine alone.
    let of_local = settings.is_local.then_some(Viewers::Anyone);
    let of_debug = debug.then(|| settings.debug_for.unwrap_or_default());
    of_local.into_iter().chain(of_debug).chain(session.map(Session::viewers)).collect()
}

/// The same where the site's files cannot be read.
pub(crate) fn viewers_at(settings: &Settings, site: &Path) -> Vec<Viewers> {
    viewers(settings, settings.debug, Session::of(site).as_ref())
}

/// The file's path.
pub fn file(site: &Path) -> PathBuf {
    site.join(FILE)
}

/// Turns debug mode off: workers that run are told to notice, and nothing else holds any more.
///
/// # Errors
/// When the file cannot be written.
pub fn write_off(site: &Path, notice: &Notice) -> io::Result<()> {
    write(site, &format!("until=0\n{notice}"))
}

/// Removes the file.
///
/// # Errors
/// When it is there and cannot be removed.
pub fn remove(site: &Path) -> io::Result<()> {
    match std::fs::remove_file(file(site)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Where running workers tell what becomes of them: port and token.
pub fn notice_of(site: &Path) -> Option<(u16, String)> {
    let text = read(site)?;
    let (port, token) = word(&text, "tell")?.split_once('/')?;
    Some((port.parse().ok()?, token.to_owned()))
}

fn read(site: &Path) -> Option<String> {
    use std::io::Read;
    let mut text = String::new();
    let file = std::fs::File::open(file(site)).ok()?;
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The value of `name=value` among the words of a text's lines.
fn word<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut words = lines.flat_map(str::split_whitespace);
    words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

/// Whole or not at all: a worker may read at any moment.
fn write(site: &Path, text: &str) -> io::Result<()> {
    let fresh = site.join(format!("{FILE}-{}", std::process::id()));
    let said = "# iisgate debug on wrote this. It ends by itself; iisgate debug off removes it.";
    // Not private: the web server's user must read it.
    let written = std::fs::File::create_new(&fresh)
        .and_then(|mut file| write!(file, "{said}\n{text}\n"))
        .and_then(|()| private_file::replace(&fresh, &file(site)));
    if written.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_as_it_was_written() {
        for (address, debugger) in [(None, None), (Some("::1"), Some(1)), (Some("10.0.0.5"), None)]
        {
            let address = address.map(|text| text.parse().expect("an address"));
            let session = Session::new(5, address, debugger);
            assert_eq!(Session::parse(&session.to_string()), Some(session.clone()));
            assert!(session.left().expect("on") <= Duration::from_secs(300));
        }
    }

    #[test]
    fn what_is_no_session_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let (soon, late) = (now() + 60, now() + u64::from(MINUTES_MAX) * 60 + 60);
        for (text, is_on) in [
            (format!("# a comment until=1\nuntil={soon}\n"), true),
            (format!("until={soon} address=::1 debugger=5678"), true),
            (format!("until={soon} address=everybody"), false),
            (format!("until={soon} debugger=x"), false),
            (format!("until={late}"), false),
            (format!("until={}", now() - 1), false),
            (format!("#until={soon}"), false),
            ("until=0".to_owned(), false),
            ("until=-5".to_owned(), false),
            (String::new(), false),
        ] {
            std::fs::write(file(folder.path()), &text).expect("written");
            assert_eq!(Session::of(folder.path()).is_some(), is_on, "{text}");
        }
        std::fs::write(file(folder.path()), b"until=\xff").expect("written");
        assert!(Session::of(folder.path()).is_none());
        remove(folder.path()).expect("removed");
        remove(folder.path()).expect("it is not there, which is as well");
        assert!(Session::of(folder.path()).is_none());
    }

    #[test]
    fn the_file_is_replaced_whole_and_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let notice = Notice::open().expect("a port");
        let session = Session::new(1, None, Some(7));
        session.write(folder.path(), &notice).expect("written");
        assert_eq!(Session::of(folder.path()), Some(session));
        let (port, token) = notice_of(folder.path()).expect("told");
        assert_eq!(format!("tell={port}/{token}"), notice.to_string());
        write_off(folder.path(), &notice).expect("written");
        assert_eq!(Session::of(folder.path()), None);
        assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 1);
    }
}

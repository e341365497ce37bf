//! Owns what can be told of a process by its id.
//!
//! Does not own starting or ending any.

use std::io;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Ticks per second in `/proc`: the kernel's interface has 100 on every machine (`USER_HZ`).
const TICKS_PER_SECOND: u64 = 100;

/// A process that lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Living {
    /// Its program's name, as the system shortens it.
    pub name: String,
    /// When it was started, to a second or so; `None` when the system does not tell.
    pub started: Option<SystemTime>,
}

/// Looks for a living process; `None` when there is none, or only its end has not been noted yet.
pub fn look_up(id: u32) -> Option<Living> {
    let (name, fields) = stat(id)?;
    if matches!(fields.first()?.as_str(), "Z" | "X") {
        return None;
    }
    let ticks: Option<u64> = fields.get(19).and_then(|field| field.parse().ok());
    let started = ticks
        .zip(booted())
        .map(|(ticks, booted)| booted + Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND));
    Some(Living { name, started })
}

/// The process that started another one, or has inherited it.
pub(super) fn parent(id: u32) -> Option<u32> {
    stat(id)?.1.get(1)?.parse().ok()
}

/// What the system tells of a process: its name, and the fields of proc(5) from the third on, its state.
fn stat(id: u32) -> Option<(String, Vec<String>)> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name may hold anything.
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    Some((name.to_owned(), rest.split_ascii_whitespace().map(str::to_owned).collect()))
}

fn booted() -> Option<SystemTime> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let seconds = stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Whether somebody listens at a socket in the file system; `None` when it is no socket, or cannot
/// be told.
pub fn answers(path: &Path) -> Option<bool> {
    if !std::fs::symlink_metadata(path).ok()?.file_type().is_socket() {
        return None;
    }
    match UnixStream::connect(path) {
        Ok(_) => Some(true),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Some(false),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn the_living_and_the_dead_are_told_apart() {
        let me = look_up(std::process::id()).expect("we live");
        let age = me.started.expect("known").elapsed().expect("in the past");
        assert!(age < Duration::from_secs(3600), "{age:?}");
        let _forking = crate::FORKING.write();
        let mut child = Command::new("true").spawn().expect("started");
        let status = child.wait().expect("ended");
        assert!(status.success());
        assert_eq!(look_up(child.id()), None);
        assert_eq!(answers(Path::new("/dev/null")), None);
    }

    #[test]
    fn a_socket_answers_while_somebody_listens() {
        let _no_fork = crate::FORKING.read();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s");
        let listener = std::os::unix::net::UnixListener::bind(&path).expect("bound");
        assert_eq!(answers(&path), Some(true));
        drop(listener);
        assert_eq!(answers(&path), Some(false));
    }
}

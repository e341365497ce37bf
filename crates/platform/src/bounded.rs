//! Owns running a program to its end within a time, with all that it says.
//!
//! Does not own what it says.

use crate::system::group::Group;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Bytes of output that are kept, the last ones: more than any program of ours or a web server's
/// says, and far more than `pip` says of a failure.
pub const OUTPUT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How often it is looked whether a program has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long the streams of a program that has ended are still read: what it started may hold them.
const REST: Duration = Duration::from_secs(1);

type Bytes = Arc<Mutex<VecDeque<u8>>>;

/// What became of a program.
#[derive(Debug)]
pub struct Ended {
    /// How it ended; `None` when its time was over: it was killed with all that it had started.
    pub status: Option<ExitStatus>,
    /// What it said on both streams, in the order in which it came.
    pub all: Vec<u8>,
    /// What it said on standard output.
    pub stdout: Vec<u8>,
    /// What it said on standard error.
    pub stderr: Vec<u8>,
}

impl Ended {
    /// Standard output as text.
    pub fn output(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stdout)
    }

    /// Standard error as text.
    pub fn errors(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stderr)
    }
}

/// Runs a program without input. What it started and left when it ended in time goes on.
///
/// # Errors
/// When it cannot be started.
pub fn run(mut program: Command, time: Duration) -> io::Result<Ended> {
    // A pipe, not the null device: Python under Wine stumbles over that.
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (mut child, group) = Group::start(&mut program)?;
    drop(child.stdin.take());
    let (all, out, err) = (Bytes::default(), Bytes::default(), Bytes::default());
    let readers = [
        child.stdout.take().map(|stream| reader(stream, [all.clone(), out.clone()])),
        child.stderr.take().map(|stream| reader(stream, [all.clone(), err.clone()])),
    ];
    let end = Instant::now() + time;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if Instant::now() >= end {
            group.kill();
            // It may have ended just now, or not be in the group.
            let _ = child.kill();
            child.wait()?;
            break None;
        }
        std::thread::sleep(LOOK_EVERY);
    };
    let rest = Instant::now() + REST;
    while readers.iter().flatten().any(|reader| !reader.is_finished()) && Instant::now() < rest {
        std::thread::sleep(LOOK_EVERY);
    }
    let taken = |bytes: &Bytes| Vec::from(std::mem::take(&mut *lock(bytes)));
    Ok(Ended { status, all: taken(&all), stdout: taken(&out), stderr: taken(&err) })
}

fn lock(bytes: &Bytes) -> std::sync::MutexGuard<'_, VecDeque<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads a stream in a thread of its own, so that neither fills up while the other is read.
fn reader(mut stream: impl Read + Send + 'static, into: [Bytes; 2]) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut piece = [0; 8192];
        while let Ok(count @ 1..) = stream.read(&mut piece) {
            for bytes in &into {
                let mut bytes = lock(bytes);
                bytes.extend(&piece[..count]);
                let surplus = bytes.len().saturating_sub(OUTPUT_BYTES_MAX);
                bytes.drain(..surplus);
            }
        }
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, time: Duration) -> Ended {
        let mut program = Command::new("sh");
        program.args(["-c", script]);
        run(program, time).unwrap()
    }

    #[test]
    fn all_that_is_said_is_kept_and_time_is_bounded() {
        let _forking = crate::FORKING.write();
        let minute = Duration::from_secs(60);
        let ended = shell("echo out; echo err >&2; exit 3", minute);
        assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
        assert_eq!((&ended.stdout[..], &ended.stderr[..]), (&b"out\n"[..], &b"err\n"[..]));
        assert_eq!(ended.all.len(), 8);
        let ended = shell("echo before; exec sleep 60", Duration::from_secs(3));
        assert_eq!((ended.status, &ended.all[..]), (None, &b"before\n"[..]));
        let much = shell("head -c 10000000 /dev/zero; echo end", minute);
        assert!(much.all.ends_with(b"end\n") && much.all.len() == OUTPUT_BYTES_MAX);
        let began = Instant::now();
        let held = shell("sleep 600 & echo $!", minute);
        assert!(
            began.elapsed() < minute,
            "what it started holds its streams, and nobody waits for that"
        );
        let killed = shell(&format!("kill {}", held.output()), minute);
        assert!(
            killed.status.unwrap().success(),
            "what is left of a program that ended in time goes on"
        );
    }

    #[test]
    fn what_is_late_ends_with_all_that_it_started() {
        let _forking = crate::FORKING.write();
        let began = Instant::now();
        let late = shell("sleep 600 & echo $!; wait; true", Duration::from_millis(300));
        assert!(late.status.is_none() && began.elapsed() < Duration::from_secs(60));
        let lives = || {
            let status = std::fs::read_to_string(format!("/proc/{}/status", late.output().trim()));
            status.is_ok_and(|status| !status.contains("State:\tZ"))
        };
        let end = Instant::now() + Duration::from_secs(60);
        while lives() && Instant::now() < end {
            std::thread::sleep(LOOK_EVERY);
        }
        assert!(!lives(), "process {} lives", late.output());
    }
}

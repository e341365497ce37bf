//! Owns processes that are kept: each can be told to end with all that it started, and dies with
//! the process that keeps it, in whatever way that ends.
//!
//! Does not own when one is started again.
#![expect(unsafe_code, reason = "code of ours runs between fork and exec")]

use super::retry;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use std::time::{Duration, Instant};

/// In the environment of all that one process keeps: what was left behind is found by it.
const MARK_VARIABLE: &str = "IISGATE_KEPT_BY";

/// How long the end of what was left behind is awaited: a killed process is gone at once, unless the
/// disk holds it.
const LEFTOVERS_TIMEOUT: Duration = Duration::from_secs(10);

/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What keeps processes, by a mark that only one living process has.
#[derive(Debug)]
pub struct Keeper {
    mark: String,
}

impl Keeper {
    /// Begins to keep processes; those that a killed predecessor with the same mark left are killed.
    ///
    /// # Errors
    /// None here.
    pub fn new(mark: &str) -> io::Result<Self> {
        let end = Instant::now() + LEFTOVERS_TIMEOUT;
        let mut left = marked(mark);
        if !left.is_empty() {
            log::warn!(
                "{} processes of a killed keeper are left: they are killed, too",
                left.len()
            );
        }
        while !left.is_empty() && Instant::now() < end {
            for pid in left {
                let _ = rustix::process::kill_process(pid, Signal::KILL);
            }
            std::thread::sleep(LOOK_EVERY);
            left = marked(mark);
        }
        Ok(Self { mark: mark.to_owned() })
    }

    /// Starts a program in a process group of its own. The calling thread must live as long as the
    /// program: that is whose death the system watches for.
    ///
    /// # Errors
    /// As `fork(2)` and `execve(2)`.
    pub fn start(&self, command: &mut Command) -> io::Result<Kept> {
        let keeper = rustix::process::getpid();
        command.env(MARK_VARIABLE, &self.mark).process_group(0);
        let die_with_us = move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            // It may have died before it was watched.
            if rustix::process::getppid() == Some(keeper) {
                Ok(())
            } else {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        };
        // SAFETY: two system calls that allocate nothing and take no lock.
        unsafe { command.pre_exec(die_with_us) };
        let child = command.spawn()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Ok(Kept { child, pid: pid.ok_or(io::ErrorKind::InvalidData)? })
    }
}

/// Living processes with that mark.
fn marked(mark: &str) -> Vec<Pid> {
    let wanted = format!("{MARK_VARIABLE}={mark}");
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pid = |entry: std::fs::DirEntry| {
        let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
        let environment = std::fs::read(entry.path().join("environ")).ok()?;
        let mut variables = environment.split(|byte| *byte == 0).map(OsStr::from_bytes);
        let is_marked = variables.any(|variable| variable == wanted.as_str());
        (is_marked && pid != rustix::process::getpid()).then_some(pid)
    };
    entries.flatten().filter_map(pid).collect()
}

/// A process that is kept.
#[derive(Debug)]
pub struct Kept {
    child: Child,
    pid: Pid,
}

impl Kept {
    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it prints, if that was asked for.
    pub fn output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Gives a function that waits for its end, for another thread.
    ///
    /// # Errors
    /// None here.
    pub fn waiter(&self) -> io::Result<impl FnOnce() + Send + 'static> {
        let pid = self.pid;
        // It stays a zombie, so that its id stays its own until `finish`.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        Ok(move || {
            // It can only fail when there is no such process any more.
            let _ = retry(|| rustix::process::waitid(WaitId::Pid(pid), options));
        })
    }

    /// Tells it and all that it started to end: by SIG`signal`, SIGTERM for one that is not known.
    pub fn tell_to_end(&self, signal: &str) {
        let signal = match signal {
            "INT" => Signal::INT,
            "QUIT" => Signal::QUIT,
            "HUP" => Signal::HUP,
            "USR1" => Signal::USR1,
            "USR2" => Signal::USR2,
            "KILL" => Signal::KILL,
            _ => Signal::TERM,
        };
        let _ = rustix::process::kill_process_group(self.pid, signal);
    }

    /// Kills it and all that it started.
    pub fn kill(&self) {
        let _ = rustix::process::kill_process_group(self.pid, Signal::KILL);
    }

    /// Tells how it ended; what it started and left is killed. Waits, so call it after its end.
    ///
    /// # Errors
    /// As `waitpid(2)`.
    pub fn finish(mut self) -> io::Result<ExitStatus> {
        // Before its id is given back, the group's is nobody else's.
        self.kill();
        self.child.wait()
    }
}

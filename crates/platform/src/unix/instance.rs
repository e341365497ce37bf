//! Owns the start and the end of an instance: a process whose descriptor 0 is a connected pipe or a
//! listening socket, as IIS starts FastCGI applications.
//!
//! Knows no FastCGI and decides nothing about when to start or stop. What an instance prints to
//! standard output and standard error goes to our standard error, so that a developer sees it;
//! under IIS it goes nowhere.

use super::stream::Stream;
use crate::launch::{ChannelKind, Launch, PIPE_VARIABLE, pipe_name, split_arguments};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Our end of a pair, as it comes.
pub type Ours = UnixStream;

/// Whether what an instance prints reaches our standard error.
pub const SHARES_STANDARD_ERROR: bool = true;

/// Our way to the new process.
#[derive(Debug)]
pub enum Channel<Pipe> {
    /// Our end of the pair, made what the caller wants.
    Connected(Pipe),
    /// Where it listens.
    Listening(SocketAddr),
}

/// Our end as a stream of this crate.
///
/// # Errors
/// None here.
pub fn stream(ours: Ours) -> io::Result<Stream> {
    Stream::new(ours.into())
}

/// Starts an instance in a process group of its own, so that a terminal's Ctrl-C reaches us alone.
/// `connect` makes our end of a pair what the caller wants.
///
/// # Errors
/// When the program cannot be started or the system has no more descriptors.
pub fn spawn<Pipe>(
    launch: &Launch,
    connect: impl FnOnce(Ours) -> io::Result<Pipe>,
) -> io::Result<(Process, Channel<Pipe>)> {
    let (theirs, channel): (OwnedFd, _) = match launch.channel {
        ChannelKind::Connected => {
            let (theirs, ours) = UnixStream::pair()?;
            (theirs.into(), Channel::Connected(connect(ours)?))
        }
        ChannelKind::Listening => {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let address = listener.local_addr()?;
            (listener.into(), Channel::Listening(address))
        }
    };
    let mut command = Command::new(&launch.executable);
    if launch.channel == ChannelKind::Connected {
        command.env(PIPE_VARIABLE, pipe_name());
    }
    command
        .args(split_arguments(&launch.arguments))
        .envs(launch.environment.iter().rev().map(|(name, value)| (name, value)))
        .stdin(Stdio::from(theirs))
        .stdout(Stdio::from(io::stderr()))
        .stderr(Stdio::inherit())
        .process_group(0);
    if let Some(directory) = &launch.working_directory {
        command.current_dir(directory);
    }
    let child = command.spawn()?;
    let id = child.id();
    let child = Mutex::new(Some(child));
    let ends_group = AtomicBool::new(false);
    Ok((Process(Arc::new(Inner { id, child, ends_group })), channel))
}

/// A running instance. Clones name the same process.
#[derive(Clone)]
pub struct Process(Arc<Inner>);

struct Inner {
    id: u32,
    /// `None` once its end was collected; signals are sent under the lock, so that none ever goes
    /// to a stranger who got the same id.
    child: Mutex<Option<Child>>,
    /// Whether what is left of the group goes with the process.
    ends_group: AtomicBool,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("id", &self.0.id).finish_non_exhaustive()
    }
}

impl Process {
    /// The process id, which is the id of its process group as well.
    pub fn id(&self) -> u32 {
        self.0.id
    }

    fn pid(&self) -> io::Result<Pid> {
        let id = i32::try_from(self.0.id).ok().and_then(Pid::from_raw);
        id.ok_or_else(|| io::Error::other(format!("not a process id: {}", self.0.id)))
    }

    /// Waits for the end, blocking the thread. Only one thread may wait.
    ///
    /// # Errors
    /// When the end was collected already.
    pub fn wait(&self) -> io::Result<ExitStatus> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let pid = self.pid()?;
        super::retry(|| rustix::process::waitid(WaitId::Pid(pid), options))?;
        let mut child = self.0.child.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut ended) = child.take() else {
            return Err(io::Error::other("the process's end was collected already"));
        };
        if self.0.ends_group.load(Ordering::SeqCst) {
            self.signal_group();
        }
        ended.wait()
    }

    /// Asks the process to end. Nothing happens when it has ended.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends the process without asking.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        let child = self.0.child.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(_), Ok(pid)) = (&*child, self.pid()) {
            // It can fail for a process that has ended but was not collected yet; that is as well.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    /// Ends the process and all of its group without asking: its children, too, unless they went
    /// to a group of their own. Children that outlive the process end when its end is collected;
    /// until then its id, and so the group's, cannot be given to a stranger.
    pub fn kill_group(&self) {
        self.take_group_along();
        let child = self.0.child.lock().unwrap_or_else(PoisonError::into_inner);
        if child.is_some() {
            self.signal_group();
        }
    }

    /// Makes children that outlive the process end with it, unless they went to another group.
    pub fn take_group_along(&self) {
        self.0.ends_group.store(true, Ordering::SeqCst);
    }

    fn signal_group(&self) {
        if let Ok(pid) = self.pid() {
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::Manner;
    use std::io::{Read, Write};

    fn spawn(launch: &Launch) -> io::Result<(Process, Channel<Ours>)> {
        let _forking = crate::FORKING.write().unwrap_or_else(PoisonError::into_inner);
        super::spawn(launch, Ok)
    }

    fn launch(script: &str, channel: ChannelKind) -> Launch {
        Launch {
            executable: "/bin/sh".into(),
            arguments: format!("-c \"{script}\""),
            working_directory: Some("/".into()),
            environment: vec![("A".into(), "1".into()), ("A".into(), "2".into())],
            channel,
            has_shutdown_event: true,
            manner: Manner::default(),
        }
    }

    #[test]
    fn descriptor_0_is_the_other_end() {
        let script = "read x; echo $x $A $PWD >&0; exit 3";
        let (process, channel) = spawn(&launch(script, ChannelKind::Connected)).unwrap();
        let Channel::Connected(mut ours) = channel else { panic!("a connected channel") };
        ours.write_all(b"hello\n").unwrap();
        let mut answer = String::new();
        ours.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "hello 1 /\n");
        assert_eq!(process.wait().unwrap().code(), Some(3));
        process.terminate();
        process.kill();
    }

    #[test]
    fn an_end_on_demand() {
        // Reads what never comes; from a listening socket reading would fail at once.
        let (process, _channel) = spawn(&launch("read x", ChannelKind::Connected)).unwrap();
        process.kill();
        assert_eq!(process.wait().unwrap().code(), None);
        process.kill_group();
    }

    #[test]
    fn a_group_ends_whole() {
        let script = "sleep 600 & echo x >&0; wait";
        let (process, channel) = spawn(&launch(script, ChannelKind::Connected)).unwrap();
        let Channel::Connected(mut ours) = channel else { panic!("a connected channel") };
        ours.read_exact(&mut [0; 2]).unwrap();
        process.kill_group();
        assert_eq!(process.wait().unwrap().code(), None);
        // The child in the background held the pipe as well.
        assert_eq!(ours.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn a_missing_program_is_an_error() {
        let mut missing = launch("", ChannelKind::Connected);
        missing.executable = "/nonexistent/program".into();
        assert_eq!(spawn(&missing).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}

//! Owns a peer that runs: started on a socket of its own, maybe with nginx before it, ended whole.
//!
//! Does not own what is sent to it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::catalog::Peer;
use super::{nginx, proc, yardstick};
use crate::load::Protocol;
use crate::load::address::{Address, Socket};
use crate::process;

/// How long a server may take until it listens.
const START: Duration = Duration::from_secs(60);

/// How long a server may take to end after it was asked to.
const END: Duration = Duration::from_secs(20);

/// Names the processes of a server in their environment.
const MARK: &str = "IISGATE_BENCH_SERVER";

/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);

/// The end of a server's log that is shown when it does not start.
const LOG_BYTES: usize = 1500;

/// Which processor a process is tied to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seat {
    Server,
    Load,
}

/// Whether there are two processors and `taskset` to tell them apart.
pub(crate) fn seats() -> bool {
    process::exists("taskset") && std::thread::available_parallelism().is_ok_and(|n| n.get() > 1)
}

/// The command, tied to a processor where that can be done.
pub(crate) fn seated(words: &[String], seat: Seat) -> Command {
    let processor = match seat {
        Seat::Server => "0",
        Seat::Load => "1",
    };
    let mut all: Vec<String> = Vec::new();
    if seats() {
        all.extend(["taskset", "-c", processor].map(str::to_owned));
    }
    all.extend_from_slice(words);
    let mut command = Command::new(&all[0]);
    command.args(&all[1..]);
    command
}

/// How a peer is started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct How<'a> {
    /// The program that runs it, with its arguments; none is nothing.
    pub(crate) under: &'a [String],
    pub(crate) with_nginx: bool,
    /// On any processor: for what consists of several programs.
    pub(crate) is_free: bool,
}

impl How<'_> {
    fn command(&self, words: &[String], seat: Seat) -> Command {
        if !self.is_free {
            return seated(words, seat);
        }
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }
}

/// A running peer.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: Address,
    /// nginx before it.
    pub(crate) front: Address,
    /// Names its processes, wherever they hang in the tree.
    mark: String,
    processes: Vec<Child>,
    dir: TempDir,
}

impl Server {
    /// Starts the peer, and nginx before it if asked to.
    pub(crate) fn start(
        peer: &Peer,
        app: &str,
        bin: &Path,
        benches: &Path,
        how: How<'_>,
    ) -> Result<Server> {
        let dir = tempfile::Builder::new().prefix("bench-").tempdir()?;
        let path = dir.path().join("server.sock");
        let port = if peer.has_port() { free_port()? } else { 0 };
        let fields = [
            ("{port}", port.to_string()),
            ("{bin}", bin.display().to_string()),
            ("{path}", path.display().to_string()),
            ("{app}", app.to_owned()),
            ("{benches}", benches.display().to_string()),
        ];
        let fill = |word: &str| {
            fields.iter().fold(word.to_owned(), |text, (name, value)| text.replace(name, value))
        };
        let words: Vec<String> = how.under.iter().cloned().chain(peer.words().map(fill)).collect();
        let mut command = how.command(&words, Seat::Server);
        let mark = dir.path().display().to_string();
        let modules = std::env::join_paths([benches.join("apps"), yardstick::folder()])?;
        command.current_dir(benches.join("apps")).env("PYTHONPATH", modules).env(MARK, &mark);
        let front = Address::Unix(dir.path().join(nginx::SOCKET));
        let address = if peer.has_port() {
            Address::Tcp(format!("127.0.0.1:{port}"))
        } else {
            Address::Unix(path)
        };
        let mut server = Server { address, front, mark, processes: Vec::new(), dir };
        server.spawn(command)?;
        server.wait_for(&server.address.clone())?;
        if how.with_nginx {
            let keep = peer.keep || peer.protocol == Protocol::Http;
            let config = nginx::config(server.dir.path(), &server.address, peer.protocol, keep);
            let file = server.dir.path().join("nginx.conf");
            fs::write(&file, config)?;
            let nginx = process::find("nginx").context("nginx is missing: use --modes direct")?;
            let words = [nginx, "-p".into(), server.dir.path().into(), "-c".into(), file];
            let words: Vec<String> = words.iter().map(|word| word.display().to_string()).collect();
            server.spawn(how.command(&words, Seat::Load))?;
            server.wait_for(&server.front.clone())?;
        }
        Ok(server)
    }

    /// The peer's processes, without nginx.
    pub(crate) fn tree(&self) -> Vec<u32> {
        let mut pids = self.processes.first().map_or(Vec::new(), |child| proc::tree(child.id()));
        // A worker is nobody's child; and who overwrites its environment bears no mark.
        pids.extend(proc::marked(MARK, &self.mark));
        pids.sort_unstable();
        pids.dedup();
        pids
    }

    /// The processes of nginx.
    pub(crate) fn front_tree(&self) -> Vec<u32> {
        self.processes.get(1).map_or(Vec::new(), |child| proc::tree(child.id()))
    }

    fn spawn(&mut self, mut command: Command) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.log())?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start `{}`", process::shown(&command)))?;
        self.processes.push(child);
        Ok(())
    }

    fn wait_for(&mut self, address: &Address) -> Result<()> {
        let started = Instant::now();
        loop {
            if Socket::connect(address).is_ok() {
                return Ok(());
            }
            let child = self.processes.last_mut().expect("just started");
            if let Some(status) = child.try_wait()? {
                bail!("it ended: {status}: {}", self.said());
            }
            if started.elapsed() > START {
                bail!("it does not listen after {} s: {}", START.as_secs(), self.said());
            }
            process::pause(LOOK);
        }
    }

    /// Ends it, and waits for that.
    pub(crate) fn stop(&mut self) {
        let left = proc::marked(MARK, &self.mark);
        for mut child in self.processes.drain(..).rev() {
            end(&mut child);
        }
        // A worker waits for more gates.
        let is_left = |pid: &u32| proc::is(*pid, MARK, &self.mark);
        signal(&left.into_iter().filter(is_left).collect::<Vec<_>>(), true);
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// The end of what it wrote.
    pub(crate) fn said(&self) -> String {
        let text = fs::read(self.log()).unwrap_or_default();
        String::from_utf8_lossy(&text[text.len().saturating_sub(LOG_BYTES)..]).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port that nobody listens on.
fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Ends a process that we started, with all its descendants.
pub(crate) fn end(child: &mut Child) {
    let tree = proc::tree(child.id());
    signal(&tree[..1], false);
    let asked = Instant::now();
    while asked.elapsed() < END {
        if let Ok(Some(_)) = child.try_wait() {
            break;
        }
        process::pause(LOOK);
    }
    let ended = matches!(child.try_wait(), Ok(Some(_)));
    let left = if ended { &tree[1..] } else { &tree[..] };
    // Only those that are still the ones we started: a number may be given anew.
    let alive: Vec<u32> =
        left.iter().copied().filter(|pid| !proc::program(*pid).is_empty()).collect();
    signal(&alive, true);
    let _ = child.wait();
}

#[cfg(unix)]
fn signal(pids: &[u32], kill: bool) {
    use rustix::process::{Pid, Signal, kill_process};
    let signal = if kill { Signal::KILL } else { Signal::TERM };
    for pid in pids {
        if let Some(pid) = i32::try_from(*pid).ok().and_then(Pid::from_raw) {
            // One that has ended meanwhile is what we want.
            let _ = kill_process(pid, signal);
        }
    }
}

#[cfg(not(unix))]
fn signal(_: &[u32], _: bool) {}

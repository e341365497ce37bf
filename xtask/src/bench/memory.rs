//! Owns the comparison of memory: one app in 16 instances, under `iisgate serve` and as 16
//! processes of their own, the way wfastcgi serves IIS.
//!
//! Does not own reading memory: see `proc`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::proc::{self, Memory};
use super::report::Table;
use super::server;
use crate::load::Protocol;
use crate::load::address::{Address, Socket};
use crate::load::cases;
use crate::load::link::{Exchange, Link, Progress};
use crate::load::request;
use crate::load::response::Reader;
use crate::{process, repo};

/// So many requests at once, and so many instances to serve them.
const INSTANCES: usize = 16;

/// The example whose app is held in memory.
const SITE: &str = "examples/flask";

/// Asked of all instances at once, so that every one of them is needed.
const SLOW: &str = "GET /slow?seconds=2 HTTP/1.1\r\nHost: bench.example\r\n\r\n";

/// How long an instance may take to answer.
const ANSWER: Duration = Duration::from_secs(30);

/// Names the processes of one way, wherever they hang in the tree of processes.
const MARK: &str = "IISGATE_BENCH_MARK";

/// Measures the three ways.
pub(crate) fn compare(bin: &Path, benches: &Path) -> Result<Table> {
    let head = ["", "PSS MiB", "×", "RSS MiB", "processes", "Python processes"];
    let mut table = Table::new(format!("{SITE}, {INSTANCES} instances"), &head);
    let python = bin.join("python");
    let ways: [(&str, Way<'_>); 3] = [
        ("iisgate serve, one worker", Box::new(|mark| ours(bin, mark))),
        (
            "16 × python -m iisgate worker",
            Box::new(|mark| {
                let options = ["-m", "iisgate", "worker", "app:app", "--endpoint", "stdin"];
                separate(mark, || {
                    let mut command = Command::new(&python);
                    command.args(options);
                    command
                })
            }),
        ),
        (
            "16 × wfastcgi",
            Box::new(|mark| {
                separate(mark, || {
                    let mut command = Command::new(&python);
                    command.arg(benches.join("serve.py")).args(["wfastcgi", "app:app"]);
                    command
                })
            }),
        ),
    ];
    let mut base = None;
    for (index, (name, way)) in ways.iter().enumerate() {
        eprintln!("== {name}");
        let mark = format!("{}-{index}", std::process::id());
        let Figures { memory, processes, pythons } = match way(&mark) {
            Ok(figures) => figures,
            Err(error) => {
                eprintln!("!! {name}: {error:#}");
                continue;
            }
        };
        let base = *base.get_or_insert(memory.pss as f64);
        table.row(vec![
            (*name).to_owned(),
            mib(memory.pss),
            format!("{:.1}", memory.pss as f64 / base),
            mib(memory.rss),
            processes.to_string(),
            pythons.to_string(),
        ]);
    }
    Ok(table)
}

type Way<'a> = Box<dyn Fn(&str) -> Result<Figures> + 'a>;

#[derive(Clone, Copy, Debug)]
struct Figures {
    memory: Memory,
    processes: usize,
    pythons: usize,
}

impl Figures {
    /// What the processes with this mark hold now.
    fn of(mark: &str) -> Figures {
        let pids = proc::marked(MARK, mark);
        let is_python = |pid: &&u32| proc::program(**pid).starts_with("python");
        let pythons = pids.iter().filter(is_python).count();
        Figures { memory: Memory::of(&pids), processes: pids.len(), pythons }
    }
}

/// Children that are ended when this goes away.
struct Children(Vec<Child>);

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            server::end(child);
        }
    }
}

/// `iisgate serve`, asked for so many slow answers at once that it starts all instances.
fn ours(bin: &Path, mark: &str) -> Result<Figures> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut serve = Command::new(bin.join("iisgate"));
    serve.arg("serve").arg(site()).args(["--port", &port.to_string()]);
    serve.args(["--max-instances", &INSTANCES.to_string()]);
    serve.env(MARK, mark).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log("serve")?);
    let child = serve.spawn().context("cannot start `iisgate serve`")?;
    let _children = Children(vec![child]);
    let address = Address::Tcp(format!("127.0.0.1:{port}"));
    let mut sockets = Vec::new();
    for _ in 0..INSTANCES {
        sockets.push(connect(&address)?);
    }
    for socket in &mut sockets {
        socket.write_all(SLOW.as_bytes()).context("cannot send")?;
    }
    for socket in &mut sockets {
        answer(socket)?;
    }
    Ok(Figures::of(mark))
}

/// As many processes as instances, each with a connection of its own as descriptor 0.
#[cfg(unix)]
fn separate(mark: &str, command: impl Fn() -> Command) -> Result<Figures> {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    let case = cases::find("hello")?;
    let request = request::encode(case, Protocol::Fastcgi, true);
    let nowhere = Address::Unix(PathBuf::new());
    let exchange = Exchange { address: &nowhere, request: &request, expected: None, keep: true };
    let mut children = Children(Vec::new());
    let mut links = Vec::new();
    for _ in 0..INSTANCES {
        let (near, far) = UnixStream::pair()?;
        let mut command = command();
        command.current_dir(site()).env("PYTHONPATH", site()).env(MARK, mark);
        command.stdin(OwnedFd::from(far)).stdout(Stdio::null()).stderr(log("separate")?);
        children.0.push(command.spawn().context("cannot start Python")?);
        near.set_nonblocking(true)?;
        let mut link = Link::over(Socket::Unix(near), Reader::new(Protocol::Fastcgi));
        link.begin();
        answered(&mut link, exchange)?;
        links.push(link);
    }
    Ok(Figures::of(mark))
}

#[cfg(not(unix))]
fn separate(_: &str, _: impl Fn() -> Command) -> Result<Figures> {
    bail!("a socket cannot be handed over as descriptor 0 here")
}

fn answered(link: &mut Link, exchange: Exchange<'_>) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < ANSWER {
        match link.look(exchange) {
            Progress::Right(_) => return Ok(()),
            Progress::Bad(why) => bail!("an instance answered badly: {why}"),
            Progress::None => process::pause(Duration::from_millis(2)),
            Progress::Some => {}
        }
    }
    bail!("an instance did not answer within {} s", ANSWER.as_secs())
}

fn connect(address: &Address) -> Result<std::net::TcpStream> {
    let started = Instant::now();
    loop {
        match Socket::connect(address) {
            Ok(Socket::Tcp(stream)) => {
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(ANSWER))?;
                return Ok(stream);
            }
            Err(error) if started.elapsed() > ANSWER => {
                return Err(error).context("`iisgate serve` does not listen");
            }
            _ => process::pause(Duration::from_millis(10)),
        }
    }
}

fn answer(socket: &mut std::net::TcpStream) -> Result<()> {
    let mut start = [0; 12];
    socket.read_exact(&mut start).context("no answer")?;
    if &start != b"HTTP/1.1 200" {
        bail!("the answer begins with {:?}", String::from_utf8_lossy(&start));
    }
    Ok(())
}

fn site() -> PathBuf {
    repo::root().join(SITE)
}

fn log(name: &str) -> Result<std::fs::File> {
    let path = crate::venv::log("memory", name);
    std::fs::create_dir_all(path.parent().expect("a log lies in a folder"))?;
    Ok(std::fs::File::create(path)?)
}

fn mib(kib: u64) -> String {
    format!("{:.1}", kib as f64 / 1024.0)
}

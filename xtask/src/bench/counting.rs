//! Owns counting instructions (callgrind) and system calls (strace): what a small request costs, and
//! the guard of the hot path.
//!
//! Does not own time: see `samples`. A count hardly depends on the machine or on what else runs
//! there, so it can guard the hot path in a test. Started twice with different numbers of requests,
//! a server's costs at start and end fall out of the difference.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::catalog::{self, Peer};
use super::server::{How, Server};
use super::yardstick;
use crate::load::cases::{self, Case};
use crate::load::link::{Exchange, Link, Progress};
use crate::load::request;
use crate::load::response::Reader;
use crate::venv::Venv;
use crate::{process, repo};

/// Requests of the short and of the long run: CPython specialises an app's code within the first
/// hundred.
const REQUESTS: [u32; 2] = [200, 700];

/// How long one response may take under callgrind on a busy machine.
const ANSWER: Duration = Duration::from_secs(60);

/// What is guarded: the most instructions that ours may cost beyond the yardstick, by case. The
/// difference hardly depends on how well Python itself is built, as a ratio would. The bounds are a
/// tenth above what was counted with the build that tests use, which optimises less than a release
/// and asserts much.
const BOUNDS: &[(&str, f64)] = &[("hello", 10_400.0), ("headers", 16_800.0)];

/// A case's counts, instructions in user mode per request.
#[derive(Debug)]
struct Counted {
    case: &'static str,
    ours: f64,
    yardstick: f64,
    bound: f64,
}

impl Counted {
    fn told(&self) -> String {
        let Counted { case, ours, yardstick, .. } = self;
        let ratio = ours / yardstick;
        format!(
            "{case}: {ours:.0} instructions a request, the yardstick {yardstick:.0}: \
             {ratio:.2} times"
        )
    }

    fn is_dear(&self) -> bool {
        self.ours - self.yardstick > self.bound
    }
}

/// Counts, prints a line for each case, and fails past a bound.
pub(crate) fn guard(venv: &Venv, is_guarding: bool) -> Result<()> {
    yardstick::build(venv)?;
    let mut costly = Vec::new();
    for (name, bound) in BOUNDS {
        let case = cases::find(name)?;
        let count = |peer| per_request(catalog::find(peer)?, case, venv, Counter::Instructions);
        let (ours, yardstick) = std::thread::scope(|scope| {
            let ours = scope.spawn(|| count("worker"));
            let yardstick = count(catalog::YARDSTICK);
            (ours.join().expect("errors are returned"), yardstick)
        });
        let counted = Counted { case: name, ours: ours?, yardstick: yardstick?, bound: *bound };
        println!("{}", counted.told());
        if counted.is_dear() {
            costly.push(format!("{}; at most {bound:.0} more are allowed", counted.told()));
        }
    }
    if is_guarding && !costly.is_empty() {
        let place = "see BOUNDS in xtask/src/bench/counting.rs";
        bail!("the hot path has become dearer: {}; {place}", costly.join("; "));
    }
    Ok(())
}

/// What is counted of a server, by a program that it runs under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    /// Instructions in user mode, by callgrind.
    Instructions,
    /// Calls of the system, by strace.
    SystemCalls,
}

impl Counter {
    /// The program, which writes its counts to the file.
    fn program(self, file: &Path) -> Vec<String> {
        let file = file.display();
        match self {
            // With each seed the names in Python's dictionaries collide otherwise, which makes a
            // fiftieth of a count.
            Counter::Instructions => vec![
                "env".into(),
                "PYTHONHASHSEED=0".into(),
                "valgrind".into(),
                "--tool=callgrind".into(),
                "--quiet".into(),
                format!("--callgrind-out-file={file}"),
            ],
            // It passes a signal to end on, which it would not with -o alone.
            Counter::SystemCalls => {
                ["strace", "-I2", "-f", "-c", "-o", &file.to_string()].map(str::to_owned).into()
            }
        }
    }

    /// The sum that it wrote at the server's end.
    fn total(self, file: &Path) -> Result<u64> {
        let text = std::fs::read_to_string(file).context("no counts were written")?;
        let number = match self {
            Counter::Instructions => {
                let sum = |line: &'_ str| line.strip_prefix("totals: ").map(str::to_owned);
                text.lines().find_map(sum)
            }
            // % time, seconds, usecs/call, calls, errors if there were any, syscall.
            Counter::SystemCalls => text
                .lines()
                .find(|line| line.ends_with(" total"))
                .and_then(|line| line.split_whitespace().nth(3).map(str::to_owned)),
        };
        number.context("the counts have no sum")?.trim().parse().context("the sum is no number")
    }
}

/// The difference between a long and a short run, by request.
pub(crate) fn per_request(
    peer: &'static Peer,
    case: &'static Case,
    venv: &Venv,
    counter: Counter,
) -> Result<f64> {
    let mut counts = Vec::new();
    for requests in REQUESTS {
        let count = run(peer, case, requests, venv, counter)
            .with_context(|| format!("{}, counting {counter:?}", peer.name))?;
        counts.push(count);
    }
    ensure!(counts[1] > counts[0], "more requests cost {} less: {counts:?}", peer.name);
    Ok((counts[1] - counts[0]) as f64 / f64::from(REQUESTS[1] - REQUESTS[0]))
}

/// A server's counts from start to end.
fn run(
    peer: &'static Peer,
    case: &'static Case,
    requests: u32,
    venv: &Venv,
    counter: Counter,
) -> Result<u64> {
    let folder = tempfile::Builder::new().prefix("counted-").tempdir()?;
    let file = folder.path().join("out");
    let under = counter.program(&file);
    let bin = venv.python().parent().context("an environment has a folder of programs")?.to_owned();
    let app = format!("{}:app", case.module);
    let how = How { under: &under, ..How::default() };
    let mut server = Server::start(peer, &app, &bin, &repo::root().join("benches"), how)?;
    ask(&server, peer, case, requests)?;
    server.stop();
    counter.total(&file).with_context(|| format!("it said: {}", server.said()))
}

/// So many requests on one connection, each answered rightly.
pub(crate) fn ask(server: &Server, peer: &Peer, case: &Case, requests: u32) -> Result<()> {
    let request = request::encode(case, peer.protocol, peer.keep);
    let expected = case.expected();
    let exchange = Exchange {
        address: &server.address,
        request: &request,
        expected: Some(&expected),
        keep: peer.keep,
    };
    let mut link = Link::open(&server.address, Reader::new(peer.protocol))?;
    for _ in 0..requests {
        link.begin();
        let began = std::time::Instant::now();
        loop {
            match link.look(exchange) {
                Progress::Right(_) => break,
                Progress::Bad(why) => bail!("a bad answer: {why}; {}", server.said()),
                Progress::Some => {}
                Progress::None if began.elapsed() > ANSWER => bail!("no answer; {}", server.said()),
                Progress::None => process::pause(Duration::from_micros(200)),
            }
        }
    }
    Ok(())
}

//! Owns `cargo xtask bench`: our worker beside other servers, in one run, with ratios.
//!
//! Does not own the measured apps (`benches/apps`) nor the load (`load`).

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::build::Build;
use crate::interpreter::{self, Interpreter};
use crate::load::cases;
use crate::venv::{self, Venv};
use crate::{process, repo};

mod catalog;
pub(crate) mod counting;
mod fronts;
mod memory;
mod nginx;
mod page;
mod plot;
pub(crate) mod proc;
mod report;
mod samples;
mod server;
mod starting;
mod threads;
mod yardstick;

use catalog::Peer;
use report::Format;
use samples::{Mode, Rig, Scene};

/// What peers are compiled with.
const BUILD_WANTS: &str = "it wants: apt-get install gcc python3-dev libev-dev libpcre2-dev";

/// The peers that are compared when none are named: ours as it is used, and the others.
const USUAL: &str = "worker,fcgi,gates,pyfloor,uwsgi,uwsgi-t8,uwsgi-http,bjoern,\
    fastwsgi,granian,gunicorn,waitress,flup,wfastcgi";

/// The Python packages whose versions are told.
const MEASURED: &[&str] = &[
    "bjoern", "django", "fastwsgi", "flask", "flup-py3", "granian", "gunicorn", "iisgate", "uwsgi",
    "waitress", "wfastcgi",
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which servers; the first of ours is what all are compared with.
    #[arg(long, value_delimiter = ',', default_value = USUAL)]
    peers: Vec<String>,
    /// Which requests.
    #[arg(long, value_delimiter = ',', default_value = "hello,64k,post,flask")]
    cases: Vec<String>,
    /// With nginx in front, or without.
    #[arg(long, value_delimiter = ',', default_value = "direct,nginx")]
    modes: Vec<Mode>,
    /// Connections, each with one request in flight.
    #[arg(long, value_delimiter = ',', default_value = "1,16")]
    connections: Vec<usize>,
    /// How often each peer has its turn; medians are told.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long a sample is.
    #[arg(long, default_value_t = 0.5)]
    seconds: f64,
    /// Counts instructions under callgrind instead: ours beside the yardstick.
    #[arg(long)]
    instructions: bool,
    /// Counts them with what `cargo xtask test` has installed, as its guard does.
    #[arg(long, requires = "instructions")]
    guard: bool,
    /// Compares memory instead: one app in 16 instances, ours beside 16 processes.
    #[arg(long)]
    memory: bool,
    /// Writes docs/benchmarks.md, with what is told beside requests: starting, memory, threads,
    /// web servers.
    #[arg(long)]
    write: bool,
    #[arg(long, default_value = "text")]
    format: Format,
    /// The Python that all servers run with.
    #[arg(long, default_value = "python3")]
    python: String,
}

/// Measures and prints tables.
pub(crate) fn run(args: &Args) -> Result<bool> {
    if !cfg!(target_os = "linux") {
        bail!("the bench reads processor time and memory from /proc: run it on Linux");
    }
    if args.guard {
        counting::guard(&Venv::existing("venv-test")?, true)?;
        return Ok(true);
    }
    let mut peers = named(&args.peers, catalog::find)?;
    let cases = named(&args.cases, cases::find)?;
    let python = interpreter::find(&args.python)?;
    let venv = environment(&python, &mut peers)?;
    let benches = repo::root().join("benches");
    let bin = venv.python().parent().expect("it lies in a folder").to_owned();
    if args.instructions {
        counting::guard(&venv, false)?;
        return Ok(true);
    }
    if args.memory {
        let table = memory::compare(&bin, &benches)?;
        println!("{}\n", machine(&venv)?);
        println!("{}", table.write(args.format));
        return Ok(true);
    }
    let Some(base) = peers.iter().find(|peer| peer.ours).map(|peer| peer.name) else {
        bail!("none of the peers is ours: name one of worker, worker-t1, fcgi");
    };
    let mut modes = args.modes.clone();
    if modes.contains(&Mode::Nginx) && !process::exists("nginx") {
        eprintln!("!! nginx is missing, its modes are left out: apt-get install nginx-light");
        modes.retain(|mode| *mode != Mode::Nginx);
    }
    if !server::seats() {
        eprintln!("!! no two processors, or no taskset: load and servers disturb each other");
    }
    let mut scenes = Vec::new();
    for case in cases {
        for mode in &modes {
            for connections in &args.connections {
                scenes.push(Scene { case, mode: *mode, connections: *connections });
            }
        }
    }
    let rig = Rig { bin, benches, load: load_program()?, seconds: args.seconds };
    let mut samples = Vec::new();
    for round in 1..=args.rounds {
        eprintln!("== round {round} of {}", args.rounds);
        // None is always the one after the slowest, or the first of all.
        let mut in_turn = peers.clone();
        in_turn.rotate_left((round - 1) * peers.len() / args.rounds);
        samples.extend(rig.round(&in_turn, &scenes));
    }
    println!("{}\n", machine(&venv)?);
    for table in report::tables(&samples, &scenes, base) {
        println!("{}", table.write(args.format));
    }
    if args.write {
        let beside = [
            starting::compare(&rig, &peers, &venv)?,
            threads::compare(&rig, args.rounds)?,
            fronts::compare(&rig, args.rounds)?,
        ];
        for table in &beside {
            println!("{}", table.write(args.format));
        }
        page::write(&machine(&venv)?, &typed(), &peers, &samples, &beside)?;
    }
    let ours_bad = |sample: &samples::Sample| {
        sample.seen.bad > 0 && peers.iter().any(|peer| peer.ours && peer.name == sample.peer)
    };
    Ok(!samples.is_empty() && !samples.iter().any(ours_bad))
}

/// What was typed.
fn typed() -> String {
    let words = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    format!("cargo xtask {words}")
}

/// What was measured where, in a line: figures without it cannot be compared.
fn machine(venv: &Venv) -> Result<String> {
    let python = process::output(Command::new(venv.python()).arg("--version"))?;
    let mut pip = Command::new(venv.python());
    let listed = process::output(pip.args(["-m", "pip", "list", "--format", "freeze"]))?;
    let ours_and_peers: Vec<String> = listed
        .lines()
        .filter_map(|line| line.split_once("=="))
        .filter(|(name, _)| MEASURED.contains(&name.to_lowercase().as_str()))
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What stands behind the number is the distributor's.
    let kernel = kernel.split('-').next().unwrap_or_default();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    Ok(format!(
        "{}; {}; {processors} processors, Linux {}, load {load} at the end",
        python.trim(),
        ours_and_peers.join(", "),
        kernel.trim()
    ))
}

fn named<T>(names: &[String], find: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
    names.iter().map(|name| find(name)).collect()
}

/// Makes the environment; drops peers that cannot be built here.
fn environment(python: &Interpreter, peers: &mut Vec<&'static Peer>) -> Result<Venv> {
    let venv = Venv::make("venv-bench", python)?;
    let benches = repo::root().join("benches");
    venv.install("peers", &[benches.join("requirements.txt")], &[])?;
    peers.retain(|peer| {
        let built = match peer.compiled {
            Some(package) => venv.install_built(package),
            None if peer.name == catalog::YARDSTICK => yardstick::build(&venv),
            None => Ok(()),
        };
        if let Err(error) = &built {
            eprintln!("!! {} is left out: {error:#}\n   {BUILD_WANTS}", peer.name);
        }
        built.is_ok()
    });
    venv.install_ours(Build::Shipped)?;
    Ok(venv)
}

/// Builds ourselves for release: a load generator must not be the slow one.
fn load_program() -> Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(repo::root()).args(["build", "--release", "--package", "xtask", "--locked"]);
    process::quiet(
        &mut cargo,
        "the load generator, built for release",
        &venv::log("bench", "load"),
    )?;
    let program = format!("release/xtask{}", std::env::consts::EXE_SUFFIX);
    repo::target().join(program).canonicalize().context("cargo built no load generator")
}

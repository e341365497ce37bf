//! Owns `cargo xtask soak`: a site behind `iisgate serve` for minutes, its worker replaced every 200 requests
//! and killed every 10 seconds, while every answer is compared byte by byte.
//!
//! Does not own what is measured (`samples`), asked (`client`) or judged (`tally`).

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::build::Build;
use crate::interpreter;
use crate::process;
use crate::venv::Venv;

mod client;
mod samples;
mod site;
mod tally;

use samples::Samples;
use site::Site;
use tally::Tally;

/// How long a killed worker's successor may take before nobody doubts that it hangs.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// How often the processes are looked at.
const LOOKS: u32 = 60;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How long.
    #[arg(long, default_value_t = 30.0)]
    minutes: f64,
    /// Clients, each with one request in flight.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// After how many requests the worker is replaced.
    #[arg(long, default_value_t = 200)]
    max_requests: u32,
    /// Seconds from one killed worker to the next; 0 kills none.
    #[arg(long, default_value_t = 10.0)]
    kill_every: f64,
    /// The Python that runs the app.
    #[arg(long, default_value = "python3")]
    python: String,
    /// An iisgate that is built, with the package in the environment of --python, instead of a fresh one.
    #[arg(long, value_name = "FILE")]
    exe: Option<PathBuf>,
}

/// Runs it and prints a table; whether nothing was wrong.
pub(crate) fn run(args: &Args) -> Result<bool> {
    if !cfg!(target_os = "linux") {
        bail!("soak reads memory, descriptors and threads from /proc: run it on Linux");
    }
    let (exe, python) = match &args.exe {
        Some(exe) => (exe.clone(), PathBuf::from(&args.python)),
        None => {
            let venv = Venv::make("venv-soak", &interpreter::find(&args.python)?)?;
            venv.install_ours(Build::Quick)?;
            (venv.program("iisgate"), venv.python())
        }
    };
    soak(&exe, &python, args)
}

fn soak(exe: &std::path::Path, python: &std::path::Path, args: &Args) -> Result<bool> {
    let time = Duration::from_secs_f64(args.minutes * 60.0);
    let mut site = Site::start(exe, python, args.max_requests, args.clients)?;
    let tally = Mutex::new(Tally::default());
    let (is_over, latest) = (AtomicBool::new(false), AtomicU32::new(0));
    let began = Instant::now();
    let mut samples = Samples::default();
    std::thread::scope(|scope| {
        for number in 0..args.clients {
            let (tally, is_over, latest, address) = (&tally, &is_over, &latest, site.address());
            scope.spawn(move || client::ask(number, address, tally, is_over, latest));
        }
        watch(&site, args, time, &tally, &latest, &mut samples);
        is_over.store(true, Ordering::Relaxed);
    });
    let seconds = began.elapsed().as_secs_f64();
    let left = site.stop().context("the stand-in does not end")?;
    let tally = tally.into_inner().expect("no client panicked");
    println!("{}", tally.table(seconds, args.clients));
    println!("{}", samples.table());
    let mut faults = tally.faults();
    faults.extend(samples.faults());
    if args.kill_every > 0.0 && time.as_secs_f64() > 2.0 * args.kill_every {
        faults.extend(tally.has_no_kill());
    }
    if !left.is_empty() {
        faults.push(format!("left behind: {}", left.join(", ")));
    }
    for fault in &faults {
        println!("!! {fault}");
    }
    if !faults.is_empty() {
        println!("!! its logs are kept: {}", site.keep().display());
    }
    println!("{}", if faults.is_empty() { "nothing was wrong" } else { "that was wrong" });
    Ok(faults.is_empty())
}

/// Looks at the processes and kills workers until the time is over, or nobody answers any more.
fn watch(
    site: &Site,
    args: &Args,
    time: Duration,
    tally: &Mutex<Tally>,
    latest: &AtomicU32,
    samples: &mut Samples,
) {
    let began = Instant::now();
    let every = Duration::from_secs_f64(args.kill_every);
    let (mut kill_due, mut look_due) = (every, time / LOOKS);
    let (mut answered, mut progress) = (0, Instant::now());
    while began.elapsed() < time {
        process::pause(Duration::from_millis(20));
        let now = began.elapsed();
        if !every.is_zero() && now >= kill_due {
            // Told before it is done: whoever was asked by then may fail.
            let pid = latest.load(Ordering::Relaxed);
            let from = Instant::now();
            if site.kill_worker(pid) {
                tally.lock().expect("no client panicked").killed(from, Instant::now());
                kill_due = now + every;
            }
        }
        if now >= look_due {
            samples.look(now, site);
            look_due += time / LOOKS;
        }
        let right = tally.lock().expect("no client panicked").right;
        if right > answered {
            (answered, progress) = (right, Instant::now());
        } else if progress.elapsed() > SILENCE_MAX {
            tally.lock().expect("no client panicked").silent(now);
            return;
        }
    }
}

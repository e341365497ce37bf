//! Owns `cargo xtask test`: everything that can be tested on this machine, and what could not be.
//!
//! Does not own any test: rules are tested beside the code, whole journeys in `tests/`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::build::Build;
use crate::interpreter::{self, Interpreter};
use crate::process;
use crate::repo;
use crate::steps::Steps;
use crate::venv::Venv;
use crate::windows;

pub(crate) mod counts;
mod no_services;
pub(crate) mod pytest;
pub(crate) mod system;

use counts::Counts;
use pytest::{Pytest, python_module};
use system::{Package, Suite};

/// The Python side's tools, beside what `tests/requirements.txt` asks for.
const TOOLS: &[&str] = &["pytest", "mypy", "ruff"];

/// The Python files that the style check reads.
const PYTHON_FOLDERS: &[&str] = &["python", "tests", "examples", "benches"];

/// The packages without which instructions cannot be counted.
#[cfg(target_os = "linux")]
const COUNTING: &[&str] = &["gcc", "python3-dev", "valgrind"];

const RUFF: &[&str] = &["check", "--output-format", "concise"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Installs no system package, even when it could.
    #[arg(long)]
    no_system: bool,
    /// Runs only the Python tests whose names match, and nothing else.
    #[arg(short = 'k', value_name = "EXPR")]
    only: Vec<String>,
    /// The Python that everything runs with.
    #[arg(long, default_value = "python3")]
    python: String,
    /// How long a site is soaked; 0 for not at all.
    #[arg(long, default_value_t = 3.0)]
    soak_minutes: f64,
    /// How long each of the properties that fuzzing tries is tried; 0 for no longer than
    /// `cargo test` does.
    #[arg(long, default_value_t = 60)]
    fuzz_seconds: u32,
}

/// Runs every step, also after a failed one; whether all passed.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let mut steps = Steps::default();
    let mut counts = Counts::default();
    let mut missing = Vec::new();
    steps.run("system packages", || {
        missing = system::provide(&args.python, !args.no_system, Suite::ALL)?;
        Ok(())
    });
    if args.only.is_empty() {
        rust(&mut steps, &mut counts);
    }
    let venv = python(args, &mut steps);
    if args.only.is_empty() {
        side_by_side(args, &mut steps, &mut counts, &missing, venv.as_ref());
    } else if let Some(venv) = &venv {
        let ours = journeys(args, &missing, None);
        steps.run("pytest", || ours.run(venv, &mut counts));
    }
    tell(&steps, &counts, &missing);
    Ok(steps.all_passed())
}

/// Prints how it ended; the last line counts the tests.
pub(crate) fn tell(steps: &Steps, counts: &Counts, missing: &[Package]) {
    println!("\n{}", steps.table());
    for package in missing {
        println!("not on this machine: {} ({})", package.name, package.serves);
    }
    for skipped in &counts.skipped_tests {
        println!("skipped: {skipped}");
    }
    for failed in &counts.failed_tests {
        println!("failed: {failed}");
    }
    println!("{}", counts.line());
}

fn rust(steps: &mut Steps, counts: &mut Counts) {
    steps.run("cargo fmt", || process::stream(cargo().args(["fmt", "--all", "--check"])));
    steps.run("cargo clippy", || {
        let mut clippy = cargo();
        clippy.args(["clippy", "--workspace", "--all-targets", "--locked", "--quiet"]);
        process::stream(clippy.args(["--", "-D", "warnings"]))
    });
    steps.run("cargo test", || {
        let mut test = cargo();
        test.args(["test", "--workspace", "--locked", "--no-fail-fast", "--quiet"]);
        process::watch(&mut test, |line| counts.cargo_line(line))
    });
}

fn cargo_program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn cargo() -> Command {
    let mut cargo = Command::new(cargo_program());
    cargo.current_dir(repo::root());
    cargo
}

fn python(args: &Args, steps: &mut Steps) -> Option<Venv> {
    let mut venv = None;
    steps.run("Python environment", || {
        let with_tools = environment(&interpreter::find(&args.python)?)?;
        with_tools.install_ours(Build::Quick)?;
        venv = Some(with_tools);
        Ok(())
    });
    let Some(venv) = venv else {
        for step in ["ruff", "mypy", "stub"] {
            steps.skip(step, "there is no Python environment");
        }
        return None;
    };
    if args.only.is_empty() {
        steps.run("ruff", || {
            let folders = PYTHON_FOLDERS.iter().filter(|dir| repo::root().join(dir).is_dir());
            process::stream(python_module(&venv, "ruff").args(RUFF).args(folders))
        });
        steps.run("mypy", || {
            process::stream(python_module(&venv, "mypy").args(["--strict", "python/iisgate"]))
        });
        steps.run("stub", || {
            // The stub is compared with the module as it was built and installed.
            process::stream(python_module(&venv, "mypy.stubtest").arg("iisgate._native"))
        });
    }
    Some(venv)
}

/// The Python tests of this system.
fn journeys<'a>(args: &'a Args, missing: &[Package], log: Option<PathBuf>) -> Pytest<'a> {
    Pytest {
        folder: "tests",
        without: Some(windows::suite::FOLDER),
        only: &args.only,
        is_complete: !missing.iter().any(|package| package.suite == Suite::Linux),
        environment: Vec::new(),
        log,
    }
}

/// Guards the hot path, where what counts instructions is there.
#[cfg(target_os = "linux")]
fn instructions(steps: &mut Steps, missing: &[Package], venv: Option<&Venv>) {
    let absent = missing.iter().find(|package| COUNTING.contains(&package.name));
    match (absent, venv) {
        (None, Some(venv)) => {
            steps.run("instructions", || crate::bench::counting::guard(venv, true));
        }
        (Some(package), _) => steps.skip("instructions", package.serves),
        (_, None) => steps.skip("instructions", "there is no Python environment"),
    }
}

/// Runs the Python tests of this system, the guard of the hot path and the soak, while everything for
/// Windows is built and tested, and beside both the properties that fuzzing tries: all of them mostly
/// wait. What the tests and the soak print is shown when they have ended.
fn side_by_side(
    args: &Args,
    steps: &mut Steps,
    counts: &mut Counts,
    missing: &[Package],
    venv: Option<&Venv>,
) {
    let shown = ["pytest-tests", "soak"].map(log_of);
    for log in &shown {
        // An earlier run's, if there is one.
        let _ = std::fs::remove_file(log);
    }
    let log = &shown[0];
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| {
            let (mut steps, mut counts) = (Steps::default(), Counts::default());
            match venv {
                Some(venv) => {
                    eprintln!(
                        "\n-- pytest runs beside what follows, and prints to {}",
                        log.display()
                    );
                    let ours = journeys(args, missing, Some(log.clone()));
                    steps.run("pytest", || ours.run(venv, &mut counts));
                }
                None => steps.skip("pytest", "there is no Python environment"),
            }
            #[cfg(target_os = "linux")]
            instructions(&mut steps, missing, venv);
            soaked(args, &mut steps, venv);
            (steps, counts)
        });
        let patient = scope.spawn(|| {
            let mut steps = Steps::default();
            properties(args, &mut steps);
            steps
        });
        windows::suite::steps(steps, counts, missing, &args.python, venv, &[]);
        let (theirs, counted) = beside.join().expect("steps return their errors");
        steps.add(theirs);
        counts.add(counted);
        steps.add(patient.join().expect("steps return their errors"));
    });
    for log in &shown {
        print!("{}", std::fs::read_to_string(log).unwrap_or_default());
    }
}

/// Where a step that runs beside others prints to.
fn log_of(step: &str) -> PathBuf {
    repo::target().join("logs").join(step).with_extension("txt")
}

/// Tries the properties that fuzzing tries for longer than `cargo test` did, with what the others leave of
/// the processors. The tests were built and counted before.
fn properties(args: &Args, steps: &mut Steps) {
    if args.fuzz_seconds == 0 {
        return steps.skip("properties", "--fuzz-seconds 0");
    }
    steps.run("properties", || {
        let mut test = process::yielding(19, cargo_program());
        test.args(["test", "--workspace", "--locked", "--quiet", "--test", "seeds"]);
        test.args(["--", "--test-threads", "1"]).current_dir(repo::root());
        test.env("IISGATE_FUZZ_SECONDS", args.fuzz_seconds.to_string());
        process::quiet(&mut test, "trying properties", &log_of("properties"))
    });
}

/// Soaks a site, in a process that gives way a little: it judges what is answered, not how fast.
fn soaked(args: &Args, steps: &mut Steps, venv: Option<&Venv>) {
    match venv {
        #[cfg(target_os = "linux")]
        Some(venv) if args.soak_minutes > 0.0 => {
            steps.run("soak", || {
                // This very program, even if another one was built in its place meanwhile.
                let ours = format!("/proc/{}/exe", std::process::id());
                let mut soak = process::yielding(5, ours);
                soak.args(["soak", "--minutes", &args.soak_minutes.to_string()]);
                soak.arg("--exe").arg(venv.program("iisgate")).arg("--python").arg(venv.python());
                process::quiet(&mut soak, "soaking a site", &log_of("soak"))
            });
        }
        Some(_) if args.soak_minutes > 0.0 => steps.skip("soak", "it reads /proc: Linux"),
        Some(_) => steps.skip("soak", "--soak-minutes 0"),
        None => steps.skip("soak", "there is no Python environment"),
    }
}

/// Makes the environment: the tools, what the tests and the examples require.
pub(crate) fn environment(python: &Interpreter) -> Result<Venv> {
    let venv = Venv::make("venv-test", python)?;
    let mut requirements: Vec<PathBuf> = repo::files()?
        .into_iter()
        .filter(|file| {
            file.ends_with("requirements.txt")
                && (file.starts_with("tests") || file.starts_with("examples"))
                && !windows::suite::requirement_files().any(|ours| *file == *ours)
        })
        .map(|file| repo::root().join(file))
        .collect();
    requirements.sort();
    venv.install("requirements", &requirements, TOOLS)?;
    Ok(venv)
}

//! Owns `cargo xtask windows test` and its part of `cargo xtask test`.
//!
//! Does not own the tests, which stand in `tests/windows`.

use std::process::Command;

use anyhow::Result;

use crate::build::Build;
use crate::interpreter;
use crate::process;
use crate::repo;
use crate::steps::Steps;
use crate::test;
use crate::test::counts::Counts;
use crate::test::pytest::Pytest;
use crate::test::system::{self, Package, Suite};
use crate::venv::Venv;

use super::{build, cargo, environments, places, python, wine};

pub(crate) use environments::requirement_files;

/// Where the tests stand.
pub(crate) const FOLDER: &str = "tests/windows";

/// Tells the tests where everything for Windows lies.
const WINDOWS_DIR: &str = "IISGATE_WINDOWS_DIR";

/// The crate that is written anew for Windows: all its tests run there, too.
const OF_WINDOWS: &[&str] = &["iisgate-platform"];

/// Crates that rely on Windows here and there: their unit tests run there when everything does.
const ON_WINDOWS: &[&str] = &["iisgate-iis", "iisgate-gate", "iisgate-front"];

/// Says that what takes minutes is to run, too.
const LONG: &str = "IISGATE_LONG";

const BUILD: &str = "Windows build";
const PYTHON: &str = "Windows Python";
const CLIPPY: &str = "Windows clippy";
const CARGO_TEST: &str = "Windows cargo test";
const TESTS: &str = "Windows tests";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Installs no system package, even when it could.
    #[arg(long)]
    no_system: bool,
    /// Runs only the tests whose names match.
    #[arg(short = 'k', value_name = "EXPR")]
    only: Vec<String>,
    /// The Python that runs the tests; for Wine, also the one whose standard library is taken.
    #[arg(long, default_value = if cfg!(windows) { "python" } else { "python3" })]
    python: String,
}

/// Sets everything up and runs the tests; whether all passed. What cannot be run has failed.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let mut list = Steps::default();
    let mut counts = Counts::default();
    let mut missing = Vec::new();
    if !cfg!(windows) {
        list.run("system packages", || {
            missing = system::provide(&args.python, !args.no_system, Suite::OF_WINDOWS)?;
            Ok(())
        });
    }
    let mut venv = None;
    list.run("Python environment", || {
        venv = Some(test::environment(&interpreter::find(&args.python)?)?);
        Ok(())
    });
    let has_run = steps(&mut list, &mut counts, &missing, &args.python, venv.as_ref(), &args.only);
    test::tell(&list, &counts, &missing);
    Ok(has_run && list.all_passed())
}

/// Runs the side-by-side comparison, with what users get, in what `windows test` has set up.
pub(crate) fn bench(arguments: &[String]) -> Result<bool> {
    let python = Venv::existing("venv-test")?.python();
    build::run(&places::dist(), &python.to_string_lossy(), Build::Shipped)?;
    environments::install_ours(&places::dist())?;
    let mut bench = Command::new(python);
    bench.current_dir(repo::root().join(FOLDER)).arg("bench.py").args(arguments);
    process::stream(bench.env(WINDOWS_DIR, places::dir()))?;
    if !cfg!(windows) {
        wine::end()?;
    }
    Ok(true)
}

/// Runs the steps for Windows, or notes why not; whether they were run.
pub(crate) fn steps(
    list: &mut Steps,
    counts: &mut Counts,
    missing: &[Package],
    python: &str,
    venv: Option<&Venv>,
    only: &[String],
) -> bool {
    if let Some(why) = hindrance(missing, python, venv.is_some()) {
        for step in [BUILD, PYTHON, CLIPPY, CARGO_TEST, TESTS] {
            list.skip(step, &why);
        }
        counts.skip(FOLDER, &why);
        return false;
    }
    let is_built = list.run(BUILD, || {
        if places::dist().exists() {
            std::fs::remove_dir_all(places::dist())?;
        }
        build::run(&places::dist(), python, Build::Quick)
    });
    let is_prepared = list.run(PYTHON, || {
        if cfg!(windows) {
            environments::prepare_on_windows(&interpreter::find(python)?)?;
        } else {
            environments::prepare_under_wine(&python::like_it(python)?)?;
        }
        if is_built { environments::install_ours(&places::dist()) } else { Ok(()) }
    });
    // They mostly wait, each for itself.
    let has_run = std::thread::scope(|scope| {
        let rust = only.is_empty().then(|| scope.spawn(|| rust(missing)));
        let has_run = match venv.filter(|_| is_built && is_prepared) {
            Some(venv) => {
                list.run(TESTS, || journeys(only).run(venv, counts));
                true
            }
            None => {
                list.skip(TESTS, "what they test could not be made");
                counts.skip(FOLDER, "what they test could not be made");
                false
            }
        };
        if let Some((steps, theirs)) = rust.map(|it| it.join().expect("steps return their errors"))
        {
            list.add(steps);
            counts.add(theirs);
        }
        has_run
    });
    if !cfg!(windows)
        && let Err(error) = wine::end()
    {
        list.note("Wine's end", std::time::Duration::ZERO, Err(error));
    }
    has_run
}

/// The Python tests of Windows.
fn journeys(only: &[String]) -> Pytest<'_> {
    Pytest {
        folder: FOLDER,
        without: None,
        only,
        is_complete: true,
        environment: vec![(WINDOWS_DIR, places::dir())],
        log: None,
    }
}

/// Lints what is made for Windows, and runs the Rust tests there.
fn rust(missing: &[Package]) -> (Steps, Counts) {
    let (mut list, mut counts) = (Steps::default(), Counts::default());
    if missing.iter().any(|package| package.suite == Suite::WindowsLint) {
        list.skip(CLIPPY, "there is no clippy for Windows on this machine");
    } else {
        list.run(CLIPPY, || {
            let mut clippy = cargo::cargo("clippy")?;
            // Others have next to nothing that Linux does not compile, and need much that is slow.
            clippy.args(["--package", "iisgate-platform", "--all-targets", "--", "-D", "warnings"]);
            process::stream(&mut clippy)
        });
    }
    list.run(CARGO_TEST, || {
        let mut calls = vec![(OF_WINDOWS, "--lib"), (OF_WINDOWS, "--test=*")];
        if std::env::var_os(LONG).is_some() || cfg!(windows) {
            calls.push((ON_WINDOWS, "--lib"));
        } else {
            println!("left out: the unit tests of {}: {LONG}=1 runs them", ON_WINDOWS.join(", "));
        }
        let ended = calls.into_iter().map(|(crates, tests)| {
            let mut test = cargo::cargo("test")?;
            test.args(crates.iter().flat_map(|name| ["--package", name]));
            process::watch(test.args([tests, "--no-fail-fast"]), |line| counts.cargo_line(line))
        });
        // All are run, whichever fails.
        ended.collect::<Vec<_>>().into_iter().collect()
    });
    (list, counts)
}

/// Why the tests cannot run here.
fn hindrance(missing: &[Package], python: &str, has_environment: bool) -> Option<String> {
    if !cfg!(windows) && !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Some("it needs Windows, or Wine on Linux of x86-64".into());
    }
    if !has_environment {
        return Some("there is no Python environment".into());
    }
    let names: Vec<&str> = missing
        .iter()
        .filter(|package| package.suite == Suite::Windows)
        .map(|package| package.name)
        .collect();
    if !names.is_empty() {
        return Some(format!("not on this machine: {}", names.join(", ")));
    }
    if cfg!(windows) { None } else { python::like_it(python).err().map(|why| why.to_string()) }
}

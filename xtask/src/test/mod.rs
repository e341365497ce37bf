//! Owns `cargo xtask test`: everything that can be tested on this machine, and what could not be.
//!
//! Does not own any test: rules are tested beside the code, whole journeys in `tests/`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::interpreter::{self, Interpreter};
use crate::process;
use crate::repo;
use crate::steps::Steps;
use crate::venv::Venv;

mod counts;
mod no_services;
mod system;

use counts::Counts;

/// Tells pytest that nothing is missing on this machine: a skipped test is then a failed one.
const REQUIRE_SYSTEM: &str = "IISGATE_REQUIRE_SYSTEM";

/// The Python side's tools, beside what `tests/requirements.txt` asks for.
const TOOLS: &[&str] = &["pytest", "mypy", "ruff"];

/// The Python files that the style check reads.
const PYTHON_FOLDERS: &[&str] = &["python", "tests", "examples", "benches"];

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
}

/// Runs every step, also after a failed one; whether all passed.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let mut steps = Steps::default();
    let mut counts = Counts::default();
    let mut missing = Vec::new();
    steps.run("system packages", || {
        missing = system::provide(&args.python, !args.no_system)?;
        Ok(())
    });
    if args.only.is_empty() {
        rust(&mut steps, &mut counts);
    }
    python(args, &mut steps, &mut counts, &missing);

    println!("\n{}", steps.table());
    for package in &missing {
        println!("not on this machine: {} ({})", package.name, package.serves);
    }
    for skipped in &counts.skipped_tests {
        println!("skipped: {skipped}");
    }
    for failed in &counts.failed_tests {
        println!("failed: {failed}");
    }
    println!("{}", counts.line());
    Ok(steps.all_passed())
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

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(repo::root());
    cargo
}

fn python(args: &Args, steps: &mut Steps, counts: &mut Counts, missing: &[system::Package]) {
    let mut venv = None;
    steps.run("Python environment", || {
        venv = Some(environment(&interpreter::find(&args.python)?)?);
        Ok(())
    });
    let Some(venv) = venv else {
        for step in ["ruff", "mypy", "stub", "pytest"] {
            steps.skip(step, "there is no Python environment");
        }
        return;
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
    steps.run("pytest", || pytest(args, &venv, counts, missing.is_empty()));
}

/// Makes the environment: ourselves, the tools, what the tests and the examples require.
fn environment(python: &Interpreter) -> Result<Venv> {
    let venv = Venv::make("venv-test", python)?;
    let mut requirements: Vec<PathBuf> = repo::files()?
        .into_iter()
        .filter(|file| {
            file.ends_with("requirements.txt")
                && (file.starts_with("tests") || file.starts_with("examples"))
        })
        .map(|file| repo::root().join(file))
        .collect();
    requirements.sort();
    venv.install("requirements", &requirements, TOOLS)?;
    venv.install_ours()?;
    Ok(venv)
}

fn pytest(args: &Args, venv: &Venv, counts: &mut Counts, complete: bool) -> Result<()> {
    let report = repo::target().join("logs/pytest.xml");
    let _ = std::fs::remove_file(&report);
    let mut pytest = python_module(venv, "pytest");
    pytest.arg("tests").arg("--junit-xml").arg(&report);
    for expression in &args.only {
        pytest.arg("-k").arg(expression);
    }
    pytest.env_remove(REQUIRE_SYSTEM);
    if complete {
        pytest.env(REQUIRE_SYSTEM, "1");
    }
    let done = process::stream(&mut pytest);
    match std::fs::read_to_string(&report) {
        Ok(xml) => counts.pytest_report(&xml)?,
        Err(_) => {
            bail!("pytest wrote no report: {}", done.err().map_or(String::new(), |e| e.to_string()))
        }
    }
    done?;
    if complete && args.only.is_empty() && !counts.skipped_tests.is_empty() {
        bail!("nothing is missing on this machine, and yet tests were skipped");
    }
    Ok(())
}

/// `python -m MODULE` in the environment, from the checkout's root.
fn python_module(venv: &Venv, module: &str) -> Command {
    let mut command = Command::new(venv.python());
    command.current_dir(repo::root()).args(["-m", module]);
    command
}

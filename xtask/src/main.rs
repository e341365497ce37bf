//! Owns `cargo xtask`: the project's chores, each a command that sets up what it needs by itself.
//!
//! Does not own what the chores check: the rules stand in `tidy`, the tests in `tests/` and beside
//! the code, the measured apps in `benches/`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "chores talk to a person")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[cfg(unix)]
mod bench;
mod build;
mod demo;
mod docs;
mod fuzz;
mod interpreter;
#[cfg(unix)]
mod load;
mod process;
mod repo;
#[cfg(unix)]
mod soak;
mod steps;
mod test;
mod tidy;
mod venv;
mod windows;

/// The project's chores. Exit status: 0 done, 1 something failed or is untidy, 2 wrong arguments.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds, makes its own virtual environment and serves an example site.
    Demo(demo::Args),
    /// Tests everything, with the real web servers; tells what it skipped and why.
    Test(test::Args),
    /// Builds for Windows, and tests there: on Linux with a Windows Python under Wine.
    Windows(windows::Args),
    /// Compares our worker with other servers: CPU time per request, requests a second, latency.
    #[cfg(unix)]
    Bench(bench::Args),
    /// Tries each property of fuzz/properties with libFuzzer; wants a nightly compiler.
    Fuzz(fuzz::Args),
    /// Writes the pages of docs/reference that are made of the code.
    Docs,
    /// Checks the rules of the house: who imports whom, where `unsafe` lives, file sizes, links.
    Tidy,
    /// Asks a site for minutes while its worker is replaced and killed; compares every answer.
    #[cfg(unix)]
    Soak(soak::Args),
    /// The load generator that `bench` starts.
    #[cfg(unix)]
    #[command(hide = true)]
    Load(load::Args),
}

fn main() -> ExitCode {
    let done = match Args::parse().chore {
        Chore::Demo(args) => demo::run(&args),
        Chore::Test(args) => test::run(&args),
        Chore::Windows(args) => windows::run(&args),
        #[cfg(unix)]
        Chore::Bench(args) => bench::run(&args),
        Chore::Fuzz(args) => fuzz::run(&args),
        Chore::Docs => docs::run(),
        Chore::Tidy => tidy::run(),
        #[cfg(unix)]
        Chore::Soak(args) => soak::run(&args),
        #[cfg(unix)]
        Chore::Load(args) => load::run(&args),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

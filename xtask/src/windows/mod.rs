//! Owns `cargo xtask windows`: building for Windows and testing there, on Linux by Wine.
//!
//! Does not own the tests, which stand in `tests/windows`.

use std::path::PathBuf;

use anyhow::Result;

mod build;
mod cargo;
mod environments;
mod exports;
mod mingw;
mod places;
mod python;
mod stamps;
pub(crate) mod suite;
pub(crate) mod toolchain;
mod wine;

pub(crate) use mingw::GCC as C_COMPILER;

/// The minor version of the Windows Python that Wine runs.
const PYTHON_MINOR: u32 = 11;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(clap::Subcommand)]
enum Chore {
    /// Builds the executable and the package for Windows, on Linux by a cross-build.
    Build(BuildArgs),
    /// Runs the tests of `tests/windows`, on Linux with a Windows Python under Wine.
    Test(suite::Args),
    /// Compares requests a second with wfastcgi and a C responder over IIS's pipe; run `test` first.
    Bench(BenchArgs),
}

#[derive(clap::Args)]
struct BuildArgs {
    /// The folder that gets `iisgate.exe` and the package folder `iisgate`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The Python that the extension module is for (on Windows; a cross-build is for 3.11).
    #[arg(long, default_value = "python")]
    python: String,
}

#[derive(clap::Args)]
struct BenchArgs {
    /// What `tests/windows/bench.py` takes: `--rounds 5`, `--cases hello`, `--instances 1,4`, …
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Does the chore; whether all went well.
pub(crate) fn run(args: &Args) -> Result<bool> {
    match &args.chore {
        Chore::Build(args) => {
            build::run(&args.out, &args.python, crate::build::Build::Shipped).map(|()| true)
        }
        Chore::Test(args) => suite::run(args),
        Chore::Bench(args) => suite::bench(&args.arguments),
    }
}

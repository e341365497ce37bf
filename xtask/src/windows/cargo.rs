//! Owns how cargo is called for Windows: there as it is, elsewhere as a cross-build.
//!
//! Does not own finding a compiler: see `toolchain`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::toolchain::{StandardLibrary, TARGET, Toolchain};
use super::{PYTHON_MINOR, mingw, places, wine};
use crate::build::Build;
use crate::{process, repo};

/// What is built of the standard library, if it must be: its test harness, too.
const STANDARD_LIBRARY: &str = "-Zbuild-std=std,panic_abort,panic_unwind,test";

/// Cargo's `chore` for Windows, from the checkout's root.
pub(super) fn cargo(chore: &str) -> Result<Command> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    if cfg!(windows) {
        return Ok(called(cargo, chore));
    }
    let toolchain = Toolchain::find()?;
    if !process::exists(mingw::GCC) {
        bail!("{} is missing; on Debian: apt-get install gcc-mingw-w64-x86-64", mingw::GCC);
    }
    let program = if chore == "clippy" { toolchain.clippy()?.into() } else { cargo };
    let mut command = called(program, chore);
    command.args(["--target", TARGET]);
    command.env("RUSTC", &toolchain.rustc);
    command.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", mingw::GCC);
    command.env("PYO3_CROSS_PYTHON_VERSION", format!("3.{PYTHON_MINOR}"));
    // Linking takes half the time without it, an MSI holds the whole program, and nobody debugs under Wine.
    command.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_PROFILE_DEV_STRIP", "symbols");
    // What cargo set for us is for another compiler's libraries.
    command.env_remove("LD_LIBRARY_PATH");
    if toolchain.standard_library == StandardLibrary::Built {
        // Cargo's own switch for it is not stable.
        command.arg(STANDARD_LIBRARY).env("RUSTC_BOOTSTRAP", "1");
    }
    wine::tell(&mut command);
    command.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine");
    Ok(command)
}

/// The folder with what was built.
pub(super) fn results(build: Build) -> PathBuf {
    let target = places::build();
    let target = if cfg!(windows) { target } else { target.join(TARGET) };
    target.join(build.folder())
}

fn called(program: OsString, chore: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repo::root()).args([chore, "--locked", "--quiet", "--target-dir"]);
    command.arg(places::build());
    command
}

//! Owns Wine: its prefix, what the prefix lacks, how a Windows program is started in it.
//!
//! Does not own which programs; the tests have a launcher of their own in `tests/windows/support`.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{mingw, places, stamps};
use crate::{process, venv};

/// What Wine's programs are told: our prefix, no chatter, no .NET to install, no menus to make, and
/// names of files in UTF-8.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("WINEARCH", "win64"),
    ("WINEDEBUG", "-all"),
    ("WINEDLLOVERRIDES", "mscoree=d;winemenubuilder.exe=d"),
    ("LC_ALL", "C.UTF-8"),
];

/// The library that Rust's programs need and Wine 8 lacks.
const RANDOM: &str = "bcryptprimitives.dll";

/// A program, told which prefix is ours.
pub(super) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    tell(&mut command);
    command
}

/// Tells a program, and what it starts, which prefix is ours.
pub(super) fn tell(command: &mut Command) {
    command.env("WINEPREFIX", places::prefix()).envs(ENVIRONMENT.iter().copied());
    // Without a screen Wine draws nothing, and starts sooner.
    command.env_remove("DISPLAY");
}

/// The path by which Windows programs know an absolute path of this system.
pub(super) fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

/// Makes the prefix, unless it is there.
pub(super) fn prepare() -> Result<()> {
    let source = include_str!("c/bcryptprimitives.c");
    let version = process::output(command("wine").arg("--version"))?;
    let state = format!("{version}{ENVIRONMENT:?}{source}");
    stamps::once(&places::stamps(), "prefix", &state, || {
        let prefix = places::prefix();
        if prefix.exists() {
            end()?;
            fs::remove_dir_all(&prefix)
                .with_context(|| format!("cannot remove {}", prefix.display()))?;
        }
        fs::create_dir_all(&prefix).with_context(|| format!("cannot make {}", prefix.display()))?;
        let log = venv::log("windows", "wineboot");
        process::quiet(command("wineboot").arg("-i"), "Wine's prefix", &log)?;
        let system = prefix.join("drive_c/windows/system32").join(RANDOM);
        if !system.exists() {
            mingw::compile(source, &system, ["-shared", "-ladvapi32"])?;
        }
        Ok(())
    })
}

/// Ends every program of our prefix, and of no other.
pub(super) fn end() -> Result<()> {
    // It fails when there is nothing to end.
    let _ = command("wineserver").arg("-k").status().context("cannot start wineserver")?;
    Ok(())
}

/// Runs a Windows program and gives what it printed. Its standard input and output are pipes:
/// with anything else Python can fail to start under Wine.
pub(super) fn output(program: &Path, arguments: &[&str]) -> Result<String> {
    let mut wine = command("wine");
    wine.arg(program).args(arguments);
    wine.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = wine.spawn().context("cannot start wine")?;
    drop(child.stdin.take());
    let mut errors = child.stderr.take().expect("asked to be piped");
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = errors.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut told = String::new();
    child.stdout.take().expect("asked to be piped").read_to_string(&mut told)?;
    let status = child.wait()?;
    let errors = reader.join().unwrap_or_default();
    if !status.success() {
        bail!("`{}` failed: {status}: {}", process::shown(&wine), errors.trim());
    }
    Ok(told.replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_this_system_lies_on_drive_z() {
        let path = Path::new("/srv/Straße 1/app.py");
        assert_eq!(windows_path(path), r"Z:\srv\Straße 1\app.py");
    }
}

//! Owns the system packages that the tests want: what is missing, why it matters, installing it.
//!
//! Does not own starting anything: the tests start servers of their own, on ports of their own.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::no_services::NoServices;
use crate::process;
use crate::windows::{self, toolchain};

/// How it is seen that a package's content is there, whoever installed it.
#[derive(Clone, Copy, Debug)]
enum Probe {
    Program(&'static str),
    File(&'static str),
    /// A statement that the chosen Python must be able to run.
    Python(&'static str),
    /// A look of another kind.
    Look(fn() -> bool),
}

/// Which tests need a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// All that is written in Python.
    Every,
    Linux,
    Windows,
    /// Clippy for Windows, without which everything else for Windows can be tested.
    WindowsLint,
}

impl Suite {
    pub(crate) const ALL: &[Suite] =
        &[Suite::Every, Suite::Linux, Suite::Windows, Suite::WindowsLint];
    pub(crate) const OF_WINDOWS: &[Suite] = &[Suite::Every, Suite::Windows, Suite::WindowsLint];
}

/// A Debian package that some tests need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    probe: Probe,
    pub(crate) suite: Suite,
    /// What cannot be tested without it.
    pub(crate) serves: &'static str,
}

const PACKAGES: &[Package] = &[
    package("nginx-light", Probe::Program("nginx"), "serving behind nginx"),
    package("lighttpd", Probe::Program("lighttpd"), "serving under lighttpd's process manager"),
    package("apache2", Probe::Program("apache2"), "serving behind Apache's mod_proxy_fcgi"),
    package(
        "libapache2-mod-fcgid",
        Probe::File("/usr/lib/apache2/modules/mod_fcgid.so"),
        "serving under Apache's mod_fcgid",
    ),
    package("libfcgi-bin", Probe::Program("cgi-fcgi"), "requests by cgi-fcgi"),
    package(
        "libfcgi-dev",
        Probe::File("/usr/include/fcgiapp.h"),
        "a FastCGI program of the reference library behind `iisgate serve`",
    ),
    package("spawn-fcgi", Probe::Program("spawn-fcgi"), "being started by spawn-fcgi"),
    package("php-cgi", Probe::Program("php-cgi"), "PHP behind `iisgate serve`"),
    package(
        "msitools",
        Probe::Program("msiinfo"),
        "opening the MSI of `iisgate package build --msi`",
    ),
    package("gcc", Probe::Program("gcc"), "compiling the FastCGI program in C"),
    package("valgrind", Probe::Program("valgrind"), "counting the hot path's instructions"),
    package(
        "python3-dev",
        Probe::Python("import os, sysconfig as s; os.stat(s.get_path('include') + '/Python.h')"),
        "the yardstick in C, beside which instructions are counted",
    ),
    Package {
        name: "python3-venv",
        probe: Probe::Python("import ensurepip, venv"),
        suite: Suite::Every,
        serves: "every Python test",
    },
    for_windows("rustc-web", Probe::Look(toolchain::is_there), "building for Windows"),
    for_windows("rust-web-src", Probe::Look(toolchain::is_there), "building for Windows"),
    Package {
        name: "rust-web-clippy",
        probe: Probe::Look(toolchain::has_clippy),
        suite: Suite::WindowsLint,
        serves: "linting what is for Windows alone",
    },
    for_windows(
        "gcc-mingw-w64-x86-64",
        Probe::Program(windows::C_COMPILER),
        "linking programs for Windows",
    ),
    for_windows("wine", Probe::Program("wine"), "running Windows programs"),
    for_windows("wine64", Probe::File("/usr/lib/wine/wine64"), "running Windows programs"),
];

const fn package(name: &'static str, probe: Probe, serves: &'static str) -> Package {
    Package { name, probe, suite: Suite::Linux, serves }
}

const fn for_windows(name: &'static str, probe: Probe, serves: &'static str) -> Package {
    Package { name, probe, suite: Suite::Windows, serves }
}

/// Installs what the suites miss if that is `allowed` and possible; returns what is missing still.
pub(crate) fn provide(python: &str, allowed: bool, suites: &[Suite]) -> Result<Vec<Package>> {
    let missing = missing(python, suites);
    if missing.is_empty() {
        eprintln!("every system package that the tests want is here");
        return Ok(missing);
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    let by_hand = format!("apt-get install --no-install-recommends {}", names.join(" "));
    if !allowed || !process::exists("apt-get") || !is_root() {
        eprintln!("missing; tests that need them will be skipped. To install them: {by_hand}");
        for package in &missing {
            eprintln!("   {}: {}", package.name, package.serves);
        }
        return Ok(missing);
    }
    eprintln!("missing, will be installed (no service is started): {}", names.join(" "));
    let _no_services = NoServices::declare()?;
    process::stream(apt().args(["update", "-qq"]))?;
    // Not every distribution has them all; one unknown name would keep the others away.
    let known: Vec<&str> = names.into_iter().filter(|name| is_known(name)).collect();
    process::stream(apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(known))?;
    Ok(self::missing(python, suites))
}

fn is_known(package: &str) -> bool {
    process::output(Command::new("apt-cache").args(["show", "--no-all-versions", package])).is_ok()
}

fn missing(python: &str, suites: &[Suite]) -> Vec<Package> {
    let is_there = |probe| match probe {
        Probe::Program(name) => process::exists(name),
        Probe::File(path) => Path::new(path).exists(),
        Probe::Python(statement) => {
            process::output(Command::new(python).args(["-c", statement])).is_ok()
        }
        Probe::Look(is_there) => is_there(),
    };
    let wanted = PACKAGES.iter().filter(|package| suites.contains(&package.suite));
    wanted.filter(|package| !is_there(package.probe)).copied().collect()
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_suite_is_told_of_its_own_packages() {
        let names = |suite: Suite| -> Vec<&str> {
            let wanted = PACKAGES.iter().filter(|package| package.suite == suite);
            wanted.map(|package| package.name).collect()
        };
        assert!(names(Suite::Linux).contains(&"nginx-light"));
        assert_eq!(
            names(Suite::Windows),
            ["rustc-web", "rust-web-src", "gcc-mingw-w64-x86-64", "wine", "wine64"]
        );
    }
}

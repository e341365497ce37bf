//! Owns the system packages that the tests want: what is missing, why it matters, installing it.
//!
//! Does not own starting anything: the tests start servers of their own, on ports of their own.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::no_services::NoServices;
use crate::process;

/// How it is seen that a package's content is there, whoever installed it.
#[derive(Clone, Copy, Debug)]
enum Probe {
    Program(&'static str),
    File(&'static str),
    /// A statement that the chosen Python must be able to run.
    Python(&'static str),
}

/// A Debian package that some tests need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    probe: Probe,
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
    package("gcc", Probe::Program("gcc"), "compiling the FastCGI program in C"),
    package("python3-venv", Probe::Python("import ensurepip, venv"), "every Python test"),
];

const fn package(name: &'static str, probe: Probe, serves: &'static str) -> Package {
    Package { name, probe, serves }
}

/// Installs what is missing if that is `allowed` and possible; returns what is missing still.
pub(crate) fn provide(python: &str, allowed: bool) -> Result<Vec<Package>> {
    let missing = missing(python);
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
    process::stream(apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(names))?;
    Ok(self::missing(python))
}

fn missing(python: &str) -> Vec<Package> {
    let is_there = |probe| match probe {
        Probe::Program(name) => process::exists(name),
        Probe::File(path) => Path::new(path).exists(),
        Probe::Python(statement) => {
            process::output(Command::new(python).args(["-c", statement])).is_ok()
        }
    };
    PACKAGES.iter().filter(|package| !is_there(package.probe)).copied().collect()
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

//! Owns `cargo xtask demo`: from a fresh clone to a served example, one line a step.
//!
//! Does not own serving: that is `iisgate serve`, which it becomes in the end.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::build::Build;
use crate::venv::{self, Venv};
use crate::{interpreter, process, repo};

/// Where the example is served unless `--port` says otherwise.
const PORT: u16 = 8000;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which folder of `examples/` is served.
    #[arg(default_value = "flask")]
    example: String,
    /// The port it is served at.
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// The Python that runs the site.
    #[arg(long, default_value = "python3")]
    python: String,
}

/// Sets everything up and becomes `iisgate serve`.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let started = Instant::now();
    let site = repo::root().join("examples").join(&args.example);
    if !site.join("web.config").is_file() {
        bail!("there is no example `{}`: choose one of {}", args.example, examples()?.join(", "));
    }
    let python = interpreter::find(&args.python)?;
    let (major, minor) = python.version;
    eprintln!("1. Python {major}.{minor}: {}", python.path.display());
    eprintln!("2. an environment of its own, below target/");
    let venv = Venv::make("venv-demo", &python)?;
    eprintln!("3. iisgate, built for a first look (the first time takes minutes)");
    venv.install_ours(Build::Quick)?;
    eprintln!("4. what examples/{} requires", args.example);
    let requirements = site.join("requirements.txt");
    venv.install(&args.example, &[requirements], &[])?;
    if site.join("manage.py").is_file() {
        eprintln!("5. the database and the static files of Django");
        for (step, options) in
            [("migrate", ["--verbosity", "0"]), ("collectstatic", ["--noinput", "--verbosity=0"])]
        {
            let mut manage = Command::new(venv.python());
            manage.current_dir(&site).args(["manage.py", step]).args(options);
            process::quiet(&mut manage, &format!("manage.py {step}"), &venv::log("demo", step))?;
        }
    }
    let mut serve = Command::new(venv.program("iisgate"));
    serve.arg("serve").arg(&site).args(["--port", &args.port.to_string()]);
    eprintln!("ready after {:.0} s: {}\n", started.elapsed().as_secs_f32(), process::shown(&serve));
    become_program(&mut serve)
}

/// The examples there are.
fn examples() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(repo::root().join("examples"))? {
        let entry = entry?;
        if entry.path().join("web.config").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Becomes the program, so that `Ctrl-C` and signals reach it and nothing stands between.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Result<bool> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start `{}`", process::shown(command)))
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Result<bool> {
    let status =
        command.status().with_context(|| format!("cannot start `{}`", process::shown(command)))?;
    Ok(status.success())
}

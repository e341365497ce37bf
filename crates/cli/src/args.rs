//! Owns what can be typed: commands, flags, their help.
//!
//! Does not own what is meant by it: each command makes settings of its args.

use clap::{Parser, Subcommand};
use platform::Endpoint;
use std::path::PathBuf;

/// Python web apps behind IIS, nginx, Apache and lighttpd.
#[derive(Debug, Parser)]
#[command(name = "iisgate", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Examples:
  iisgate serve examples/flask                       try a site as IIS would run it
  iisgate fcgi app:app --listen unix:/run/app.sock   serve nginx or Apache
  iisgate request GET /hello --site examples/flask   one request, no socket

Exit status: 0 done, 1 trouble found or asked for something wrong, 2 could not do it.")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Fcgi(FcgiArgs),
}

/// What the app is and how it is run: common to the commands that run it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct AppArgs {
    /// The interpreter, or a virtual environment [default: the site's .venv, then this one's]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// Most requests that a worker serves at once [default: 16]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) threads: Option<u32>,
    /// The log file, or - for standard error
    #[arg(long, value_name = "FILE", env = "IISGATE_LOG")]
    pub(crate) log: Option<String>,
    /// Answer errors with the developer's page: traceback, environ, last log lines
    #[arg(long)]
    pub(crate) debug: bool,
    /// The URL path that the app is mounted at
    #[arg(long, value_name = "PATH")]
    pub(crate) script_name: Option<String>,
    /// Believe a client's X-Original-URL header (URL Rewrite's is believed anyway)
    #[arg(long)]
    pub(crate) trust_original_url: bool,
    /// Replace the worker when the code changes
    #[arg(long)]
    pub(crate) reload: bool,
    /// Seconds that a worker stays after its last gate [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) grace: Option<std::time::Duration>,
}

fn seconds(text: &str) -> Result<std::time::Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("not a number of seconds: {text}"))?;
    std::time::Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

/// The gate: what IIS starts. With --listen, a FastCGI server for nginx, Apache and lighttpd
///
/// Started by a web server, it finds its pipe or socket as standard input and hands it to the
/// site's shared worker.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate fcgi app:app --listen unix:/run/app.sock --workers 2 --threads 8
  iisgate fcgi --listen tcp:127.0.0.1:9000           the app is detected in this folder
  scriptProcessor=\"C:\\iisgate\\iisgate.exe|fcgi app:app\"  in IIS's web.config

Signals with --listen: TERM and INT finish what is in flight and end; HUP replaces the workers
without losing a request.")]
pub(crate) struct FcgiArgs {
    /// module:attr, module:factory(), file.py:attr, a dotted name, or a Paste file.ini[#section]
    /// [default: detected]
    #[arg(env = "IISGATE_TARGET")]
    pub(crate) target: Option<String>,
    /// The site's folder [default: told by IIS, else this one]
    #[arg(long, value_name = "DIR", env = "IISGATE_SITE")]
    pub(crate) site: Option<PathBuf>,
    /// Listen here instead of at the inherited socket: unix:PATH or tcp:HOST:PORT
    #[arg(long, value_name = "ENDPOINT")]
    pub(crate) listen: Option<Endpoint>,
    /// Processes, with --listen [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) workers: Option<u32>,
    #[command(flatten)]
    pub(crate) app: AppArgs,
}

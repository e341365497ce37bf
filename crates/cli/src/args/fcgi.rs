//! Owns the flags of `iisgate fcgi`.
//!
//! Does not own those of every command that runs an app (`app`).

use super::app::AppArgs;
use platform::Endpoint;
use std::path::PathBuf;

/// The gate: what IIS starts. With --listen, a FastCGI server for nginx, Apache and lighttpd
///
/// Started by a web server, it finds its pipe or socket as standard input and hands it to the
/// site's shared worker.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate fcgi app:app --listen unix:/run/app.sock --socket-mode 666 --workers 2
  iisgate fcgi --listen tcp:127.0.0.1:9000           the app is detected in this folder
  scriptProcessor=\"C:\\iisgate\\iisgate.exe|fcgi app:app\"  in IIS's web.config
  iisgate fcgi app:app --record C:\\logs\\wire-{pid}.txt   what IIS and the app say, as a text

Signals with --listen: TERM and INT finish what is in flight and end; HUP replaces the workers
without losing a request.

A recording masks passwords, cookies, tokens, users and addresses of clients, and all bodies: each
byte becomes an x. Paths and other headers stay: read it before you send it to anybody. With
--record the pipe is not handed over but passes through the gate; other than that nothing changes.")]
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
    /// Who may connect to a Unix socket, as chmod takes it [default: what the umask leaves]
    #[arg(long, value_name = "OCTAL", requires = "listen", value_parser = mode)]
    pub(crate) socket_mode: Option<u32>,
    /// Python processes that share the load; without --listen, instances are shared out among them
    /// [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) workers: Option<u32>,
    /// Record what passes on the pipe. Each instance makes a new file: {pid} in its name becomes
    /// the process id; where the name is taken, the process id is added. Give a full path
    #[arg(long, value_name = "FILE", env = "IISGATE_RECORD", conflicts_with = "listen")]
    pub(crate) record: Option<PathBuf>,
    /// Mask nothing in the recording: whoever gets it can read passwords, cookies and bodies
    #[arg(long, requires = "record")]
    pub(crate) record_secrets: bool,
    /// Pass the pipe's bytes on instead of handing it over, as is done for a worker that may not
    /// fetch it
    #[arg(long, conflicts_with = "listen")]
    pub(crate) relay: bool,
    #[command(flatten)]
    pub(crate) app: AppArgs,
}

fn mode(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
    mode.ok_or_else(|| format!("not a mode such as 660: {text}"))
}

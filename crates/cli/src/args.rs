//! Owns what can be typed: commands, flags, their help.
//!
//! Does not own what is meant by it: each command makes settings of its args.

use clap::builder::{FalseyValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use front::{WAYS, Way};
use platform::Endpoint;
use std::ffi::OsString;
use std::path::PathBuf;

/// Python web apps behind IIS, nginx, Apache and lighttpd.
#[derive(Debug, Parser)]
#[command(name = "iisgate", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Examples:
  iisgate serve examples/flask                       try a site as IIS would run it
  iisgate fcgi app:app --listen unix:/run/app.sock   serve nginx or Apache
  iisgate request GET /hello --dir examples/flask    one request, no socket
  iisgate replay wire.txt app:app                    ask again what a recording asked
  iisgate explain IG050                              what a code means and what mends it

Exit status: 0 done, 1 trouble found or asked for something wrong, 2 could not do it.")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(ServeArgs),
    Fcgi(FcgiArgs),
    Request(RequestArgs),
    Replay(ReplayArgs),
    Explain(ExplainArgs),
    #[command(hide = true)]
    Keep(KeepArgs),
}

/// What the app is and how it is run: common to the commands that run it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct AppArgs {
    /// The interpreter, or a virtual environment [default: the site's .venv, then this one's]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// Most requests that a worker serves at once [default: 16]
    #[arg(long, value_name = "N", env = "IISGATE_THREADS", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) threads: Option<u32>,
    /// The log file, or - for standard error
    #[arg(long, value_name = "FILE", env = "IISGATE_LOG")]
    pub(crate) log: Option<String>,
    /// Answer errors with the developer's page: traceback, environ, last log lines
    #[arg(long, env = "IISGATE_DEBUG", value_parser = FalseyValueParser::new())]
    pub(crate) debug: bool,
    /// Show why the app does not start, for the web server answers this machine alone
    #[arg(long, hide = true, env = "IISGATE_LOCAL", value_parser = FalseyValueParser::new())]
    pub(crate) local: bool,
    /// The URL path that the app is mounted at
    #[arg(long, value_name = "PATH")]
    pub(crate) script_name: Option<String>,
    /// Believe a client's X-Original-URL header (URL Rewrite's is believed anyway)
    #[arg(long)]
    pub(crate) trust_original_url: bool,
    /// Replace the worker when the code changes
    #[arg(long, env = "IISGATE_RELOAD", value_parser = FalseyValueParser::new())]
    pub(crate) reload: bool,
    /// Seconds that a request may take: then it is answered 504, the log tells where the app was,
    /// and the worker is replaced; 0 for no limit [default: none but the web server's]
    #[arg(long, value_name = "SECONDS", env = "IISGATE_TIMEOUT", value_parser = seconds)]
    pub(crate) timeout: Option<std::time::Duration>,
    /// Replace the worker after so many requests, or up to a tenth more
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_requests: Option<u32>,
    /// Replace the worker when it needs more memory
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_memory: Option<u32>,
    /// Replace the worker when it is older, up to a tenth
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) max_age: Option<std::time::Duration>,
    /// Seconds that a worker stays after its last gate [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) grace: Option<std::time::Duration>,
}

fn mode(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
    mode.ok_or_else(|| format!("not a mode such as 660: {text}"))
}

fn seconds(text: &str) -> Result<std::time::Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("not a number of seconds: {text}"))?;
    std::time::Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

/// Where a site is described, for the commands that stand in for IIS.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SiteArgs {
    /// Take the site from this applicationHost.config instead of a folder
    #[arg(long, value_name = "FILE", conflicts_with = "dir")]
    pub(crate) config: Option<PathBuf>,
    /// The site's name in the applicationHost.config [default: the first]
    #[arg(long = "site", value_name = "NAME", requires = "config")]
    pub(crate) name: Option<String>,
    /// Most instances of each FastCGI application, over what the configuration says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_instances: Option<u32>,
    /// The interpreter for instances that are ours [default: the site's .venv, then this one's]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// Answer errors with the developer's page: traceback, environ, last log lines
    #[arg(long)]
    pub(crate) debug: bool,
    /// Behave as IIS may in places where nobody has documented what it does
    ///
    /// Several ways may be named, with commas between them or one flag for each.
    #[arg(long, value_name = "WAY", value_delimiter = ',', value_parser = ways(), hide_short_help = true)]
    pub(crate) as_iis: Vec<&'static Way>,
}

/// Takes the name of a way; help and errors list them all.
fn ways() -> impl TypedValueParser<Value = &'static Way> {
    let names = WAYS.iter().map(|way| PossibleValue::new(way.name).help(way.sentence));
    PossibleValuesParser::new(names)
        .try_map(|name| Way::named(&name).ok_or_else(|| format!("there is no way {name}")))
}

/// The stand-in for IIS: serves a folder's web.config over HTTP, with IIS's process rules
///
/// What IIS Express understands is understood, too: /path:DIR /port:N /config:FILE /site:NAME.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate serve examples/flask
  iisgate serve . --port 8080 --reload --debug
  iisgate serve --config applicationHost.config --site Intranet")]
pub(crate) struct ServeArgs {
    /// The site's folder, with its web.config [default: this one]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) site: SiteArgs,
    /// Listen at this host [default: the binding's, else 127.0.0.1]
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// Listen at this port, 0 for any free one [default: the binding's, else 8000]
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    /// Replace the worker when the code changes
    #[arg(long)]
    pub(crate) reload: bool,
}

/// One request through the whole stack, without a socket: the response on stdout
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate request GET /hello
  iisgate request GET '/environ?x=1' --dir examples/flask -v      head and records on stderr, too
  iisgate request POST /sha256 --data @photo.jpg -H 'Content-Type: image/jpeg'

Exit status: 0 for a status below 400, 1 for others, 2 if there was no response.")]
pub(crate) struct RequestArgs {
    /// GET, POST, …
    pub(crate) method: String,
    /// A path with its query, or a whole URL
    pub(crate) url: String,
    /// The site's folder, with its web.config
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) site: SiteArgs,
    /// A header; may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// The body; @FILE takes it from a file
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) data: Option<String>,
    /// Show the response's head and every record, on stderr
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Print the response's head before its body
    #[arg(short, long)]
    pub(crate) include: bool,
}

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
    /// Processes, with --listen [default: 1]
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

/// Keeps the helpers of a site: gates start this
#[derive(Debug, clap::Args)]
pub(crate) struct KeepArgs {
    /// The site's folder
    #[arg(long, value_name = "DIR")]
    pub(crate) site: PathBuf,
    /// The log file, or - for standard error
    #[arg(long, value_name = "FILE")]
    pub(crate) log: PathBuf,
}

/// Asks an app again what a recording asked (see iisgate fcgi --record), and compares the answers
///
/// Starts a FastCGI program as IIS does and sends it what the web server sent, in the same pieces
/// and order; each next request waits until those are answered that had been answered. Compared are
/// status, headers and the body's length; dates and what is masked are not. An app may answer
/// masked requests differently: a recording made with --record-secrets is asked to the letter.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate replay wire.txt --show                    the conversation, for reading
  iisgate replay wire.txt app:app --site examples/flask
  iisgate replay wire.txt -- C:\\Python\\python.exe C:\\Python\\wfastcgi.py   another program

Exit status: 0 the same answers, 1 others, 2 it could not be tried.")]
pub(crate) struct ReplayArgs {
    /// The recording
    pub(crate) file: PathBuf,
    /// The app, as iisgate fcgi takes it [default: detected]
    pub(crate) target: Option<String>,
    /// The site's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) site: PathBuf,
    /// The interpreter, or a virtual environment [default: the site's .venv, then this one's]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// Seconds that an answer may take [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<std::time::Duration>,
    /// Only print what was said, record by record
    #[arg(long)]
    pub(crate) show: bool,
    /// Start this program instead of iisgate fcgi
    #[arg(last = true, conflicts_with_all = ["target", "python"])]
    pub(crate) command: Vec<OsString>,
}

/// Explains a code such as IG050: what happened, why, and what mends it. Without one, lists all
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate explain IG050
  iisgate explain                what codes there are
  iisgate explain 0xC0000135     how Windows says that a process has ended
  iisgate explain -o json        for programs

Exit status: 0 explained, 1 there is no such code.")]
pub(crate) struct ExplainArgs {
    /// The code, as pages and logs show it, or a Windows status
    #[arg(allow_negative_numbers = true)]
    pub(crate) code: Option<String>,
    /// How to print it
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = OutputForm::Text)]
    pub(crate) output: OutputForm,
}

/// For whom something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OutputForm {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Turns IIS Express's way of writing flags (`/port:8080`) into ours.
pub(crate) fn translated(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words = words.into_iter();
    let mut out: Vec<OsString> = words.by_ref().take(2).collect();
    let is_serve = out.get(1).is_some_and(|word| word == "serve");
    for word in words {
        let flag = word.to_str().filter(|_| is_serve).and_then(|text| {
            let (name, value) = text.strip_prefix('/')?.split_once(':')?;
            match name.to_ascii_lowercase().as_str() {
                "path" => Some(vec![value.into()]),
                "port" => Some(vec!["--port".into(), value.into()]),
                "config" => Some(vec!["--config".into(), value.into()]),
                "site" => Some(vec!["--site".into(), value.into()]),
                _ => None,
            }
        });
        out.extend(flag.unwrap_or_else(|| vec![word]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_hold_together() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }

    #[test]
    fn iis_express_flags_are_understood() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(
            translated(words("iisgate serve /path:C:\\site /port:80 /Site:x /other:y")),
            words("iisgate serve C:\\site --port 80 --site x /other:y")
        );
        assert_eq!(
            translated(words("iisgate request GET /port:80")),
            words("iisgate request GET /port:80")
        );
    }
    #[test]
    fn the_ways_of_iis_are_listed_in_the_long_help_and_in_errors() {
        use clap::CommandFactory;
        for name in ["serve", "request"] {
            let mut command = Args::command();
            command.build();
            let command = command.find_subcommand_mut(name).expect("it is a command");
            let short = command.render_help().to_string();
            assert!(!short.contains("--as-iis"), "{short}");
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let long = words(&command.render_long_help().to_string());
            let refused = Args::try_parse_from(["iisgate", name, "--as-iis", "ansi,nonsense"]);
            let error = refused.expect_err("that is none").to_string();
            assert!(error.contains("'nonsense'"), "{error}");
            for way in &WAYS {
                assert!(long.contains(&format!("- {}: {}", way.name, way.sentence)), "{long}");
                assert!(error.contains(way.name), "{}: {error}", way.name);
            }
        }
    }

    #[test]
    fn ways_are_named_with_commas_or_one_by_one() {
        let words = ["iisgate", "serve", "--as-iis=ansi,abort", "--as-iis", "fixed-id"];
        let Command::Serve(args) = Args::parse_from(words).command else { panic!("it is serve") };
        let names: Vec<_> = args.site.as_iis.iter().map(|way| way.name).collect();
        assert_eq!(names, ["ansi", "abort", "fixed-id"]);
    }
}

//! Owns `iisgate fcgi`: the gate on an inherited pipe or socket, or workers behind `--listen`.
//!
//! Does not own either: `gate` does.

use crate::Exit;
use crate::args::{AppArgs, Args, Command, FcgiArgs};
use crate::printer::Printer;
use anyhow::Context;
use clap::Parser;
use gate::recording::Secrets;
use gate::{Plan, Settings, SupervisorEnded};
use platform::{Endpoint, Inherited, Listener};
use std::ffi::OsString;
use std::path::PathBuf;

/// What is meant by the arguments.
pub(crate) fn settings(app: AppArgs, target: Option<String>, site: Option<PathBuf>) -> Settings {
    Settings {
        target,
        site,
        bound_to: None,
        works_in_site: false,
        python: app.python,
        threads: app.threads,
        workers: None,
        log: app.log,
        log_format: app.log_format,
        debug: app.debug,
        debug_for: app.debug_for,
        is_local: app.local,
        script_name: app.script_name,
        trust_original_url: app.trust_original_url,
        reload: app.reload,
        timeout: app.timeout,
        max_requests: app.max_requests,
        max_memory_mib: app.max_memory,
        max_age: app.max_age,
        relay: false,
        grace: app.grace,
    }
}

pub(crate) fn run(args: FcgiArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let mut settings = settings(args.app, args.target, args.site);
    settings.workers = args.workers;
    settings.relay = args.relay;
    if let Some(endpoint) = args.listen {
        return listen(&mut settings, &endpoint, args.socket_mode, printer);
    }
    // Before anything can fail: IIS shows nothing of what is printed.
    gate::open_log(&settings);
    // Whatever is printed or started from here on cannot touch the web server's pipe.
    let inherited = platform::inherited::take().context("standard input cannot be taken over")?;
    match inherited {
        Inherited::Connected(stream) => {
            let secrets = if args.record_secrets { Secrets::Kept } else { Secrets::Masked };
            let in_order = match args.record {
                None => gate::run_connected(&stream, &settings),
                Some(file) => gate::recording::run(stream, &settings, &file, secrets),
            };
            Ok(if in_order.context("the pipe")? { Exit::Done } else { Exit::Unable })
        }
        Inherited::Listening(listener) => {
            if args.record.is_some() {
                log::error!(
                    "recording: only a pipe can be recorded, and this is a listening socket"
                );
            }
            gate::run_listening(&listener, &settings).context("the inherited socket")?;
            Ok(Exit::Done)
        }
        Inherited::Terminal if settings.debug => foreground(settings, printer),
        Inherited::Terminal | Inherited::Other => {
            let message = "standard input is neither a pipe of a web server nor a listening socket";
            // Under a web server only the log is read.
            log::error!("{message}");
            printer.error(message);
            printer.say(format!(
                "{} IIS, lighttpd or mod_fcgid start this command themselves.\n      \
                 To serve nginx or Apache: iisgate fcgi TARGET --listen unix:PATH\n      \
                 To try the site here:     iisgate serve",
                printer.bold("hint:")
            ));
            Ok(Exit::Trouble)
        }
    }
}

/// In a console there is no web server: our stand-in is one, and all that is said is seen.
fn foreground(settings: Settings, printer: &Printer) -> anyhow::Result<Exit> {
    let site = settings.site.unwrap_or_else(|| PathBuf::from("."));
    printer.say("no web server started this: iisgate serve stands in for it, in the foreground");
    let mut words: Vec<OsString> = vec!["iisgate".into(), "serve".into(), "--debug".into()];
    for (flag, value) in [
        ("--python", settings.python.map(PathBuf::into_os_string)),
        ("--debug-for", settings.debug_for.map(|viewers| viewers.word().into())),
    ] {
        words.extend(value.into_iter().flat_map(|value| [flag.into(), value]));
    }
    words.extend(settings.reload.then(|| "--reload".into()));
    words.push(site.into());
    let Command::Serve(args) = Args::try_parse_from(words)?.command else {
        unreachable!("it says serve")
    };
    let environment = settings.target.map(|target| ("IISGATE_TARGET".to_owned(), target));
    super::serve::run_with(args, Printer::new(), environment.into_iter().collect())
}

fn listen(
    settings: &mut Settings,
    endpoint: &Endpoint,
    mode: Option<u32>,
    printer: &Printer,
) -> anyhow::Result<Exit> {
    settings.works_in_site = true;
    let site = settings.site.get_or_insert_with(|| PathBuf::from(".")).clone();
    // Standard input is nobody's business here, and workers must not read a terminal.
    platform::inherited::take_descriptor_0().context("standard input cannot be put aside")?;
    gate::open_log(settings);
    let plan = match Plan::new(settings, &site) {
        Ok(plan) => plan,
        Err(failure) => {
            printer.failure(&failure);
            return Ok(Exit::Trouble);
        }
    };
    let (workers, threads) = (plan.workers, plan.threads);
    let listening = |listener: &Listener| {
        let place = match (endpoint, listener.port()) {
            // Port 0 lets the system choose.
            (Endpoint::Tcp(address), Some(port)) => {
                let host = address.rsplit_once(':').map_or("", |(host, _)| host);
                format!("tcp:{host}:{port}")
            }
            _ => endpoint.to_string(),
        };
        log::info!("listening at {place}: {workers} workers of up to {threads} threads");
    };
    match gate::supervise(settings, plan, endpoint, mode, listening) {
        Ok(SupervisorEnded::Told) => Ok(Exit::Done),
        Ok(SupervisorEnded::Failed(failure)) => {
            printer.failure(&failure);
            Ok(Exit::Trouble)
        }
        Err(failure) => {
            printer.failure(&failure);
            Ok(Exit::Unable)
        }
    }
}

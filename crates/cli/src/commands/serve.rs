//! Owns `iisgate serve`: the banner, a line per request.
//!
//! Does not own serving: `front` does.

use crate::Exit;
use crate::args::ServeArgs;
use crate::commands::debug::WorksHere;
use crate::commands::serve_lines::Lines;
use crate::commands::{console_log, site};
use crate::printer::Printer;
use front::{AccessRecord, Banner, CertificateFiles, Control, Hooks};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) fn run(args: ServeArgs, printer: Printer) -> anyhow::Result<Exit> {
    run_with(args, printer, Vec::new())
}

/// With variables for the instances.
pub(super) fn run_with(
    args: ServeArgs,
    printer: Printer,
    environment: Vec<(String, String)>,
) -> anyhow::Result<Exit> {
    console_log::install();
    let dir = args.dir.unwrap_or_else(|| PathBuf::from("."));
    // A folder alone has no bindings: without --host the stand-in listens at this machine only.
    let is_folder = args.site.config.is_none();
    let (mut settings, _log) = site::settings(&dir, args.site)?;
    settings.environment.extend(environment);
    settings.host = args.host;
    settings.port = args.port;
    settings.https_port = args.https;
    let files = args.cert.zip(args.key);
    settings.certificate = files.map(|(certificate, key)| CertificateFiles { certificate, key });
    if settings.host.as_deref().map_or(is_folder, is_loopback) {
        settings.environment.push(("IISGATE_LOCAL".into(), "1".into()));
    }
    if args.reload {
        settings.environment.push(("IISGATE_RELOAD".into(), "1".into()));
    }
    let works_here = Arc::new(WorksHere::new(&dir));
    let printer = Arc::new(printer);
    let (to, there, quiet) = (Arc::clone(&printer), Arc::clone(&works_here), args.quiet);
    let is_shown = move |record: &AccessRecord| !quiet || is_failure(record);
    let (lines, end) = Lines::begin(move |untold, record: &AccessRecord| {
        if untold > 0 {
            to.say(format!("… {untold} requests, while nobody read these lines"));
        }
        if is_shown(record) {
            to.say(line(&to, record));
        }
        if is_apps_success(record) {
            there.tell_once(&to);
        }
    })?;
    let hooks = Hooks {
        access: Some(Arc::new(move |record: &AccessRecord| {
            if is_shown(record) || is_apps_success(record) && !works_here.is_told() {
                lines.tell(record.clone());
            }
        })),
        ..Hooks::default()
    };
    front::serve(settings, hooks, &Control::default(), |banner| say_banner(&printer, banner))?;
    if end.wait() {
        printer.say("ended: all instances are gone");
    }
    Ok(Exit::Done)
}

/// Whether a request failed, by no fault of its client.
fn is_failure(record: &AccessRecord) -> bool {
    record.status.is_some_and(|status| status >= 500)
}

/// Whether the app has answered, and was able to.
fn is_apps_success(record: &AccessRecord) -> bool {
    record.instance.is_some() && record.status.is_some_and(|status| status < 500)
}

/// Whether a host is reached from this machine alone.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn say_banner(printer: &Printer, banner: &Banner) {
    printer.say(format!("{} serves {}", printer.bold("iisgate"), printer.bold(&banner.site)));
    printer.say(format!("  {:<13} {}", "address", printer.bold(&banner.url)));
    if let Some(https) = &banner.https {
        if https.url != banner.url {
            printer.say(format!("  {:<13} {}", "address", printer.bold(&https.url)));
        }
        printer.say(format!("  {:<13} {}", "certificate", https.certificate.display()));
        if let Some(command) = &https.how_to_trust {
            printer.say(format!("  {:<13} {command}", "to trust it"));
        }
    }
    for (path, folder) in &banner.applications {
        printer.say(format!("  {:<13} {path} → {}", "application", folder.display()));
    }
    site::say_notes(printer, &banner.notes);
    printer.say("  Ctrl-C ends it.");
}

/// One line per request: time of day, status, method, URL, size, duration, instance.
fn line(printer: &Printer, record: &AccessRecord) -> String {
    let status = match (record.status, record.sub_status) {
        (None, _) => "—".to_owned(),
        (Some(status), 0) => status.to_string(),
        (Some(status), sub) => format!("{status}.{sub}"),
    };
    let status = if record.status.is_none_or(|status| status >= 400) {
        printer.bold(&format!("{status:<6}"))
    } else {
        format!("{status:<6}")
    };
    let instance = record.instance.map(|pid| format!(" instance {pid}")).unwrap_or_default();
    let cut = if record.is_complete { "" } else { " cut off" };
    // A client chooses the URL: what could move a terminal's cursor is shown escaped.
    let uri: String = record.uri.chars().flat_map(char::escape_debug).collect();
    format!(
        "{status} {:<6} {uri} {} {:.1} ms{instance}{cut}",
        record.method,
        size(record.bytes),
        record.duration.as_secs_f64() * 1e3
    )
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

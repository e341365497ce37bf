//! Owns `iisgate request`: one request, its response printed.
//!
//! Does not own the stack it goes through: `front` does.

use crate::Exit;
use crate::args::RequestArgs;
use crate::commands::debug::WorksHere;
use crate::commands::site;
use crate::printer::Printer;
use anyhow::{Context, bail};
use front::{Direction, Hooks, Note, OneRequest, ResponseHead, ResponseSink, TappedRecord};
use std::io::{self, Write};
use std::sync::Arc;

/// Prints the response: the body on stdout, talk on stderr.
struct Sink {
    printer: Arc<Printer>,
    is_verbose: bool,
    include_head: bool,
    status: Option<u16>,
}

impl ResponseSink for Sink {
    fn notes(&mut self, notes: &[Note]) {
        if self.is_verbose {
            site::say_notes(&self.printer, notes);
        }
    }

    fn head(&mut self, head: &ResponseHead) -> io::Result<()> {
        self.status = Some(head.status);
        let mut text = format!("HTTP/1.1 {} {}\n", head.status, head.reason).into_bytes();
        for (name, value) in &head.headers {
            text.extend_from_slice(format!("{name}: ").as_bytes());
            text.extend_from_slice(value);
            text.push(b'\n');
        }
        text.push(b'\n');
        if self.include_head {
            io::stdout().write_all(&text)?;
        } else if self.is_verbose || head.status >= 400 {
            io::stderr().write_all(&text)?;
        }
        Ok(())
    }

    fn body(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::stdout().write_all(bytes)
    }
}

/// Bytes of a record's content that are shown.
const SHOWN_BYTES_MAX: usize = 60;

fn record(tapped: &TappedRecord<'_>) -> String {
    let arrow = match tapped.direction {
        Direction::Sent => "→",
        Direction::Received => "←",
    };
    let shown = &tapped.content[..tapped.content.len().min(SHOWN_BYTES_MAX)];
    let more = if tapped.content.len() > shown.len() { "…" } else { "" };
    format!(
        "{arrow} {:<12} id {} {:>5} bytes  {}{more}",
        format!("{:?}", tapped.header.record_type),
        tapped.header.request_id,
        tapped.header.content_length,
        shown.escape_ascii()
    )
}

pub(crate) fn run(args: RequestArgs, printer: Printer) -> anyhow::Result<Exit> {
    let mut headers = Vec::new();
    for header in &args.headers {
        let Some((name, value)) = header.split_once(':') else {
            printer.error(&format!("not a header: {header:?}: write it NAME: VALUE"));
            return Ok(Exit::Trouble);
        };
        headers.push((name.trim().to_owned(), value.trim().as_bytes().to_vec()));
    }
    let body = match args.data.as_deref().map(|data| (data, data.strip_prefix('@'))) {
        None => Vec::new(),
        Some((_, Some(file))) => std::fs::read(file).with_context(|| format!("--data @{file}"))?,
        Some((text, None)) => text.as_bytes().to_vec(),
    };
    let works_here = WorksHere::new(&args.dir);
    let (mut settings, _log) = site::settings(&args.dir, args.site)?;
    settings.environment.push(("IISGATE_LOCAL".into(), "1".into()));
    let request = OneRequest { method: args.method, url: args.url, headers, body };
    let printer = Arc::new(printer);
    let to = Arc::clone(&printer);
    let mut hooks = Hooks::default();
    if args.verbose {
        hooks.tap = Some(Arc::new(move |tapped: &TappedRecord<'_>| to.say(record(tapped))));
    }
    let mut sink =
        Sink { printer, is_verbose: args.verbose, include_head: args.include, status: None };
    front::request(settings, hooks, &request, &mut sink)?;
    io::stdout().flush()?;
    if sink.status.is_some_and(|status| status < 500) {
        works_here.tell_once(&sink.printer);
    }
    match sink.status {
        Some(status) if status < 400 => Ok(Exit::Done),
        Some(_) => Ok(Exit::Trouble),
        None => bail!("no response came"),
    }
}

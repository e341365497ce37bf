//! Owns `iisgate feed verify`: the findings about a feed, and the exit status.
//!
//! Does not own the rules (`deploy::feed::verify`), nor how findings are shown (`check::form`).

use super::{place, told};
use crate::Exit;
use crate::args::FeedVerifyArgs;
use crate::commands::check::form;
use crate::printer::Printer;
use ::iis::checks::Severity;
use deploy::feed::fetch::{Fetch, source};
use deploy::feed::{Http, verify};
use std::path::Path;

pub(crate) fn run(args: &FeedVerifyArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let Some(place) = place(&args.feed, printer) else { return Ok(Exit::Trouble) };
    let mut http = Http::default();
    let source = match source(place, &mut http) {
        Ok(source) => source,
        Err(error) => {
            told(&error, printer);
            return Ok(Exit::Unable);
        }
    };
    let online = args.online.then_some(&mut http as &mut dyn Fetch);
    let findings = verify::verify(&source, args.files.as_deref(), online);
    form::print(&findings, args.output, Path::new(""), printer)?;
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let entries = source.reading.feed.entries.len();
    printer.say(format!("{entries} products: {}", form::summary(&findings)));
    Ok(if errors + warnings == 0 { Exit::Done } else { Exit::Trouble })
}

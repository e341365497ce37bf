//! Owns `iisgate init`: shows what is planned, asks, writes.
//!
//! Does not own the plan (`iis::init`).

use super::planned::{self, Answer};
use crate::Exit;
use crate::args::{InitArgs, OriginName};
use crate::printer::Printer;
use ::iis::init::{Listing, Origin, Plan, Refusal, Wish, plan};
use anyhow::Context;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: InitArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let dir = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let Ok(site) = dunce::canonicalize(&dir) else {
        printer.error(&format!("there is no folder {}", dir.display()));
        return Ok(Exit::Trouble);
    };
    let listing =
        Listing::read(&site).with_context(|| format!("cannot read {}", site.display()))?;
    let origin = args.origin.map(|name| match name {
        OriginName::Wfastcgi => Origin::Wfastcgi,
        OriginName::Httpplatform => Origin::HttpPlatform,
    });
    let program = args.program.clone().map_or_else(planned::program, Ok)?;
    let plan = match plan(&site, &listing, &Wish { target: args.target, program, origin }) {
        Ok(plan) => plan,
        Err(Refusal::Undecided { message, hint }) => {
            printer.error(&message);
            printer.say(format!("{} {hint}", printer.bold("hint:")));
            return Ok(Exit::Trouble);
        }
        Err(error) => {
            printer.error(&error.to_string());
            return Ok(Exit::Trouble);
        }
    };
    tell(&plan, &site, printer);
    if plan.changes.is_empty() {
        printer.say("Nothing to do: web.config and pyproject.toml are as they should be.");
        return Ok(Exit::Done);
    }
    for change in &plan.changes {
        planned::show(&site, change)?;
    }
    match planned::ask(args.consent, printer)? {
        Answer::Yes => {}
        Answer::Shown => return Ok(Exit::Done),
        Answer::No => return Ok(Exit::Trouble),
    }
    for change in &plan.changes {
        planned::save(change, printer)?;
    }
    let name = site.display();
    printer.say(format!("{} iisgate serve \"{name}\"", printer.bold("try it:")));
    printer.say(format!("{} iisgate iis install \"{name}\"", printer.bold("on the server:")));
    Ok(Exit::Done)
}

fn tell(plan: &Plan, site: &Path, printer: &Printer) {
    printer.say(format!("{} {}", printer.bold("site:"), site.display()));
    printer.say(format!("{} {}, TARGET {}", printer.bold("app:"), plan.found, plan.target));
    if !plan.changes.is_empty() {
        for reason in &plan.reasons {
            printer.say(format!("  {}: {}", reason.what, reason.why));
        }
    }
    for note in &plan.notes {
        printer.say(format!("{} {note}", printer.bold("note:")));
    }
}

//! Owns `iisgate iis recycle`: a site's workers are replaced, and it is told how that went.
//!
//! Does not own how a worker is replaced (`gate`).

use crate::Exit;
use crate::args::RecycleArgs;
use crate::printer::Printer;
use anyhow::Context;
use gate::status::{Replacement, replace_workers};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &RecycleArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let dir = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let Ok(site) = dunce::canonicalize(&dir) else {
        printer.error(&format!("there is no folder {}", dir.display()));
        return Ok(Exit::Trouble);
    };
    let mut exit = Exit::Done;
    printer.say(format!("{} {}", printer.bold("site:"), site.display()));
    let count = replace_workers(&site, |old, outcome, next| match outcome {
        Ok(Replacement::Ready) => {
            let ready = next.map_or_else(
                || "by a new one".to_owned(),
                |next| {
                    let start = next.start.as_ref().map(|start| start.total);
                    let took = start.map(|total| format!(", ready in {total:.2} s"));
                    format!("by {}{}", next.pid, took.unwrap_or_default())
                },
            );
            let rest = match old.in_flight {
                0 => String::new(),
                1 => "; it finishes the request that it works on".to_owned(),
                many => format!("; it finishes the {many} requests that it works on"),
            };
            printer.say(format!("worker {} is replaced {ready}{rest}", old.pid));
        }
        Ok(Replacement::Left) => printer.say(format!(
            "worker {} ends, for no gate holds it: the next request starts another one",
            old.pid
        )),
        Ok(Replacement::Refused(why)) => {
            exit = Exit::Trouble;
            printer.error(&format!("worker {} goes on: the new one cannot serve: {why}", old.pid));
            printer.say(format!("{} iisgate logs {}", printer.bold("more:"), quoted(&site)));
        }
        Err(error) => {
            exit = Exit::Trouble;
            printer.error(&format!("worker {}: not heard what became of it: {error}", old.pid));
        }
    });
    if count.context("the folder of gates and workers")? == 0 {
        printer.error("no worker of this site runs as this user");
        printer.say(format!(
            "{} a worker is started by the site's first request; iisgate status shows what runs. If \
             the site runs as another user, as IIS app pools do, call this as that, or touch {}",
            printer.bold("hint:"),
            site.join("tmp").join("restart.txt").display()
        ));
        return Ok(Exit::Trouble);
    }
    Ok(exit)
}

fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    if path.contains(' ') { format!("\"{path}\"") } else { path }
}

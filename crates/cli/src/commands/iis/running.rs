//! Owns `iisgate iis start` and `stop`: the site and its app pool, where IIS is.
//!
//! Does not own what is started in which order (`iis::install::running`).

use super::elevation::Access;
use super::{Machine, host, install};
use crate::Exit;
use crate::args::RunningArgs;
use crate::printer::Printer;
use ::iis::install::appcmd::run_all;
use ::iis::install::running::{self, Wanted};

pub(crate) fn run(args: &RunningArgs, wanted: Wanted, printer: &Printer) -> anyhow::Result<Exit> {
    let access = if args.consent.dry_run { Access::Read } else { Access::Write };
    let host = match host::find(&args.host, access, args.consent.yes, printer)? {
        Ok(host) => host,
        Err(exit) => return Ok(exit),
    };
    install::tell(&host, printer);
    let Some(appcmd) = &host.appcmd else {
        printer.error("only IIS starts and stops sites; of IIS Express it is a program");
        let name = &host.spot.site;
        let hint = format!(
            "iisexpress \"/site:{name}\" runs it until it is closed; so does iisgate serve"
        );
        printer.say(format!("{} {hint}", printer.bold("hint:")));
        return Ok(Exit::Trouble);
    };
    let others = running::others(&host.sites, &host.spot, &host.pool);
    let items = running::items(wanted, &host.spot, &host.pool, !others.is_empty());
    if wanted == Wanted::Stopped && !others.is_empty() {
        let (pool, others) = (&host.pool, others.join(", "));
        printer.say(format!(
            "{} the app pool {pool} goes on, and Python in it: it also runs {others}",
            printer.bold("note:")
        ));
        if items.is_empty() {
            printer.error("there is nothing of this application alone that could be stopped");
            let hint = "give it an app pool of its own: appcmd set app /app.name:SITE/PATH \
                        /applicationPool:NAME";
            printer.say(format!("{} {hint}", printer.bold("hint:")));
            return Ok(Exit::Trouble);
        }
    }
    let commands = match running::commands(appcmd, &items, wanted, &mut Machine) {
        Ok(commands) => commands,
        Err(error) => {
            printer.error(&error);
            return Ok(Exit::Unable);
        }
    };
    for command in &commands {
        printer.say(format!("  {command}"));
    }
    if args.consent.dry_run {
        printer.say("Nothing is done (--dry-run).");
        return Ok(Exit::Done);
    }
    if let Err(error) = run_all(&commands, &mut Machine) {
        printer.error(&error);
        return Ok(Exit::Unable);
    }
    for item in &items {
        let (item, state) = (item.words(), wanted.state().to_lowercase());
        printer.say(format!("{item} is {state}"));
    }
    Ok(Exit::Done)
}

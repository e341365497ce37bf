//! Owns `iisgate iis status`: whether IIS's configuration and the site's match.
//!
//! Does not tell what runs (`commands::status`).

use super::elevation::Access;
use super::{host, install};
use crate::Exit;
use crate::args::IisStatusArgs;
use crate::printer::Printer;
use ::iis::install::mismatch;

pub(crate) fn run(args: &IisStatusArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let host = match host::find(&args.host, Access::Read, false, printer)? {
        Ok(host) => host,
        Err(exit) => return Ok(exit),
    };
    install::tell(&host, printer);
    printer.say(format!("{} {}", printer.bold("app pool:"), host.pool));
    match mismatch(&host.server, &host.wanted, &host.spot)? {
        None => {
            printer
                .say("The handler's scriptProcessor and the <fastCgi> entry match to the letter.");
            Ok(Exit::Done)
        }
        Some(why) => {
            printer.error(&why);
            printer.say(format!("{} iisgate iis install", printer.bold("command:")));
            Ok(Exit::Trouble)
        }
    }
}

//! Owns `iisgate iis`: one file for each of its commands.
//!
//! Does not own IIS's configuration (`iis`) nor workers (`gate`).

mod recycle;

use crate::Exit;
use crate::args::{IisArgs, IisCommand};
use crate::printer::Printer;

pub(crate) fn run(args: IisArgs, printer: &Printer) -> anyhow::Result<Exit> {
    match args.command {
        IisCommand::Recycle(args) => recycle::run(&args, printer),
    }
}

//! Owns `iisgate package`: which of its commands, and how a package that is refused is told.
//!
//! Does not own packages (`deploy::package`).

mod asking;
mod build;
mod channels;
mod extract;
pub(super) mod install;
mod list;
mod msdeploy;
mod params;
mod post_install;
mod progress;
mod rollback;
mod spot;
mod verify;

use crate::Exit;
use crate::args::{PackageArgs, PackageCommand};
use crate::printer::Printer;
use deploy::package::PackageError;
use std::io::Write as _;

pub(crate) fn run(args: PackageArgs, printer: &Printer) -> anyhow::Result<Exit> {
    match args.command {
        PackageCommand::Build(args) => build::run(&args, printer),
        PackageCommand::List(args) => list::run(&args, printer),
        PackageCommand::Params(args) => params::run(&args, printer),
        PackageCommand::Extract(args) => extract::run(&args, printer),
        PackageCommand::Verify(args) => verify::run(&args, printer),
        PackageCommand::Install(args) => install::run(&args, printer),
        PackageCommand::Rollback(args) => rollback::run(&args, printer),
        PackageCommand::PostInstall(args) => post_install::run(&args, printer),
    }
}

/// Says why a package is refused, and where more stands about it.
fn refused(error: &PackageError, printer: &Printer) -> Exit {
    printer.error(&error.to_string());
    printer.say(format!("{} iisgate explain {}", printer.bold("more:"), error.code()));
    if matches!(error, PackageError::Io { .. }) { Exit::Unable } else { Exit::Trouble }
}

/// Prints data; a reader that has gone away is no failure.
fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

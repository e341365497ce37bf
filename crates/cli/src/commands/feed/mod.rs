//! Owns `iisgate feed`: one file for each of its commands.
//!
//! Does not own feeds (`deploy::feed`).

mod actor;
mod build;
mod cache;
mod install;
mod list;
mod verify;

use crate::Exit;
use crate::args::{FeedArgs, FeedCommand};
use crate::printer::Printer;
use deploy::feed::{Error, Location};
use std::io::Write as _;

pub(crate) fn run(args: FeedArgs, printer: &Printer) -> anyhow::Result<Exit> {
    match args.command {
        FeedCommand::Build(args) => build::run(args, printer),
        FeedCommand::Verify(args) => verify::run(&args, printer),
        FeedCommand::List(args) => list::run(&args, printer),
        FeedCommand::Search(args) => list::search(&args, printer),
        FeedCommand::Install(args) => install::run(*args, printer),
        FeedCommand::Cache(args) => cache::run(&args, printer),
    }
}

/// Says what is wrong with a feed or its files.
fn told(error: &Error, printer: &Printer) -> Exit {
    printer.error(&error.to_string());
    match error {
        Error::Io { .. } | Error::Place { .. } | Error::Failed { .. } => Exit::Unable,
        _ => Exit::Trouble,
    }
}

/// Where a feed is that was named on the command line.
fn place(text: &str, printer: &Printer) -> Option<Location> {
    let place = Location::parse(text);
    if place.is_none() {
        printer.error(&format!("this is neither a file nor an address: {text}"));
        let hint = "write a path, file:///…, http://… or https://…";
        printer.say(format!("{} {hint}", printer.bold("hint:")));
    }
    place
}

/// Where all feeds are that were named.
fn places(texts: &[String], printer: &Printer) -> Option<Vec<Location>> {
    texts.iter().map(|text| place(text, printer)).collect()
}

/// Prints data; a reader that has gone away is no failure.
fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

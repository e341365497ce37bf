//! Owns `iisgate iis uninstall`: what install has put in goes, and nothing else.
//!
//! Does not own the edit (`iis::install`).

use super::elevation::Access;
use super::{Machine, host, install};
use crate::Exit;
use crate::args::UninstallArgs;
use crate::commands::planned::{self, Answer};
use crate::printer::Printer;
use ::iis::Editor;
use ::iis::init::FileChange;
use ::iis::install::appcmd::run_all;
use ::iis::install::{Done, Installed, Receipt, receipt_path, undo_rest, uninstall};
use std::path::Path;

pub(crate) fn run(args: &UninstallArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let access = if args.consent.dry_run { Access::Read } else { Access::Write };
    let host = match host::find(&args.host, access, args.consent.yes, printer)? {
        Ok(host) => host,
        Err(exit) => return Ok(exit),
    };
    let file = receipt_path(&host.config);
    let mut receipt = Receipt::load(&file)?;
    let installed = receipt.take(&host.spot);
    let mut editor = Editor::load(&host.config)?;
    let original = editor.to_bytes();
    let nothing = Done::default();
    let (processor, done) = match &installed {
        Some(installed) => (&installed.processor, &installed.done),
        None => (&host.wanted.processor, &nothing),
    };
    install::tell(&host, printer);
    let is_ours = installed.as_ref().is_none_or(|installed| installed.done.has_added_entry);
    let names: Vec<String> = host.sharers(processor).into_iter().map(|it| it.name).collect();
    let keeps_entry = !is_ours || !names.is_empty();
    if keeps_entry {
        let why = if names.is_empty() {
            "it was there before".to_owned()
        } else {
            format!("{} needs it, too", names.join(", "))
        };
        printer.say(format!("{} the <fastCgi> entry stays: {why}", printer.bold("note:")));
    }
    let was_there = if keeps_entry {
        undo_rest(&mut editor, &host.spot, done)?;
        false
    } else {
        uninstall(&mut editor, processor, &host.spot, done)?
    };
    if !was_there && !editor.is_changed() {
        let said = if keeps_entry { "." } else { ": IIS does not know this site." };
        printer.say(format!("Nothing to do{said}"));
        if installed.is_some() && !args.consent.dry_run {
            keep_receipt(&file, &receipt)?;
        }
        return Ok(Exit::Done);
    }
    let before = before(installed.as_ref(), &original).filter(|_| !keeps_entry);
    let fresh = before.unwrap_or_else(|| editor.to_bytes());
    let change = FileChange { path: host.config.clone(), original: Some(original), fresh };
    let appcmd = host.appcmd.as_ref().filter(|_| was_there);
    let commands = appcmd.map(|appcmd| appcmd.uninstall(processor));
    let commands = commands.unwrap_or_default();
    install::show(&host, &change, &commands, printer)?;
    match planned::ask(args.consent, printer)? {
        Answer::Yes => {}
        Answer::Shown => return Ok(Exit::Done),
        Answer::No => return Ok(Exit::Trouble),
    }
    if host.appcmd.is_some() {
        if let Err(error) = run_all(&commands, &mut Machine) {
            printer.error(&error);
            return Ok(Exit::Unable);
        }
        printer.say(
            "Sections that were unlocked for the site, rights on folders, --warm-up and --utf8 stay.",
        );
        return Ok(Exit::Done);
    }
    planned::save(&change, printer)?;
    if installed.is_some() {
        keep_receipt(&file, &receipt)?;
    }
    Ok(Exit::Done)
}

/// Writes what is left of the note; without anything in it, it goes.
fn keep_receipt(file: &Path, receipt: &Receipt) -> std::io::Result<()> {
    if receipt.installed.is_empty() {
        return std::fs::remove_file(file);
    }
    std::fs::write(file, receipt.to_text())
}

/// The bytes from before the installation, if nobody has changed the file since.
fn before(installed: Option<&Installed>, now: &[u8]) -> Option<Vec<u8>> {
    let installed = installed.filter(|installed| installed.after == Installed::digest(now))?;
    std::fs::read(&installed.backup).ok()
}

//! Owns `iisgate iis uninstall`: what install has put in goes, and nothing else.
//!
//! Does not own the edit (`iis::install`).

use super::{Machine, elevation, host, install};
use crate::Exit;
use crate::args::UninstallArgs;
use crate::commands::planned::{self, Answer};
use crate::printer::Printer;
use ::iis::Editor;
use ::iis::init::FileChange;
use ::iis::install::appcmd::run_all;
use ::iis::install::{Done, Installed, Receipt, receipt_path, uninstall};

pub(crate) fn run(args: &UninstallArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let Some(host) = host::find(&args.host, printer)? else { return Ok(Exit::Trouble) };
    if !args.dry_run && !elevation::is_enough(&host, printer) {
        return Ok(Exit::Unable);
    }
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
    let was_there = uninstall(&mut editor, processor, &host.spot, done)?;
    install::tell(&host, printer);
    if !was_there && !editor.is_changed() {
        printer.say("Nothing to do: IIS does not know this site.");
        return Ok(Exit::Done);
    }
    let fresh = before(installed.as_ref(), &original).unwrap_or_else(|| editor.to_bytes());
    let change = FileChange { path: host.config.clone(), original: Some(original), fresh };
    let commands = host.appcmd.as_ref().map(|appcmd| appcmd.uninstall(processor));
    let commands = commands.unwrap_or_default();
    install::show(&host, &change, &commands, printer)?;
    match planned::ask(args.yes, args.dry_run, printer)? {
        Answer::Yes => {}
        Answer::Shown => return Ok(Exit::Done),
        Answer::No => return Ok(Exit::Trouble),
    }
    if host.appcmd.is_some() {
        if let Err(error) = run_all(&commands, &mut Machine) {
            printer.error(&error);
            return Ok(Exit::Unable);
        }
        printer.say("Sections that were unlocked for the site, and rights on folders, stay.");
        return Ok(Exit::Done);
    }
    planned::save(&change, printer)?;
    match installed {
        Some(_) if receipt.installed.is_empty() => std::fs::remove_file(&file)?,
        Some(_) => std::fs::write(&file, receipt.to_text())?,
        None => {}
    }
    Ok(Exit::Done)
}

/// The bytes from before the installation, if nobody has changed the file since.
fn before(installed: Option<&Installed>, now: &[u8]) -> Option<Vec<u8>> {
    let installed = installed.filter(|installed| installed.after == Installed::digest(now))?;
    std::fs::read(&installed.backup).ok()
}

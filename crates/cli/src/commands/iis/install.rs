//! Owns `iisgate iis install`: plans, shows, asks, does it, and proves that it is done.
//!
//! Does not own the plan (`iis::install`).

use super::Machine;
use super::circumstances::{folders, limits, notes};
use super::elevation::Access;
use super::host::{self, Host};
use crate::Exit;
use crate::args::InstallArgs;
use crate::commands::planned::{self, Answer};
use crate::printer::Printer;
use ::iis::Editor;
use ::iis::init::FileChange;
use ::iis::install::access;
use ::iis::install::appcmd::{Command, run_all};
use ::iis::install::{
    Done, Entry, Installed, Receipt, Warmed, install, mismatch, receipt_path, utf8, warm_up,
};
use ::iis::saving::{Saved, save};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &InstallArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let access = if args.consent.dry_run { Access::Read } else { Access::Write };
    let host = match host::find(&args.host, access, args.consent.yes, printer)? {
        Ok(host) => host,
        Err(exit) => return Ok(exit),
    };
    let (limits, why) = limits(args);
    let environment = args.environment.clone();
    let entry = Entry { processor: host.wanted.processor.clone(), limits, environment };
    let mut editor = Editor::load(&host.config)?;
    let done = match plan(&mut editor, args, &host, &entry) {
        Ok(done) => done,
        Err(error) => {
            printer.error(&error.to_string());
            return Ok(Exit::Trouble);
        }
    };
    tell(&host, printer);
    if done.has_added_entry {
        let count = entry.limits.max_instances;
        printer.say(format!("{} maxInstances {count}: {why}", printer.bold("limits:")));
    }
    let commands = match commands(&host, args, &entry, &done) {
        Ok(commands) => commands,
        Err(error) => {
            printer.error(&error);
            return Ok(Exit::Unable);
        }
    };
    notes(&host, args, &done, &commands, printer);
    if !editor.is_changed() && commands.is_empty() {
        printer.say("Nothing to do: IIS knows this site.");
        if !args.consent.dry_run {
            note_sharing(&host)?;
        }
        return prove(&host, printer);
    }
    let change = FileChange {
        path: host.config.clone(),
        original: editor.original().map(<[u8]>::to_vec),
        fresh: editor.to_bytes(),
    };
    show(&host, &change, &commands, printer)?;
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
        return prove(&host, printer);
    }
    let original = change.original.as_deref();
    let saved = save(&change.path, original, &change.fresh, platform::successor_file::succeed)?;
    if let Saved::Replaced { backup } = saved {
        let (path, before) = (change.path.display(), backup.display());
        printer.say(format!("{} {path} (before: {before})", printer.bold("written:")));
        let file = receipt_path(&host.config);
        let mut receipt = Receipt::load(&file)?;
        let old = receipt.take(&host.spot);
        let backup = first_backup(old.as_ref(), original.unwrap_or_default(), backup);
        receipt.installed.push(Installed {
            spot: host.spot.clone(),
            processor: host.wanted.processor.clone(),
            done: merged(done, old),
            backup,
            after: Installed::digest(&change.fresh),
        });
        std::fs::write(&file, receipt.to_text())?;
    }
    prove(&host, printer)
}

/// An entry that was put in for another site is this one's to take out when the other one has gone.
fn note_sharing(host: &Host) -> Result<(), ::iis::Error> {
    let file = receipt_path(&host.config);
    let mut receipt = Receipt::load(&file)?;
    let processor = &host.wanted.processor;
    let is_ours = receipt.installed.iter().any(|it| it.processor == *processor);
    if !is_ours || receipt.of(&host.spot).is_some() {
        return Ok(());
    }
    receipt.installed.push(Installed {
        spot: host.spot.clone(),
        processor: processor.clone(),
        done: Done::default(),
        backup: PathBuf::new(),
        after: String::new(),
    });
    std::fs::write(&file, receipt.to_text())
        .map_err(|source| ::iis::Error::Io { path: file, source })
}

/// The file as it was before the first installation; none if others have changed it since.
fn first_backup(old: Option<&Installed>, original: &[u8], backup: PathBuf) -> PathBuf {
    match old {
        Some(old) if old.after == Installed::digest(original) => old.backup.clone(),
        Some(_) => PathBuf::new(),
        None => backup,
    }
}

/// What was done before and has to be undone with it.
fn merged(mut done: Done, old: Option<Installed>) -> Done {
    if let Some(old) = old {
        done.has_added_entry |= old.done.has_added_entry;
        done.has_made_section |= old.done.has_made_section;
        done.unlocked.extend(old.done.unlocked);
        done.warmed = merged_warmth(done.warmed, old.done.warmed);
    }
    done
}

fn merged_warmth(new: Option<Warmed>, old: Option<Warmed>) -> Option<Warmed> {
    let (Some(new), Some(mut old)) = (new.clone(), old.clone()) else { return old.or(new) };
    old.has_added_page |= new.has_added_page;
    old.has_made_model |= new.has_made_model;
    old.has_made_section |= new.has_made_section;
    old.changed.extend(new.changed);
    Some(old)
}

/// The edit of the server's file.
fn plan(
    editor: &mut Editor,
    args: &InstallArgs,
    host: &Host,
    entry: &Entry,
) -> Result<Done, ::iis::Error> {
    // A <location> that unlocks sections is made after all others, so that it goes without a trace.
    let warmed = match &args.warm_up {
        Some(page) => Some(warm_up::prepare(editor, &host.spot, &host.pool, page)?),
        None => None,
    };
    let done = install(editor, &host.wanted, &host.spot, entry)?;
    Ok(Done { warmed: warmed.filter(|warmed| !warmed.is_nothing()), ..done })
}

/// What is done to what.
pub(super) fn tell(host: &Host, printer: &Printer) {
    printer.say(format!("{} {}", printer.bold("site:"), host.folder.display()));
    let (name, config) = (host.spot.location(), host.config.display());
    printer.say(format!("{} {name} in {config}", printer.bold("server:")));
    printer.say(format!("{} {}", printer.bold("program:"), host.wanted.processor));
}

/// Shows what would be done: the lines of the file, or the commands.
pub(super) fn show(
    host: &Host,
    change: &FileChange,
    commands: &[Command],
    printer: &Printer,
) -> anyhow::Result<()> {
    if host.appcmd.is_none() {
        let base = host.config.parent().unwrap_or(Path::new(""));
        return planned::show(base, change);
    }
    for command in commands {
        printer.say(format!("  {command}"));
    }
    Ok(())
}

/// Everything that is run where IIS is: appcmd, the registry, and rights for the app pool.
fn commands(
    host: &Host,
    args: &InstallArgs,
    entry: &Entry,
    done: &Done,
) -> Result<Vec<Command>, String> {
    let Some(appcmd) = &host.appcmd else { return Ok(Vec::new()) };
    let mut commands = appcmd.install(entry, done, &host.spot);
    if let Some(warmed) = &done.warmed {
        commands.extend(warm_up::commands(appcmd, &host.spot, warmed));
    }
    if args.utf8 {
        commands.extend(utf8::commands(&mut Machine)?);
    }
    if done.has_added_entry
        && let Some(identity) = access::identity(&host.server, &host.pool)
    {
        commands.extend(access::commands(&identity, &folders(&host.folder)));
    }
    Ok(commands)
}

/// Reads the file once more, and compares.
fn prove(host: &Host, printer: &Printer) -> anyhow::Result<Exit> {
    let server = ::iis::site::load_configuration(&host.config)?;
    match mismatch(&server, &host.wanted, &host.spot)? {
        None => {
            let said = "the handler's scriptProcessor and the <fastCgi> entry match to the letter";
            printer.say(format!("{} {said}", printer.bold("proved:")));
            Ok(Exit::Done)
        }
        Some(why) => {
            printer
                .error(&format!("it was written, and still IIS would not serve the site: {why}"));
            Ok(Exit::Unable)
        }
    }
}

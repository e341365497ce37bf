//! Owns `iisgate iis install`: plans, shows, asks, does it, and proves that it is done.
//!
//! Does not own the plan (`iis::install`).

use super::host::{self, Host};
use super::{Machine, elevation};
use crate::Exit;
use crate::args::InstallArgs;
use crate::commands::planned::{self, Answer};
use crate::printer::Printer;
use ::iis::Editor;
use ::iis::init::FileChange;
use ::iis::install::access::{self, Folders};
use ::iis::install::appcmd::{Appcmd, Command, run_all};
use ::iis::install::{Entry, Installed, Limits, Receipt, install, mismatch, receipt_path};
use ::iis::saving::{Saved, save};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &InstallArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let Some(host) = host::find(&args.host, printer)? else { return Ok(Exit::Trouble) };
    let is_written = !args.dry_run;
    if is_written && !elevation::is_enough(&host, printer) {
        return Ok(Exit::Unable);
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut limits = Limits::for_processors(processors);
    limits.max_instances = args.max_instances.unwrap_or(limits.max_instances);
    let environment = args.environment.clone();
    let entry = Entry { processor: host.wanted.processor.clone(), limits, environment };
    let mut editor = Editor::load(&host.config)?;
    let done = match install(&mut editor, &host.wanted, &host.spot, &entry) {
        Ok(done) => done,
        Err(error) => {
            printer.error(&error.to_string());
            return Ok(Exit::Trouble);
        }
    };
    tell(&host, printer);
    let commands = match &host.appcmd {
        Some(appcmd) => commands(&host, appcmd, &entry, &done),
        None => Vec::new(),
    };
    if !editor.is_changed() && commands.is_empty() {
        printer.say("Nothing to do: IIS knows this site.");
        return prove(&host, printer);
    }
    let change = FileChange {
        path: host.config.clone(),
        original: editor.original().map(<[u8]>::to_vec),
        fresh: editor.to_bytes(),
    };
    show(&host, &change, &commands, printer)?;
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
        return prove(&host, printer);
    }
    let original = change.original.as_deref();
    let saved = save(&change.path, original, &change.fresh, platform::private_file::replace)?;
    if let Saved::Replaced { backup } = saved {
        let (path, before) = (change.path.display(), backup.display());
        printer.say(format!("{} {path} (before: {before})", printer.bold("written:")));
        let file = receipt_path(&host.config);
        let mut receipt = Receipt::load(&file)?;
        let old = receipt.take(&host.spot);
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

/// What was done before and has to be undone with it.
fn merged(mut done: ::iis::install::Done, old: Option<Installed>) -> ::iis::install::Done {
    if let Some(old) = old {
        done.has_added_entry |= old.done.has_added_entry;
        done.has_made_section |= old.done.has_made_section;
        done.unlocked.extend(old.done.unlocked);
    }
    done
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

/// Everything that is run where IIS is: appcmd, and rights for the app pool.
fn commands(
    host: &Host,
    appcmd: &Appcmd,
    entry: &Entry,
    done: &::iis::install::Done,
) -> Vec<Command> {
    let mut commands = appcmd.install(entry, done, &host.spot);
    if done.has_added_entry {
        commands.extend(access::commands(&host.pool, &folders(&host.folder)));
    }
    commands
}

/// The folders that the app pool's identity reads and writes.
fn folders(site: &Path) -> Folders {
    let mut folders = Folders { read: vec![site.to_owned()], written: Vec::new() };
    for name in [".venv", "venv", "env"] {
        let Ok(text) = std::fs::read_to_string(site.join(name).join("pyvenv.cfg")) else {
            continue;
        };
        let home = text.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key.trim() == "home").then(|| PathBuf::from(value.trim()))
        });
        folders.read.extend(home);
    }
    let program = std::env::current_exe().ok();
    folders.read.extend(program.as_deref().and_then(Path::parent).map(Path::to_owned));
    for name in ["logs", "tmp"] {
        folders.written.extend(Some(site.join(name)).filter(|folder| folder.is_dir()));
    }
    folders
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

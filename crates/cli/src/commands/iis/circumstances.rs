//! Owns what an installation goes by besides the files: the machine's size, folders of the app pool, what
//! the user should know.
//!
//! Does not own the plan (`iis::install`), nor doing it (`install`).

use super::host::Host;
use crate::args::InstallArgs;
use crate::printer::Printer;
use ::iis::install::access::Folders;
use ::iis::install::appcmd::Command;
use ::iis::install::{Done, Limits, instances};
use std::path::{Path, PathBuf};

/// The limits, and in words how the number of instances comes.
pub(super) fn limits(args: &InstallArgs) -> (Limits, String) {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let (count, why) = match args.max_instances {
        Some(count) => (count, "as you say".to_owned()),
        None => instances(processors, platform::memory::physical_bytes().ok()),
    };
    let limits = Limits::of_instances(count);
    (if args.warm_up.is_some() { limits.warm() } else { limits }, why)
}

/// What cannot be seen in the lines or commands.
pub(super) fn notes(
    host: &Host,
    args: &InstallArgs,
    done: &Done,
    commands: &[Command],
    printer: &Printer,
) {
    let note = |text: &str| printer.say(format!("{} {text}", printer.bold("note:")));
    let has_wishes = args.max_instances.is_some() || !args.environment.is_empty();
    if has_wishes && !done.has_added_entry {
        note(
            "the entry is there already and stays as it is, whatever --max-instances and --env say: \
             iisgate iis uninstall takes it out first",
        );
    }
    let sharers = host.sharers(&host.wanted.processor).into_iter();
    let sharers = sharers.filter(|other| other.pool.eq_ignore_ascii_case(&host.pool));
    let names: Vec<String> = sharers.map(|other| other.name).collect();
    if !names.is_empty() {
        let (names, pool) = (names.join(", "), &host.pool);
        note(&format!(
            "{names} has the same handler in the same app pool {pool}: IIS gives both the same \
             processes, and each of those serves one site only. Give this site an app pool of its own"
        ));
    }
    let is_utf8_set = commands.iter().any(|command| command.program == "reg");
    if args.utf8 && host.appcmd.is_none() {
        note("--utf8 is a setting of a machine with IIS; a file has no place for it");
    } else if is_utf8_set {
        note(
            "--utf8 holds for all FastCGI sites of this machine, and from the next iisreset on. PHP \
             sites read such names as UTF-8 then, too",
        );
    }
    if args.warm_up.is_some() && host.appcmd.is_none() {
        note("IIS itself needs the feature Application Initialization for --warm-up");
    }
}

/// The folders that the app pool's identity reads and writes.
pub(super) fn folders(site: &Path) -> Folders {
    let mut folders = Folders { read: vec![site.to_owned()], written: Vec::new() };
    let project = ::iis::Site::load(site).map(|files| files.project).unwrap_or_default();
    let named = project.python.map(|python| site.join(python));
    // An interpreter lies in Scripts, in an environment's own folder, or is named by that folder.
    let named = named.iter().flat_map(|path| path.ancestors().take(3));
    let usual = [".venv", "venv", "env"].map(|name| site.join(name));
    for folder in usual.iter().map(PathBuf::as_path).chain(named) {
        let Ok(text) = std::fs::read_to_string(folder.join("pyvenv.cfg")) else { continue };
        let home = text.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key.trim() == "home").then(|| PathBuf::from(value.trim()))
        });
        let outside = (!folder.starts_with(site)).then(|| folder.to_owned());
        folders.read.extend(outside.into_iter().chain(home));
    }
    let program = std::env::current_exe().ok();
    folders.read.extend(program.as_deref().and_then(Path::parent).map(Path::to_owned));
    let log = project.log.and_then(|log| site.join(log).parent().map(Path::to_owned));
    let written = ["logs", "tmp"].into_iter().map(|name| site.join(name)).chain(log);
    for folder in written.filter(|folder| folder.is_dir()) {
        if !folders.written.contains(&folder) {
            folders.written.push(folder);
        }
    }
    folders
}

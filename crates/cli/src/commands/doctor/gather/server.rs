//! Owns finding IIS, its file and the site in it, and asking Windows' own programs.
//!
//! Does not judge what they say.

use super::{Gathered, NO_WINDOWS, Wanted, command, leave, services};
use ::iis::checks;
use ::iis::doctor::{self, Machine, RECENT, Topic, wanted as looked_for};
use ::iis::install::appcmd::Run;
use std::path::{Path, PathBuf};

/// What cannot be known without the server's file.
const OF_THE_FILE: [Topic; 4] = [Topic::Iis, Topic::Pool, Topic::Ports, Topic::Entries];

/// A server: its file, and appcmd where the file is the machine's own.
type Server = (PathBuf, Option<PathBuf>);

fn find(wanted: &Wanted) -> Option<Server> {
    if let Some(file) = &wanted.config {
        return Some((file.clone(), None));
    }
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    if wanted.is_express {
        let home = variable("USERPROFILE").or_else(|| variable("HOME"))?;
        let folder = home.join("Documents").join("IISExpress").join("config");
        return Some((folder.join("applicationhost.config"), None));
    }
    let inetsrv =
        variable("SystemRoot").filter(|_| cfg!(windows))?.join("System32").join("inetsrv");
    let appcmd = inetsrv.join("appcmd.exe");
    let file = inetsrv.join("config").join("applicationHost.config");
    appcmd.is_file().then_some((file, Some(appcmd)))
}

/// Reads the site's files and the server's. Gives appcmd, where there is one.
///
/// # Errors
/// When the site's cannot be read, or a file that was named.
pub(super) fn gather(wanted: &Wanted, gathered: &mut Gathered) -> anyhow::Result<Option<PathBuf>> {
    let machine = &mut gathered.machine;
    let server = find(wanted);
    machine.has_iis = server.is_some();
    let mut appcmd = None;
    let mut file = None;
    match server {
        None if machine.is_windows => {
            leave(machine, &[Topic::Pool, Topic::Ports, Topic::Entries], "there is no IIS");
        }
        None => leave(machine, &OF_THE_FILE, NO_WINDOWS),
        Some((path, program)) => match std::fs::File::open(&path) {
            Ok(_) => (file, appcmd) = (Some(path), program),
            // Without an administrator's rights the machine's own may not be read.
            Err(error) if wanted.config.is_none() => {
                let why = format!("{}: {error}; ask as an administrator", path.display());
                leave(machine, &OF_THE_FILE, &why);
            }
            Err(error) => anyhow::bail!("{}: {error}", path.display()),
        },
    }
    machine.files = checks::load(&wanted.folder, file.as_deref(), None)?;
    machine.files.site.clone_from(&wanted.site);
    machine.app = wanted.app.clone().unwrap_or_else(|| "/".to_owned());
    if let Some(file) = &machine.files.server
        && let Ok(root) = ::iis::document::decode(&file.path, &file.bytes)
    {
        let is_folder = |path: &Path| {
            dunce::canonicalize(path).is_ok_and(|path| path == wanted.folder)
                || path == wanted.folder
        };
        let (site, app) = (wanted.site.as_deref(), wanted.app.as_deref());
        if let Some(found) = doctor::application(&root, site, app, is_folder) {
            machine.files.site = Some(found.site);
            machine.app = found.path;
            if machine.is_windows {
                machine.identity = Some((found.identity, false));
            }
        }
        existing(gathered);
    }
    let machine = &mut gathered.machine;
    match (&appcmd, cfg!(windows)) {
        (Some(_), _) => match services() {
            Ok(found) => machine.services = found,
            Err(error) => gathered.more_left_out.push(format!("IIS's services ({error})")),
        },
        (None, true) => leave(machine, &[Topic::State], "there is no appcmd.exe to ask"),
        (None, false) => leave(machine, &[Topic::State], NO_WINDOWS),
    }
    Ok(appcmd)
}

/// Looks for the files that the server's file names.
fn existing(gathered: &mut Gathered) {
    let (ours, others): (Vec<PathBuf>, Vec<PathBuf>) =
        looked_for::files(&gathered.machine).into_iter().partition(|path| path.is_absolute());
    gathered.machine.existing = ours
        .into_iter()
        .map(|path| {
            let is_there = path.is_file();
            (path, is_there)
        })
        .collect();
    if !others.is_empty() {
        // Variables such as %IIS_BIN% are known to IIS alone, drives to Windows.
        let count = others.len();
        gathered.more_left_out.push(format!(
            "{count} of the files that the server's file names (their paths mean nothing here)"
        ));
    }
}

/// Asks appcmd what runs.
pub(super) fn states(machine: &mut Machine, appcmd: &Path, runner: &mut dyn Run) {
    let program = appcmd.display().to_string();
    let mut ask = |object: &str| {
        let outcome = runner.run(&command(&program, &["list", object, "/xml"]));
        outcome.map_err(|error| format!("appcmd: {error}")).and_then(|outcome| {
            let said = outcome.output.trim().to_owned();
            if outcome.status == 0 { Ok(said) } else { Err(format!("appcmd says: {said}")) }
        })
    };
    let told = ask("site").and_then(|sites| {
        let pools = ask("apppool")?;
        doctor::states(&sites, &pools).ok_or_else(|| "appcmd's answer is no list".to_owned())
    });
    match told {
        Ok(states) => machine.states = Some(states),
        Err(why) => leave(machine, &[Topic::State], &why),
    }
}

/// Asks wevtutil for failures of the last day.
pub(super) fn events(machine: &mut Machine, runner: &mut dyn Run) {
    if !machine.is_windows {
        return leave(machine, &[Topic::Events], NO_WINDOWS);
    }
    /// Events that are looked through, newest first.
    const COUNT: &str = "/c:300";
    let milliseconds = RECENT.as_millis();
    // Levels 1 to 3: critical, error, warning.
    let query = format!(
        "/q:*[System[(Level=1 or Level=2 or Level=3) and \
         TimeCreated[timediff(@SystemTime) <= {milliseconds}]]]"
    );
    for log in ["Application", "System"] {
        let asked = command("wevtutil", &["qe", log, COUNT, "/rd:true", "/f:xml", &query]);
        match runner.run(&asked) {
            Ok(outcome) if outcome.status == 0 => {
                machine.events.extend(doctor::events(&outcome.output));
            }
            Ok(outcome) => {
                let said = outcome.output.trim();
                let said = said.lines().next().unwrap_or("it failed").to_owned();
                return leave(machine, &[Topic::Events], &format!("wevtutil says: {said}"));
            }
            Err(error) => {
                return leave(machine, &[Topic::Events], &format!("wevtutil: {error}"));
            }
        }
    }
}

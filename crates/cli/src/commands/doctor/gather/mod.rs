//! Owns gathering what is known of a machine: which facts can be had here, and the reasons for those
//! that cannot.
//!
//! Does not judge them (`iis::doctor`).

mod access;
pub(crate) mod logs;
mod python;
mod server;

pub(crate) use access::access_of;
pub(crate) use python::without_log;

use ::iis::doctor::{self, Machine, Mount, Port, Registered, Service, Topic, wanted};
use ::iis::install::appcmd::{Command, Run};
use platform::machine;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is to be looked at.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// The site's folder.
    pub(crate) folder: PathBuf,
    /// The site's name in IIS.
    pub(crate) site: Option<String>,
    /// The path of the application in it.
    pub(crate) app: Option<String>,
    /// IIS Express.
    pub(crate) is_express: bool,
    /// A server's file.
    pub(crate) config: Option<PathBuf>,
    /// Whose access is looked at.
    pub(crate) identity: Option<String>,
    /// Whether the app is imported.
    pub(crate) imports: bool,
}

const NO_WINDOWS: &str = "this is no Windows";

/// A machine, and whatever was not looked at besides what its topics tell.
pub(crate) struct Gathered {
    pub(crate) machine: Machine,
    pub(crate) more_left_out: Vec<String>,
}

/// Gathers all facts.
///
/// # Errors
/// When the site's folder or its files cannot be read.
pub(crate) fn gather(wanted: &Wanted, runner: &mut dyn Run) -> anyhow::Result<Gathered> {
    let mut gathered = Gathered { machine: Machine::default(), more_left_out: Vec::new() };
    gathered.machine.is_windows = cfg!(windows);
    let appcmd = server::gather(wanted, &mut gathered)?;
    let Gathered { machine, more_left_out } = &mut gathered;
    let plan = python::gather(wanted, machine, more_left_out);
    access::gather(wanted, machine, plan.as_ref());
    registered(machine);
    ports(machine);
    let logs = gate::log_places(&machine.files.folder);
    rooms(machine, &logs, more_left_out);
    machine.failures = logs::failures(&logs);
    server::events(machine, runner);
    machine.versions.own = env!("CARGO_PKG_VERSION").to_owned();
    gates(machine);
    if let Some(appcmd) = appcmd {
        server::states(machine, &appcmd, runner);
    }
    Ok(gathered)
}

/// Leaves topics out for one reason.
fn leave(machine: &mut Machine, topics: &[Topic], reason: &str) {
    machine.left_out.extend(topics.iter().map(|topic| (*topic, reason.to_owned())));
}

fn registered(machine: &mut Machine) {
    if !machine.is_windows {
        return leave(machine, &[Topic::Registry], NO_WINDOWS);
    }
    match machine::registered_pythons() {
        Ok(found) => {
            machine.registered = found
                .into_iter()
                .map(|it| Registered {
                    company: it.company,
                    tag: it.tag,
                    is_there: it.program.is_file(),
                    program: it.program,
                    is_per_user: it.is_per_user,
                })
                .collect();
        }
        Err(error) => leave(machine, &[Topic::Registry], &error.to_string()),
    }
}

/// Windows' process that is HTTP.sys, through which IIS listens.
const SYSTEM_PROCESS: u32 = 4;

fn ports(machine: &mut Machine) {
    if machine.left_out.iter().any(|(topic, _)| *topic == Topic::Ports) {
        return;
    }
    let listening = match machine::listening() {
        Ok(listening) => listening,
        Err(error) => return leave(machine, &[Topic::Ports], &error.to_string()),
    };
    let mut numbers: Vec<u16> = wanted::bindings(machine).iter().filter_map(|it| it.port).collect();
    numbers.sort_unstable();
    numbers.dedup();
    machine.ports = numbers
        .into_iter()
        .map(|number| {
            let found = listening.iter().find(|it| it.port == number);
            let holder = found.map(|it| match (&it.program, it.process) {
                (Some(program), Some(id)) => format!("{program} (process {id})"),
                (_, Some(id)) => format!("process {id}"),
                _ => "a program of another user".to_owned(),
            });
            let is_systems = cfg!(windows)
                && found.is_some_and(|it| it.process.is_none_or(|id| id == SYSTEM_PROCESS));
            Port { number, holder, is_systems }
        })
        .collect();
}

/// Folders that are written, and their room.
fn rooms(machine: &mut Machine, logs: &[PathBuf], more_left_out: &mut Vec<String>) {
    let log = logs.iter().filter_map(|log| log.parent()).find(|folder| folder.is_dir());
    let log = log.map(Path::to_owned);
    let folders = [
        ("the site", Some(machine.files.folder.clone())),
        ("the log", log),
        ("temporary files", Some(std::env::temp_dir())),
    ];
    for (what, path) in folders {
        // A folder that is made when it is needed has the room of the one above.
        let path = path.as_deref().and_then(|path| path.ancestors().find(|path| path.is_dir()));
        let Some(path) = path else { continue };
        match machine::free_bytes(path) {
            Ok(free) => machine.mounts.push(Mount { path: path.to_owned(), what, free }),
            Err(error) => more_left_out.push(format!("room for {what} ({error})")),
        }
    }
}

/// How long a gate may take to tell its version.
const VERSION_TIME: Duration = Duration::from_secs(10);

fn gates(machine: &mut Machine) {
    let own = std::env::current_exe().ok().and_then(|path| dunce::canonicalize(path).ok());
    for path in wanted::gates(machine) {
        if dunce::canonicalize(&path).ok() == own {
            continue;
        }
        let mut program = std::process::Command::new(&path);
        program.arg("--version");
        let said = platform::bounded::run(program, VERSION_TIME).ok();
        let version =
            said.and_then(|said| said.output().trim().strip_prefix("iisgate ").map(str::to_owned));
        machine.versions.gates.push((path, version));
    }
}

/// What was not looked at, as one line; empty when nothing was left out.
pub(crate) fn left_out(gathered: &Gathered) -> String {
    let topics = doctor::left_out(&gathered.machine);
    let all = std::iter::once(topics).chain(gathered.more_left_out.iter().cloned());
    all.filter(|it| !it.is_empty()).collect::<Vec<_>>().join("; ")
}

/// A command with its arguments.
fn command(program: &str, arguments: &[&str]) -> Command {
    let arguments = arguments.iter().map(|it| (*it).to_owned()).collect();
    Command { program: program.to_owned(), arguments }
}

/// Services that IIS needs: Windows' own, and that which knows app pools' accounts.
const SERVICES: [&str; 3] = ["W3SVC", "WAS", "AppHostSvc"];

fn services() -> std::io::Result<Vec<Service>> {
    let asked = SERVICES.iter().map(|name| {
        let report = platform::service::query(name)?;
        Ok(Service { name: (*name).to_owned(), state: report.map(|it| it.state.word()) })
    });
    asked.collect()
}

#[cfg(test)]
mod tests;

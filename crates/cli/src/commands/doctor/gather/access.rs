//! Owns which files and folders the app's identity needs, and asking what it may do to them.
//!
//! Does not own the asking itself (`platform::machine`).

use super::{Wanted, leave};
use ::iis::doctor::{Machine, Right, Topic, Verdict};
use gate::Plan;
use platform::machine::{self, Access, Account, Use};
use std::path::{Path, PathBuf};

/// Finds out what the identity may do; leaves that out where nobody is named.
pub(super) fn gather(wanted: &Wanted, machine: &mut Machine, plan: Option<&Plan>) {
    let named = wanted.identity.clone();
    let Some(name) = named.or_else(|| machine.identity.take().map(|(name, _)| name)) else {
        return leave(machine, &[Topic::Access], "no identity is named: --identity USER");
    };
    access_of(&name, machine, plan);
}

/// What an identity may do to a site's files and what they need.
pub(crate) fn access_of(name: &str, machine: &mut Machine, plan: Option<&Plan>) {
    // IIS makes an account of each app pool's name.
    let pool = format!(r"IIS AppPool\{name}");
    let names = match cfg!(windows) && !name.contains(['\\', '@']) {
        true => vec![name, pool.as_str()],
        false => vec![name],
    };
    for name in names {
        match machine::account(name) {
            Ok(Some(account)) => {
                machine.identity = Some((name.to_owned(), true));
                machine.rights = rights(&account, &machine.files.folder, plan);
                return;
            }
            Ok(None) => {}
            Err(error) => {
                let why = format!("{name}: {error}");
                return leave(machine, &[Topic::Access], &why);
            }
        }
    }
    machine.identity = Some((name.to_owned(), false));
}

fn rights(account: &Account, site: &Path, plan: Option<&Plan>) -> Vec<Right> {
    let mut needed: Vec<(&'static str, PathBuf, Use)> =
        vec![("the site's folder", site.to_owned(), Use::Read)];
    for name in ["web.config", "pyproject.toml"] {
        needed.push(("a file of the site", site.join(name), Use::Read));
    }
    if let Some(plan) = plan {
        let folder = plan.python.parent().map(Path::to_owned);
        needed.extend(folder.map(|folder| ("the interpreter's folder", folder, Use::Read)));
        needed.push(("the interpreter", plan.python.clone(), Use::Run));
        let program = dunce::canonicalize(&plan.program).unwrap_or_else(|_| plan.program.clone());
        needed.extend(program.parent().map(|it| ("the base Python", it.to_owned(), Use::Read)));
        needed.push(("the base Python's program", program, Use::Run));
        let venv = plan.python.parent().and_then(Path::parent);
        let venv = venv.filter(|venv| venv.join("pyvenv.cfg").is_file());
        needed.extend(venv.map(|it| ("the virtual environment", it.to_owned(), Use::Read)));
    }
    if let Ok(own) = std::env::current_exe() {
        needed.push(("iisgate itself", own, Use::Run));
    }
    let logs = gate::log_places(site);
    let log = logs.iter().filter_map(|log| log.parent()).find(|folder| folder.is_dir());
    needed.extend(log.map(|it| ("the log's folder", it.to_owned(), Use::Write)));
    needed.push(("the folder for temporary files", temporary(), Use::Write));
    needed.retain(|(_, path, _)| path.exists());
    let told = needed.into_iter().map(|(what, path, use_)| {
        let verdict = match account.may(&path, use_) {
            Ok(Access::Granted) => Verdict::Granted,
            Ok(Access::Refused(at)) => Verdict::Refused(at),
            Ok(Access::Unknown(at)) => Verdict::Unknown(format!(
                "{} lets it in through a group, or not at all",
                at.display()
            )),
            Err(error) => Verdict::Unknown(error.to_string()),
        };
        Right { path, what, is_written: use_ == Use::Write, verdict }
    });
    once_for_each_cause(told.collect())
}

/// A folder that closes all below is told once.
fn once_for_each_cause(rights: Vec<Right>) -> Vec<Right> {
    let mut causes: Vec<(PathBuf, bool)> = Vec::new();
    let is_new = |right: &Right| match &right.verdict {
        Verdict::Refused(at) => {
            let cause = (at.clone(), right.is_written);
            let is_new = !causes.contains(&cause);
            causes.push(cause);
            is_new
        }
        _ => true,
    };
    rights.into_iter().filter(is_new).collect()
}

/// Where services have their temporary files; a service's own profile is its own.
fn temporary() -> PathBuf {
    let windows = std::env::var_os("SystemRoot").filter(|_| cfg!(windows)).map(PathBuf::from);
    windows.map_or_else(std::env::temp_dir, |windows| windows.join("Temp"))
}

//! Owns rules about what the identity that runs the app may do to the files it needs.
//!
//! Does not ask the system (`platform` does).

use std::path::Path;

use super::super::Topic;
use super::super::machine::{Right, Verdict};
use super::super::rule::{Hit, Rule, error, warning};
use super::super::subject::Subject;

const PAGE: &str =
    "https://learn.microsoft.com/iis/manage/configuring-security/application-pool-identities";

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(Topic::Access, ["machine-identity-unknown", "The system does not know the identity",
        "Accounts of app pools (IIS AppPool\\NAME) are made by the service AppHostSvc from the names of the pools; a pool that is not there has none. Other accounts may be misspelt, or of a domain that cannot be asked.",
        "Correct the name; see whether the service AppHostSvc runs.", PAGE], unknown),
    error(Topic::Access, ["machine-access-read", "The identity may not read what the app needs",
        "IIS runs the app as the IIS app pool's identity, which is nobody's user: what lies in a profile, or was copied with its rights, is not for it. The app fails with access denied, or Python does not start.",
        "Grant it read and execute, for the folder and all below. Install Python for all users.", PAGE], reading),
    error(Topic::Access, ["machine-access-write", "The identity may not write where the app must",
        "Logs, temporary files and caches are written by the IIS app pool's identity. If it may not, our log goes elsewhere, and what the app writes fails.",
        "Grant it modify, for that folder alone.", PAGE], writing),
    warning(Topic::Access, ["machine-access-unknown", "It could not be found out what the identity may do",
        "Reading an access list takes rights itself.",
        "Ask again from an administrator's console.", PAGE], unasked),
];

fn unknown(subject: &Subject<'_>) -> Vec<Hit> {
    let Some((name, false)) = &subject.machine.identity else { return Vec::new() };
    vec![Hit::about(&subject.machine.files.folder, format!("no account is called {name}"))]
}

/// The command that lets an identity read or write.
fn grant(subject: &Subject<'_>, path: &Path, is_written: bool) -> String {
    let name = subject.machine.identity.as_ref().map_or("USER", |(name, _)| name.as_str());
    let path = path.display();
    match (subject.machine.is_windows, is_written) {
        (true, false) => format!("icacls \"{path}\" /grant \"{name}:(OI)(CI)RX\""),
        (true, true) => format!("icacls \"{path}\" /grant \"{name}:(OI)(CI)M\""),
        (false, false) => format!("setfacl -R -m \"u:{name}:rX\" \"{path}\" (or chmod -R o+rX)"),
        (false, true) => format!("chown -R {name} \"{path}\""),
    }
}

/// The command that lets an identity through a folder, not into it.
fn pass(name: &str, folder: &Path) -> String {
    format!("setfacl -m \"u:{name}:x\" \"{}\"", folder.display())
}

fn refused(subject: &Subject<'_>, is_written: bool) -> Vec<Hit> {
    let name = subject.machine.identity.as_ref().map_or("it", |(name, _)| name.as_str());
    let verb = if is_written { "write" } else { "read" };
    let refused = subject.machine.rights.iter().filter_map(|right| match &right.verdict {
        Verdict::Refused(at) if right.is_written == is_written => Some((right, at)),
        _ => None,
    });
    refused
        .map(|(Right { path, what, .. }, at)| {
            let because = match at == path {
                true => String::new(),
                false => format!(": {} is closed to it", at.display()),
            };
            let message = format!("{name} may not {verb} {what}{because}");
            Hit::about(path, message).hint(match at == path {
                true => grant(subject, at, is_written),
                false => format!("keep it elsewhere, or let {name} pass: {}", pass(name, at)),
            })
        })
        .collect()
}

fn reading(subject: &Subject<'_>) -> Vec<Hit> {
    refused(subject, false)
}

fn writing(subject: &Subject<'_>) -> Vec<Hit> {
    refused(subject, true)
}

fn unasked(subject: &Subject<'_>) -> Vec<Hit> {
    let unknown = subject.machine.rights.iter().filter_map(|right| match &right.verdict {
        Verdict::Unknown(why) => Some((right, why)),
        _ => None,
    });
    unknown.map(|(right, why)| Hit::about(&right.path, format!("{}: {why}", right.what))).collect()
}

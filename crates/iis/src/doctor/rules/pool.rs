//! Owns rules about the site and its IIS app pool: whether they are there, run, and suit Python.
//!
//! Does not own what its identity may do (`access`).

use super::super::Topic;
use super::super::rule::{Hit, Rule, error, note, warning};
use super::super::subject::Subject;

const PAGE: &str =
    "https://learn.microsoft.com/iis/configuration/system.applicationhost/applicationpools/add/";
const MODEL: &str = "https://learn.microsoft.com/iis/configuration/system.applicationhost/applicationpools/add/processmodel";
const SITES: &str =
    "https://learn.microsoft.com/iis/configuration/system.applicationhost/sites/site/";

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(Topic::Pool, ["machine-site-unknown", "IIS knows no site of this folder",
        "A site is a line in applicationHost.config that names the folder. A web.config alone makes none.",
        "Make one: appcmd add site /name:NAME /physicalPath:FOLDER /bindings:http/*:8080:, then iisgate iis install. If it is there, name it: --site NAME.", SITES], no_site),
    error(Topic::Pool, ["machine-pool-missing", "The site's IIS app pool is not there",
        "An application whose applicationPool names none is 503.",
        "Make it: appcmd add apppool /name:NAME /managedRuntimeVersion:, or name another one.", PAGE], no_pool),
    error(Topic::State, ["machine-pool-stopped", "The IIS app pool is stopped",
        "While it is stopped every request is 503. IIS stops a pool itself when its process fails five times within five minutes (rapid-fail protection), and when its account cannot sign on.",
        "Start it: appcmd start apppool NAME. If it stops again, the Event Log (source WAS) tells why.", PAGE], pool_stopped),
    error(Topic::State, ["machine-site-stopped", "The site is stopped",
        "A site that is stopped answers nothing, or another site answers at its port. IIS does not start one whose port somebody else holds.",
        "Start it: appcmd start site NAME.", SITES], site_stopped),
    note(Topic::Pool, ["machine-pool-manual", "The IIS app pool does not start by itself",
        "With autoStart=\"false\" it is stopped after each restart of the machine.",
        "appcmd set apppool NAME /autoStart:true", PAGE], manual),
    warning(Topic::Pool, ["machine-pool-32-bit", "The IIS app pool is 32-bit",
        "With enable32BitAppOnWin64 w3wp.exe is a 32-bit program: %ProgramFiles% means C:\\Program Files (x86) there, System32 means SysWOW64, handlers with bitness64 are left out, and what it starts inherits those variables. Python is a process of its own and needs none of that.",
        "appcmd set apppool NAME /enable32BitAppOnWin64:false", PAGE], small),
    note(Topic::Pool, ["machine-no-profile", "The IIS app pool loads no user profile",
        "With loadUserProfile=\"false\" %TEMP% is C:\\Windows\\TEMP, there is no %APPDATA%, and certificates and keys of the user cannot be had. Packages that keep caches there fail.",
        "appcmd set apppool NAME /processModel.loadUserProfile:true", MODEL], no_profile),
    note(Topic::Pool, ["machine-pool-idle", "The IIS app pool ends when nobody asks",
        "After idleTimeout (20 minutes) w3wp.exe ends, and with it all instances: the next visitor waits until Python has started.",
        "appcmd set apppool NAME /processModel.idleTimeout:00:00:00 /startMode:AlwaysRunning", MODEL], idle),
];

fn no_site(subject: &Subject<'_>) -> Vec<Hit> {
    let machine = subject.machine;
    if subject.server.is_none() || subject.application.is_some() {
        return Vec::new();
    }
    let folder = machine.files.folder.display();
    let message = match &machine.files.site {
        Some(name) => format!("there is no site {name}, or no such application in it"),
        None => format!("no site has the folder {folder}"),
    };
    vec![Hit::about(subject.here(), message)]
}

fn no_pool(subject: &Subject<'_>) -> Vec<Hit> {
    let (Some(application), Some(pool)) = (&subject.application, subject.pool()) else {
        return Vec::new();
    };
    // A file that was written by hand for a test may list none at all.
    let lists = subject.server.as_ref().and_then(|root| {
        root.descendant("system.applicationHost/applicationPools")?.child("add").map(|_| ())
    });
    if lists.is_none() || subject.pool_element().is_some() {
        return Vec::new();
    }
    let message = format!("there is no IIS app pool {pool}");
    vec![Hit::at(application.place.clone(), message).hint(format!(
        "Make it: appcmd add apppool /name:\"{pool}\" /managedRuntimeVersion:, or name another one"
    ))]
}

fn is_stopped(state: Option<&str>) -> bool {
    state.is_some_and(|state| !state.eq_ignore_ascii_case("Started"))
}

fn pool_stopped(subject: &Subject<'_>) -> Vec<Hit> {
    let (Some(states), Some(pool)) = (&subject.machine.states, subject.pool()) else {
        return Vec::new();
    };
    let state = states.pool(pool);
    if !is_stopped(state) {
        return Vec::new();
    }
    let message = format!("the IIS app pool {pool} is {}", state.unwrap_or_default());
    vec![Hit::about(subject.here(), message).hint(format!(
        "Start it: appcmd start apppool \"{pool}\". If it stops again, the Event Log tells why"
    ))]
}

fn site_stopped(subject: &Subject<'_>) -> Vec<Hit> {
    let (Some(states), Some(site)) = (&subject.machine.states, &subject.site) else {
        return Vec::new();
    };
    let state = states.site(&site.name);
    if !is_stopped(state) {
        return Vec::new();
    }
    let message = format!("the site {} is {}", site.name, state.unwrap_or_default());
    let hint = format!("Start it: appcmd start site \"{}\"", site.name);
    vec![Hit::about(subject.here(), message).hint(hint)]
}

/// A setting of the pool that has a value which is no good.
fn setting(
    subject: &Subject<'_>,
    child: &str,
    name: &str,
    is_bad: impl Fn(&str) -> bool,
    command: &str,
) -> Vec<Hit> {
    let Some(pool) = subject.pool() else { return Vec::new() };
    let found = subject.setting(child, name).filter(|(value, _)| is_bad(value));
    found
        .map(|(value, element)| {
            let message = format!("the IIS app pool {pool} has {name}=\"{value}\"");
            let hint = format!("appcmd set apppool \"{pool}\" {command}");
            Hit::at(element.attribute_place(name), message).hint(hint)
        })
        .into_iter()
        .collect()
}

fn is_false(value: &str) -> bool {
    value.eq_ignore_ascii_case("false")
}

fn manual(subject: &Subject<'_>) -> Vec<Hit> {
    setting(subject, "", "autoStart", is_false, "/autoStart:true")
}

fn small(subject: &Subject<'_>) -> Vec<Hit> {
    const NAME: &str = "enable32BitAppOnWin64";
    let Some(pool) = subject.pool() else { return Vec::new() };
    let found = subject.setting("", NAME);
    let found = found.filter(|(value, _)| value.eq_ignore_ascii_case("true"));
    let python = subject.machine.python.as_ref().and_then(|found| found.as_ref().ok());
    let beside = python.map_or(String::new(), |it| format!(", and Python is {}-bit", it.bits));
    let hits = found.map(|(_, element)| {
        let message = format!("the IIS app pool {pool} is 32-bit{beside}");
        let hint = format!("appcmd set apppool \"{pool}\" /{NAME}:false");
        Hit::at(element.attribute_place(NAME), message).hint(hint)
    });
    hits.into_iter().collect()
}

fn no_profile(subject: &Subject<'_>) -> Vec<Hit> {
    let command = "/processModel.loadUserProfile:true";
    setting(subject, "processModel", "loadUserProfile", is_false, command)
}

fn idle(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(element) = subject.pool_element() else { return Vec::new() };
    let is_never = |value: &str| value.chars().all(|c| matches!(c, '0' | ':' | '.'));
    if subject.setting("processModel", "idleTimeout").is_some_and(|(value, _)| is_never(value)) {
        return Vec::new();
    }
    let is_kept = subject
        .setting("", "startMode")
        .is_some_and(|(mode, _)| mode.eq_ignore_ascii_case("AlwaysRunning"));
    if is_kept {
        return Vec::new();
    }
    let pool = subject.pool().unwrap_or_default();
    let message = format!("the IIS app pool {pool} ends after a while without requests");
    vec![Hit::at(element.place(), message).hint(format!(
        "appcmd set apppool \"{pool}\" /processModel.idleTimeout:00:00:00 /startMode:AlwaysRunning"
    ))]
}

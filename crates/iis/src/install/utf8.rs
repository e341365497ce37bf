//! Owns the setting of the machine by which IIS sends names and paths as UTF-8, where it sends them in
//! the system's ANSI code page otherwise: which params are listed, and the commands of `reg.exe`.
//!
//! Does not own reading what IIS sends (`bridge::ansi`), which copes with either.

use super::appcmd::{Command, Run};

const KEY: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\W3SVC\Parameters";
const VALUE: &str = "FastCGIUtf8ServerVariables";

/// The params that IIS makes of names and paths. Headers and queries are the client's bytes anyway.
const VARIABLES: [&str; 11] = [
    "PATH_INFO",
    "REQUEST_URI",
    "SCRIPT_NAME",
    "URL",
    "PATH_TRANSLATED",
    "SCRIPT_FILENAME",
    "DOCUMENT_ROOT",
    "APPL_PHYSICAL_PATH",
    "REMOTE_USER",
    "LOGON_USER",
    "AUTH_USER",
];

/// The program that reads and writes the registry.
const PROGRAM: &str = "reg";

/// What sets the machine so; nothing when it is set. What is listed already stays listed.
///
/// # Errors
/// With the command that cannot be run.
pub fn commands(runner: &mut dyn Run) -> Result<Vec<Command>, String> {
    let query = command(&["query", KEY, "/v", VALUE]);
    let outcome = runner.run(&query).map_err(|error| format!("{query}: {error}"))?;
    // A value that is not there is a failure to reg.
    let listed = if outcome.status == 0 { listed(&outcome.output) } else { Vec::new() };
    let is_listed = |name: &&str| listed.iter().any(|other| other.eq_ignore_ascii_case(name));
    let missing: Vec<&str> = VARIABLES.into_iter().filter(|name| !is_listed(name)).collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let all: Vec<&str> = listed.iter().map(String::as_str).chain(missing).collect();
    let all = all.join(r"\0");
    Ok(vec![command(&["add", KEY, "/v", VALUE, "/t", "REG_MULTI_SZ", "/d", &all, "/f"])])
}

fn command(arguments: &[&str]) -> Command {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Command { program: PROGRAM.to_owned(), arguments }
}

/// The names in an answer: `    FastCGIUtf8ServerVariables    REG_MULTI_SZ    REQUEST_URI\0PATH_INFO`.
fn listed(output: &str) -> Vec<String> {
    let line = output.lines().find(|line| line.trim_start().starts_with(VALUE));
    let value = line.and_then(|line| line.split_once("REG_MULTI_SZ")).map(|(_, value)| value);
    let names = value.unwrap_or_default().trim().split(r"\0");
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

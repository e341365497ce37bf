//! Owns `iisgate package build`: settings, what is told meanwhile, and what was built as text or JSON.
//!
//! Does not own building (`deploy::package::build`).

use super::{channels, print};
use crate::Exit;
use crate::args::{OutputForm, PackageBuildArgs};
use crate::printer::Printer;
use deploy::package::build::{BuildError, Built, LeftOut, Plan, Progress, Request, Vendor, Why};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// How many names are told of what is left out for one reason.
const NAMES_TOLD_MAX: usize = 5;

pub(super) fn run(args: &PackageBuildArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    if !folder.is_dir() {
        printer.error(&format!("there is no folder {}", folder.display()));
        return Ok(Exit::Trouble);
    }
    let folder = dunce::canonicalize(&folder)?;
    let python = python(&folder);
    let vendor = args.vendor.map(|_| Vendor {
        python: args.python.clone().unwrap_or_else(|| PYTHON_DEFAULT.to_owned()),
        platform: args.architecture.platform().to_owned(),
        find_links: args.find_links.iter().map(absolute).collect(),
        is_offline: args.offline,
    });
    let request = Request {
        folder,
        out: args.out.as_ref().map(absolute),
        version: args.release.clone(),
        python,
        vendor,
    };
    let mut telling = Telling(printer);
    let mut known = (String::new(), String::new());
    let built = Plan::of(&request, &mut telling).and_then(|plan| {
        if args.list {
            return Ok(Outcome::Listed(told(&plan, args.output)));
        }
        left_out(&plan.left_out, printer);
        plan.notes.iter().for_each(|note| printer.say(note));
        let name = plan.metadata.name.clone().unwrap_or_else(|| plan.app.clone());
        known = (name, plan.metadata.version.clone().unwrap_or_default());
        Ok(Outcome::Built(plan.write(&request, &mut telling)?))
    });
    match built {
        Ok(Outcome::Listed(listing)) => print(&listing)?,
        Ok(Outcome::Built(built)) => {
            print(&match args.output {
                OutputForm::Text => format!("{}\nSHA-1 {}\n", built.path.display(), built.sha1),
                OutputForm::Json => format!("{:#}\n", of_built(&built)),
            })?;
            let Built { files, wheels, bytes, path, .. } = built;
            let wheels =
                if wheels > 0 { format!(", {wheels} of them wheels") } else { String::new() };
            printer.say(format!("{files} files{wheels}, {bytes} bytes"));
            let known = (known.0.as_str(), known.1.as_str());
            return channels::make(&args.channels, &request.folder, &path, known, printer);
        }
        Err(error) => return Ok(refused(&error, printer)),
    }
    Ok(Exit::Done)
}

enum Outcome {
    Listed(String),
    Built(Built),
}

/// The Python of servers that have none of their own choice: the newest for which nearly all wheels are.
const PYTHON_DEFAULT: &str = "3.12";

fn absolute(path: &PathBuf) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.clone())
}

/// A Python of this machine: the one that is named, the project's own, else that of PATH.
fn python(folder: &Path) -> Option<PathBuf> {
    if let Some(told) = std::env::var_os("IISGATE_PYTHON").filter(|told| !told.is_empty()) {
        return Some(PathBuf::from(told));
    }
    let (inner, names): (&str, &[&str]) =
        if cfg!(windows) { ("Scripts", &["python.exe"]) } else { ("bin", &["python3", "python"]) };
    let own = [".venv", "venv"].into_iter().map(|name| folder.join(name).join(inner));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = own.chain(std::env::split_paths(&path)).collect();
    let named = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    named.into_iter().find(|file| file.is_file())
}

struct Telling<'a>(&'a Printer);

impl Progress for Telling<'_> {
    fn say(&mut self, line: &str) {
        self.0.say(line);
    }
}

fn refused(error: &BuildError, printer: &Printer) -> Exit {
    printer.error(&error.to_string());
    if let Some(hint) = error.hint() {
        printer.say(format!("{} {hint}", printer.bold("hint:")));
    }
    if matches!(error, BuildError::Refused { .. }) { Exit::Trouble } else { Exit::Unable }
}

/// Tells what stays out: secrets each, of the rest some names.
fn left_out(all: &[LeftOut], printer: &Printer) {
    for group in all.chunk_by(|one, other| one.why == other.why) {
        let why = group[0].why;
        if why == Why::Secret {
            for left in group {
                let name = &left.name;
                printer.say(format!("{} {name} {}", printer.bold("left out:"), why.words()));
            }
            continue;
        }
        let names: Vec<&str> =
            group.iter().take(NAMES_TOLD_MAX).map(|left| left.name.as_str()).collect();
        let rest = group.len().saturating_sub(NAMES_TOLD_MAX);
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        printer.say(format!("left out: {}{more} ({})", names.join(", "), why.words()));
    }
}

/// What would go in, and what not.
fn told(plan: &Plan, form: OutputForm) -> String {
    if form == OutputForm::Json {
        let files: Vec<Value> =
            plan.files.iter().map(|file| json!({ "name": file.name, "size": file.size })).collect();
        let left: Vec<Value> = plan
            .left_out
            .iter()
            .map(|left| json!({ "name": left.name, "why": left.why.words() }))
            .collect();
        return format!(
            "{:#}\n",
            json!({ "out": plan.out, "app": plan.app, "version": plan.metadata.version,
                    "files": files, "leftOut": left })
        );
    }
    let mut out = String::new();
    for file in &plan.files {
        out += &format!("{:>12}  {}\n", file.size, file.name);
    }
    for left in &plan.left_out {
        out += &format!("{:>12}  {} {}\n", "–", left.name, left.why.words());
    }
    out
}

fn of_built(built: &Built) -> Value {
    json!({
        "package": built.path,
        "bytes": built.bytes,
        "sha1": built.sha1,
        "files": built.files,
        "wheels": built.wheels,
    })
}

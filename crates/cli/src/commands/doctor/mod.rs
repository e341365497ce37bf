//! Owns `iisgate doctor`: which machine and site, showing what is found, the exit status.
//!
//! Does not own the rules (`iis::doctor`), nor how findings are shown (`check::form`).

pub(crate) mod gather;
mod report;
mod running;

use crate::Exit;
use crate::args::DoctorArgs;
use crate::commands::check::form;
use crate::printer::Printer;
use ::iis::checks::{self, Finding, Severity};
use ::iis::doctor::{self, Machine};
use gather::{Gathered, Wanted};
use running::Bounded;
use std::path::Path;

pub(crate) fn run(args: &DoctorArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let dir = args.dir.as_deref().unwrap_or(Path::new("."));
    let Ok(folder) = dunce::canonicalize(dir) else {
        printer.error(&format!("there is no folder {}", dir.display()));
        return Ok(Exit::Unable);
    };
    let wanted = Wanted {
        folder,
        site: args.site.clone(),
        app: args.app.clone(),
        is_express: args.express,
        config: args.apphostconfig.clone(),
        identity: args.identity.clone(),
        imports: !args.no_import,
    };
    let gathered = gather::gather(&wanted, &mut Bounded)?;
    let findings = findings(&gathered.machine);
    tell(&gathered, printer);
    form::print(&findings, args.output, &wanted.folder, printer)?;
    let left_out = gather::left_out(&gathered);
    if !left_out.is_empty() {
        printer.say(format!("{} {left_out}", printer.bold("left out:")));
    }
    printer.say(form::summary(&findings));
    if let Some(file) = &args.report {
        report::write(file, &gathered, &findings)?;
        printer.say(format!(
            "{} {}: secrets are masked, names of people and machines are not: read it before you \
             send it",
            printer.bold("written:"),
            file.display()
        ));
    }
    let is_clean = findings.iter().all(|finding| finding.severity == Severity::Note);
    Ok(if is_clean { Exit::Done } else { Exit::Trouble })
}

/// What is wrong with the machine, and with the site's files as its server reads them.
fn findings(machine: &Machine) -> Vec<Finding> {
    let mut found = doctor::examine(machine);
    // Of a server that is known it is known, too, whether it has WebDAV.
    let is_known = machine.files.server.is_some();
    let of_files = checks::check(&machine.files).into_iter();
    found.extend(of_files.filter(|it| !(is_known && it.code.starts_with("webdav-"))));
    // The worst first: who reads one reads that.
    found.sort_by(|a, b| {
        let of = |finding: &Finding| (finding.path.clone(), finding.line(), finding.code);
        b.severity.cmp(&a.severity).then_with(|| of(a).cmp(&of(b)))
    });
    found
}

/// What was looked at.
fn tell(gathered: &Gathered, printer: &Printer) {
    for (word, text) in facts(&gathered.machine) {
        printer.say(format!("{} {text}", printer.bold(&format!("{word}:"))));
    }
}

/// The facts that a person wants to see first.
fn facts(machine: &Machine) -> Vec<(&'static str, String)> {
    let mut told = vec![("site", machine.files.folder.display().to_string())];
    if let Some(server) = &machine.files.server {
        let name = machine.files.site.as_deref().unwrap_or("no site of this folder");
        told.push(("server", format!("{name} in {}", server.path.display())));
    }
    if let Some((identity, _)) = &machine.identity {
        told.push(("identity", identity.clone()));
    }
    if let Some(Ok(python)) = &machine.python {
        let kind = [(python.is_conda, ", conda"), (python.is_uv, ", uv")];
        let kind: String = kind.iter().filter(|(is_so, _)| *is_so).map(|(_, word)| *word).collect();
        let of = match python.is_venv() {
            true => format!(", of {}", python.base.display()),
            false => String::new(),
        };
        let (version, bits) = (&python.version, python.bits);
        let path = python.path.display();
        told.push(("python", format!("{path} ({version}, {bits}-bit{kind}{of})")));
    }
    if let Some(imports) = &machine.imports {
        told.push(("imports", format!("{} compiled modules loaded", imports.loaded)));
    }
    told
}

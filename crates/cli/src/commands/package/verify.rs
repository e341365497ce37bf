//! Owns `iisgate package verify`: the findings about a package, and the exit status.
//!
//! Does not own the rules (`deploy::package::verify`), nor how findings are shown (`check::form`).

use super::refused;
use crate::Exit;
use crate::args::PackageVerifyArgs;
use crate::commands::check::form;
use crate::printer::Printer;
use deploy::package::verify::{Severity, verify};
use std::path::Path;

pub(super) fn run(args: &PackageVerifyArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let findings = match verify(&args.file) {
        Ok(findings) => findings,
        Err(error) => return Ok(refused(&error, printer)),
    };
    let folder = args.file.parent().unwrap_or(Path::new(""));
    form::print(&findings, args.output, folder, printer)?;
    printer.say(form::summary(&findings));
    let is_clean = findings.iter().all(|finding| finding.severity == Severity::Note);
    Ok(if is_clean { Exit::Done } else { Exit::Trouble })
}

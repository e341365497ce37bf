//! Owns `iisgate package install --with-msdeploy`: Web Deploy's own program does it.
//!
//! Does not own the words it is called with (`deploy::install::msdeploy`).

use super::install::trouble;
use crate::Exit;
use crate::args::PackageInstallArgs;
use crate::printer::Printer;
use anyhow::Context;
use deploy::install::{Secrets, msdeploy, run};
use deploy::package::parameters::write_set_file;
use deploy::package::{Package, Resolved};
use std::io::Write;
use std::path::PathBuf;

pub(super) fn run_it(
    args: &PackageInstallArgs,
    package: &Package,
    values: &Resolved,
    printer: &Printer,
) -> anyhow::Result<Exit> {
    let variables = ["ProgramW6432", "ProgramFiles", "ProgramFiles(x86)"];
    let folders = variables.iter().filter_map(|name| std::env::var_os(name).map(PathBuf::from));
    let folders: Vec<PathBuf> = folders.collect();
    let Some(program) = msdeploy::locate(&folders, std::path::Path::is_file) else {
        let message = "Web Deploy is not installed on this machine: there is no msdeploy.exe";
        let hint = "winget install Microsoft.WebDeploy; or leave --with-msdeploy out";
        return Ok(trouble(printer, message, Some(hint)));
    };
    let package_file = dunce::canonicalize(&args.file).context("the package")?;
    let file = std::env::temp_dir().join(format!("iisgate-{}-parameters.xml", std::process::id()));
    let mut written = platform::private_file::create_new(&file).context("SetParameters.xml")?;
    written.write_all(write_set_file(package.parameters(), values).as_bytes())?;
    drop(written);
    let command = msdeploy::command(&program, &package_file, &file, args.consent.dry_run);
    printer.say(command.shown());
    let ended = run(&command);
    std::fs::remove_file(&file).context("SetParameters.xml")?;
    let ended = ended.with_context(|| program.display().to_string())?;
    // It names each command that it runs, with the values in it.
    let secrets = Secrets::of(package.parameters(), values);
    printer.say(secrets.mask(ended.output.trim_end()));
    if ended.is_good() {
        return Ok(Exit::Done);
    }
    printer.error("msdeploy.exe failed: see above. What it had done before stays done");
    Ok(Exit::Unable)
}

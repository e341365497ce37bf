//! Owns what our packages do on the server, in order: commands before, the application, rights, scripts
//! of databases, commands after, and at the end `iisgate package post-install`.
//!
//! Does not own running it.

use super::asked::{APPLICATION, PROGRAM, hidden};
use super::databases;
use super::table::{Command, PackageTable};
use crate::package::manifest::{Manifest, Provider};
use crate::package::parameters::{EntryKind, Parameter, ParameterEntry};
use crate::package::pattern::escaped;
use crate::package::run_command::RunCommand;

/// Where iisgate is on a server, if nothing else is said.
const PROGRAM_DEFAULT: &str = r"%ProgramFiles%\iisgate\iisgate.exe";

/// How long our own step may take: it makes an environment, and `pip install` may have to compile.
const POST_INSTALL_SECS: u32 = 60 * 60;

/// How long another command may take: migrations, collecting static files.
const COMMAND_SECS: u32 = 10 * 60;

/// How often Web Deploy looks. Its own default of five looks ends every command after five seconds.
const WAIT_INTERVAL_MS: u32 = 1000;

/// The manifest.
pub(super) fn manifest(name: &str, table: &PackageTable) -> Manifest {
    let mut providers: Vec<Provider> = table.before.iter().map(|c| command(c).provider()).collect();
    providers.push(Provider::new("iisApp", name));
    for folder in &table.writable {
        let rights = Provider::new("setAcl", &format!("{name}/{folder}"));
        providers.push(rights.attribute("setAclAccess", "Modify"));
    }
    providers.extend(databases::providers(&table.databases));
    providers.extend(table.after.iter().map(|after| command(after).provider()));
    if table.post_install.unwrap_or(true) {
        let line = line(table.program.as_deref().unwrap_or(PROGRAM_DEFAULT), name);
        providers.push(run(line, POST_INSTALL_SECS).provider());
    }
    Manifest::new(providers)
}

/// The parameters that hand the application's own path to our command: it gets none from Web Deploy.
pub(super) fn parameters(name: &str, table: &PackageTable) -> Vec<Parameter> {
    if !table.post_install.unwrap_or(true) {
        return Vec::new();
    }
    let program = table.program.as_deref().unwrap_or(PROGRAM_DEFAULT);
    // The end alone: whether Web Deploy holds the pattern against the line before or after it has put
    // values in the variables' places is told nowhere.
    let end = format!("{}$", escaped(&arguments(name)));
    let mut whole = hidden(
        "Post-install command",
        &line(&format!("{{{PROGRAM}}}"), &format!("{{{APPLICATION}}}")),
    );
    whole.entries.push(ParameterEntry::new(EntryKind::ProviderPath, "^runCommand$", &end));
    vec![hidden(PROGRAM, program), whole]
}

/// The command line. `call` before the quote: of a line that begins with one, `cmd /c` takes the first
/// and the last quote away.
fn line(program: &str, application: &str) -> String {
    format!("call \"{program}\" {}", arguments(application))
}

fn arguments(application: &str) -> String {
    format!("package post-install --app \"{application}\"")
}

fn command(command: &Command) -> RunCommand {
    RunCommand {
        success_codes: command.success_codes.clone().unwrap_or_else(|| vec![0]),
        is_without_shell: command.without_shell,
        is_without_job: command.without_job,
        ..run(command.run.clone(), command.timeout.unwrap_or(COMMAND_SECS))
    }
}

fn run(command: String, secs: u32) -> RunCommand {
    RunCommand {
        command,
        wait_interval_ms: WAIT_INTERVAL_MS,
        wait_attempts: secs.max(1),
        success_codes: vec![0],
        is_without_shell: false,
        is_without_job: false,
    }
}

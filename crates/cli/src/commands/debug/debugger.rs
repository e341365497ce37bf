//! Owns looking whether the app's Python has debugpy.
//!
//! Does not wait for a debugger: the worker does (`iisgate.debugging`).

use crate::printer::Printer;
use gate::{Plan, Settings};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether it has; if not, says what mends it.
pub(super) fn is_there(site: &Path, python: Option<PathBuf>, printer: &Printer) -> bool {
    let python = python.map(|path| std::path::absolute(&path).unwrap_or(path));
    let plan = match Plan::new(&Settings { python, ..Settings::default() }, site) {
        Ok(plan) => plan,
        Err(failure) => {
            printer.failure(&failure);
            return false;
        }
    };
    let found = Command::new(&plan.program)
        .args(["-c", "import debugpy"])
        .envs(plan.environment.iter().cloned())
        .current_dir(&plan.working_directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    let python = plan.python.display();
    printer
        .error(&format!("debugpy is not in the app's Python, {python}: debug mode stays as it is"));
    printer.say(format!("{} install it there, then ask again", printer.bold("hint:")));
    printer.say(format!("{} \"{python}\" -m pip install debugpy", printer.bold("command:")));
    printer.say(format!(
        "{} if the web server runs another Python, name that: --python PATH",
        printer.bold("or:")
    ));
    false
}

//! Owns saying before anything starts that rights are missing, and how one gets them.
//!
//! Does not ask Windows for them: the answer of another process could not be seen here.

use super::host::Host;
use crate::printer::Printer;
use std::fs::OpenOptions;

/// Whether the server's file may be written; if not, it is told what to do.
pub(crate) fn is_enough(host: &Host, printer: &Printer) -> bool {
    let opened = OpenOptions::new().append(true).open(&host.config);
    let Err(error) = opened else { return true };
    printer.error(&format!("{} cannot be written: {error}", host.config.display()));
    let words: Vec<String> = std::env::args().skip(1).map(|word| format!("'{word}'")).collect();
    let hint = if host.appcmd.is_some() {
        format!(
            "IIS's configuration is changed by administrators; in an elevated console, or: powershell \
             Start-Process -Verb RunAs iisgate -WorkingDirectory '{}' -ArgumentList {}",
            std::env::current_dir().unwrap_or_default().display(),
            words.join(",")
        )
    } else {
        "as a user who may write it, call this once more".to_owned()
    };
    printer.say(format!("{} {hint}", printer.bold("hint:")));
    false
}

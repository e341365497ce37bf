//! Owns saying before anything starts that rights are missing, and offering to go on with an
//! administrator's, whom Windows asks.
//!
//! Does not own the call to Windows (`platform::elevation`).

use crate::Exit;
use crate::commands::planned;
use crate::printer::Printer;
use ::iis::install::appcmd::command_line;
use anyhow::Context;
use platform::elevation;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::path::Path;

/// What is to be done with the server's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The flag by which a program in a window of its own knows that it is there.
const OWN_WINDOW: &str = "--own-window";

/// How a command ends that may not do what it has to; `None` when it may. With an administrator's
/// rights the whole command runs once more, and its end is this one's.
pub(crate) fn missing(
    config: &Path,
    is_iis: bool,
    access: Access,
    is_unattended: bool,
    printer: &Printer,
) -> anyhow::Result<Option<Exit>> {
    let opened = match access {
        Access::Read => File::open(config).map(drop),
        Access::Write => OpenOptions::new().append(true).open(config).map(drop),
    };
    let Err(error) = opened else { return Ok(None) };
    if error.kind() == io::ErrorKind::NotFound {
        return Ok(None);
    }
    let verb = if access == Access::Read { "read" } else { "written" };
    printer.error(&format!("{} cannot be {verb}: {error}", config.display()));
    if error.kind() != io::ErrorKind::PermissionDenied {
        return Ok(Some(Exit::Unable));
    }
    let can_ask = is_iis && elevation::can_be_asked();
    if can_ask && !is_unattended && io::stdin().is_terminal() {
        printer.say(
            "IIS's configuration is for administrators. Windows can ask for these rights; what would \
             change is shown in a window of its own then.",
        );
        if planned::agreed("Ask Windows for an administrator's rights?", printer)? {
            return again(printer).map(Some);
        }
    }
    let hint = match (is_iis, access) {
        (true, _) => {
            "IIS's configuration is for administrators: call this in an elevated console (Win+X, \
             Terminal (Admin))"
        }
        (false, Access::Read) => "call this as a user who may read it",
        (false, Access::Write) => "call this as a user who may write it",
    };
    printer.say(format!("{} {hint}", printer.bold("hint:")));
    Ok(Some(Exit::Refused))
}

/// The same command with an administrator's rights, to its end.
fn again(printer: &Printer) -> anyhow::Result<Exit> {
    let program = std::env::current_exe().context("this program's own path cannot be had")?;
    let folder = std::env::current_dir().context("this folder's path cannot be had")?;
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    words.push(OWN_WINDOW.to_owned());
    match elevation::run(&program, &command_line(&words), &folder) {
        Ok(status) => {
            let exit = Exit::of(status);
            let said = match exit {
                Exit::Done => "done, with an administrator's rights".to_owned(),
                _ => format!("the command in the other window ended with status {status}"),
            };
            printer.say(format!("{} {said}", printer.bold("result:")));
            Ok(exit)
        }
        Err(error) if elevation::is_refusal(&error) => {
            printer.error("the rights were refused; nothing is changed");
            Ok(Exit::Refused)
        }
        Err(error) => Err(error).context("Windows cannot be asked for an administrator's rights"),
    }
}

/// Keeps a window open until it was read.
pub(crate) fn wait_for_reader(printer: &Printer) {
    printer.say("Press Enter to close this window.");
    let _ = io::stdin().read_line(&mut String::new());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_of_the_own_window_is_known() {
        use clap::Parser;
        for command in ["install", "uninstall", "status", "start", "stop"] {
            let words = ["iisgate", "iis", command, OWN_WINDOW];
            assert!(crate::args::Args::try_parse_from(words).is_ok(), "{command}");
        }
    }

    #[test]
    fn what_may_be_read_needs_no_rights() {
        let folder = tempfile::tempdir().unwrap();
        let (file, printer) = (folder.path().join("a.config"), Printer::new());
        let ask = |file: &Path| missing(file, true, Access::Write, true, &printer).unwrap();
        assert_eq!(ask(&file), None, "reading it will say that it is not there");
        std::fs::write(&file, "<configuration />").unwrap();
        assert_eq!(ask(&file), None);
        assert!(matches!(ask(folder.path()), Some(Exit::Unable | Exit::Refused)));
    }
}

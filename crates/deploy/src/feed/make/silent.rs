//! Owns what is run for an installer's file, and that it asks nobody anything.
//!
//! Does not own running it (`install`).

use crate::feed::model::{Action, CommandLine};

/// The arguments by which the usual makers of installers are silenced: Windows' own packages and WiX
/// (`/quiet`, `/q`), NSIS and InstallShield (`/S`, `/s`), Inno Setup (`/VERYSILENT`, `/SILENT`), Qt and
/// others (`--silent`). `/passive` is not among them: it shows a window.
const SILENT: [&str; 10] =
    ["/quiet", "/q", "/qn", "/s", "/silent", "/verysilent", "-q", "-s", "--quiet", "--silent"];

/// Windows Installer's switches that show something.
const MSI_LOUD: [&str; 6] = ["/qb", "/qb!", "/qb-", "/qr", "/qf", "/passive"];

/// Whether a program with these arguments asks nobody anything.
pub(in crate::feed) fn is_silent(arguments: &str) -> bool {
    let arguments = arguments.to_ascii_lowercase();
    arguments.split_whitespace().any(|word| SILENT.contains(&word))
}

/// What is done with a file of that name.
///
/// # Errors
/// What the arguments lack, and what mends it.
pub(super) fn action(
    file_name: &str,
    arguments: Option<&str>,
    is_declared_silent: bool,
    start_page: Option<&str>,
) -> Result<Action, String> {
    let extension = file_name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let words = arguments.unwrap_or_default().split_whitespace().map(str::to_ascii_lowercase);
    let words: Vec<String> = words.collect();
    match extension.to_ascii_lowercase().as_str() {
        "zip" if arguments.is_some() => {
            Err("a Web Deploy package takes no `arguments`: its parameters are asked for"
                .to_owned())
        }
        "zip" => {
            let page = start_page.unwrap_or("/").to_owned();
            Ok(Action::MsDeploy { start_page: Some(page) })
        }
        "msi" => {
            if let Some(loud) = words.iter().find(|word| MSI_LOUD.contains(&word.as_str())) {
                return Err(format!("{loud} shows windows: leave it out, /qn is put there"));
            }
            let more = arguments.map_or_else(String::new, |arguments| format!(" {arguments}"));
            let arguments = format!("/i \"%InstallerFile%\" /qn /norestart{more}");
            Ok(command("%SystemRoot%\\System32\\msiexec.exe", &arguments))
        }
        "msu" => {
            Ok(command("%SystemRoot%\\System32\\wusa.exe", "\"%InstallerFile%\" /quiet /norestart"))
        }
        "exe" => {
            if !is_silent(arguments.unwrap_or_default()) && !is_declared_silent {
                return Err(format!(
                    "it would ask questions where nobody is: {file_name} has no argument that \
                     silences it. Give `arguments`, as in arguments = \"/quiet\"; if these do, \
                     and do not look so, add silent = true"
                ));
            }
            Ok(command("%InstallerFile%", arguments.unwrap_or_default()))
        }
        _ => Err(format!(
            "{file_name} is nothing that installs silently: a feed takes .zip (Web Deploy), .msi, \
             .msu and .exe"
        )),
    }
}

/// A program whose exit status counts.
pub(super) fn command(exe: &str, arguments: &str) -> Action {
    Action::Commands(vec![CommandLine::Program {
        exe: exe.to_owned(),
        arguments: arguments.to_owned(),
        ignore_exit_code: Some("false".to_owned()),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_ask_questions_is_refused() {
        for (file, arguments, expected) in [
            ("a.exe", Some("/quiet X=1"), None),
            ("a.exe", Some("/VERYSILENT /NORESTART"), None),
            ("a.EXE", Some("/S"), None),
            ("a.exe", None, Some("it would ask questions")),
            ("a.exe", Some("/passive"), Some("it would ask questions")),
            ("a.exe", Some("TARGET=/quietly"), Some("it would ask questions")),
            ("a.msi", None, None),
            ("a.msi", Some("INSTALLDIR=C:\\x"), None),
            ("a.msi", Some("/qb"), Some("/qb shows windows")),
            ("a.msu", None, None),
            ("a.zip", None, None),
            ("a.zip", Some("/q"), Some("a Web Deploy package takes no")),
            ("a.ps1", Some("/q"), Some("a.ps1 is nothing that installs silently")),
            ("a", None, Some("a is nothing")),
        ] {
            let refused = action(file, arguments, false, None).err();
            match (&refused, expected) {
                (None, None) => {}
                (Some(told), Some(begins)) if told.starts_with(begins) => {}
                _ => panic!("{file} {arguments:?}: {refused:?}"),
            }
        }
        assert!(action("a.exe", Some("-unattended"), true, None).is_ok());
    }

    #[test]
    fn windows_installer_is_silenced_by_us() {
        let Ok(Action::Commands(commands)) = action("a.msi", Some("A=1"), false, None) else {
            panic!("an MSI is run");
        };
        assert_eq!(
            commands,
            [CommandLine::Program {
                exe: "%SystemRoot%\\System32\\msiexec.exe".into(),
                arguments: "/i \"%InstallerFile%\" /qn /norestart A=1".into(),
                ignore_exit_code: Some("false".into()),
            }]
        );
    }
}

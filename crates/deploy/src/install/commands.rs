//! Owns what a package's manifest has done beside its files: commands, within their time, and rights.
//!
//! Does not own what frameworks need (`hooks`). A command that is our own `package post-install` is not
//! run: an installation does all of that by itself.

use super::content::{Content, Wish, below};
use super::environment::{quiet, run, told};
use super::host::{Command, Host};
use super::layout::Layout;
use super::{Error, checkpoint, hooks};
use crate::package::RunCommand;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `icacls` goes through all files of a folder.
const RIGHTS_TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// Runs what the manifest wants.
pub(super) fn run_all(
    content: &Content<'_>,
    layout: &Layout,
    python: &Path,
    identity: Option<&str>,
    host: &mut dyn Host,
) -> Result<(), Error> {
    for wish in content.wishes()? {
        match wish {
            Wish::Command(command) if is_post_install(&command.command) => {
                hooks::run_all(layout, python, host)?;
            }
            Wish::Command(command) => {
                let made = command_of(&command);
                run_one(&command, within(made, &layout.site, python), host)?;
            }
            Wish::Rights { path, access, user } => {
                let path = below(&layout.root, &path);
                rights(&path, &access, user.as_deref(), identity, host)?;
            }
            Wish::Alias { .. } | Wish::Before(_) => {}
        }
        checkpoint::checkpoint();
    }
    Ok(())
}

/// Runs what the manifest wants before there are files.
pub(super) fn run_before(
    content: &Content<'_>,
    folder: &Path,
    host: &mut dyn Host,
) -> Result<(), Error> {
    for wish in content.wishes()? {
        if let Wish::Before(command) = wish {
            run_one(&command, quiet(command_of(&command)).within(folder), host)?;
            checkpoint::checkpoint();
        }
    }
    Ok(())
}

/// Whether a command line is our own hook for packages that msdeploy installs.
pub(super) fn is_post_install(line: &str) -> bool {
    let words = platform::launch::split_arguments(line);
    let names_us = |word: &String| {
        let name = word.rsplit(['\\', '/']).next().unwrap_or_default().to_lowercase();
        name.trim_end_matches(".exe") == "iisgate"
    };
    let Some(at) = words.iter().position(names_us) else { return false };
    let rest: Vec<&str> = words[at + 1..].iter().map(String::as_str).collect();
    rest.starts_with(&["package", "post-install"])
}

fn run_one(wanted: &RunCommand, command: Command, host: &mut dyn Host) -> Result<(), Error> {
    let line = wanted.command.trim();
    host.say(&format!("{line} …"));
    let what = format!("the package's command {line}");
    let ended = host.run(&command).map_err(|error| Error::failed(&*what, error.to_string()))?;
    let why = match ended.status {
        Some(code) if wanted.is_success(i64::from(code)) => return Ok(()),
        Some(code) => format!("it ended with {code}"),
        None if ended.is_late => format!(
            "it took more than the {} s that the package allows (waitInterval × waitAttempts)",
            wanted.timeout().as_secs_f64()
        ),
        None => "it was ended by a signal".to_owned(),
    };
    Err(Error::failed(what, format!("{why}{}", told(&ended.output))))
}

/// A command line as Web Deploy starts it.
fn command_of(wanted: &RunCommand) -> Command {
    let (line, timeout) = (wanted.command.trim(), wanted.timeout());
    if wanted.is_without_shell {
        let mut words = platform::launch::split_arguments(line).into_iter();
        let program = words.next().unwrap_or_default();
        return Command::new(program, timeout).args(words);
    }
    if cfg!(windows) {
        // The line is the shell's as it is: no quoting of ours.
        let mut command = Command::new("cmd.exe", timeout);
        command.raw_arguments = Some(format!("/d /s /c \"{line}\""));
        return command;
    }
    Command::new("sh", timeout).args(["-c", line])
}

/// In the site's folder, with its environment first in `PATH`.
pub(super) fn within(command: Command, site: &Path, python: &Path) -> Command {
    let scripts: PathBuf = python.parent().unwrap_or(python).to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(scripts).chain(std::env::split_paths(&path));
    let command = match std::env::join_paths(folders) {
        Ok(path) => quiet(command).with("PATH", path),
        Err(_) => quiet(command),
    };
    // As IIS names it, with a separator at its end.
    let folder = site.join("");
    command.within(site).with("APPL_PHYSICAL_PATH", folder)
}

fn rights(
    path: &Path,
    access: &str,
    user: Option<&str>,
    identity: Option<&str>,
    host: &mut dyn Host,
) -> Result<(), Error> {
    let who = match (user, identity) {
        (Some("anonymousAuthenticationUser"), _) => "IUSR",
        (Some(user), _) => user,
        (None, identity) => identity.unwrap_or("the app pool"),
    };
    if !cfg!(windows) || (user.is_none() && identity.is_none()) {
        let path = path.display();
        host.say(&format!(
            "not set, for there is no IIS here: the right {access} for {who} on {path}"
        ));
        return Ok(());
    }
    let inherited = if path.is_dir() { "(OI)(CI)" } else { "" };
    let command = Command::new("icacls", RIGHTS_TIMEOUT)
        .arg(path)
        .arg("/grant")
        .arg(format!("{who}:{inherited}({})", letters(access)?));
    run(host, &command).map(drop)
}

/// .NET's names of rights, as `icacls` writes them.
fn letters(access: &str) -> Result<String, Error> {
    let letter = |name: &str| match name.trim().to_lowercase().as_str() {
        "read" | "4" => Ok("R"),
        "write" | "2" => Ok("W"),
        "readandexecute" | "5" => Ok("RX"),
        "modify" | "7" => Ok("M"),
        "delete" => Ok("D"),
        "execute" | "1" => Ok("X"),
        "6" => Ok("R,W"),
        "fullcontrol" => Ok("F"),
        _ => Err(Error::refused(
            format!("setAclAccess names a right that is none: {name}"),
            "they are Read, Write, ReadAndExecute, Modify, Delete and FullControl",
        )),
    };
    let letters: Vec<&str> = access.split(',').map(letter).collect::<Result<_, _>>()?;
    Ok(letters.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use crate::package::Provider;

    #[test]
    fn our_own_hook_is_known() {
        for (line, expected) in [
            (r#""C:\Program Files\iisgate\iisgate.exe" package post-install --app "A/b""#, true),
            ("iisgate package post-install", true),
            (r#"call "%ProgramFiles%\iisgate\iisgate.exe" package post-install --app "A/b""#, true),
            (r#"%ProgramFiles%\iisgate\iisgate.exe package post-install"#, true),
            ("iisgate package install x.zip", false),
            ("python -m pip install iisgate package post-install", true),
            ("echo iisgate", false),
            ("", false),
        ] {
            assert_eq!(is_post_install(line), expected, "{line}");
        }
    }

    #[test]
    fn rights_have_the_letters_of_icacls() {
        for (access, expected) in [
            ("Read", Some("R")),
            ("Read, Write, Modify", Some("R,W,M")),
            ("ReadAndExecute,Write,Delete", Some("RX,W,D")),
            ("6", Some("R,W")),
            ("everything", None),
        ] {
            assert_eq!(letters(access).ok().as_deref(), expected, "{access}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn lines_go_to_the_shell_or_to_the_program_itself() {
        let wanted = RunCommand::of(&Provider::new("runCommand", "a 'b c' && d"));
        let made = command_of(&wanted);
        assert_eq!(made.arguments, ["-c", "a 'b c' && d"]);
        assert_eq!(made.timeout, Duration::from_secs(5), "Web Deploy's default");
        let wanted = RunCommand {
            command: "\"/my tools/x\" a \"b c\"".to_owned(),
            is_without_shell: true,
            ..wanted
        };
        let direct = command_of(&wanted);
        assert_eq!(direct.program, "/my tools/x");
        assert_eq!(direct.arguments, ["a", "b c"]);
    }
}

//! Owns how a command of a package, or of ours, becomes a program that runs for a bounded time.
//!
//! Does not own waiting for it, and hearing what it says (`platform::bounded`).

use super::host::{Command, Ended};
use platform::bounded;

/// Runs it.
///
/// # Errors
/// When it cannot be started.
pub fn run(command: &Command) -> std::io::Result<Ended> {
    let ended = bounded::run(program(command), command.timeout)?;
    Ok(Ended {
        status: ended.status.and_then(|status| status.code()),
        is_late: ended.status.is_none(),
        output: String::from_utf8_lossy(&ended.all).replace("\r\n", "\n"),
        stdout: ended.stdout,
    })
}

fn program(command: &Command) -> std::process::Command {
    let mut process = std::process::Command::new(&command.program);
    process.args(&command.arguments);
    if let Some(raw) = &command.raw_arguments {
        #[cfg(windows)]
        std::os::windows::process::CommandExt::raw_arg(&mut process, raw);
        #[cfg(not(windows))]
        process.arg(raw);
    }
    if let Some(folder) = &command.folder {
        process.current_dir(folder);
    }
    for (name, value) in &command.environment {
        match value {
            Some(value) => process.env(name, value),
            None => process.env_remove(name),
        };
    }
    process
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_command_is_told_how_it_ended() {
        let shell = |script: &str, timeout| {
            run(&Command::new("sh", timeout).args(["-c", script])).expect("a shell")
        };
        let ended = shell("echo out; echo err >&2; exit 3", Duration::from_secs(60));
        assert_eq!((ended.status, ended.stdout.as_slice()), (Some(3), &b"out\n"[..]));
        assert!(ended.output.contains("err") && !ended.is_late, "{}", ended.output);
        let late = shell("exec sleep 60", Duration::from_millis(300));
        assert_eq!((late.status, late.is_late), (None, true));
    }
}

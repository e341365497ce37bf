//! Owns the FastCGI program that a recording is sent to: which one, its start and its end.
//!
//! Does not own what is said to it (`player`).

use crate::args::ReplayArgs;
use anyhow::{Context, bail};
use platform::Stream;
use platform::instance::{Channel, Process};
use platform::launch::{ChannelKind, Launch, Manner};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long the program may take to end once its pipe is closed.
const END_TIMEOUT: Duration = Duration::from_secs(10);

/// A program that runs.
pub(super) struct Program {
    process: Process,
    ended: Receiver<String>,
}

/// Starts the program with one end of a pipe; gives the other.
pub(super) fn start(args: &ReplayArgs) -> anyhow::Result<(Program, Stream)> {
    let launch = launch(args)?;
    let (process, channel) = platform::instance::spawn(&launch, platform::instance::stream)
        .with_context(|| format!("cannot start {}", launch.executable.display()))?;
    let Channel::Connected(stream) = channel else { bail!("the pipe is not connected") };
    let (told, ended) = self::channel();
    let waiting = process.clone();
    std::thread::spawn(move || {
        let status = waiting.wait().map_or_else(|error| error.to_string(), |s| s.to_string());
        // Who has gone does not need to know.
        let _ = told.send(status);
    });
    Ok((Program { process, ended }, stream))
}

impl Program {
    /// Waits for the program's end, after its pipe was closed, and tells how it ended.
    pub(super) fn end(self) -> String {
        if let Ok(status) = self.ended.recv_timeout(END_TIMEOUT) {
            return status;
        }
        self.process.kill_group();
        self.ended.recv().unwrap_or_default()
    }
}

fn launch(args: &ReplayArgs) -> anyhow::Result<Launch> {
    let mut environment = Vec::new();
    let (executable, words) = match args.command.split_first() {
        Some((name, words)) => (find(name)?, words.to_vec()),
        None => {
            let ours = std::env::current_exe().context("this program's own path cannot be had")?;
            let mut words: Vec<OsString> = vec!["fcgi".into(), "--site".into()];
            words.push(std::path::absolute(&args.site).context("--site")?.into());
            if let Some(python) = &args.python {
                words.push("--python".into());
                words.push(std::path::absolute(python).context("--python")?.into());
            }
            if let Some(target) = &args.target {
                words.extend(["--".into(), target.into()]);
            }
            // Why an app does not start is to be seen here.
            if std::env::var_os("IISGATE_LOG").is_none() {
                environment.push(("IISGATE_LOG".into(), "-".into()));
            }
            (ours, words)
        }
    };
    let mut arguments = Vec::new();
    for word in words {
        let Some(word) = word.to_str() else { bail!("not UTF-8: {word:?}") };
        arguments.push(quoted(word));
    }
    let arguments = arguments.join(" ");
    Ok(Launch {
        executable,
        arguments,
        working_directory: None,
        environment,
        channel: ChannelKind::Connected,
        has_shutdown_event: false,
        manner: Manner::default(),
    })
}

/// A program's path: as it is, or found in the folders of `PATH`.
fn find(name: &OsString) -> anyhow::Result<PathBuf> {
    let path = Path::new(name);
    if path.components().count() > 1 {
        return Ok(path.to_owned());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut file = name.clone();
    if path.extension().is_none() {
        file.push(std::env::consts::EXE_SUFFIX);
    }
    let found = std::env::split_paths(&folders).map(|folder| folder.join(&file));
    found
        .into_iter()
        .find(|path| path.is_file())
        .with_context(|| format!("no such program in the PATH: {}", path.display()))
}

/// A word so that a Windows command line, which instances get, holds it as it is.
fn quoted(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '"']) {
        return word.to_owned();
    }
    let mut out = String::from('"');
    let mut backslashes = 0;
    for character in word.chars() {
        match character {
            '\\' => backslashes += 1,
            '"' => {
                // Each before a quote counts for a half.
                out.extend(std::iter::repeat_n('\\', backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        out.push(character);
    }
    out.extend(std::iter::repeat_n('\\', backslashes));
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;
    use platform::launch::split_arguments;

    #[test]
    fn words_survive_the_command_line() {
        let words =
            ["a", "", "a b", r"C:\a b\", r#"say "hi""#, r#"\"#, r#"a\\"b"#, r"\\server\x y\\"];
        let line = words.map(quoted).join(" ");
        assert_eq!(split_arguments(&line), words, "{line}");
    }
}

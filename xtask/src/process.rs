//! Owns starting programs: streamed, watched line by line, quiet with a clock, or for their output.
//!
//! Does not own which programs: each chore names its own.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::repo;

/// How often a quiet program's clock is redrawn.
const CLOCK: Duration = Duration::from_millis(250);

/// How much of a failed quiet program's log is shown.
const TAIL_LINES: usize = 60;

/// The command as a person would type it at the checkout's root.
pub(crate) fn shown(command: &Command) -> String {
    let root = format!("{}/", repo::root().display());
    let words = std::iter::once(command.get_program()).chain(command.get_args()).map(|word| {
        let word = word.to_string_lossy().replace(&root, "");
        if word.contains([' ', '*', '"']) { format!("'{word}'") } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Runs a program that shares our standard output and error.
pub(crate) fn stream(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", shown(command));
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("{status}: {}", shown(command));
    }
    Ok(())
}

/// Runs a program whose output goes to the file `log` as it is, in place of ours.
pub(crate) fn logged(command: &mut Command, log: &Path) -> Result<()> {
    fs::create_dir_all(log.parent().expect("a log lies in a folder"))?;
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    stream(command)
}

/// Runs a program, passes its standard output on and shows each line to `line`.
pub(crate) fn watch(command: &mut Command, mut line: impl FnMut(&str)) -> Result<()> {
    eprintln!("$ {}", shown(command));
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| cannot_start(command))?;
    let stdout = child.stdout.take().expect("asked to be piped");
    let mut reader = BufReader::new(stdout);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        io::stdout().write_all(&bytes)?;
        io::stdout().flush()?;
        line(&String::from_utf8_lossy(&bytes));
        bytes.clear();
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{status}: {}", shown(command));
    }
    Ok(())
}

/// A program that gives way to others, where the system knows how: to all of them with 19, hardly with 1.
pub(crate) fn yielding(niceness: u8, program: impl AsRef<OsStr>) -> Command {
    if !cfg!(unix) {
        return Command::new(program);
    }
    let mut command = Command::new("nice");
    command.args(["-n", &niceness.to_string()]).arg(program);
    command
}

/// Runs a program whose output goes to the file `log`; shows a clock, and the log's end if it fails.
pub(crate) fn quiet(command: &mut Command, what: &str, log: &Path) -> Result<()> {
    fs::create_dir_all(log.parent().expect("a log lies in a folder"))?;
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let clock = io::stderr().is_terminal();
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| cannot_start(command))?;
    if !clock {
        eprintln!("   {what} …");
    }
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if clock {
            eprint!("\r   {what} … {} s", started.elapsed().as_secs());
        }
        pause(CLOCK);
    };
    let seconds = started.elapsed().as_secs_f32();
    if clock {
        eprint!("\r");
    }
    eprintln!("   {what}: {seconds:.0} s    ");
    if !status.success() {
        let text = fs::read(log).map(|b| String::from_utf8_lossy(&b).into_owned())?;
        let lines: Vec<&str> = text.lines().collect();
        for line in &lines[lines.len().saturating_sub(TAIL_LINES)..] {
            eprintln!("   | {line}");
        }
        bail!("`{}` failed: {status}; the whole log: {}", shown(command), log.display());
    }
    Ok(())
}

/// Runs a program and returns what it wrote to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let out = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr);
        bail!("`{}` failed: {}: {}", shown(command), out.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Whether a program of that name is found, in `PATH` or where Debian keeps servers.
pub(crate) fn exists(program: &str) -> bool {
    find(program).is_some()
}

/// The program's path, in `PATH` or where Debian keeps servers (not in an ordinary user's `PATH`).
pub(crate) fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

/// Lets time pass between two looks at something that cannot be waited for.
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", command.get_program().to_string_lossy())
}

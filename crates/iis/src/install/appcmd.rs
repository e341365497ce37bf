//! Owns the command lines of `appcmd.exe` that do what a plan says where IIS is, with its quoting.
//!
//! Does not run them: that is behind [`Run`].

use std::fmt;
use std::io;

use super::{Done, Entry, Spot};
use crate::script_processor::ScriptProcessor;

/// A program and its arguments, each as the program shall see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program.
    pub program: String,
    /// The arguments.
    pub arguments: Vec<String>,
}

/// As one types it in a console.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&self.program))?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

/// Arguments as they stand on a command line.
pub fn command_line(arguments: &[String]) -> String {
    arguments.iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(" ")
}

/// As C programs on Windows split their command line: blanks need quotes, quotes a backslash.
fn quoted(word: &str) -> String {
    let is_plain =
        |c: char| !c.is_whitespace() && !matches!(c, '"' | '&' | '|' | '(' | ')' | '<' | '>');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut text = String::from("\"");
    let mut backslashes = 0;
    for c in word.chars() {
        if c == '"' {
            text.push_str(&"\\".repeat(backslashes + 1));
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        text.push(c);
    }
    text.push_str(&"\\".repeat(backslashes));
    text.push('"');
    text
}

/// What a program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its exit status: 0, or the low word of an HRESULT.
    pub status: i32,
    /// What it printed.
    pub output: String,
}

/// Whoever runs programs.
pub trait Run {
    /// Runs one to its end.
    ///
    /// # Errors
    /// When it cannot be started.
    fn run(&mut self, command: &Command) -> io::Result<Outcome>;
}

/// appcmd, found.
#[derive(Debug, Clone)]
pub struct Appcmd {
    /// Its full path.
    pub program: String,
}

impl Appcmd {
    /// What makes the entry, and unlocks sections for the site.
    pub fn install(&self, entry: &Entry, done: &Done, spot: &Spot) -> Vec<Command> {
        let mut commands = Vec::new();
        if done.has_added_entry {
            let told: Vec<String> = entry
                .attributes()
                .iter()
                .map(|(name, value)| format!("{name}='{}'", escaped(value)))
                .collect();
            commands.push(self.set(format!("/+[{}]", told.join(","))));
            for (name, value) in &entry.environment {
                let item = format!("[name='{}',value='{}']", escaped(name), escaped(value));
                let key = key(&entry.processor);
                commands.push(self.set(format!("/+[{key}].environmentVariables.{item}")));
            }
        }
        for section in &done.unlocked {
            commands.push(self.command(&[
                "unlock",
                "config",
                &spot.location(),
                &format!("/section:{section}"),
                "/commit:apphost",
            ]));
        }
        commands
    }

    /// What takes the entry out.
    pub fn uninstall(&self, processor: &ScriptProcessor) -> Vec<Command> {
        vec![self.set(format!("/-[{}]", key(processor)))]
    }

    fn set(&self, change: String) -> Command {
        self.command(&[
            "set",
            "config",
            "/section:system.webServer/fastCgi",
            &change,
            "/commit:apphost",
        ])
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Command { program: self.program.clone(), arguments }
    }
}

fn key(processor: &ScriptProcessor) -> String {
    let ScriptProcessor { full_path, arguments } = processor;
    format!("fullPath='{}',arguments='{}'", escaped(full_path), escaped(arguments))
}

/// In brackets a quote is doubled.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\'', "''")
}

/// Runs commands one after the other, to the first that fails.
///
/// # Errors
/// With the command, and what it said.
pub fn run_all(commands: &[Command], runner: &mut dyn Run) -> Result<(), String> {
    for command in commands {
        let outcome = runner.run(command).map_err(|error| format!("{command}: {error}"))?;
        if outcome.status != 0 {
            let said = outcome.output.trim();
            return Err(format!("{command}\nended with status {}: {said}", outcome.status));
        }
    }
    Ok(())
}

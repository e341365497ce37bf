//! Owns the seam between an installation and the machine: running programs, telling how far it is.
//!
//! Does not own what is run.

use super::Step;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// A program to run to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// The program.
    pub program: OsString,
    /// Its arguments, each as the program shall see it.
    pub arguments: Vec<OsString>,
    /// What is handed over as it is, behind the arguments: Windows has command lines, no words.
    pub raw_arguments: Option<String>,
    /// Where it works.
    pub folder: Option<PathBuf>,
    /// Variables to set (`Some`) or take away.
    pub environment: Vec<(String, Option<OsString>)>,
    /// How long it may take.
    pub timeout: Duration,
}

impl Command {
    /// A program, and how long it may take.
    pub fn new(program: impl Into<OsString>, timeout: Duration) -> Self {
        Command { program: program.into(), timeout, ..Command::default() }
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With more arguments.
    #[must_use]
    pub fn args<T: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// In a folder.
    #[must_use]
    pub fn within(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// With a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), Some(value.into())));
        self
    }

    /// Without a variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.environment.push((name.to_owned(), None));
        self
    }

    /// As one would type it, roughly: for messages.
    pub fn shown(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.arguments);
        let words: Vec<String> = words
            .map(|word| {
                let word = word.to_string_lossy();
                if word.contains(' ') || word.is_empty() {
                    format!("\"{word}\"")
                } else {
                    word.into()
                }
            })
            .collect();
        let raw = self.raw_arguments.iter().map(|raw| format!(" {raw}")).collect::<String>();
        format!("{}{raw}", words.join(" "))
    }
}

/// How a program ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Its exit status; `None` when it was ended because it took too long, or by a signal.
    pub status: Option<i32>,
    /// Whether it took too long.
    pub is_late: bool,
    /// What it printed, on both streams; of much, the end.
    pub output: String,
    /// What it printed on standard output alone.
    pub stdout: Vec<u8>,
}

impl Ended {
    /// Whether it ended with status 0.
    pub fn is_good(&self) -> bool {
        self.status == Some(0)
    }
}

/// The machine, as far as an installation changes more than files, and whoever watches. What is said, and
/// what programs say, may hold secret values: they are masked where they are shown or kept (`Secrets`).
pub trait Host {
    /// A step begins.
    fn begin(&mut self, step: Step);

    /// Something that the user should know.
    fn say(&mut self, line: &str);

    /// Waits until nothing of a site runs any more that was started to ask it for a page.
    fn settle(&mut self, _site: &std::path::Path) {}

    /// Runs a program to its end, or until its time is over.
    ///
    /// # Errors
    /// When it cannot be started.
    fn run(&mut self, command: &Command) -> std::io::Result<Ended>;
}

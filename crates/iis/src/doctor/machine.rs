//! Owns the description of a machine that rules look at: plain facts, as they were gathered.
//!
//! Does not gather or judge them.

use std::path::PathBuf;
use std::time::Duration;

use super::Topic;
use super::states::States;
use crate::checks::Files;

/// What is known of a machine and of one site on it.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// Whether it is Windows.
    pub is_windows: bool,
    /// The site's files, the server's among them.
    pub files: Files,
    /// The path of the site application in its site.
    pub app: String,
    /// Whether IIS (or IIS Express) is there, or its file was named.
    pub has_iis: bool,
    /// Files that were looked for: each with whether it is there.
    pub existing: Vec<(PathBuf, bool)>,
    /// Services that IIS needs.
    pub services: Vec<Service>,
    /// What appcmd says of sites and app pools.
    pub states: Option<States>,
    /// Who the app is to run as, and whether the system knows that name.
    pub identity: Option<(String, bool)>,
    /// What that identity may do.
    pub rights: Vec<Right>,
    /// The interpreter, or why there is none.
    pub python: Option<Result<Python, PythonFailure>>,
    /// Interpreters that are registered (PEP 514).
    pub registered: Vec<Registered>,
    /// What could be imported.
    pub imports: Option<Imports>,
    /// The bindings' ports, with who listens there.
    pub ports: Vec<Port>,
    /// Folders that are written, with the room they have.
    pub mounts: Vec<Mount>,
    /// Failures in our log.
    pub failures: Vec<Failure>,
    /// Failures in the Event Log.
    pub events: Vec<Event>,
    /// Versions of ours.
    pub versions: Versions,
    /// What was not looked at, and why.
    pub left_out: Vec<(Topic, String)>,
}

/// A service that IIS needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// How it stands, in one word; `None` when there is none.
    pub state: Option<&'static str>,
}

/// Whether an identity may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Granted,
    /// It may not; the file or folder that refuses it.
    Refused(PathBuf),
    /// It could not be found out, and why.
    Unknown(String),
}

/// What an identity needs of a file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// The file or folder.
    pub path: PathBuf,
    /// What it is: "the site's folder".
    pub what: &'static str,
    /// Whether it is to be written; else read and run.
    pub is_written: bool,
    /// Whether the identity may.
    pub verdict: Verdict,
}

/// An interpreter that runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Python {
    /// By what name the user knows it.
    pub path: PathBuf,
    /// `3.13.1`.
    pub version: String,
    /// 32 or 64.
    pub bits: u32,
    /// Of which system's machine it is: `AMD64`.
    pub machine: String,
    /// `sys.prefix`.
    pub prefix: PathBuf,
    /// `sys.base_prefix`: the Python behind a virtual environment.
    pub base: PathBuf,
    /// Whether it is conda's.
    pub is_conda: bool,
    /// Whether conda's folders of DLLs are in its `PATH`.
    pub has_conda_path: bool,
    /// Whether uv manages it.
    pub is_uv: bool,
    /// The version of the package `iisgate` in it.
    pub iisgate: Option<String>,
}

impl Python {
    /// Whether it is of a virtual environment.
    pub fn is_venv(&self) -> bool {
        self.prefix != self.base
    }
}

/// Why there is no interpreter, or none that runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PythonFailure {
    /// Our code, if one is known: `IG021`.
    pub code: Option<&'static str>,
    /// What is wrong.
    pub message: String,
    /// What mends it.
    pub hint: String,
    /// The file that is meant.
    pub path: PathBuf,
}

/// A Python that the registry knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// `PythonCore`, `ContinuumAnalytics`, `Astral`.
    pub company: String,
    /// `3.13`.
    pub tag: String,
    /// Its program.
    pub program: PathBuf,
    /// Whether that is there.
    pub is_there: bool,
    /// Whether it is known to one user alone.
    pub is_per_user: bool,
}

/// What came of importing under the interpreter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imports {
    /// The target's import.
    pub target: Trial,
    /// Compiled modules that cannot be loaded.
    pub broken: Vec<Library>,
    /// How many were loaded.
    pub loaded: usize,
    /// A module at which the interpreter died or hung, with how that was.
    pub stopped: Option<(String, String)>,
}

/// How an import went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trial {
    /// It was not tried.
    #[default]
    NotTried,
    /// It went well.
    Done,
    /// It failed: code, what was said, what mends it.
    Failed {
        /// Our code.
        code: String,
        /// What was said.
        message: String,
        /// What mends it.
        hint: String,
    },
}

/// A compiled module that cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// Its name in Python.
    pub module: String,
    /// Its file.
    pub file: PathBuf,
    /// What Python said.
    pub message: String,
    /// The DLLs that are nowhere.
    pub missing: Vec<String>,
}

/// A binding's port, and who listens there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The port.
    pub number: u16,
    /// The process, by name and id; `None` when nobody listens.
    pub holder: Option<String>,
    /// Whether that is Windows' own HTTP server, by which IIS listens.
    pub is_systems: bool,
}

/// A folder that is written, and its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The folder.
    pub path: PathBuf,
    /// What it is: "the log's folder".
    pub what: &'static str,
    /// Bytes that are free.
    pub free: u64,
}

/// Failures of one code in our log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `IG050`.
    pub code: String,
    /// What the last of them says.
    pub message: String,
    /// How many.
    pub count: usize,
    /// When the last was, as the log has it.
    pub last: String,
    /// The log.
    pub log: PathBuf,
}

/// Failures of one kind in the Event Log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who wrote it: `Microsoft-Windows-WAS`.
    pub source: String,
    /// Its number.
    pub id: u32,
    /// What the last of them says.
    pub message: String,
    /// How many.
    pub count: usize,
    /// When the last was.
    pub last: String,
}

/// Versions of ours on the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// This program's.
    pub own: String,
    /// Of programs that FastCGI applications start: path, and what it says of itself.
    pub gates: Vec<(PathBuf, Option<String>)>,
}

/// What is recent: a day holds the failure that brought somebody here, and not last month's.
pub const RECENT: Duration = Duration::from_secs(24 * 60 * 60);

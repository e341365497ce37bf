//! Owns the reading of `[tool.iisgate.helpers.NAME]`: processes that an app needs beside it.
//!
//! Does not start them, and does not know what a preset stands for (`gate` does).

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Error;
use crate::place::{Place, Source};
use crate::project::Key;
use crate::spelling;

/// The longest time that may be given: whoever needs more than an hour has something else in mind.
pub const SECONDS_MAX: u32 = 3600;

/// Every key of a helper, in the order in which the reference tells them.
#[rustfmt::skip]
pub const HELPER_KEYS: &[Key] = &[
    Key { name: "preset", value: "a string", doc: "What is known already: `zeo` runs ZEO with `zeo.conf`, and needs nothing else." },
    Key { name: "config", value: "a string", doc: "The preset's configuration file, relative to this file [default: `zeo.conf`, else `etc/zeo.conf`]." },
    Key { name: "command", value: "a list of strings", doc: "The program and its arguments; `{python}` is the app's interpreter, `{site}` this folder. A bare name is looked for beside the interpreter first." },
    Key { name: "working-directory", value: "a string", doc: "The folder it works in, relative to this file [default: this folder]." },
    Key { name: "env", value: "a table of strings", doc: "Environment variables for it." },
    Key { name: "start", value: "a string", doc: "`with-app`: it is started before the first worker and ended after the last; `service`: someone else runs it, and workers wait until it is ready [default: with-app]." },
    Key { name: "service", value: "a string", doc: "The name of the Windows service that runs it [default: iisgate-FOLDER-NAME, of this folder and the helper]." },
    Key { name: "depends", value: "a list of strings", doc: "What its service needs first: helpers of this site that are services, too, or other services." },
    Key { name: "ready-port", value: "a string", doc: "It is ready when connections are accepted at this `HOST:PORT`." },
    Key { name: "ready-file", value: "a string", doc: "It is ready when this file is there, relative to the folder it works in." },
    Key { name: "ready-line", value: "a string", doc: "It is ready when it has printed a line with these words." },
    Key { name: "ready-timeout", value: "a whole number", doc: "Seconds after which it has failed [default: 60]." },
    Key { name: "stop-command", value: "a list of strings", doc: "A command that makes it end." },
    Key { name: "stop-signal", value: "a string", doc: "The signal that makes it end: TERM, INT, QUIT, HUP, USR1, USR2 or KILL; on Windows it gets Ctrl+Break [default: TERM]." },
    Key { name: "stop-timeout", value: "a whole number", doc: "Seconds after which it is killed [default: 10]." },
    Key { name: "restart", value: "a string", doc: "When it is started again after it ended: `always`, `on-failure` or `never`; with `never`, and without any ready check, workers wait until it has ended with success [default: always]." },
    Key { name: "stale-files", value: "a list of strings", doc: "Names of lock and pid files, with `*` and `?`, relative to the folder it works in: those of dead processes are removed before it starts." },
];

/// Signals that may be named.
pub const STOP_SIGNALS: [&str; 7] = ["TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "KILL"];

/// Most characters of a service's name, by Windows' rule.
const SERVICE_NAME_MAX: usize = 256;

/// Why no Windows service can have that name, if that is so.
pub fn service_name_fault(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("it is empty".into());
    }
    if name.chars().count() > SERVICE_NAME_MAX {
        return Some(format!("it has more than {SERVICE_NAME_MAX} characters"));
    }
    let wrong = name.chars().find(|c| matches!(c, '/' | '\\') || c.is_control());
    wrong.map(|c| format!("{c:?} may not be in it: {name}"))
}

/// What is known under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// ZEO, the server of ZODB's databases.
    Zeo,
}

/// Who starts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Start {
    /// We do, with the app.
    #[default]
    WithApp,
    /// A service of the system.
    Service,
}

/// When it is started again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Restart {
    /// However it ended.
    #[default]
    Always,
    /// When it ended with a failure.
    OnFailure,
    /// Never.
    Never,
}

/// What one `[tool.iisgate.helpers.NAME]` says; `None` and empty where it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helper {
    /// NAME.
    pub name: String,
    /// Where its table begins.
    pub place: Place,
    /// `preset`.
    pub preset: Option<Preset>,
    /// `config`.
    pub config: Option<String>,
    /// `command`.
    pub command: Vec<String>,
    /// `working-directory`.
    pub working_directory: Option<String>,
    /// `env`, by name.
    pub env: BTreeMap<String, String>,
    /// `start`.
    pub start: Start,
    /// `service`.
    pub service: Option<String>,
    /// `depends`.
    pub depends: Vec<String>,
    /// `ready-port`, as `HOST:PORT`.
    pub ready_port: Option<String>,
    /// `ready-file`.
    pub ready_file: Option<String>,
    /// `ready-line`.
    pub ready_line: Option<String>,
    /// `ready-timeout`.
    pub ready_timeout_secs: Option<u32>,
    /// `stop-command`.
    pub stop_command: Vec<String>,
    /// `stop-signal`, one of [`STOP_SIGNALS`].
    pub stop_signal: Option<String>,
    /// `stop-timeout`.
    pub stop_timeout_secs: Option<u32>,
    /// `restart`.
    pub restart: Restart,
    /// `stale-files`.
    pub stale_files: Vec<String>,
}

/// Reads the table of helpers, in the order in which they are written. `None` when it is no table of
/// tables.
pub(crate) fn read(
    source: &Source,
    value: &Spanned<DeValue<'_>>,
) -> Option<Result<Vec<Helper>, Error>> {
    let table = value.get_ref().as_table()?;
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let helper = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let name: &str = AsRef::as_ref(key.get_ref());
        let fields = value.get_ref().as_table()?;
        Some(Table { source, name, offset: key.span().start }.read(fields))
    };
    let helpers: Option<Vec<_>> = entries.into_iter().map(helper).collect();
    Some(helpers?.into_iter().collect())
}

/// One helper's table.
struct Table<'a> {
    source: &'a Source,
    name: &'a str,
    offset: usize,
}

impl Table<'_> {
    fn error(&self, offset: usize, message: impl Into<String>) -> Error {
        Error::content(self.source.place(offset), message)
    }

    fn read(&self, table: &DeTable<'_>) -> Result<Helper, Error> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || !self.name.chars().all(is_plain) {
            let message = format!("a helper's name has letters, digits, - and _: {}", self.name);
            return Err(self.error(self.offset, message));
        }
        let mut helper = Helper {
            name: self.name.to_owned(),
            place: self.source.place(self.offset),
            preset: None,
            config: None,
            command: Vec::new(),
            working_directory: None,
            env: BTreeMap::new(),
            start: Start::default(),
            service: None,
            depends: Vec::new(),
            ready_port: None,
            ready_file: None,
            ready_line: None,
            ready_timeout_secs: None,
            stop_command: Vec::new(),
            stop_signal: None,
            stop_timeout_secs: None,
            restart: Restart::default(),
            stale_files: Vec::new(),
        };
        for (key, value) in table {
            let name: &str = key.get_ref().as_ref();
            let Some(known) = HELPER_KEYS.iter().find(|known| known.name == name) else {
                return Err(self.unknown(key.span().start, name));
            };
            let field = Field { table: self, key: known, value };
            match name {
                "preset" => helper.preset = Some(field.one_of(&[("zeo", Preset::Zeo)])?),
                "config" => helper.config = Some(field.string()?),
                "command" => helper.command = field.strings()?,
                "working-directory" => helper.working_directory = Some(field.string()?),
                "env" => helper.env = field.table()?,
                "start" => {
                    let known = [("with-app", Start::WithApp), ("service", Start::Service)];
                    helper.start = field.one_of(&known)?;
                }
                "service" => helper.service = Some(field.service()?),
                "depends" => helper.depends = field.strings()?,
                "ready-port" => helper.ready_port = Some(field.port()?),
                "ready-file" => helper.ready_file = Some(field.string()?),
                "ready-line" => helper.ready_line = Some(field.string()?),
                "ready-timeout" => helper.ready_timeout_secs = Some(field.seconds()?),
                "stop-command" => helper.stop_command = field.strings()?,
                "stop-signal" => {
                    let signal = field.one_of(&STOP_SIGNALS.map(|name| (name, name)))?;
                    helper.stop_signal = Some(signal.to_owned());
                }
                "stop-timeout" => helper.stop_timeout_secs = Some(field.seconds()?),
                "restart" => {
                    let known = [
                        ("always", Restart::Always),
                        ("on-failure", Restart::OnFailure),
                        ("never", Restart::Never),
                    ];
                    helper.restart = field.one_of(&known)?;
                }
                _ => helper.stale_files = field.strings()?,
            }
        }
        if helper.command.is_empty() && helper.preset.is_none() && helper.start == Start::WithApp {
            let message = format!(
                "helpers.{} needs a command, as in command = [\"{{python}}\", \"-m\", \"MODULE\"]",
                self.name
            );
            return Err(self.error(self.offset, message));
        }
        Ok(helper)
    }

    fn unknown(&self, offset: usize, name: &str) -> Error {
        let names = HELPER_KEYS.iter().map(|key| key.name);
        let near = spelling::nearest(name, names.clone()).map_or_else(
            || format!("known are {}", names.collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near}?"),
        );
        let helper = self.name;
        self.error(
            offset,
            format!("unknown key in [tool.iisgate.helpers.{helper}]: {name} ({near})"),
        )
    }
}

/// A value on its way into a [`Helper`].
struct Field<'a, 'i> {
    table: &'a Table<'a>,
    key: &'static Key,
    value: &'a Spanned<DeValue<'i>>,
}

impl Field<'_, '_> {
    fn error(&self, value: &Spanned<DeValue<'_>>, message: impl std::fmt::Display) -> Error {
        let name = format!("helpers.{}.{}", self.table.name, self.key.name);
        self.table.error(value.span().start, format!("{name} must be {message}"))
    }

    fn mismatch(&self, value: &Spanned<DeValue<'_>>) -> Error {
        let found = value.get_ref().type_str();
        self.error(value, format!("{}, not of type: {found}", self.key.value))
    }

    fn string(&self) -> Result<String, Error> {
        let text = self.value.get_ref().as_str().ok_or_else(|| self.mismatch(self.value))?;
        Ok(text.to_owned())
    }

    fn strings(&self) -> Result<Vec<String>, Error> {
        let list = self.value.get_ref().as_array().ok_or_else(|| self.mismatch(self.value))?;
        let string = |value: &Spanned<DeValue<'_>>| {
            let text = value.get_ref().as_str().ok_or_else(|| self.mismatch(value))?;
            Ok(text.to_owned())
        };
        list.iter().map(string).collect()
    }

    fn table(&self) -> Result<BTreeMap<String, String>, Error> {
        let table = self.value.get_ref().as_table().ok_or_else(|| self.mismatch(self.value))?;
        let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &str = AsRef::as_ref(key.get_ref());
            let text = value.get_ref().as_str().ok_or_else(|| self.mismatch(value))?;
            Ok((name.to_owned(), text.to_owned()))
        };
        table.iter().map(entry).collect()
    }

    fn one_of<T: Copy>(&self, known: &[(&str, T)]) -> Result<T, Error> {
        let text = self.string()?;
        let found = known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        let names = known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| self.error(self.value, format!("one of {names}: {text}")))
    }

    /// `HOST:PORT`; a number alone is a port of this machine.
    fn port(&self) -> Result<String, Error> {
        let value = self.value.get_ref();
        let text = match value.as_integer() {
            Some(number) => format!("127.0.0.1:{}", number.as_str()),
            None => self.string()?,
        };
        let port = text.rsplit_once(':').and_then(|(host, port)| {
            (!host.is_empty()).then(|| port.parse::<u16>().ok()).flatten()
        });
        let is_port = port.is_some_and(|port| port != 0);
        if is_port { Ok(text) } else { Err(self.error(self.value, format!("HOST:PORT: {text}"))) }
    }

    /// A name that the service control manager takes.
    fn service(&self) -> Result<String, Error> {
        let name = self.string()?;
        match service_name_fault(&name) {
            None => Ok(name),
            Some(fault) => Err(self.error(self.value, format!("the name of a service: {fault}"))),
        }
    }

    fn seconds(&self) -> Result<u32, Error> {
        let integer = self.value.get_ref().as_integer();
        let integer = integer.ok_or_else(|| self.mismatch(self.value))?;
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        number.filter(|number| (1..=SECONDS_MAX).contains(number)).ok_or_else(|| {
            let message = format!("between 1 and {SECONDS_MAX}: {}", integer.as_str());
            self.error(self.value, message)
        })
    }
}

#[cfg(test)]
#[path = "project_helpers_tests.rs"]
mod tests;

//! Owns the reading of `[tool.iisgate]` in `pyproject.toml`.
//!
//! Does not own the order of precedence (flag, environment variable, this, default), nor checks
//! that targets or interpreters exist. Other tables of the file are none of its business.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Error;
use crate::place::Source;
use crate::project_code_page::CodePage;
use crate::project_helpers::{self, Helper};
use crate::spelling;

/// The most workers or threads that may be asked for: beyond it lies a slip of the keyboard, not a
/// machine. Gunicorn and uWSGI set no bound; waitress' users report trouble beyond a few hundred.
pub const CONCURRENCY_MAX: u32 = 1024;

/// How a log can be written.
pub const LOG_FORMATS: [&str; 2] = ["text", "json"];

/// One key of `[tool.iisgate]`: the reference is made from these.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it takes.
    pub value: &'static str,
    /// What it does.
    pub doc: &'static str,
}

/// Every key, in the order in which the reference tells them.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    Key { name: "target", value: "a string", doc: "Which app to serve: `module:attr`, `file.py:attr`, `file.ini`, …" },
    Key { name: "python", value: "a string", doc: "The interpreter or virtual environment, relative to this file." },
    Key { name: "threads", value: "a whole number", doc: "How many requests one worker answers at a time." },
    Key { name: "workers", value: "a whole number", doc: "How many Python processes share the load." },
    Key { name: "log", value: "a string", doc: "Where the log goes, relative to this file." },
    Key { name: "log-format", value: "text or json", doc: "How the log is written: `text` for people, `json` for programs, one object for each event." },
    Key { name: "debug", value: "true or false", doc: "Whether errors are answered with the developer's page." },
    Key { name: "script-name", value: "a string", doc: "The URL path the app is mounted at." },
    Key { name: "working-directory", value: "a string", doc: "The folder the app works in, relative to this file; `.` is the site's." },
    Key { name: "ansi-code-page", value: "a whole number", doc: "The code page in which IIS sends names that are no UTF-8 [default: the system's]." },
    Key { name: "timeout", value: "a whole number", doc: "Seconds a request may take before it is answered 504 and the worker replaced [default: no limit of ours; the web server has one]." },
    Key { name: "max-requests", value: "a whole number", doc: "Requests after which a worker is replaced, up to a tenth more." },
    Key { name: "max-memory", value: "a whole number", doc: "MiB of memory beyond which a worker is replaced." },
    Key { name: "max-age", value: "a whole number", doc: "Seconds after which a worker is replaced, up to a tenth more." },
    Key { name: "warm-up", value: "a list of strings", doc: "URL paths that a new worker asks its app for before it serves." },
    Key { name: "reload", value: "true or false", doc: "Whether the worker is replaced when the code changes." },
    Key { name: "reload-include", value: "a list of strings", doc: "Files whose change replaces the worker, as `*.py` or `templates/**` [default with reload: `*.py`, `*.config`, `pyproject.toml`]." },
    Key { name: "reload-exclude", value: "a list of strings", doc: "Files among those whose change does not." },
    Key { name: "env", value: "a table of strings", doc: "Environment variables for the app." },
    Key { name: "helpers", value: "a table of tables", doc: "Processes that the app needs beside it, by name: see below." },
    Key { name: "package", value: "a table", doc: "What a package of the site holds, asks for and runs: `iisgate package build` reads it." },
    Key { name: "feed", value: "a table", doc: "What a feed of the site tells: `iisgate feed build` reads it." },
];

/// What `[tool.iisgate]` says; `None` and empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    /// `target`.
    pub target: Option<String>,
    /// `python`.
    pub python: Option<String>,
    /// `threads`.
    pub threads: Option<u32>,
    /// `workers`.
    pub workers: Option<u32>,
    /// `log`.
    pub log: Option<String>,
    /// `log-format`: one of [`LOG_FORMATS`].
    pub log_format: Option<String>,
    /// `debug`.
    pub debug: Option<bool>,
    /// `script-name`.
    pub script_name: Option<String>,
    /// `working-directory`.
    pub working_directory: Option<String>,
    /// `ansi-code-page`.
    pub ansi_code_page: Option<CodePage>,
    /// `timeout`, in seconds.
    pub timeout_secs: Option<u32>,
    /// `max-requests`.
    pub max_requests: Option<u32>,
    /// `max-memory`, in MiB.
    pub max_memory_mib: Option<u32>,
    /// `max-age`, in seconds.
    pub max_age_secs: Option<u32>,
    /// `warm-up`.
    pub warm_up: Vec<String>,
    /// `reload`.
    pub reload: Option<bool>,
    /// `reload-include`.
    pub reload_include: Option<Vec<String>>,
    /// `reload-exclude`.
    pub reload_exclude: Vec<String>,
    /// `env`, by name.
    pub env: BTreeMap<String, String>,
    /// `helpers`, in the order in which they are written.
    pub helpers: Vec<Helper>,
}

/// Reads a `pyproject.toml`; `None` when it has no `[tool.iisgate]`.
///
/// # Errors
/// When it cannot be read, is no TOML, or says something we do not know.
pub fn load(path: &Path) -> Result<Option<Project>, Error> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let text = String::from_utf8(bytes).map_err(|error| Error::Encoding {
        path: path.to_owned(),
        message: format!("not valid UTF-8: {}", error.utf8_error()),
    })?;
    parse(&Source::new(path, text.strip_prefix('\u{feff}').unwrap_or(&text)))
}

/// Reads the text of a `pyproject.toml`.
///
/// # Errors
/// When it is no TOML, or says something we do not know.
pub fn parse(source: &Arc<Source>) -> Result<Option<Project>, Error> {
    let root = DeTable::parse(source.text()).map_err(|error| {
        let place = source.place(error.span().map_or(0, |span| span.start));
        Error::content(place, format!("not valid TOML: {}", error.message()))
    })?;
    let Some(tool) = root.get_ref().get("tool").and_then(|tool| tool.get_ref().as_table()) else {
        return Ok(None);
    };
    let Some(ours) = tool.get("iisgate") else { return Ok(None) };
    let Some(table) = ours.get_ref().as_table() else {
        let message = "tool.iisgate must be a table";
        return Err(Error::content(source.place(ours.span().start), message));
    };
    let mut project = Project::default();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let reader = Value { source, name, value };
        match name {
            "target" => project.target = Some(reader.string()?),
            "python" => project.python = Some(reader.string()?),
            "threads" => project.threads = Some(reader.count()?),
            "workers" => project.workers = Some(reader.count()?),
            "log" => project.log = Some(reader.string()?),
            "log-format" => project.log_format = Some(reader.log_format()?),
            "debug" => project.debug = Some(reader.flag()?),
            "script-name" => project.script_name = Some(reader.string()?),
            "working-directory" => project.working_directory = Some(reader.string()?),
            "ansi-code-page" => project.ansi_code_page = Some(reader.code_page()?),
            "timeout" => project.timeout_secs = Some(reader.positive()?),
            "max-requests" => project.max_requests = Some(reader.positive()?),
            "max-memory" => project.max_memory_mib = Some(reader.positive()?),
            "max-age" => project.max_age_secs = Some(reader.positive()?),
            "warm-up" => project.warm_up = reader.paths()?,
            "reload" => project.reload = Some(reader.flag()?),
            "reload-include" => project.reload_include = Some(reader.list()?),
            "reload-exclude" => project.reload_exclude = reader.list()?,
            "env" => project.env = reader.strings()?,
            "helpers" => project.helpers = reader.helpers()?,
            // Read by the crate that builds packages.
            "feed" if value.get_ref().is_table() => {}
            "feed" => return Err(reader.mismatch()),
            "package" if value.get_ref().is_table() => {}
            "package" => return Err(reader.mismatch()),
            _ => return Err(unknown(source, key.span().start, name)),
        }
    }
    Ok(Some(project))
}

fn unknown(source: &Source, offset: usize, name: &str) -> Error {
    let names = KEYS.iter().map(|key| key.name);
    let near = spelling::nearest(name, names.clone()).map_or_else(
        || format!("known are {}", names.collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean {near}?"),
    );
    Error::content(source.place(offset), format!("unknown key in [tool.iisgate]: {name} ({near})"))
}

/// A value on its way into a [`Project`].
struct Value<'a, 'i> {
    source: &'a Source,
    name: &'a str,
    value: &'a Spanned<DeValue<'i>>,
}

impl Value<'_, '_> {
    fn must_be(&self, expected: &str) -> Error {
        let offset = self.value.span().start;
        let found = self.value.get_ref().type_str();
        let message = format!("{} must be {expected}, not of type: {found}", self.name);
        Error::content(self.source.place(offset), message)
    }

    /// What the table of keys says the value is.
    fn mismatch(&self) -> Error {
        let key = KEYS.iter().find(|key| key.name == self.name);
        self.must_be(key.expect("keys we read are in the table").value)
    }

    fn string(&self) -> Result<String, Error> {
        let text = self.value.get_ref().as_str().ok_or_else(|| self.mismatch())?;
        Ok(text.to_owned())
    }

    fn log_format(&self) -> Result<String, Error> {
        let text = self.string()?;
        if LOG_FORMATS.contains(&text.as_str()) {
            return Ok(text);
        }
        let place = self.source.place(self.value.span().start);
        Err(Error::content(place, format!("{} must be text or json: {text}", self.name)))
    }

    fn flag(&self) -> Result<bool, Error> {
        self.value.get_ref().as_bool().ok_or_else(|| self.mismatch())
    }

    /// A whole number that `known` turns into what is meant; `expected` says which ones it knows.
    fn number<T>(&self, expected: &str, known: impl Fn(u32) -> Option<T>) -> Result<T, Error> {
        let integer = self.value.get_ref().as_integer().ok_or_else(|| self.mismatch())?;
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        number.and_then(known).ok_or_else(|| {
            let place = self.source.place(self.value.span().start);
            let message = format!("{} must be {expected}: {}", self.name, integer.as_str());
            Error::content(place, message)
        })
    }

    fn count(&self) -> Result<u32, Error> {
        let expected = format!("between 1 and {CONCURRENCY_MAX}");
        self.number(&expected, |n| (1..=CONCURRENCY_MAX).contains(&n).then_some(n))
    }

    fn positive(&self) -> Result<u32, Error> {
        self.number(&format!("between 1 and {}", u32::MAX), |n| (n > 0).then_some(n))
    }

    fn list(&self) -> Result<Vec<String>, Error> {
        self.checked_list("a list of strings", |_| true)
    }

    /// URL paths.
    fn paths(&self) -> Result<Vec<String>, Error> {
        self.checked_list("a list of paths that begin with a slash", |path| path.starts_with('/'))
    }

    fn checked_list(
        &self,
        expected: &str,
        is_valid: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, Error> {
        let array = self.value.get_ref().as_array().ok_or_else(|| self.mismatch())?;
        let string = |value: &Spanned<DeValue<'_>>| {
            let reader = Value { source: self.source, name: self.name, value };
            let text = value.get_ref().as_str().ok_or_else(|| reader.must_be(expected))?;
            if is_valid(text) {
                return Ok(text.to_owned());
            }
            let message = format!("{} must be {expected}: {text}", self.name);
            Err(Error::content(self.source.place(value.span().start), message))
        };
        array.iter().map(string).collect()
    }

    fn code_page(&self) -> Result<CodePage, Error> {
        let known = CodePage::numbers().map(|number| number.to_string()).collect::<Vec<_>>();
        self.number(&format!("one of {}", known.join(", ")), CodePage::numbered)
    }

    fn helpers(&self) -> Result<Vec<Helper>, Error> {
        project_helpers::read(self.source, self.value).ok_or_else(|| self.mismatch())?
    }

    fn strings(&self) -> Result<BTreeMap<String, String>, Error> {
        let table = self.value.get_ref().as_table().ok_or_else(|| self.mismatch())?;
        let string = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &str = AsRef::as_ref(key.get_ref());
            let name = format!("{}.{name}", self.name);
            let reader = Value { source: self.source, name: &name, value };
            let text = value.get_ref().as_str().ok_or_else(|| reader.must_be("a string"))?;
            Ok((name[self.name.len() + 1..].to_owned(), text.to_owned()))
        };
        table.iter().map(string).collect()
    }
}

#[cfg(test)]
#[path = "project_tests.rs"]
mod tests;

//! Owns which value each parameter gets: the one given, else its default, put together of others' and
//! held against its rules.
//!
//! Does not own asking for them (`cli`), nor putting them into anything (`apply`).

use std::collections::BTreeMap;
use std::fmt;

use super::{Parameter, Parameters};
use crate::package::limits::VALUE_BYTES_MAX;

/// Database engines: where a package knows several, one is chosen, and the others' parameters are
/// not asked for.
const ENGINES: &[&str] = &["SQL", "MySQL", "SQLite", "SQLCE", "VistaDB", "FlatFile"];

/// The values of all parameters that are used, by name as the package writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    values: BTreeMap<String, String>,
}

impl Resolved {
    /// A parameter's value; `None` for one that is not used.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// All, by name.
    pub fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }
}

/// All that is wrong with the values, and with what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveError {
    /// Each of them.
    pub problems: Vec<Problem>,
}

/// What is wrong with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The parameter.
    pub parameter: String,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// The package has no such parameter; the nearest it has.
    Unknown(Option<String>),
    /// It has no default and is not given.
    Missing,
    /// Its value breaks its rules.
    Refused(String),
    /// Its default is made of itself, by way of these.
    Cycle(Vec<String>),
    /// Its value, put together, is too long.
    TooLong,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.parameter;
        match &self.kind {
            ProblemKind::Unknown(None) => write!(f, "there is no parameter {name}"),
            ProblemKind::Unknown(Some(near)) => {
                write!(f, "there is no parameter {name}; is {near} meant?")
            }
            ProblemKind::Missing => {
                write!(f, "{name} has no default: give it with --set \"{name}=…\"")
            }
            ProblemKind::Refused(why) => write!(f, "{name}: {why}"),
            ProblemKind::Cycle(way) => {
                write!(f, "the default of {name} is made of itself: {}", way.join(" → "))
            }
            ProblemKind::TooLong => write!(f, "{name} becomes longer than {VALUE_BYTES_MAX} bytes"),
        }
    }
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for ResolveError {}

impl Parameters {
    /// Decides on the value of every parameter.
    ///
    /// # Errors
    /// All problems at once: names that the package does not know, values that are missing, break a
    /// rule or are made of themselves.
    pub fn resolve(&self, given: &BTreeMap<String, String>) -> Result<Resolved, ResolveError> {
        let mut problems = Vec::new();
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, value) in given {
            match self.find(name) {
                Some(parameter) => {
                    known.insert(&parameter.name, value);
                }
                None => problems.push(Problem {
                    parameter: name.clone(),
                    kind: ProblemKind::Unknown(self.nearest(name)),
                }),
            }
        }
        let mut resolving = Resolving { of: self, given: &known, done: BTreeMap::new() };
        let mut values = BTreeMap::new();
        for parameter in self.parameters.iter().filter(|p| !self.is_left_out(p, &known)) {
            let found = resolving.value(parameter, &mut Vec::new()).and_then(|value| {
                refusal(parameter, &value).map_or(Ok(value), |why| Err(ProblemKind::Refused(why)))
            });
            match found {
                Ok(value) => {
                    values.insert(parameter.name.clone(), value);
                }
                Err(kind) => problems.push(Problem { parameter: parameter.name.clone(), kind }),
            }
        }
        if problems.is_empty() { Ok(Resolved { values }) } else { Err(ResolveError { problems }) }
    }

    /// Whether a parameter is of a database engine that is not the chosen one: the one whose parameters
    /// are given.
    fn is_left_out(&self, parameter: &Parameter, given: &BTreeMap<&str, &str>) -> bool {
        let of = |parameter: &Parameter| -> Vec<&str> {
            ENGINES.iter().copied().filter(|engine| parameter.has_tag(engine)).collect()
        };
        let engines = of(parameter);
        if engines.is_empty() || given.contains_key(&*parameter.name) {
            return false;
        }
        let named = self.parameters.iter().filter(|other| given.contains_key(&*other.name));
        let mut chosen = named.flat_map(of).peekable();
        chosen.peek().is_some() && !chosen.any(|engine| engines.contains(&engine))
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let plain = |text: &str| -> String {
            let letters = text.chars().filter(|c| c.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect()
        };
        let wanted = plain(name);
        let is_near = |known: &&Parameter| {
            let known = plain(&known.name);
            known == wanted
                || wanted.len() > 3 && (known.contains(&wanted) || wanted.contains(&known))
        };
        self.parameters.iter().find(is_near).map(|parameter| parameter.name.clone())
    }
}

/// Why a parameter cannot have this value.
fn refusal(parameter: &Parameter, value: &str) -> Option<String> {
    let rules = parameter.validation.as_ref();
    if value.is_empty() {
        let may_be = parameter.is_hidden() || rules.is_some_and(|rules| rules.allows_empty());
        return (!may_be).then(|| "it must not be empty".to_owned());
    }
    rules?.refusal(value)
}

struct Resolving<'a> {
    of: &'a Parameters,
    given: &'a BTreeMap<&'a str, &'a str>,
    done: BTreeMap<&'a str, Result<String, ProblemKind>>,
}

impl<'a> Resolving<'a> {
    fn value(
        &mut self,
        parameter: &'a Parameter,
        way: &mut Vec<&'a str>,
    ) -> Result<String, ProblemKind> {
        if let Some(value) = self.given.get(&*parameter.name) {
            return Ok((*value).to_owned());
        }
        if let Some(done) = self.done.get(&*parameter.name) {
            return done.clone();
        }
        if let Some(start) = way.iter().position(|name| *name == parameter.name) {
            let cycle = way[start..].iter().copied().chain([&*parameter.name]);
            return Err(ProblemKind::Cycle(cycle.map(str::to_owned).collect()));
        }
        let default = parameter.default.as_deref().ok_or(ProblemKind::Missing)?;
        way.push(&parameter.name);
        let value = self.substituted(default, way);
        way.pop();
        // A value on a way that is a cycle is another one from elsewhere.
        if value.is_ok() {
            self.done.insert(&parameter.name, value.clone());
        }
        value
    }

    fn substituted(
        &mut self,
        default: &'a str,
        way: &mut Vec<&'a str>,
    ) -> Result<String, ProblemKind> {
        let mut out = String::new();
        for piece in pieces(default) {
            match piece {
                Piece::Text(text) => out += text,
                // Braces around something else are braces: URL Rewrite has many.
                Piece::Name(name) => match self.of.find(name) {
                    Some(other) => out += &self.value(other, way)?,
                    None => out += &format!("{{{name}}}"),
                },
            }
            if out.len() > VALUE_BYTES_MAX {
                return Err(ProblemKind::TooLong);
            }
        }
        Ok(out)
    }
}

/// A part of a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// What stands between braces.
    Name(&'a str),
}

/// Takes a default apart.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open + 1..].find(['{', '}']) else { break };
        let end = open + 1 + length;
        if rest.as_bytes()[end] == b'{' {
            pieces.push(Piece::Text(&rest[..end]));
            rest = &rest[end..];
            continue;
        }
        pieces.push(Piece::Text(&rest[..open]));
        pieces.push(Piece::Name(&rest[open + 1..end]));
        rest = &rest[end + 1..];
    }
    pieces.push(Piece::Text(rest));
    pieces.retain(|piece| *piece != Piece::Text(""));
    pieces
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;

//! Owns putting parameters' values where they belong: into providers' paths and into files.
//!
//! Does not own which values they have (`parameters::resolve`), nor reading and writing files.

mod decoded;
mod xpath;

use super::limits::REREAD_BYTES_MAX;
use super::manifest::Provider;
use super::parameters::{EntryKind, ParameterEntry, Parameters, Resolved};
use super::pattern::Pattern;
use decoded::Decoded;

pub(crate) use xpath::Path as XPath;

/// Parameters with their values, ready to be put into things.
#[derive(Debug)]
pub struct Application<'a> {
    /// With each the pattern of its scope.
    entries: Vec<Ready<'a>>,
}

#[derive(Debug)]
struct Ready<'a> {
    parameter: &'a str,
    entry: &'a ParameterEntry,
    value: &'a str,
    scope: Pattern,
}

/// Why a value cannot be put into something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("parameter {parameter}: {message}")]
pub struct ApplyError {
    /// The parameter.
    pub parameter: String,
    /// What is wrong.
    pub message: String,
}

impl<'a> Application<'a> {
    /// Joins parameters and values.
    ///
    /// # Errors
    /// When the scope of an entry is no pattern.
    pub fn new(parameters: &'a Parameters, values: &'a Resolved) -> Result<Self, ApplyError> {
        let mut entries = Vec::new();
        for parameter in &parameters.parameters {
            let Some(value) = values.get(&parameter.name) else { continue };
            for entry in &parameter.entries {
                let scope = Pattern::ignoring_case(&entry.scope).map_err(|error| ApplyError {
                    parameter: parameter.name.clone(),
                    message: format!("the scope {} is no pattern: {error}", entry.scope),
                })?;
                entries.push(Ready { parameter: &parameter.name, entry, value, scope });
            }
        }
        Ok(Self { entries })
    }

    /// The path that a provider gets: the value of the first parameter that means it; `None` where none
    /// does, and the path stays what it was where the package was made.
    ///
    /// # Errors
    /// When the `match` of an entry is no pattern, or a pattern takes too long.
    pub fn provider_path(&self, provider: &Provider) -> Result<Option<&'a str>, ApplyError> {
        let of_path = self.entries.iter().filter(|r| r.entry.kind == EntryKind::ProviderPath);
        for ready in of_path {
            if !is_scope_of(&ready.scope, &provider.name).map_err(|why| ready.error(why))? {
                continue;
            }
            let pattern = ready.pattern(Pattern::ignoring_case)?;
            if pattern.is_match(&provider.path).map_err(|why| ready.error(why))? {
                return Ok(Some(ready.value));
            }
        }
        Ok(None)
    }

    /// Whether any parameter may be put into a file of this path (see [`windows_path`]).
    ///
    /// # Errors
    /// When that cannot be told, because an entry's scope takes too long.
    pub fn concerns(&self, path: &str) -> Result<bool, ApplyError> {
        self.of_file(path).next().transpose().map(|ready| ready.is_some())
    }

    /// A file's bytes with the values in them; `None` when nothing changes.
    ///
    /// # Errors
    /// When an entry's match is no pattern, XPath or position, or takes too long, or the file is no text
    /// or no XML.
    pub fn file(&self, path: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, ApplyError> {
        let mut current: Option<Vec<u8>> = None;
        for ready in self.of_file(path) {
            let ready = ready?;
            let before = current.as_deref().unwrap_or(bytes);
            let after = match ready.entry.kind {
                EntryKind::XmlFile => ready.xml(before),
                EntryKind::TextFilePosition => ready.position(before),
                _ => ready.text(before),
            };
            let after = after.map_err(|mut error| {
                error.message = format!("{path}: {}", error.message);
                error
            })?;
            current = after.or(current);
        }
        Ok(current)
    }

    fn of_file(&self, path: &str) -> impl Iterator<Item = Result<&Ready<'a>, ApplyError>> {
        let of_files = self.entries.iter().filter(|ready| ready.entry.kind.is_of_file());
        of_files.filter_map(move |ready| match ready.scope.is_match(path) {
            Ok(is_match) => is_match.then_some(Ok(ready)),
            Err(why) => Some(Err(ready.error(format!("{path}: {why}")))),
        })
    }
}

/// Whether the scope of a `ProviderPath` means a provider: Web Deploy takes the name as a whole, so
/// that `db` does not mean `dbMySql`.
pub(crate) fn is_scope_of(scope: &Pattern, name: &str) -> Result<bool, String> {
    Ok(scope.ranges(name)?.contains(&(0..name.len())))
}

/// The path that scopes are held against: an entry's name as Windows would write it below a folder.
pub fn windows_path(name: &str) -> String {
    format!("\\{}", name.replace('/', "\\"))
}

impl Ready<'_> {
    fn error(&self, message: impl Into<String>) -> ApplyError {
        ApplyError { parameter: self.parameter.to_owned(), message: message.into() }
    }

    fn pattern(&self, make: fn(&str) -> Result<Pattern, String>) -> Result<Pattern, ApplyError> {
        make(&self.entry.pattern).map_err(|error| {
            self.error(format!("the match {} is no pattern: {error}", self.entry.pattern))
        })
    }

    fn text(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, ApplyError> {
        let pattern = self.pattern(Pattern::new)?;
        let file = Decoded::new(bytes);
        let ranges = pattern.ranges(&file.text).map_err(|why| self.error(why))?;
        if ranges.is_empty() {
            return Ok(None);
        }
        let mut out = String::new();
        let mut at = 0;
        for range in ranges {
            out += &file.text[at..range.start];
            out += self.value;
            at = range.end;
        }
        out += &file.text[at..];
        file.encoded(&out).map(Some).map_err(|why| self.error(why))
    }

    fn position(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, ApplyError> {
        let Some([line, column, length]) = position(&self.entry.pattern) else {
            let message = format!("the match {} is not line;column;length", self.entry.pattern);
            return Err(self.error(message));
        };
        let file = Decoded::new(bytes);
        let range = range_at(&file.text, line, column, length)
            .ok_or_else(|| self.error(format!("it has no {} characters at line {line}", length)))?;
        let mut out = file.text.clone();
        out.replace_range(range, self.value);
        file.encoded(&out).map(Some).map_err(|why| self.error(why))
    }

    fn xml(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, ApplyError> {
        let (mut document, found) = self.found(bytes)?;
        for (element, attribute) in &found {
            let written = match attribute {
                Some(name) => document.set_attribute(*element, name, self.value),
                None => document.set_text(*element, self.value),
            };
            written.map_err(|error| self.error(error.to_string()))?;
        }
        Ok((!found.is_empty()).then(|| document.to_bytes()))
    }

    /// What the XPath finds in a file, never more than can be written.
    fn found(&self, bytes: &[u8]) -> Result<(xml::Document, Vec<xpath::Found>), ApplyError> {
        let path = XPath::read(&self.entry.pattern)
            .map_err(|why| self.error(format!("the match {}: {why}", self.entry.pattern)))?;
        let document =
            xml::Document::parse(bytes).map_err(|error| self.error(error.to_string()))?;
        let found = path.find(&document);
        let most = REREAD_BYTES_MAX / bytes.len().max(1);
        if found.len() > most {
            return Err(self.error(format!(
                "the match {} finds {} places; {most} are the most in a file of this size",
                self.entry.pattern,
                found.len()
            )));
        }
        Ok((document, found))
    }
}

/// Whether an entry finds anything in a file that its scope means.
///
/// # Errors
/// When that cannot be told, or nothing can be put there: as [`Application::file`].
pub(crate) fn would_change(entry: &ParameterEntry, bytes: &[u8]) -> Result<bool, String> {
    let scope = Pattern::new("")?;
    let ready = Ready { parameter: "", entry, value: "", scope };
    let changed = match entry.kind {
        EntryKind::XmlFile => ready.found(bytes).map(|(_, found)| !found.is_empty()),
        EntryKind::TextFilePosition => ready.position(bytes).map(|changed| changed.is_some()),
        _ => ready.text(bytes).map(|changed| changed.is_some()),
    };
    changed.map_err(|error| error.message)
}

/// `line;column;length`, each from 1.
pub(crate) fn position(text: &str) -> Option<[usize; 3]> {
    let mut parts = text.split(';').map(|part| part.trim().parse::<usize>().ok());
    let found = [parts.next()??, parts.next()??, parts.next()??];
    (parts.next().is_none() && found[0] > 0 && found[1] > 0).then_some(found)
}

/// The bytes of so many characters, all on one line.
fn range_at(
    text: &str,
    line: usize,
    column: usize,
    length: usize,
) -> Option<std::ops::Range<usize>> {
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text[start..].split('\n').next()?.trim_end_matches('\r');
    let is_there = start < text.len() || line == 1;
    let mut borders = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).skip(column - 1);
    let first = borders.next()?;
    let end = if length == 0 { first } else { borders.nth(length - 1)? };
    is_there.then_some(start + first..start + end)
}

#[cfg(test)]
mod tests;

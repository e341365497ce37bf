//! Owns changing `[tool.iisgate]` in `pyproject.toml`: comments, order and other tables stay.
//!
//! Does not own what the keys mean (`project` does).

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, Value};

use super::FileChange;
use crate::error::Error;
use crate::place::Source;
use crate::project;

/// What stands above the table that we begin.
const COMMENT: &str =
    "# Where iisgate finds the app when no TARGET is given on the command line.\n";

/// The file on its way.
#[derive(Debug)]
pub(super) struct ProjectFile {
    path: PathBuf,
    original: Option<String>,
    document: DocumentMut,
    is_changed: bool,
}

impl ProjectFile {
    /// Reads it, or begins one.
    pub(super) fn load(path: &Path) -> Result<Self, Error> {
        let original = match std::fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io(path)(error)),
        };
        let text = original.as_deref().unwrap_or_default().trim_start_matches('\u{feff}');
        let text = text.replace("\r\n", "\n");
        // It tells what is wrong with the place, and refuses keys that nobody knows.
        project::parse(&Source::new(path, text.as_str()))?;
        let document = text.parse::<DocumentMut>();
        let document = document.map_err(|error| Error::absent(path, error.message()))?;
        Ok(ProjectFile { path: path.to_owned(), original, document, is_changed: false })
    }

    /// What it says the app is.
    pub(super) fn target(&self) -> Option<String> {
        let ours = self.document.get("tool")?.get("iisgate")?;
        Some(ours.get("target")?.as_str()?.to_owned())
    }

    /// Gives keys their values.
    pub(super) fn set(&mut self, settings: &[(&'static str, Value)]) {
        let Some(table) = table(&mut self.document) else { return };
        for (key, value) in settings {
            self.is_changed |= put(table, key, value);
        }
    }

    /// Gives environment variables their values.
    pub(super) fn set_environment(&mut self, variables: &[(String, String)]) {
        if variables.is_empty() {
            return;
        }
        let Some(table) = table(&mut self.document) else { return };
        let env = table.entry("env").or_insert_with(|| Item::Table(Table::new()));
        let Some(env) = env.as_table_like_mut() else { return };
        for (name, value) in variables {
            self.is_changed |= put(env, name, &Value::from(value.as_str()));
        }
    }

    /// What is to be written, if anything is.
    pub(super) fn change(self) -> Option<FileChange> {
        if !self.is_changed {
            return None;
        }
        let mut text = self.document.to_string();
        if let Some(original) = &self.original {
            if original.contains("\r\n") {
                text = text.replace('\n', "\r\n");
            }
            if original.starts_with('\u{feff}') {
                text.insert(0, '\u{feff}');
            }
        }
        let original = self.original.map(String::into_bytes);
        Some(FileChange { path: self.path, original, fresh: text.into_bytes() })
    }
}

/// `[tool.iisgate]`, made if need be; `None` when `tool` is no table, which the reader has refused.
fn table(document: &mut DocumentMut) -> Option<&mut dyn toml_edit::TableLike> {
    let is_empty = document.is_empty();
    let tool = document.entry("tool").or_insert_with(|| {
        let mut tool = Table::new();
        tool.set_implicit(true);
        Item::Table(tool)
    });
    let ours = tool.as_table_like_mut()?.entry("iisgate").or_insert_with(|| {
        let mut ours = Table::new();
        let gap = if is_empty { "" } else { "\n" };
        ours.decor_mut().set_prefix(format!("{gap}{COMMENT}"));
        Item::Table(ours)
    });
    ours.as_table_like_mut()
}

/// Puts a value in the old one's place, with the comment behind it; tells whether it is another.
fn put(table: &mut dyn toml_edit::TableLike, key: &str, value: &Value) -> bool {
    let bare = |value: &Value| value.clone().decorated("", "").to_string();
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) if bare(old) == bare(value) => false,
        Some(old) if old.as_str().is_some() && old.as_str() == value.as_str() => false,
        Some(old) => {
            let decor = old.decor().clone();
            *old = value.clone();
            *old.decor_mut() = decor;
            true
        }
        None => {
            table.insert(key, Item::Value(value.clone()));
            true
        }
    }
}

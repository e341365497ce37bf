//! Owns the note beside an `applicationHost.config` that says what we put in, so that exactly that can
//! be taken out.
//!
//! Does not own taking it out.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use super::{Done, Spot, Warmed};
use crate::error::Error;
use crate::script_processor::ScriptProcessor;

/// One site's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Where.
    pub spot: Spot,
    /// The program of its entry.
    pub processor: ScriptProcessor,
    /// What was done.
    pub done: Done,
    /// The copy of the file as it was before.
    pub backup: PathBuf,
    /// SHA-256 of the file as it was after that, in hexadecimal.
    pub after: String,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The sites, in the order in which they came.
    pub installed: Vec<Installed>,
}

/// Where the note of a file is.
pub fn path(config: &Path) -> PathBuf {
    config.with_extension("iisgate.toml")
}

impl Installed {
    /// The digest of a file's bytes.
    pub fn digest(bytes: &[u8]) -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Receipt {
    /// Reads it; one that is not there says nothing.
    ///
    /// # Errors
    /// When it cannot be read or is not as we write it.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(Error::io(path)(error)),
        };
        let document = text.parse::<DocumentMut>();
        let document = document.map_err(|error| Error::absent(path, error.message()))?;
        let tables = document.get("installed").and_then(Item::as_array_of_tables);
        let installed = tables.into_iter().flat_map(ArrayOfTables::iter).map(read);
        Ok(Receipt { installed: installed.collect() })
    }

    /// What to write.
    pub fn to_text(&self) -> String {
        let mut document = DocumentMut::new();
        document.decor_mut().set_prefix(
            "# What iisgate iis install has put into the file beside; iisgate iis uninstall reads it.\n",
        );
        let tables: ArrayOfTables = self.installed.iter().map(write).collect();
        document.insert("installed", Item::ArrayOfTables(tables));
        document.to_string()
    }

    /// The part of a site.
    pub fn of(&self, spot: &Spot) -> Option<&Installed> {
        self.installed.iter().find(|it| it.spot.location().eq_ignore_ascii_case(&spot.location()))
    }

    /// Takes the part of a site out. The section that it had made is now the next one's to remove, and
    /// its entry that of the next one that names the same.
    pub fn take(&mut self, spot: &Spot) -> Option<Installed> {
        let is_meant = |it: &Installed| it.spot.location().eq_ignore_ascii_case(&spot.location());
        let taken = self.installed.remove(self.installed.iter().position(is_meant)?);
        if let Some(next) = self.installed.first_mut() {
            next.done.has_made_section |= taken.done.has_made_section;
        }
        if let Some(heir) = self.installed.iter_mut().find(|it| it.processor == taken.processor) {
            heir.done.has_added_entry |= taken.done.has_added_entry;
        }
        Some(taken)
    }
}

fn read(table: &Table) -> Installed {
    let text = |name: &str| table.get(name).and_then(Item::as_str).unwrap_or_default().to_owned();
    let is = |name: &str| table.get(name).and_then(Item::as_bool).unwrap_or_default();
    let unlocked = table.get("unlocked").and_then(Item::as_array);
    let unlocked = unlocked.into_iter().flat_map(Array::iter).filter_map(|it| it.as_str());
    Installed {
        spot: Spot { site: text("site"), app: text("app") },
        processor: ScriptProcessor { full_path: text("full-path"), arguments: text("arguments") },
        done: Done {
            has_added_entry: is("added-entry"),
            has_made_section: is("made-section"),
            unlocked: unlocked.map(str::to_owned).collect(),
            warmed: table.get("warm-up").and_then(Item::as_table).map(read_warmed),
        },
        backup: PathBuf::from(text("backup")),
        after: text("after"),
    }
}

fn write(installed: &Installed) -> Table {
    let Installed { spot, processor, done, backup, after } = installed;
    let mut table = Table::new();
    for (name, text) in [
        ("site", &spot.site),
        ("app", &spot.app),
        ("full-path", &processor.full_path),
        ("arguments", &processor.arguments),
        ("backup", &backup.display().to_string()),
        ("after", after),
    ] {
        table.insert(name, value(text));
    }
    table.insert("added-entry", value(done.has_added_entry));
    table.insert("made-section", value(done.has_made_section));
    table.insert("unlocked", value(done.unlocked.iter().collect::<Array>()));
    if let Some(warmed) = &done.warmed {
        table.insert("warm-up", Item::Table(write_warmed(warmed)));
    }
    table
}

fn read_warmed(table: &Table) -> Warmed {
    let text = |name: &str| table.get(name).and_then(Item::as_str).unwrap_or_default().to_owned();
    let is = |name: &str| table.get(name).and_then(Item::as_bool).unwrap_or_default();
    let before = table.get("before").and_then(Item::as_table);
    let changed = table.get("changed").and_then(Item::as_array);
    let changed = changed.into_iter().flat_map(Array::iter).filter_map(|it| it.as_str());
    let old = |name: &str| Some(before?.get(name)?.as_str()?.to_owned());
    Warmed {
        pool: text("pool"),
        page: text("page"),
        has_added_page: is("added-page"),
        has_made_model: is("made-process-model"),
        has_made_section: is("made-section"),
        changed: changed.map(|name| (name.to_owned(), old(name))).collect(),
    }
}

fn write_warmed(warmed: &Warmed) -> Table {
    let mut table = Table::new();
    table.insert("pool", value(&warmed.pool));
    table.insert("page", value(&warmed.page));
    table.insert("added-page", value(warmed.has_added_page));
    table.insert("made-process-model", value(warmed.has_made_model));
    table.insert("made-section", value(warmed.has_made_section));
    let names = warmed.changed.iter().map(|(name, _)| name.as_str());
    table.insert("changed", value(names.collect::<Array>()));
    let mut before = Table::new();
    for (name, old) in &warmed.changed {
        if let Some(old) = old {
            before.insert(name, value(old));
        }
    }
    if !before.is_empty() {
        table.insert("before", Item::Table(before));
    }
    table
}

//! Owns the note beside an `applicationHost.config` that says what we put in, so that exactly that can
//! be taken out.
//!
//! Does not own taking it out.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use super::{Done, Spot};
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

    /// Takes the part of a site out. The section that it had made is now the next one's to remove.
    pub fn take(&mut self, spot: &Spot) -> Option<Installed> {
        let is_meant = |it: &Installed| it.spot.location().eq_ignore_ascii_case(&spot.location());
        let taken = self.installed.remove(self.installed.iter().position(is_meant)?);
        if let Some(next) = self.installed.first_mut() {
            next.done.has_made_section |= taken.done.has_made_section;
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
    table
}

//! Owns Web Deploy packages: what is in one, building, verifying.
//!
//! Does not own installing them.
//!
//! ```no_run
//! use std::collections::BTreeMap;
//! let package = deploy::package::Package::open(std::path::Path::new("shop.zip"))?;
//! let values = package.parameters().resolve(&BTreeMap::new())?;
//! package.extract_app_to(std::path::Path::new("release"))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod apply;
pub mod build;
mod contents;
mod error;
mod extract;
pub mod limits;
mod manifest;
pub(crate) mod names;
pub mod options;
pub mod parameters;
mod pattern;
mod read;
mod run_command;
pub mod verify;
mod write;

use std::path::{Path, PathBuf};

pub use contents::{Entry, ZipFacts};
pub use error::PackageError;
pub use extract::Extracted;
pub use manifest::{Manifest, Provider};
pub use names::Refusal;
pub use options::ProviderOptions;
pub use parameters::{Parameter, Parameters, Resolved};
pub use run_command::RunCommand;

use contents::Contents;

/// The two shapes of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `Manifest.xml` and `Parameters.xml` beside the application's folder: what the gallery had, and
    /// what we write.
    Gallery,
    /// `archive.xml` with `systemInfo.xml` and `Content/…`: what msdeploy and Visual Studio write.
    Archive,
}

/// A package that was opened: its files are listed and harmless, its manifest and parameters read.
#[derive(Debug)]
pub struct Package {
    contents: Contents,
    shape: Shape,
    manifest: Manifest,
    parameters: Parameters,
}

impl Package {
    /// Opens a zip, or a folder with the same in it.
    ///
    /// # Errors
    /// When it cannot be read; when a name in it leads out of its folder, cannot be held by Windows or
    /// collides with another; when it is larger than a package may be; when its manifest is missing, or
    /// manifest or parameters are no well-formed XML.
    pub fn open(path: &Path) -> Result<Self, PackageError> {
        Self::of(Contents::open(path)?)
    }

    /// Opens a zip's bytes, which may be any.
    ///
    /// # Errors
    /// As [`Package::open`].
    pub fn read_from(bytes: Vec<u8>) -> Result<Self, PackageError> {
        Self::of(Contents::of_bytes(Path::new("package.zip"), bytes)?)
    }

    fn of(contents: Contents) -> Result<Self, PackageError> {
        if let Some(Refusal { code, message }) = contents.refusals.first() {
            return Err(PackageError::refused(contents.path(), code, message));
        }
        let (shape, name) = shape(&contents).ok_or_else(|| {
            let message = "neither Manifest.xml nor archive.xml is in it, so it is no package";
            PackageError::refused(contents.path(), "package-without-manifest", message)
        })?;
        let manifest = Manifest::read(&contents.path().join(&name), &read(&contents, &name)?)?;
        let parameters = match contents.find("Parameters.xml").map(|entry| entry.name.clone()) {
            Some(name) => Parameters::read(&contents.path().join(&name), &read(&contents, &name)?)?,
            None => Parameters::default(),
        };
        Ok(Self { contents, shape, manifest, parameters })
    }

    /// The file or folder it was opened from.
    pub fn path(&self) -> &Path {
        self.contents.path()
    }

    /// Which shape it has.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Its files and folders, in the order in which they stand.
    pub fn entries(&self) -> &[Entry] {
        &self.contents.entries
    }

    /// What it does.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What it asks for.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// What is to be known of the zip; `None` for a folder.
    pub fn zip_facts(&self) -> Option<ZipFacts> {
        self.contents.zip
    }

    /// The file of a name; case does not count.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.contents.find(name)
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// When there is no such file, or it is larger than [`limits::READ_BYTES_MAX`].
    pub fn read(&self, name: &str) -> Result<Vec<u8>, PackageError> {
        read(&self.contents, name)
    }

    /// Copies a file's bytes, never more than its entry tells.
    ///
    /// # Errors
    /// When it cannot be unpacked, or does not have the size that its entry tells.
    pub fn copy(&self, entry: &Entry, out: &mut dyn std::io::Write) -> Result<u64, PackageError> {
        self.contents.copy(entry, out)
    }

    /// The folder in the package that becomes the application's, as a prefix of entries' names without
    /// its slash; `None` where the manifest has no application, or nothing of it is here.
    pub fn app_folder(&self) -> Option<String> {
        let path = &self.manifest.application()?.path;
        let wanted = match self.shape {
            Shape::Gallery => names::normal(path),
            Shape::Archive => format!("Content/{}", archived(path)?),
        };
        let lower = format!("{}/", wanted.to_lowercase());
        let has = |entry: &&Entry| entry.name.to_lowercase().starts_with(&lower);
        // As the zip writes it.
        let entry = self.entries().iter().find(has)?;
        let parts = wanted.split('/').count();
        Some(entry.name.split('/').take(parts).collect::<Vec<_>>().join("/"))
    }

    /// The files of the application, each with its path below the application's folder.
    pub fn app_files(&self) -> Vec<(&Entry, &str)> {
        let Some(folder) = self.app_folder() else { return Vec::new() };
        let below = |name: &'_ str| -> Option<usize> {
            // One folder may be written in several ways.
            let start = name.get(..folder.len())?;
            let is_below = start.to_lowercase() == folder.to_lowercase();
            (is_below && name[folder.len()..].starts_with('/')).then_some(folder.len() + 1)
        };
        let files = self.entries().iter().filter(|entry| !entry.is_folder);
        files.filter_map(|entry| Some((entry, &entry.name[below(&entry.name)?..]))).collect()
    }

    /// The path that scopes of parameters are held against, of a file of the package.
    pub fn scope_path(&self, entry: &Entry) -> String {
        match self.shape {
            Shape::Gallery => apply::windows_path(&entry.name),
            Shape::Archive => {
                original(&entry.name).unwrap_or_else(|| apply::windows_path(&entry.name))
            }
        }
    }
}

fn shape(contents: &Contents) -> Option<(Shape, String)> {
    let shapes = [("archive.xml", Shape::Archive), ("Manifest.xml", Shape::Gallery)];
    shapes.into_iter().find_map(|(name, shape)| Some((shape, contents.find(name)?.name.clone())))
}

fn read(contents: &Contents, name: &str) -> Result<Vec<u8>, PackageError> {
    let entry = contents.find(name).ok_or_else(|| {
        PackageError::refused(contents.path(), "package-unreadable", format!("there is no {name}"))
    })?;
    if entry.size > limits::READ_BYTES_MAX {
        let message = format!("{name} is larger than {} bytes", limits::READ_BYTES_MAX);
        return Err(PackageError::refused(contents.path(), "package-too-large", message));
    }
    let mut bytes = Vec::new();
    contents.copy(entry, &mut bytes)?;
    Ok(bytes)
}

/// Where msdeploy puts what was in a folder of a drive: `C:\a\b` becomes `C_C/a/b`.
fn archived(path: &str) -> Option<String> {
    let (drive, rest) = path.split_once(':')?;
    let is_drive = drive.len() == 1 && drive.starts_with(|c: char| c.is_ascii_alphabetic());
    let rest = names::normal(rest);
    is_drive.then(|| format!("{drive}_{drive}/{}", rest.trim_start_matches('/')))
}

/// The same the other way round.
fn original(name: &str) -> Option<String> {
    let rest = name.strip_prefix("Content/")?;
    let (drive, rest) = rest.split_once('/')?;
    let letter = drive.split('_').next()?;
    (drive == format!("{letter}_{letter}"))
        .then(|| format!("{letter}:\\{}", rest.replace('/', "\\")))
}

/// Where something lies below a folder: names of entries as the system writes them.
fn below(folder: &Path, name: &str) -> PathBuf {
    name.split('/').fold(folder.to_owned(), |path, part| path.join(part))
}

//! Owns making a package of a site's folder: what goes in, what it asks for and does, and writing it so
//! that the same input gives the same bytes.
//!
//! Does not own finding a Python, printing and asking (`cli`).

mod asked;
mod databases;
mod error;
mod files;
mod metadata;
pub(super) mod never;
mod plan;
mod seeds;
mod settings_in_web_config;
mod steps;
mod table;
mod vendor;
mod zipping;

use std::path::{Path, PathBuf};

pub use error::BuildError;
pub use files::{Chosen, LeftOut, Why};
pub use metadata::Metadata;
pub use plan::Plan;
pub use vendor::Vendor;

/// What is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The folder to be packaged.
    pub folder: PathBuf,
    /// Where to; by default `dist/NAME-VERSION.zip` in the folder.
    pub out: Option<PathBuf>,
    /// The version, instead of the project's.
    pub version: Option<String>,
    /// A Python of this machine: for asking the build backend, and for `pip`.
    pub python: Option<PathBuf>,
    /// What is put in beside the site.
    pub vendor: Option<Vendor>,
}

/// Hears what takes time.
pub trait Progress {
    /// A line about what is being done.
    fn say(&mut self, line: &str);
}

/// A package that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-1 in hex, as feeds want it.
    pub sha1: String,
    /// How many files are in it.
    pub files: usize,
    /// How many of those are wheels that were vendored.
    pub wheels: usize,
}

impl Plan {
    /// Looks at a folder and decides; writes nothing.
    ///
    /// # Errors
    /// When there is no `web.config`, a name in it cannot be had by Windows, or `pyproject.toml` says
    /// something that cannot be.
    pub fn of(request: &Request, progress: &mut dyn Progress) -> Result<Self, BuildError> {
        plan::plan(request, progress)
    }

    /// Writes the package, whole or not at all.
    ///
    /// # Errors
    /// When a file cannot be read or written, wheels cannot be had, or Web Deploy could not read so much.
    pub fn write(
        mut self,
        request: &Request,
        progress: &mut dyn Progress,
    ) -> Result<Built, BuildError> {
        let folder = self.out.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).map_err(BuildError::io("make", folder))?;
        }
        let partial = partial(&self.out);
        let wheels_folder = wheels_folder(&self.out);
        let result = self.write_to(request, &partial, &wheels_folder, progress);
        // What is left of an attempt is of no use to anyone.
        let _ = std::fs::remove_dir_all(&wheels_folder);
        if result.is_err() {
            let _ = std::fs::remove_file(&partial);
        }
        result
    }

    fn write_to(
        &mut self,
        request: &Request,
        partial: &Path,
        wheels_folder: &Path,
        progress: &mut dyn Progress,
    ) -> Result<Built, BuildError> {
        let wheels = match &request.vendor {
            Some(wanted) => {
                vendor::wheels(self, wanted, request, wheels_folder, progress)?;
                self.items.iter().filter(|item| item.name.ends_with(".whl")).count()
            }
            None => 0,
        };
        zipping::check(&self.items)?;
        zipping::write(&self.items, partial)?;
        let sha1 = zipping::sha1_hex(partial).map_err(BuildError::io("read", partial))?;
        let bytes = std::fs::metadata(partial).map_err(BuildError::io("read", partial))?.len();
        platform::private_file::replace(partial, &self.out)
            .map_err(BuildError::io("write", &self.out))?;
        let (path, files) = (self.out.clone(), self.items.len());
        Ok(Built { path, bytes, sha1, files, wheels })
    }
}

/// Where a package is written before it takes its name.
fn partial(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    out.with_file_name(name)
}

/// Where wheels are fetched to meanwhile.
fn wheels_folder(out: &Path) -> PathBuf {
    out.with_extension("wheels.part")
}

/// The end of what a program said.
fn tail(output: &[u8]) -> String {
    /// Python's last lines tell what was wrong.
    const LINES_MAX: usize = 15;
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LINES_MAX)..].join("\n")
}

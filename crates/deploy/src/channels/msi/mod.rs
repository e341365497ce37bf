//! Owns an MSI that brings a site's package and this program onto a machine, and has it installed.
//!
//! Does not own the tables (`tables`, `sequences`, `former`) nor the numbers that Windows Installer knows
//! products by (`codes`).
//!
//! What it does: both files go to a folder below `Program Files`; then `iisgate package install` makes
//! the package a release of the site's folder, as it does by hand. If that fails, Windows Installer takes
//! the files away again. The site's folder is the site's: removing the product leaves it.

mod codes;
mod former;
mod sequences;
mod tables;

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use ::msi::{Insert, Package, PackageType};
use cab::{CabinetBuilder, CompressionType};
use sha2::{Digest as _, Sha256};

use super::Error;

pub use codes::{Codes, product_version};

/// What a cabinet may hold of one file: its offsets have 31 bits.
const FILE_BYTES_MAX: u64 = 0x7fff_0000;

/// The cabinet's name among the streams of the MSI.
const CABINET: &str = "site.cab";

/// A site to be shipped.
#[derive(Debug, Clone)]
pub struct Site<'a> {
    /// What people call it.
    pub name: &'a str,
    /// Its version, as Python writes versions.
    pub version: &'a str,
    /// Who makes it.
    pub manufacturer: &'a str,
    /// The Web Deploy package.
    pub package: &'a Path,
    /// `iisgate.exe`, for Windows on x64.
    pub program: &'a Path,
}

/// A file that the MSI brings.
#[derive(Debug)]
struct Shipped<'a> {
    /// Its key in the tables and its name in the cabinet.
    key: &'static str,
    /// Its name on the machine: the short one for old programs, the long one.
    name: String,
    path: &'a Path,
    bytes: u64,
    compression: CompressionType,
}

/// Writes the MSI; gives the codes that it is known by.
///
/// # Errors
/// When Windows Installer takes no such version, or a file cannot be read or written.
pub fn write(site: &Site<'_>, out: &Path) -> Result<Codes, Error> {
    let version = product_version(site.version)?;
    if site.name.trim().is_empty() || site.manufacturer.trim().is_empty() {
        let message = "Windows Installer wants a name and a manufacturer: tell the project's name and \
                       its authors in pyproject.toml";
        return Err(Error::refused("msi", message));
    }
    let codes = Codes::of(site.name, &version, &digest(site.package)?);
    let package = site.package.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let files = [
        shipped(
            "iisgate_exe",
            "IISGATE.EXE|iisgate.exe".to_owned(),
            site.program,
            CompressionType::MsZip,
        )?,
        // A zip is small already.
        shipped("site_zip", format!("SITE.ZIP|{package}"), site.package, CompressionType::None)?,
    ];
    let cabinet = cabinet(&files)?;
    write_database(site, &version, &codes, &files, &cabinet, out).map_err(Error::io(out))?;
    Ok(codes)
}

fn shipped<'a>(
    key: &'static str,
    name: String,
    path: &'a Path,
    compression: CompressionType,
) -> Result<Shipped<'a>, Error> {
    let bytes = std::fs::metadata(path).map_err(Error::io(path))?.len();
    if bytes > FILE_BYTES_MAX {
        let message = format!("{} is larger than an MSI can hold (2 GB)", path.display());
        return Err(Error::refused("msi", message));
    }
    Ok(Shipped { key, name, path, bytes, compression })
}

/// The SHA-256 of a file, by which one build is told from another.
fn digest(path: &Path) -> Result<Vec<u8>, Error> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path).map_err(Error::io(path))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = io::Read::read(&mut file, &mut buffer).map_err(Error::io(path))?;
        if read == 0 {
            return Ok(hasher.finalize().to_vec());
        }
        hasher.update(&buffer[..read]);
    }
}

/// The files as a cabinet, which goes through a temporary file.
fn cabinet(files: &[Shipped<'_>]) -> Result<File, Error> {
    let mut builder = CabinetBuilder::new();
    for file in files {
        let entry = builder.add_folder(file.compression).add_file(file.key);
        // The same files give the same cabinet: cabinets begin with 1980.
        entry.set_datetime(time::PrimitiveDateTime::new(
            time::Date::MIN.replace_year(1980).unwrap_or(time::Date::MIN),
            time::Time::MIDNIGHT,
        ));
    }
    let temporary = Path::new("(temporary file)");
    let at = |path: &Path| Error::io(path);
    let out = tempfile::tempfile().map_err(at(temporary))?;
    let mut writer = builder.build(out).map_err(at(temporary))?;
    for file in files {
        let mut reader = File::open(file.path).map_err(at(file.path))?;
        if let Some(mut place) = writer.next_file().map_err(at(temporary))? {
            io::copy(&mut reader, &mut place).map_err(at(file.path))?;
        }
    }
    writer.finish().map_err(at(temporary))
}

fn write_database(
    site: &Site<'_>,
    version: &str,
    codes: &Codes,
    files: &[Shipped<'_>],
    mut cabinet: &File,
    out: &Path,
) -> io::Result<()> {
    let file = File::options().read(true).write(true).create(true).truncate(true).open(out)?;
    let mut database = Package::create(PackageType::Installer, file)?;
    tables::summary(database.summary_info_mut(), site, codes);
    for table in tables::all(site, version, codes, files) {
        database.create_table(table.name, table.columns)?;
        database.insert_rows(Insert::into(table.name).rows(table.rows))?;
    }
    let mut stream = database.write_stream(CABINET)?;
    io::Seek::rewind(&mut cabinet)?;
    io::copy(&mut cabinet, &mut stream)?;
    stream.flush()?;
    drop(stream);
    database.flush()
}

#[cfg(test)]
mod tests;

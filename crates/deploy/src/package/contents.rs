//! Owns the files of a package: a zip, or a folder with the same in it, listed within bounds and read
//! as a stream.
//!
//! Does not own which names are harmless (`names`), nor what the files mean (`manifest`, `parameters`).

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::PackageError;
use super::limits::{
    ENTRIES_MAX, ENTRY_BYTES_MAX, FOLDER_DEPTH_MAX, RATIO_FREE_BYTES, RATIO_MAX, REFUSALS_MAX,
    TOTAL_BYTES_MAX,
};
use super::names::{self, Refusal, Taken};

/// A file or folder in a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name, with `/` between its parts and none at its end.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Its size in bytes, as the package tells it; reading stops there.
    pub size: u64,
    /// Where it is in the zip.
    number: usize,
}

trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

enum Store {
    Zip(Mutex<ZipArchive<Box<dyn Source>>>),
    Folder(PathBuf),
}

/// What lies in a package.
pub(super) struct Contents {
    path: PathBuf,
    store: Store,
    pub(super) entries: Vec<Entry>,
    /// What is wrong with names, sizes and kinds. A package with any must not be unpacked.
    pub(super) refusals: Vec<Refusal>,
    /// What holds for the zip as a whole.
    pub(super) zip: Option<ZipFacts>,
}

/// What is to be known of a zip apart from its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZipFacts {
    /// Whether it is written in the way that allows more files and larger ones.
    pub is_zip64: bool,
    /// Whether something stands before the zip, or its headers contradict each other.
    pub is_odd: bool,
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contents").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Contents {
    /// Lists a file or folder.
    pub(super) fn open(path: &Path) -> Result<Self, PackageError> {
        if path.is_dir() {
            return folder(path);
        }
        let file = File::open(path).map_err(PackageError::io("read", path))?;
        zip(path, Box::new(BufReader::new(file)))
    }

    /// Lists a zip's bytes.
    pub(super) fn of_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self, PackageError> {
        zip(path, Box::new(Cursor::new(bytes)))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file of a name; case does not count, as on Windows.
    pub(super) fn find(&self, name: &str) -> Option<&Entry> {
        let files = || self.entries.iter().filter(|entry| !entry.is_folder);
        files()
            .find(|entry| entry.name == name)
            .or_else(|| files().find(|entry| entry.name.to_lowercase() == name.to_lowercase()))
    }

    /// Copies a file's bytes, never more than the entry says it has.
    pub(super) fn copy(&self, entry: &Entry, out: &mut dyn Write) -> Result<u64, PackageError> {
        let copied = match &self.store {
            Store::Folder(folder) => {
                let path = folder.join(&entry.name);
                let file = File::open(&path).map_err(PackageError::io("read", &path))?;
                bounded(file, entry.size, out)
            }
            Store::Zip(archive) => {
                let mut archive = locked(archive);
                match archive.by_index(entry.number) {
                    Ok(file) => bounded(file, entry.size, out),
                    Err(error) => return Err(self.unreadable(entry, &error.to_string())),
                }
            }
        };
        copied.map_err(|error| self.unreadable(entry, &error.to_string()))
    }

    fn unreadable(&self, entry: &Entry, why: &str) -> PackageError {
        let message = format!("{} cannot be unpacked: {why}", entry.name);
        PackageError::refused(&self.path, "package-unreadable", message)
    }
}

fn locked(
    archive: &Mutex<ZipArchive<Box<dyn Source>>>,
) -> MutexGuard<'_, ZipArchive<Box<dyn Source>>> {
    archive.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Copies exactly `size` bytes: a file that unpacks to more than it told is a bomb.
fn bounded(from: impl Read, size: u64, out: &mut dyn Write) -> io::Result<u64> {
    let mut limited = from.take(size.saturating_add(1));
    let copied = io::copy(&mut limited, out)?;
    match copied.cmp(&size) {
        std::cmp::Ordering::Equal => Ok(copied),
        std::cmp::Ordering::Less => {
            Err(io::Error::other(format!("it ends after {copied} of {size} bytes")))
        }
        std::cmp::Ordering::Greater => {
            Err(io::Error::other(format!("it is larger than the {size} bytes that it tells")))
        }
    }
}

/// What may still come before a bound is met.
#[derive(Default)]
struct Listing {
    entries: Vec<Entry>,
    refusals: Vec<Refusal>,
    taken: Taken,
    total: u64,
}

impl Listing {
    fn refuse(&mut self, code: &'static str, message: String) {
        self.note(Refusal { code, message });
    }

    fn note(&mut self, refusal: Refusal) {
        if self.refusals.len() < REFUSALS_MAX {
            self.refusals.push(refusal);
        }
    }

    fn add(&mut self, raw: &str, is_folder: bool, size: u64, number: usize) {
        let name = names::normal(raw);
        let refusal = names::refusal(&name).or_else(|| self.taken.add(&name, is_folder));
        if let Some(refusal) = refusal {
            return self.note(refusal);
        }
        if size > ENTRY_BYTES_MAX {
            let message = format!("{name} has {size} bytes; {ENTRY_BYTES_MAX} are the most");
            self.refuse("package-too-large", message);
        }
        let before = self.total;
        self.total = self.total.saturating_add(size);
        if before <= TOTAL_BYTES_MAX && self.total > TOTAL_BYTES_MAX {
            let message = format!("more than {TOTAL_BYTES_MAX} bytes are in it");
            self.refuse("package-too-large", message);
        }
        self.entries.push(Entry { name, is_folder, size, number });
    }

    fn finish(self, path: &Path, store: Store, zip: Option<ZipFacts>) -> Contents {
        let Listing { entries, refusals, .. } = self;
        Contents { path: path.to_owned(), store, entries, refusals, zip }
    }
}

fn zip(path: &Path, mut source: Box<dyn Source>) -> Result<Contents, PackageError> {
    let is_zip64 = has_zip64_end(&mut source).map_err(PackageError::io("read", path))?;
    let mut archive = ZipArchive::new(source).map_err(|error| match error {
        ZipError::Io(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            PackageError::Io { doing: "read", path: path.to_owned(), source }
        }
        error => {
            let message = format!("this is no whole zip file: {error}");
            PackageError::refused(path, "package-unreadable", message)
        }
    })?;
    if archive.len() > ENTRIES_MAX {
        let message = format!("{} entries; {ENTRIES_MAX} are the most", archive.len());
        return Err(PackageError::refused(path, "package-too-large", message));
    }
    let mut listing = Listing::default();
    if archive.has_duplicate_names() {
        listing.refuse("package-name-collides", "a name is there twice".to_owned());
    }
    match archive.has_overlapping_entries() {
        Ok(false) => {}
        Ok(true) => {
            let message = "files share bytes of the zip, as those of a bomb do".to_owned();
            listing.refuse("package-too-large", message);
        }
        Err(error) => {
            let message = format!("a file's header is not where the zip tells: {error}");
            return Err(PackageError::refused(path, "package-unreadable", message));
        }
    }
    for number in 0..archive.len() {
        list(&archive, number, &mut listing).map_err(|error| {
            let message = format!("entry {number} cannot be read: {error}");
            PackageError::refused(path, "package-unreadable", message)
        })?;
    }
    let is_odd = archive.offset() > 0 || archive.validate_header_consistency().is_err();
    let facts = ZipFacts { is_zip64, is_odd };
    Ok(listing.finish(path, Store::Zip(Mutex::new(archive)), Some(facts)))
}

fn list(
    archive: &ZipArchive<Box<dyn Source>>,
    number: usize,
    listing: &mut Listing,
) -> Result<(), ZipError> {
    let entry = archive.by_index_data(number)?;
    let name = entry.name()?;
    let shown = name.escape_debug();
    if entry.encrypted() {
        listing.refuse("package-encrypted", format!("{shown} is encrypted"));
    }
    if entry.is_symlink() {
        listing.refuse("package-link", format!("{shown} is a symbolic link"));
    }
    let (size, packed) = (entry.size(), entry.compressed_size().max(1));
    if size > RATIO_FREE_BYTES && size / packed > RATIO_MAX {
        let times = size / packed;
        let message = format!("{shown} unpacks {packed} bytes to {size}, {times} times as many");
        listing.refuse("package-too-large", message);
    }
    let is_folder = name.ends_with(['/', '\\']);
    listing.add(&name, is_folder, if is_folder { 0 } else { size }, number);
    Ok(())
}

/// Whether the end of a zip points to a Zip64 end, which Web Deploy does not read.
fn has_zip64_end(source: &mut Box<dyn Source>) -> io::Result<bool> {
    /// The end record with the longest comment, and the locator before it.
    const TAIL_BYTES: u64 = 20 + 22 + 65_535;
    let length = source.seek(io::SeekFrom::End(0))?;
    source.seek(io::SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    source.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let end = tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06");
    Ok(end.is_some_and(|end| end >= 20 && tail[end - 20..].starts_with(b"PK\x06\x07")))
}

fn folder(root: &Path) -> Result<Contents, PackageError> {
    let mut listing = Listing::default();
    let mut open: Vec<(PathBuf, String, usize)> = vec![(root.to_owned(), String::new(), 0)];
    while let Some((path, prefix, depth)) = open.pop() {
        let read = std::fs::read_dir(&path).map_err(PackageError::io("read", &path))?;
        let mut items =
            read.collect::<Result<Vec<_>, _>>().map_err(PackageError::io("read", &path))?;
        items.sort_by_key(|item| item.file_name());
        for item in items {
            let path = item.path();
            let data = item.metadata().map_err(PackageError::io("read", &path))?;
            let name = format!("{prefix}{}", item.file_name().to_string_lossy());
            if data.is_symlink() {
                listing
                    .refuse("package-link", format!("{} is a symbolic link", name.escape_debug()));
                continue;
            }
            let number = listing.entries.len();
            if number == ENTRIES_MAX || depth == FOLDER_DEPTH_MAX {
                let message = "more files, or deeper folders, than a package may have";
                return Err(PackageError::refused(root, "package-too-large", message));
            }
            listing.add(&name, data.is_dir(), if data.is_dir() { 0 } else { data.len() }, number);
            if data.is_dir() {
                open.push((path, format!("{name}/"), depth + 1));
            }
        }
    }
    Ok(listing.finish(root, Store::Folder(root.to_owned()), None))
}

//! Owns writing a package's zip so that the same input gives the same bytes, and Web Deploy reads it.
//!
//! Does not own what goes into it (`plan`).

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::Path;

use sha1::{Digest as _, Sha1};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::BuildError;
use super::plan::{Bytes, Item};
use crate::package::limits::{ENTRIES_MAX, ENTRY_BYTES_MAX};

/// The largest zip without Zip64.
const ZIP_BYTES_MAX: u64 = u32::MAX as u64 - 1;

/// Names of files that are compressed already.
const PACKED: &[&str] =
    &[".whl", ".zip", ".gz", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".woff2"];

/// Refuses what Web Deploy could not read.
pub(super) fn check(items: &[Item]) -> Result<(), BuildError> {
    let hint = "leave files out by exclude in [tool.iisgate.package]";
    // The number itself means Zip64.
    if items.len() >= ENTRIES_MAX {
        let message = format!("{} files; Web Deploy takes less than {ENTRIES_MAX}", items.len());
        return Err(BuildError::refused(message, hint));
    }
    if let Some(item) = items.iter().find(|item| item.size() > ENTRY_BYTES_MAX) {
        let message = format!(
            "{} has {} bytes; Web Deploy takes {ENTRY_BYTES_MAX} at most",
            item.name,
            item.size()
        );
        return Err(BuildError::refused(message, hint));
    }
    // Whether all together are too much is seen when they are compressed.
    Ok(())
}

/// Writes all to a file.
pub(super) fn write(items: &[Item], path: &Path) -> Result<(), BuildError> {
    let file = File::create(path).map_err(BuildError::io("write", path))?;
    let mut zip = ZipWriter::new(BufWriter::new(file));
    for item in items {
        add(&mut zip, item).map_err(BuildError::io("pack", item.path().unwrap_or(path)))?;
    }
    let failed =
        |error: zip::result::ZipError| BuildError::io("write", path)(io::Error::other(error));
    let mut out = zip.finish().map_err(failed)?;
    out.flush().map_err(BuildError::io("write", path))?;
    let length = std::fs::metadata(path).map_err(BuildError::io("read", path))?.len();
    if length > ZIP_BYTES_MAX {
        let message = format!("the package has {length} bytes; Web Deploy reads less than 4 GiB");
        let hint = "leave files out by exclude in [tool.iisgate.package]";
        return Err(BuildError::refused(message, hint));
    }
    Ok(())
}

fn add<W: Write + Seek>(zip: &mut ZipWriter<W>, item: &Item) -> io::Result<()> {
    let digest = digest(item)?;
    let is_packed = PACKED.iter().any(|end| item.name.to_ascii_lowercase().ends_with(end));
    let method = if is_packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .compression_level((!is_packed).then_some(6))
        .last_modified_time(time_of(&digest))
        .system(System::Unix)
        .unix_permissions(0o644);
    zip.start_file(&*item.name, options).map_err(io::Error::other)?;
    io::copy(&mut *open(item)?, zip).map(drop)
}

fn open(item: &Item) -> io::Result<Box<dyn Read + '_>> {
    Ok(match &item.bytes {
        Bytes::Made(bytes) => Box::new(&bytes[..]),
        Bytes::File(path, _) => Box::new(io::BufReader::new(File::open(path)?)),
    })
}

fn digest(item: &Item) -> io::Result<[u8; 20]> {
    sha1_of(open(item)?)
}

fn sha1_of(mut from: impl Read) -> io::Result<[u8; 20]> {
    let mut sha1 = Sha1::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(sha1.finalize().into()),
            length => sha1.update(&buffer[..length]),
        }
    }
}

/// The SHA-1 of a file, in hex.
pub(super) fn sha1_hex(path: &Path) -> io::Result<String> {
    let digest = sha1_of(File::open(path)?)?;
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The time that a file has in the package. Web Deploy compares size and time to tell whether a file on
/// the server is another one, so one time for all would leave changed files of the same size as they
/// were; and the time of the file differs in every checkout. So it is made of the contents: within 1990
/// to 2019, to two seconds, which is all that a zip keeps.
fn time_of(digest: &[u8; 20]) -> DateTime {
    let number = |at: usize| u16::from_be_bytes([digest[at], digest[at + 1]]);
    let part = |at: usize, of: u16| u8::try_from(number(at) % of).unwrap_or_default();
    DateTime::from_date_and_time(
        1990 + number(0) % 30,
        1 + part(2, 12),
        1 + part(4, 28),
        part(6, 24),
        part(8, 60),
        part(10, 30) * 2,
    )
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_web_deploy_could_not_read_is_refused() {
        let item = |number: usize, size: u64| Item {
            name: format!("x/{number}"),
            bytes: Bytes::File("x".into(), size),
        };
        let refused = |items: &[Item]| check(items).err().map(|error| error.to_string());
        let many: Vec<Item> = (0..ENTRIES_MAX).map(|number| item(number, 1)).collect();
        assert!(refused(&many).is_some_and(|why| why.starts_with("65535 files")));
        assert_eq!(refused(&many[1..]), None);
        assert_eq!(refused(&[item(0, ENTRY_BYTES_MAX)]), None);
        assert!(refused(&[item(0, ENTRY_BYTES_MAX + 1)]).is_some());
    }

    #[test]
    fn a_files_time_is_that_of_its_contents() {
        let time = |bytes: &[u8]| time_of(&sha1_of(bytes).expect("memory can be read"));
        assert_eq!(time(b"a"), time(b"a"));
        assert_ne!(time(b"a"), time(b"b"));
        assert!((1990..2020).contains(&time(b"").year()));
    }
}

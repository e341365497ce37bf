//! Owns a file's size and digests, and telling what a feed says of them.
//!
//! Does not own what follows from a difference.
//!
//! SHA-1 is there because the format wants it: WebPI knew nothing else. It no longer proves much
//! against someone who makes two files of one digest, so SHA-256 is written beside it, in a namespace
//! of our own, and whoever finds both checks both.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::error::Error;
use super::model::InstallerFile;

/// The letters of a SHA-1 in hexadecimal.
const SHA1_LETTERS: usize = 40;

/// The letters of a SHA-256 in hexadecimal.
const SHA256_LETTERS: usize = 64;

/// The letters of a SHA-1 in base64, as `fciv -xml` writes it: a frequent mistake.
const SHA1_BASE64_LETTERS: usize = 28;

/// What a file is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// Its size.
    pub bytes: u64,
    /// SHA-1 in small hexadecimal letters.
    pub sha1: String,
    /// SHA-256 in small hexadecimal letters.
    pub sha256: String,
}

impl Digests {
    /// Those of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let mut file = std::fs::File::open(path).map_err(Error::io(path))?;
        let mut writer = Hashing::new(io::sink());
        io::copy(&mut file, &mut writer).map_err(Error::io(path))?;
        Ok(writer.finish())
    }

    /// The size as feeds tell it: KB, rounded, and never nothing.
    pub fn size_kb(&self) -> u64 {
        const KB: u64 = 1024;
        ((self.bytes + KB / 2) / KB).max(1)
    }

    /// Why this is not the file that a feed tells of; `None` when it is.
    pub fn mismatch(&self, file: &InstallerFile) -> Option<String> {
        for (name, told, found) in
            [("SHA-256", &file.sha256, &self.sha256), ("SHA-1", &file.sha1, &self.sha1)]
        {
            match told {
                Some(told) if !told.eq_ignore_ascii_case(found) => {
                    return Some(format!("its {name} is {found}, and should be {told}"));
                }
                _ => {}
            }
        }
        None
    }
}

/// What is wrong with how a digest is written; `None` when nothing is.
pub fn malformed_sha1(text: &str) -> Option<&'static str> {
    if is_hex(text, SHA1_LETTERS) {
        return None;
    }
    if text.len() == SHA1_BASE64_LETTERS && text.ends_with('=') {
        return Some("this is base64, as fciv writes it with -xml; a feed wants 40 hex digits");
    }
    Some("a SHA-1 is 40 hex digits")
}

/// Whether a text is a SHA-256.
pub fn is_sha256(text: &str) -> bool {
    is_hex(text, SHA256_LETTERS)
}

fn is_hex(text: &str, letters: usize) -> bool {
    text.len() == letters && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A writer that computes digests of what passes.
#[derive(Debug)]
pub struct Hashing<W> {
    inner: W,
    bytes: u64,
    sha1: Sha1,
    sha256: Sha256,
}

impl<W: Write> Hashing<W> {
    /// One that has seen nothing.
    pub fn new(inner: W) -> Self {
        Hashing { inner, bytes: 0, sha1: Sha1::new(), sha256: Sha256::new() }
    }

    /// The digests of all that passed.
    pub fn finish(self) -> Digests {
        Digests {
            bytes: self.bytes,
            sha1: hex(&self.sha1.finalize()),
            sha256: hex(&self.sha256.finalize()),
        }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.bytes += taken as u64;
        self.sha1.update(&bytes[..taken]);
        self.sha256.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(bytes: &[u8]) -> Digests {
        let mut writer = Hashing::new(io::sink());
        writer.write_all(bytes).unwrap();
        writer.finish()
    }

    #[test]
    fn digests_are_those_of_the_standards() {
        let found = digests(b"abc");
        assert_eq!(found.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            found.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!((found.bytes, found.size_kb()), (3, 1));
    }

    #[test]
    fn a_digest_in_capitals_is_the_same() {
        let mut file = InstallerFile {
            sha1: Some("A9993E364706816ABA3E25717850C26C9CD0D89D".into()),
            ..InstallerFile::default()
        };
        assert_eq!(digests(b"abc").mismatch(&file), None);
        assert!(digests(b"abd").mismatch(&file).unwrap().starts_with("its SHA-1 is "));
        file.sha256 = Some("0".repeat(SHA256_LETTERS));
        assert!(digests(b"abc").mismatch(&file).unwrap().starts_with("its SHA-256 is "));
    }

    #[test]
    fn what_fciv_wrote_is_recognised() {
        assert_eq!(malformed_sha1("a9993e364706816aba3e25717850c26c9cd0d89d"), None);
        assert!(malformed_sha1("qZk+NkcGgWq6PiVxeFDCbJzQ2J0=").unwrap().contains("base64"));
        assert_eq!(malformed_sha1("xyz"), Some("a SHA-1 is 40 hex digits"));
    }
}

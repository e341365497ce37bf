//! Owns what was received of a request's body and not yet read by the app: in memory while it is
//! little, in a temporary file when the app reads behind.
//!
//! Does not receive anything itself: see `connection`.

use bridge::limits::BODY_BUFFER_BYTES;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A queue of bytes and how it ends.
#[derive(Debug, Default)]
pub(crate) struct Body {
    memory: Vec<u8>,
    /// Bytes of `memory` that were read.
    taken: usize,
    spool: Option<Spool>,
    /// The last byte was received.
    pub(crate) ended: bool,
    /// The web server wants no answer any more.
    pub(crate) aborted: bool,
}

/// The part that came after the memory was full.
#[derive(Debug)]
struct Spool {
    file: File,
    written: u64,
    taken: u64,
    /// Where the file stands, if known: it is moved only when reading and writing take turns.
    position: Option<u64>,
}

impl Spool {
    fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, written: 0, taken: 0, position: None })
    }

    fn go_to(&mut self, position: u64) -> io::Result<()> {
        // After a read or write that failed it stands anywhere.
        if self.position.take() != Some(position) {
            self.file.seek(SeekFrom::Start(position))?;
        }
        Ok(())
    }

    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.go_to(self.written)?;
        self.file.write_all(bytes)?;
        self.written += bytes.len() as u64;
        self.position = Some(self.written);
        Ok(())
    }

    fn take(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let left = self.written - self.taken;
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(target.len());
        self.go_to(self.taken)?;
        self.file.read_exact(&mut target[..count])?;
        self.taken += count as u64;
        self.position = Some(self.taken);
        Ok(count)
    }
}

impl Body {
    /// Appends received bytes.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.spool.is_none() && self.memory.len() - self.taken + bytes.len() <= BODY_BUFFER_BYTES
        {
            // What was read is dropped once it is the larger part.
            if self.taken > self.memory.len() / 2 || self.taken == self.memory.len() {
                self.memory.drain(..self.taken);
                self.taken = 0;
            }
            self.memory.extend_from_slice(bytes);
            return Ok(());
        }
        let spool = match &mut self.spool {
            Some(spool) => spool,
            none => none.insert(Spool::new()?),
        };
        spool.push(bytes)
    }

    /// Moves bytes into `target` and says how many; 0 when none are here.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub(crate) fn take(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let here = &self.memory[self.taken..];
        if !here.is_empty() {
            let count = here.len().min(target.len());
            target[..count].copy_from_slice(&here[..count]);
            self.taken += count;
            return Ok(count);
        }
        let Some(spool) = &mut self.spool else { return Ok(0) };
        let count = spool.take(target)?;
        if spool.taken == spool.written {
            // All read: the disk is freed and memory is used again.
            self.spool = None;
            self.memory.clear();
            self.taken = 0;
        }
        Ok(count)
    }

    /// Whether nothing is here to be taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.taken == self.memory.len() && self.spool.is_none()
    }
}

//! Owns putting a file in the place of one that others have, too: its rights stay.
//!
//! Does not give the fresh file its rights: who wrote it did, for here they are a few bits.

use std::io;
use std::path::Path;

/// Puts it there: whole or not at all.
///
/// # Errors
/// As `rename(2)`.
pub fn succeed(fresh: &Path, path: &Path) -> io::Result<()> {
    crate::private_file::replace(fresh, path)
}

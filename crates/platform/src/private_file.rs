//! Owns making a file that no one but its user may read, and putting one in another's place.
//!
//! Does not own what is written there, nor folders (`private`).

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a file may be in use that is to be replaced: a gate reads a name in no time, a scanner
/// for viruses takes longer.
const REPLACE_TIMEOUT: Duration = Duration::from_secs(5);

/// How often it is tried again meanwhile.
const REPLACE_PAUSE: Duration = Duration::from_millis(5);

/// Makes a new file for writing. On Windows its folder's permissions hold for it.
///
/// # Errors
/// `AlreadyExists` when there is something of that name, also a link; as `open(2)` otherwise.
pub fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Puts a file in another's place: whole or not at all. On Windows that cannot be done while somebody
/// reads the other one, so it is tried for a while.
///
/// # Errors
/// As `rename(2)`.
pub fn replace(fresh: &Path, path: &Path) -> io::Result<()> {
    patiently(
        || std::fs::rename(fresh, path),
        |error| error.kind() == io::ErrorKind::PermissionDenied,
    )
}

/// Tries it until it is done, fails for another reason than that the file is in use, or took too long.
pub(crate) fn patiently(
    attempt: impl Fn() -> io::Result<()>,
    is_in_use: impl Fn(&io::Error) -> bool,
) -> io::Result<()> {
    let end = Instant::now() + REPLACE_TIMEOUT;
    loop {
        match attempt() {
            Err(error) if is_in_use(&error) && Instant::now() < end => {
                std::thread::sleep(REPLACE_PAUSE);
            }
            other => return other,
        }
    }
}

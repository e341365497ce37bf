//! Owns asking for an administrator's rights: no such thing here, where `sudo` is asked before.
//!
//! Offers what the Windows half offers.

use std::io;
use std::path::Path;

/// Whether the system can be asked for more rights than this process has.
pub fn can_be_asked() -> bool {
    false
}

/// Runs a program with an administrator's rights, to its end; gives its exit status.
///
/// # Errors
/// Always: the system has no such call.
pub fn run(_: &Path, _: &str, _: &Path) -> io::Result<u32> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether an error says that the user said no.
pub fn is_refusal(_: &io::Error) -> bool {
    false
}

//! Owns putting a file in the place of one that others have, too: its rights stay.
//!
//! Does not own files of this user alone (`private_file`).

use super::security::Given;
use super::{check, is, wide};
use crate::private_file::patiently;
use std::io;
use std::path::Path;
use std::ptr::{null, null_mut};
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_CALL_NOT_IMPLEMENTED, ERROR_SHARING_VIOLATION,
    ERROR_UNABLE_TO_MOVE_REPLACEMENT, ERROR_UNABLE_TO_MOVE_REPLACEMENT_2,
    ERROR_UNABLE_TO_REMOVE_REPLACED,
};
use windows_sys::Win32::Security::Authorization::{GetNamedSecurityInfoW, SE_FILE_OBJECT};
use windows_sys::Win32::Security::{DACL_SECURITY_INFORMATION, SetFileSecurityW};
use windows_sys::Win32::Storage::FileSystem::ReplaceFileW;

/// Somebody reads the old file: that passes.
const IN_USE: [u32; 3] =
    [ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_UNABLE_TO_REMOVE_REPLACED];

/// The old file may be gone already, or the file system cannot do it: then what is left is a name.
const NAME_IS_LEFT: [u32; 3] = [
    ERROR_UNABLE_TO_MOVE_REPLACEMENT,
    ERROR_UNABLE_TO_MOVE_REPLACEMENT_2,
    ERROR_CALL_NOT_IMPLEMENTED,
];

/// Puts it there: whole or not at all. Access list, attributes and the time of making are those of the
/// old file, where there is one. While somebody reads that one it is tried for a while.
///
/// # Errors
/// What the system says.
pub fn succeed(fresh: &Path, path: &Path) -> io::Result<()> {
    if !path.try_exists()? {
        return crate::private_file::replace(fresh, path);
    }
    let (old, new) = (wide(path), wide(fresh));
    // The call below does that, too, but not everywhere, and not if it has to be done in another way.
    let _ = share_access_list(&old, &new);
    let attempt = || {
        // SAFETY: the names end with 0 and outlive the call; no copy is wanted.
        check(unsafe { ReplaceFileW(old.as_ptr(), new.as_ptr(), null(), 0, null(), null()) })
    };
    match patiently(attempt, |error| IN_USE.iter().any(|code| is(error, *code))) {
        Err(error) if NAME_IS_LEFT.iter().any(|code| is(&error, *code)) => {
            crate::private_file::replace(fresh, path)
        }
        other => other,
    }
}

/// Gives a file the access list of another, entry by entry: nothing is added that its folder grants.
fn share_access_list(of: &[u16], to: &[u16]) -> io::Result<()> {
    let (mut list, mut descriptor) = (null_mut(), null_mut());
    // SAFETY: the name ends with 0; the results outlive the call.
    let error = unsafe {
        GetNamedSecurityInfoW(
            of.as_ptr(),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION,
            null_mut(),
            null_mut(),
            &mut list,
            null_mut(),
            &mut descriptor,
        )
    };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error.cast_signed()));
    }
    let _free = Given(descriptor);
    // SAFETY: the name ends with 0; the descriptor is valid until it is freed.
    check(unsafe { SetFileSecurityW(to.as_ptr(), DACL_SECURITY_INFORMATION, descriptor) })
}

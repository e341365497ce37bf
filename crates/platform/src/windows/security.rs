//! Owns who we are, descriptors that admit this user alone, and whether an object is this user's.
//!
//! Does not own what is protected.

use super::{check, last_error, wide};
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr::null_mut;
use std::sync::OnceLock;
use windows_sys::Win32::Foundation::{HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo,
    SDDL_REVISION_1, SE_FILE_OBJECT, SE_KERNEL_OBJECT, SE_OBJECT_TYPE,
};
use windows_sys::Win32::Security::{
    GetTokenInformation, OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID,
    SECURITY_ATTRIBUTES, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// Memory that the system gave and wants back.
pub(super) struct Given(pub(super) *mut core::ffi::c_void);

impl Drop for Given {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a call that says to free it so, and is freed once.
        unsafe { LocalFree(self.0) };
    }
}

/// This user's SID as text, `S-1-5-…`: under IIS that of the app pool's identity.
pub(super) fn user() -> io::Result<&'static str> {
    static USER: OnceLock<String> = OnceLock::new();
    if let Some(user) = USER.get() {
        return Ok(user);
    }
    let mut token: HANDLE = null_mut();
    // SAFETY: the result outlives the call; the pseudo handle needs no closing.
    check(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) })?;
    // SAFETY: a fresh handle that nobody else owns.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    /// A SID has 68 bytes at most; the structure before it 16.
    const ROOM: usize = 128;
    // Aligned for the structure that is written into it.
    let mut room = [0u64; ROOM / 8];
    let mut needed = 0;
    // SAFETY: the room is as large as said and aligned.
    check(unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            room.as_mut_ptr().cast(),
            ROOM as u32,
            &mut needed,
        )
    })?;
    // SAFETY: the call has written a TOKEN_USER there, whose SID lies in the same room.
    let sid = unsafe { (*room.as_ptr().cast::<TOKEN_USER>()).User.Sid };
    let text = sid_text(sid)?;
    Ok(USER.get_or_init(|| text))
}

pub(super) fn sid_text(sid: PSID) -> io::Result<String> {
    let mut text = null_mut();
    // SAFETY: callers give a valid SID; the result outlives the call.
    check(unsafe { ConvertSidToStringSidW(sid, &mut text) })?;
    let _free = Given(text.cast());
    let mut length = 0;
    // SAFETY: the text ends with a 0.
    while unsafe { *text.add(length) } != 0 {
        length += 1;
    }
    // SAFETY: so many units were just seen there.
    Ok(String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(text, length) }))
}

/// A security descriptor: owned by this user, who alone may do anything.
pub(super) struct Descriptor(Given);

impl Descriptor {
    pub(super) fn own() -> io::Result<Self> {
        Self::parse("GA", "")
    }

    /// For a folder: what is made in it is as private.
    pub(super) fn own_folder() -> io::Result<Self> {
        Self::parse("FA", "OICI")
    }

    fn parse(rights: &str, flags: &str) -> io::Result<Self> {
        let user = user()?;
        let text = wide(format!("O:{user}D:P(A;{flags};{rights};;;{user})"));
        let mut descriptor: PSECURITY_DESCRIPTOR = null_mut();
        // SAFETY: text and result outlive the call; null for the size, which nobody asks.
        check(unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &mut descriptor,
                null_mut(),
            )
        })?;
        Ok(Self(Given(descriptor)))
    }

    /// As calls that make objects take it. Not inherited.
    pub(super) fn attributes(&self) -> SECURITY_ATTRIBUTES {
        SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: self.0.0,
            bInheritHandle: 0,
        }
    }
}

/// Refuses an object (a pipe, a job) whose owner is somebody else: a squatter on its name.
pub(super) fn require_own(handle: BorrowedHandle<'_>, what: &str) -> io::Result<()> {
    require(handle, SE_KERNEL_OBJECT, what)
}

/// Refuses a file or folder whose owner is somebody else.
pub(super) fn require_own_file(handle: BorrowedHandle<'_>, what: &str) -> io::Result<()> {
    require(handle, SE_FILE_OBJECT, what)
}

fn require(handle: BorrowedHandle<'_>, kind: SE_OBJECT_TYPE, what: &str) -> io::Result<()> {
    let mut owner: PSID = null_mut();
    let mut descriptor: PSECURITY_DESCRIPTOR = null_mut();
    // SAFETY: the results outlive the call; null for what is not asked.
    let error = unsafe {
        GetSecurityInfo(
            handle.as_raw_handle(),
            kind,
            OWNER_SECURITY_INFORMATION,
            &mut owner,
            null_mut(),
            null_mut(),
            null_mut(),
            &mut descriptor,
        )
    };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error as i32));
    }
    let _free = Given(descriptor);
    if owner.is_null() {
        return Err(last_error());
    }
    let owner = sid_text(owner)?;
    let user = user()?;
    if owner == user {
        return Ok(());
    }
    let message = format!("{what} belongs to {owner}, not to {user}");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

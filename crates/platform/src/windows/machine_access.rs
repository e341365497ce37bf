//! Owns what an account may do to a file, by the file's access list.
//!
//! Does not sign on as anybody, and asks no domain: of accounts that are no service's own it knows only
//! the groups that everybody is in, and says so.

use super::security::{Given, sid_text};
use super::{is, last_error, wide};
use crate::machine::{Access, Entry, Use, is_granted};
use std::io;
use std::path::Path;
use std::ptr::{null, null_mut};
use windows_sys::Win32::Foundation::ERROR_NONE_MAPPED;
use windows_sys::Win32::Security::Authorization::{GetNamedSecurityInfoW, SE_FILE_OBJECT};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACL, DACL_SECURITY_INFORMATION, GetAce, INHERIT_ONLY_ACE,
    LookupAccountNameW, PSECURITY_DESCRIPTOR, PSID,
};

/// An account, with the groups that it surely is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    sids: Vec<String>,
    knows_groups: bool,
}

/// Everyone, authenticated users, users: whoever signs on is in them.
const ALL: [&str; 3] = ["S-1-1-0", "S-1-5-11", "S-1-5-32-545"];

/// What a service's token has besides: service, this organisation, local, console.
const SERVICES: [&str; 4] = ["S-1-5-6", "S-1-5-15", "S-1-2-0", "S-1-2-1"];

/// `IIS_IUSRS`, in which IIS puts each of its processes.
const IIS_USERS: &str = "S-1-5-32-568";

const ADMINISTRATORS: &str = "S-1-5-32-544";

/// Looks an account up by name, as `IIS AppPool\Shop`; `None` when the system does not know it.
///
/// # Errors
/// When it cannot be asked.
pub fn account(name: &str) -> io::Result<Option<Account>> {
    let Some(sid) = sid(name)? else { return Ok(None) };
    let more: &[&[&str]] = match sid.as_str() {
        "S-1-5-18" => &[&SERVICES, &[ADMINISTRATORS]],
        "S-1-5-19" | "S-1-5-20" => &[&SERVICES, &[IIS_USERS]],
        // App pools' own accounts, and services' own.
        pool if pool.starts_with("S-1-5-82-") => &[&SERVICES, &[IIS_USERS]],
        service if service.starts_with("S-1-5-80-") => &[&SERVICES],
        _ => &[],
    };
    // Accounts of a machine or domain may be in any group; built-in ones are what they are.
    let knows_groups = !sid.starts_with("S-1-5-21-") && !sid.starts_with("S-1-12-");
    let groups = ALL.iter().chain(more.iter().copied().flatten()).map(|it| (*it).to_owned());
    let mut sids: Vec<String> = groups.collect();
    if !sids.contains(&sid) {
        sids.push(sid);
    }
    Ok(Some(Account { sids, knows_groups }))
}

fn sid(name: &str) -> io::Result<Option<String>> {
    /// A SID has 68 bytes at most; names of domains 256 units.
    const ROOM: usize = 128;
    let name = wide(name);
    let mut room = [0u64; ROOM / 8];
    let mut domain = [0u16; 300];
    let (mut size, mut units, mut kind) = (ROOM as u32, domain.len() as u32, 0);
    let sid: PSID = room.as_mut_ptr().cast();
    // SAFETY: the rooms are as large as said and outlive the call.
    let is_found = unsafe {
        let domain = domain.as_mut_ptr();
        LookupAccountNameW(null(), name.as_ptr(), sid, &mut size, domain, &mut units, &mut kind)
    };
    if is_found == 0 {
        let error = last_error();
        return if is(&error, ERROR_NONE_MAPPED) { Ok(None) } else { Err(error) };
    }
    sid_text(sid).map(Some)
}

/// Rights of files and folders (`winnt.h`): read data, execute, write data, append data.
const READ: u32 = 0x1;
const EXECUTE: u32 = 0x20;
const WRITE: u32 = 0x2;
const APPEND: u32 = 0x4;

impl Account {
    /// Whether it may use a file or folder so. (Folders above need not let it pass: everybody has
    /// the right to traverse, unless somebody took it away.)
    ///
    /// # Errors
    /// When the access list cannot be read.
    pub fn may(&self, path: &Path, use_: Use) -> io::Result<Access> {
        let wanted = match use_ {
            Use::Read => READ,
            Use::Run => READ | EXECUTE,
            Use::Write => WRITE | APPEND,
        };
        let Some(entries) = entries(path)? else { return Ok(Access::Granted) };
        Ok(match (is_granted(&entries, &self.sids, wanted), self.knows_groups) {
            (true, _) => Access::Granted,
            (false, true) => Access::Refused(path.to_owned()),
            (false, false) => Access::Unknown(path.to_owned()),
        })
    }
}

/// The entries of a file's access list; `None` when it has none, which lets everybody in.
fn entries(path: &Path) -> io::Result<Option<Vec<Entry>>> {
    let name = wide(path);
    let mut list: *mut ACL = null_mut();
    let mut descriptor: PSECURITY_DESCRIPTOR = null_mut();
    // SAFETY: name and results outlive the call; null for what is not asked.
    let error = unsafe {
        GetNamedSecurityInfoW(
            name.as_ptr(),
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
        return Err(io::Error::from_raw_os_error(error as i32));
    }
    let _free = Given(descriptor);
    if list.is_null() {
        return Ok(None);
    }
    // SAFETY: the list is valid until the descriptor is freed.
    let count = unsafe { (*list).AceCount };
    let mut found = Vec::new();
    for at in 0..u32::from(count) {
        let mut entry = null_mut();
        // SAFETY: as above; the result outlives the call.
        if unsafe { GetAce(list, at, &mut entry) } == 0 {
            return Err(last_error());
        }
        let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
        // SAFETY: every entry begins with such a header.
        let header = unsafe { (*entry).Header };
        // Of allowing and denying, which are alike; others speak of auditing, or of what a claim is.
        let is_grant = header.AceType == 0;
        let is_inherit_only = u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0;
        if header.AceType > 1 || is_inherit_only {
            continue;
        }
        // SAFETY: an entry of these two kinds is laid out so, and its SID begins at the last field.
        let (mask, sid) = unsafe { ((*entry).Mask, &raw mut (*entry).SidStart) };
        found.push(Entry { is_grant, mask, sid: sid_text(sid.cast())? });
    }
    Ok(Some(found))
}

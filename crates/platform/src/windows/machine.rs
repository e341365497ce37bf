//! Owns who listens, how much room there is, and which Pythons are registered.
//!
//! Does not own what an account may do (`machine_access`).

use super::{check, is, wide};
use crate::machine::{Listening, RegisteredPython};
use std::io;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_INSUFFICIENT_BUFFER};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, MIB_TCP6ROW_OWNER_PID, MIB_TCPROW_OWNER_PID, TCP_TABLE_OWNER_PID_LISTENER,
};
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6};
use windows_sys::Win32::Storage::FileSystem::GetDiskFreeSpaceExW;
use winreg::RegKey;
use winreg::enums::{
    HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_READ, KEY_WOW64_32KEY, KEY_WOW64_64KEY,
};

pub use super::machine_access::{Account, account};

/// Bytes that this user may still write where a folder lies.
///
/// # Errors
/// As `GetDiskFreeSpaceEx`.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let name = wide(path);
    let mut free = 0;
    // SAFETY: name and result outlive the call; null for what is not asked.
    check(unsafe { GetDiskFreeSpaceExW(name.as_ptr(), &mut free, null_mut(), null_mut()) })?;
    Ok(free)
}

/// How often a table that grew meanwhile is asked for again.
const TRIES: usize = 5;

/// The system's table of listeners: a number of rows, then the rows, as words.
fn table(family: u16) -> io::Result<Vec<u32>> {
    let mut size = 0;
    let mut room: Vec<u32> = Vec::new();
    for _ in 0..TRIES {
        // SAFETY: the room is as large as said, and aligned as the rows want it.
        let error = unsafe {
            GetExtendedTcpTable(
                room.as_mut_ptr().cast(),
                &mut size,
                0,
                family.into(),
                TCP_TABLE_OWNER_PID_LISTENER,
                0,
            )
        };
        match error {
            0 => return Ok(room),
            ERROR_INSUFFICIENT_BUFFER => room = vec![0; (size as usize).div_ceil(4)],
            other => return Err(io::Error::from_raw_os_error(other as i32)),
        }
    }
    Err(io::ErrorKind::Interrupted.into())
}

/// Who listens for TCP.
///
/// # Errors
/// As `GetExtendedTcpTable`.
pub fn listening() -> io::Result<Vec<Listening>> {
    /// Words of a row, and which of them are port and process (`tcpmib.h`).
    const FOUR: (usize, usize, usize) = (size_of::<MIB_TCPROW_OWNER_PID>() / 4, 2, 5);
    const SIX: (usize, usize, usize) = (size_of::<MIB_TCP6ROW_OWNER_PID>() / 4, 5, 13);
    let mut found: Vec<(u16, u32)> = Vec::new();
    for (family, (words, port, process)) in [(AF_INET, FOUR), (AF_INET6, SIX)] {
        // A system without IPv6 has no such table.
        let table = match table(family) {
            Err(_) if family == AF_INET6 => continue,
            told => told?,
        };
        let Some((count, rows)) = table.split_first() else { continue };
        for row in rows.chunks_exact(words).take(*count as usize) {
            // In the network's order, in the lower half.
            found.push((u16::from_be(row[port] as u16), row[process]));
        }
    }
    found.sort_unstable();
    found.dedup_by_key(|(port, _)| *port);
    let told = found.into_iter().map(|(port, process)| {
        let program = super::process::look_up(process).map(|it| it.name);
        Listening { port, process: Some(process), program: program.filter(|it| !it.is_empty()) }
    });
    Ok(told.collect())
}

/// Every interpreter that the registry knows: of the machine, in both of its views, and of this user.
///
/// # Errors
/// When the registry cannot be read.
pub fn registered_pythons() -> io::Result<Vec<RegisteredPython>> {
    let mut found = Vec::new();
    for (root, view, is_per_user) in [
        (HKEY_LOCAL_MACHINE, KEY_WOW64_64KEY, false),
        (HKEY_LOCAL_MACHINE, KEY_WOW64_32KEY, false),
        (HKEY_CURRENT_USER, KEY_WOW64_64KEY, true),
    ] {
        let opened =
            RegKey::predef(root).open_subkey_with_flags(r"SOFTWARE\Python", KEY_READ | view);
        let companies = match opened {
            Err(error) if is(&error, ERROR_FILE_NOT_FOUND) => continue,
            opened => opened?,
        };
        for company in companies.enum_keys().flatten() {
            // The launcher's own settings (PEP 514).
            if company == "PyLauncher" {
                continue;
            }
            let Ok(tags) = companies.open_subkey(&company) else { continue };
            for tag in tags.enum_keys().flatten() {
                let Ok(path) = tags.open_subkey(format!(r"{tag}\InstallPath")) else { continue };
                if let Some(program) = program(&path) {
                    let company = company.clone();
                    let python = RegisteredPython { company, tag, program, is_per_user };
                    if !found.contains(&python) {
                        found.push(python);
                    }
                }
            }
        }
    }
    Ok(found)
}

/// `ExecutablePath`, or `python.exe` in the folder that is the key's value.
fn program(path: &RegKey) -> Option<PathBuf> {
    let told = path.get_value::<String, _>("ExecutablePath").ok().filter(|it| !it.is_empty());
    let folder = path.get_value::<String, _>("").ok().filter(|it| !it.is_empty());
    told.map(PathBuf::from).or_else(|| Some(PathBuf::from(folder?).join("python.exe")))
}

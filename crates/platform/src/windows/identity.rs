//! Owns the name of the user that this process runs as.
//!
//! Does not own what that user may do.

use super::security::{self, Given};
use super::wide;
use std::ptr::{null, null_mut};
use windows_sys::Win32::Security::Authorization::ConvertStringSidToSidW;
use windows_sys::Win32::Security::{LookupAccountSidW, PSID};

/// Units of a name: the system's own limits are 256 and less.
const NAME_UNITS: usize = 300;

/// `DOMAIN\name`, as `IIS APPPOOL\DefaultAppPool`; the SID where the system knows no name.
pub fn name() -> String {
    let Ok(sid) = security::user() else { return "unknown".to_owned() };
    look_up(sid).unwrap_or_else(|| sid.to_owned())
}

fn look_up(text: &str) -> Option<String> {
    let text = wide(text);
    let mut sid: PSID = null_mut();
    // SAFETY: text and result outlive the call.
    if unsafe { ConvertStringSidToSidW(text.as_ptr(), &mut sid) } == 0 {
        return None;
    }
    let _free = Given(sid);
    let (mut name, mut domain) = ([0_u16; NAME_UNITS], [0_u16; NAME_UNITS]);
    let (mut name_units, mut domain_units) = (NAME_UNITS as u32, NAME_UNITS as u32);
    let mut kind = 0;
    // SAFETY: the SID is valid until it is freed; the rooms are as large as said.
    let is_found = unsafe {
        LookupAccountSidW(
            null(),
            sid,
            name.as_mut_ptr(),
            &mut name_units,
            domain.as_mut_ptr(),
            &mut domain_units,
            &mut kind,
        )
    };
    let told = |room: &[u16], units: u32| String::from_utf16_lossy(&room[..units as usize]);
    (is_found != 0).then(|| format!("{}\\{}", told(&domain, domain_units), told(&name, name_units)))
}

//! Owns the invariant: any bytes are a package whose every name stays within its folder and whose every file
//! has the size that its entry tells, or are refused with a reason.
//!
//! Does not own what is done with one (`deploy::install`).

use std::collections::BTreeMap;

use deploy::package::Package;

/// Files that are unpacked: bombs are bounded elsewhere, by the same sizes.
const UNPACKED_BYTES_MAX: u64 = 1024 * 1024;

pub(crate) fn hold(bytes: &[u8]) {
    let package = match Package::read_from(bytes.to_vec()) {
        Ok(package) => package,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let _ = package.parameters().resolve(&BTreeMap::new());
    let _ = (package.app_folder(), package.zip_facts(), package.shape());
    for entry in package.entries() {
        let name = entry.name.trim_end_matches('/');
        assert!(!name.is_empty() && !name.starts_with('/') && !name.contains(['\\', ':', '\0']));
        assert!(!name.split('/').any(|part| matches!(part, "" | "." | "..")), "{name:?}");
        if entry.is_folder || entry.size > UNPACKED_BYTES_MAX {
            continue;
        }
        let mut unpacked = Vec::new();
        if let Ok(count) = package.copy(entry, &mut unpacked) {
            assert_eq!((count, unpacked.len() as u64), (entry.size, entry.size), "{name:?}");
        }
        assert!(unpacked.len() as u64 <= entry.size, "more than told: {name:?}");
    }
}

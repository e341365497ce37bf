//! Owns the key by which gates of the same site, user and configuration find the same worker.
//!
//! Does not own what the worker is started with (`plan`).

use super::Plan;
use iis::Site;
use sha2::{Digest, Sha256};

/// Variables that differ between instances of one pool, or between shells: not part of the key.
const VOLATILE: [&str; 7] =
    ["_FCGI_X_PIPE_", "_FCGI_SHUTDOWN_EVENT_", "_FCGI_MUTEX_", "_", "SHLVL", "PWD", "OLDPWD"];

/// Hashes what must be equal for two gates to share a worker: our version, interpreter, arguments
/// (one of which stands for the configuration files' contents), and the environment. (The user is part of the folder in
/// which the key is a name.)
pub(super) fn of(plan: &Plan, files: &Site) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    part(env!("CARGO_PKG_VERSION").as_bytes());
    for program in [&plan.python, &plan.program] {
        part(program.as_os_str().as_encoded_bytes());
    }
    for argument in &plan.arguments {
        part(argument.as_encoded_bytes());
    }
    part(plan.session.as_ref().map(ToString::to_string).unwrap_or_default().as_bytes());
    // Files that `<appSettings file="…">` names are read as well.
    for setting in files.app_settings.iter() {
        part(setting.key.as_bytes());
        part(setting.value.as_bytes());
    }
    let mut environment: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| !VOLATILE.iter().any(|volatile| name == volatile))
        // Windows keeps a shell's folder of each drive in names such as `=C:`.
        .filter(|(name, _)| !name.as_encoded_bytes().starts_with(b"="))
        .collect();
    environment.sort();
    for (name, value) in environment {
        part(name.as_encoded_bytes());
        part(value.as_encoded_bytes());
    }
    /// Enough that no two sites meet by chance; short, for socket paths have 108 bytes.
    const KEY_BYTES: usize = 12;
    hash.finalize()[..KEY_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Owns the name of the user that this process runs as.
//!
//! Does not own what that user may do.

/// The user's name; its number where the system's list has none.
pub fn name() -> String {
    let uid = rustix::process::geteuid().as_raw().to_string();
    let list = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let entry = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    };
    list.lines().find_map(entry).unwrap_or_else(|| format!("user {uid}"))
}

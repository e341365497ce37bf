//! Owns finding out what a named user may do by files' modes, who listens, and how much room there is.
//!
//! Does not follow access control lists beyond the mode, nor users that are not in the machine's own
//! list.

use crate::machine::{Access, Listening, RegisteredPython, Use};
use std::collections::HashMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A user, with his groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    user: u32,
    groups: Vec<u32>,
}

/// Looks a user up by name; `None` when there is none.
///
/// # Errors
/// When the list of users cannot be read.
pub fn account(name: &str) -> io::Result<Option<Account>> {
    let users = std::fs::read_to_string("/etc/passwd")?;
    let groups = std::fs::read_to_string("/etc/group").unwrap_or_default();
    Ok(found(&users, &groups, name))
}

fn found(users: &str, groups: &str, name: &str) -> Option<Account> {
    let mut entries = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let entry = entries.find(|fields| fields.first() == Some(&name))?;
    let user = entry.get(2)?.parse().ok()?;
    let mut own: Vec<u32> = entry.get(3).and_then(|group| group.parse().ok()).into_iter().collect();
    for line in groups.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let is_in = fields.get(3).is_some_and(|all| all.split(',').any(|member| member == name));
        own.extend(fields.get(2).filter(|_| is_in).and_then(|group| group.parse::<u32>().ok()));
    }
    Some(Account { user, groups: own })
}

const READ: u32 = 4;
const WRITE: u32 = 2;
const ENTER: u32 = 1;

impl Account {
    /// Whether it may use a file or folder so: each folder above must let it pass.
    ///
    /// # Errors
    /// When a mode cannot be read.
    pub fn may(&self, path: &Path, use_: Use) -> io::Result<Access> {
        let path = std::fs::canonicalize(path)?;
        let mut above: Vec<&Path> = path.ancestors().skip(1).collect();
        above.reverse();
        for folder in above {
            if !self.has(folder, ENTER)? {
                return Ok(Access::Refused(folder.to_owned()));
            }
        }
        let is_folder = path.is_dir();
        let wanted = match use_ {
            Use::Read if is_folder => READ | ENTER,
            Use::Read => READ,
            Use::Run => READ | ENTER,
            Use::Write if is_folder => WRITE | ENTER,
            Use::Write => WRITE,
        };
        Ok(if self.has(&path, wanted)? { Access::Granted } else { Access::Refused(path) })
    }

    fn has(&self, path: &Path, wanted: u32) -> io::Result<bool> {
        let metadata = std::fs::metadata(path)?;
        if self.user == 0 {
            return Ok(true);
        }
        let mode = metadata.mode();
        let granted = if metadata.uid() == self.user {
            mode >> 6
        } else if self.groups.contains(&metadata.gid()) {
            mode >> 3
        } else {
            mode
        };
        Ok(granted & wanted == wanted)
    }
}

/// Who listens for TCP, as far as the system tells this user.
///
/// # Errors
/// When the kernel's list cannot be read.
pub fn listening() -> io::Result<Vec<Listening>> {
    let mut sockets: Vec<(u16, u64)> = Vec::new();
    for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
        match std::fs::read_to_string(file) {
            Ok(text) => sockets.extend(text.lines().filter_map(listener)),
            // A kernel without IPv6 has no such list.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    sockets.sort_unstable();
    sockets.dedup_by_key(|(port, _)| *port);
    let owners = owners();
    let told = sockets.into_iter().map(|(port, inode)| {
        let process = owners.get(&inode).copied();
        let program = process.and_then(|id| super::process::look_up(id).map(|it| it.name));
        Listening { port, process, program }
    });
    Ok(told.collect())
}

/// Port and inode of a line that tells a listener (`proc(5)`: state `0A`).
fn listener(line: &str) -> Option<(u16, u64)> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    if *fields.get(3)? != "0A" {
        return None;
    }
    let (_, port) = fields.get(1)?.split_once(':')?;
    Some((u16::from_str_radix(port, 16).ok()?, fields.get(9)?.parse().ok()?))
}

/// Which process holds a socket, by inode; those of other users are not told.
fn owners() -> HashMap<u64, u32> {
    let mut owners = HashMap::new();
    let entries = |path: &Path| std::fs::read_dir(path).into_iter().flatten().flatten();
    for process in entries(Path::new("/proc")) {
        let Some(id) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        for descriptor in entries(&process.path().join("fd")) {
            let Ok(target) = std::fs::read_link(descriptor.path()) else { continue };
            let inode = target.to_str().and_then(|it| it.strip_prefix("socket:["));
            if let Some(inode) = inode.and_then(|it| it.trim_end_matches(']').parse().ok()) {
                owners.insert(inode, id);
            }
        }
    }
    owners
}

/// Bytes that this user may still write where a file or folder lies.
///
/// # Errors
/// As `statvfs(3)`.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let told = rustix::fs::statvfs(path)?;
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

/// There is no registry.
///
/// # Errors
/// Never here.
pub fn registered_pythons() -> io::Result<Vec<RegisteredPython>> {
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn users_have_their_groups() {
        let users = "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/var/www:/none\n";
        let groups = "root:x:0:\nwww-data:x:33:\nshop:x:1001:ann,www-data\nother:x:7:ann\n";
        let account = found(users, groups, "www-data").expect("there");
        assert_eq!(account, Account { user: 33, groups: vec![33, 1001] });
        assert_eq!(found(users, groups, "www"), None);
    }

    #[test]
    fn a_closed_folder_above_closes_all_below() {
        let folder = tempfile::tempdir().expect("a folder");
        let [site, logs] = ["site", "site/logs"].map(|name| folder.path().join(name));
        std::fs::create_dir_all(&logs).expect("made");
        let mode = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
        };
        mode(folder.path(), 0o755);
        mode(&logs, 0o755);
        // Nobody's number: not this user's, nor root's.
        let nobody = Account { user: 4_000_000_001, groups: Vec::new() };
        let root = Account { user: 0, groups: Vec::new() };
        let logs = std::fs::canonicalize(&logs).expect("there");
        let site = std::fs::canonicalize(&site).expect("there");
        for (closed, use_, expected) in [
            (0o755, Use::Read, Access::Granted),
            (0o755, Use::Write, Access::Refused(logs.clone())),
            (0o700, Use::Read, Access::Refused(site.clone())),
        ] {
            mode(&site, closed);
            assert_eq!(nobody.may(&logs, use_).expect("told"), expected);
            assert_eq!(root.may(&logs, use_).expect("told"), Access::Granted);
        }
    }

    #[test]
    fn who_listens_is_told() {
        // A process forked from this one has the socket, too, until it is another program.
        let _no_fork = crate::FORKING.read();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = socket.local_addr().expect("bound").port();
        let all = listening().expect("told");
        let found = all.iter().find(|it| it.port == port).expect("listening");
        assert_eq!(found.process, Some(std::process::id()));
        assert!(free_bytes(Path::new("/")).expect("told") > 0);
    }
}

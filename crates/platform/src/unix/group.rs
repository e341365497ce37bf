//! Owns a program that can be killed with all that it started, and is left alone otherwise.
//!
//! Does not own when (`bounded`), nor programs that must not outlive us (`kept`). It stays in our process
//! group: Ctrl-C at a terminal ends it with us. What it has started by way of a process that has ended
//! is not found.

use super::process;
use rustix::process::{Pid, Signal};
use std::io;
use std::process::{Child, Command};

/// A program and what it has started.
pub(crate) struct Group(u32);

impl Group {
    /// Starts a program.
    ///
    /// # Errors
    /// As `fork(2)` and `execve(2)`.
    pub(crate) fn start(command: &mut Command) -> io::Result<(Child, Self)> {
        let child = command.spawn()?;
        let id = child.id();
        Ok((child, Self(id)))
    }

    /// Kills all of it; only before the program itself was waited for, while its number is its own.
    pub(crate) fn kill(&self) {
        let parents = parents();
        let mut tree = vec![self.0];
        let mut at = 0;
        // A number that comes again would be a ring, which there is none of.
        while let Some(parent) = tree.get(at).copied() {
            let children =
                parents.iter().filter(|(child, of)| *of == parent && !tree.contains(child));
            let children: Vec<u32> = children.map(|(child, _)| *child).collect();
            tree.extend(children);
            at += 1;
        }
        for number in tree {
            if let Some(pid) = i32::try_from(number).ok().and_then(Pid::from_raw) {
                // It may have ended meanwhile.
                let _ = rustix::process::kill_process(pid, Signal::KILL);
            }
        }
    }
}

/// All processes, each with its parent.
fn parents() -> Vec<(u32, u32)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let both = |entry: std::fs::DirEntry| {
        let number = entry.file_name().to_str()?.parse().ok()?;
        Some((number, process::parent(number)?))
    };
    entries.filter_map(both).collect()
}

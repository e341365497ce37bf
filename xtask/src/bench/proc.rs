//! Owns what `/proc` tells of a process and its descendants: processor time and memory.
//!
//! Does not own starting or ending them.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

/// Ticks of `/proc/PID/stat` in a second: USER_HZ, the same on every Linux we run on.
const TICKS_PER_SECOND: u64 = 100;

/// A tick is coarse: the two ends of a sample may each be one off.
const TICKS_OF_DOUBT: u64 = 2;

/// The process and all its descendants.
pub(crate) fn tree(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for pid in numbers("/proc") {
        if let Some(parent) = stat(pid).and_then(|fields| fields.get(1)?.parse().ok()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = vec![root];
    let mut at = 0;
    while let Some(pid) = found.get(at) {
        found.extend(children.remove(pid).unwrap_or_default());
        at += 1;
    }
    found
}

/// The processes that were started with this variable in their environment, or by one that was.
pub(crate) fn marked(name: &str, value: &str) -> Vec<u32> {
    numbers("/proc").into_iter().filter(|pid| is(*pid, name, value)).collect()
}

/// Whether it is one of those.
pub(crate) fn is(pid: u32, name: &str, value: &str) -> bool {
    let wanted = format!("{name}={value}");
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes())
}

/// Processor time so far, told two ways.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cpu {
    /// Exact, of the threads that live.
    nanoseconds: u64,
    /// Coarse, also of threads and children that have ended.
    ticks: u64,
}

impl Cpu {
    /// What these processes have used.
    pub(crate) fn of(pids: &[u32]) -> Cpu {
        let mut cpu = Cpu::default();
        for pid in pids {
            for thread in numbers(&format!("/proc/{pid}/task")) {
                let text = fs::read_to_string(format!("/proc/{pid}/task/{thread}/schedstat"));
                let text = text.unwrap_or_default();
                let used = text.split(' ').next().and_then(|first| first.parse::<u64>().ok());
                cpu.nanoseconds += used.unwrap_or(0);
            }
            let fields = stat(*pid).unwrap_or_default();
            // utime, stime, and those of children that were waited for.
            cpu.ticks +=
                (11..15).filter_map(|index| fields.get(index)?.parse::<u64>().ok()).sum::<u64>();
        }
        cpu
    }

    /// What was used since `earlier`.
    pub(crate) fn since(self, earlier: Cpu) -> Duration {
        let exact = Duration::from_nanos(self.nanoseconds.saturating_sub(earlier.nanoseconds));
        let ticks = self.ticks.saturating_sub(earlier.ticks).saturating_sub(TICKS_OF_DOUBT);
        let coarse = Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND);
        // Threads that ended in between are missing in the exact figure.
        exact.max(coarse)
    }
}

/// Memory in KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    pub(crate) rss: u64,
    /// Shared pages divided by who shares them: what the machine really spends.
    pub(crate) pss: u64,
}

impl Memory {
    /// The sum over these processes.
    pub(crate) fn of(pids: &[u32]) -> Memory {
        let mut memory = Memory::default();
        for pid in pids {
            let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
            for line in text.lines() {
                let mut words = line.split_whitespace();
                let (name, number) = (words.next(), words.next());
                let number = number.and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
                match name {
                    Some("Rss:") => memory.rss += number,
                    Some("Pss:") => memory.pss += number,
                    _ => {}
                }
            }
        }
        memory
    }
}

/// The file name of the process's program.
pub(crate) fn program(pid: u32) -> String {
    let link = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    link.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The fields of `/proc/PID/stat` behind the program's name, which may hold anything.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// The entries of a folder that are numbers.
fn numbers(folder: &str) -> Vec<u32> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_in_the_tree_and_our_work_is_seen() {
        let me = std::process::id();
        let mut child = std::process::Command::new("sleep").arg("60").spawn().expect("a child");
        assert!(tree(me).contains(&child.id()));
        child.kill().and_then(|()| child.wait()).expect("ended");

        let before = Cpu::of(&[me]);
        let mut sum = 0_u64;
        while Cpu::of(&[me]).since(before) == Duration::ZERO {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(Memory::of(&[me]).pss > 0);
    }

    #[test]
    fn ended_threads_are_not_forgotten() {
        let before = Cpu { nanoseconds: 5_000_000_000, ticks: 500 };
        let after = Cpu { nanoseconds: 5_100_000_000, ticks: 602 };
        assert_eq!(after.since(before), Duration::from_secs(1));
    }
}

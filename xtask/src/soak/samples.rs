//! Owns what the processes need while they are soaked: memory, descriptors, threads, and whether any of it
//! grows.
//!
//! Does not own which processes there are (`site`).

use std::fs;
use std::time::Duration;

use super::site::{Site, command_line};
use crate::bench::proc;

/// The part of the run, from its start, in which everything may still grow.
const WARM_UP: f64 = 0.25;
/// How much the stand-in's memory may be larger in the last quarter than after the warm-up: a tenth, and
/// what an allocator keeps back at one time and not at another.
const MEMORY_GROWTH_MAX: f64 = 1.1;
const MEMORY_SLACK_KIB: u64 = 8 * 1024;
/// As many descriptors and processes may come and go with clients and instances.
const COUNT_SLACK: u64 = 24;

/// What kinds of processes there are, by their command lines.
const KINDS: [(&str, &str); 3] =
    [("stand-in", " serve "), ("gates", " fcgi "), ("workers", "-m iisgate worker")];

/// Of one kind, at one moment.
#[derive(Debug, Clone, Copy, Default)]
struct Look {
    processes: u64,
    memory_kib: u64,
    /// Of the one that has the most.
    descriptors: u64,
    threads: u64,
}

/// All looks.
#[derive(Debug, Default)]
pub(super) struct Samples {
    looks: Vec<[Look; KINDS.len()]>,
}

impl Samples {
    pub(super) fn look(&mut self, at: Duration, site: &Site) {
        let mut looks = [Look::default(); KINDS.len()];
        for pid in site.processes() {
            let line = command_line(pid);
            let kind = KINDS.iter().position(|(_, part)| line.contains(part));
            let Some(kind) = kind.filter(|kind| *kind != 0 || pid == site.stand_in()) else {
                continue;
            };
            let (look, memory) = (&mut looks[kind], proc::Memory::of(&[pid]));
            look.processes += 1;
            look.memory_kib += if kind == 0 { memory.rss } else { memory.pss };
            let count =
                |folder| fs::read_dir(format!("/proc/{pid}/{folder}")).map_or(0, Iterator::count);
            look.descriptors = look.descriptors.max(count("fd") as u64);
            look.threads = look.threads.max(count("task") as u64);
        }
        eprintln!("{:5.0} s  {}", at.as_secs_f64(), told(&looks));
        self.looks.push(looks);
    }

    /// The largest figures of a part of the run.
    fn most(&self, from: f64, to: f64) -> [Look; KINDS.len()] {
        let at = |part: f64| (self.looks.len() as f64 * part) as usize;
        let mut most = [Look::default(); KINDS.len()];
        for looks in &self.looks[at(from)..at(to)] {
            for (most, look) in most.iter_mut().zip(looks) {
                most.processes = most.processes.max(look.processes);
                most.memory_kib = most.memory_kib.max(look.memory_kib);
                most.descriptors = most.descriptors.max(look.descriptors);
                most.threads = most.threads.max(look.threads);
            }
        }
        most
    }

    pub(super) fn table(&self) -> String {
        let quarters = [0.0, 0.25, 0.5, 0.75].map(|from| self.most(from, from + 0.25));
        let mut table = String::from("most of each quarter of the time:\n");
        for (kind, (name, _)) in KINDS.iter().enumerate() {
            for quarter in &quarters {
                table += &format!("{name:10} {}\n", line(&quarter[kind]));
            }
        }
        table
    }

    /// What grows.
    pub(super) fn faults(&self) -> Vec<String> {
        let (early, late) = (self.most(WARM_UP, 0.5), self.most(0.75, 1.0));
        let mut faults = Vec::new();
        for ((name, _), (early, late)) in KINDS.iter().zip(early.iter().zip(&late)) {
            let limit = (early.memory_kib as f64 * MEMORY_GROWTH_MAX) as u64 + MEMORY_SLACK_KIB;
            // Workers are replaced all the time: how many live at a moment is chance.
            if *name != "workers" && late.memory_kib > limit {
                faults.push(format!("{name}: memory grows: {} → {}", line(early), line(late)));
            }
            let grows = |early: u64, late: u64| late > early + COUNT_SLACK;
            if grows(early.descriptors, late.descriptors)
                || grows(early.threads, late.threads)
                || grows(early.processes, late.processes)
            {
                faults.push(format!("{name}: numbers grow: {} → {}", line(early), line(late)));
            }
        }
        faults
    }
}

fn line(look: &Look) -> String {
    let Look { processes, memory_kib, descriptors, threads } = look;
    format!(
        "{processes:3} processes {:6} KiB, most of one: {descriptors:4} descriptors {threads:3} threads",
        memory_kib
    )
}

fn told(looks: &[Look]) -> String {
    let one = |look: &Look| format!("{}×{} MiB", look.processes, look.memory_kib / 1024);
    looks.iter().map(one).collect::<Vec<_>>().join("  ")
}

//! Owns which files of a machine are to be looked for, before it is judged.
//!
//! Does not look for them.

use std::path::PathBuf;

use super::machine::Machine;
use super::rules;
use super::subject::Subject;
use crate::sites::Binding;

/// Files that the server's configuration names: modules, programs and scripts of FastCGI applications.
pub fn files(machine: &Machine) -> Vec<PathBuf> {
    let subject = Subject::of(machine);
    let entries = subject.entries.iter().flat_map(rules::entries::files);
    let mut all: Vec<PathBuf> = rules::iis::images(&subject).into_iter().chain(entries).collect();
    all.sort();
    all.dedup();
    all
}

/// The gates among the programs.
pub fn gates(machine: &Machine) -> Vec<PathBuf> {
    let is_gate = |path: &PathBuf| {
        let name = path.to_string_lossy().to_lowercase().replace('\\', "/");
        name.rsplit('/').next().is_some_and(|name| name.trim_end_matches(".exe") == "iisgate")
    };
    let there = machine.existing.iter().filter(|(_, is_there)| *is_there);
    there.map(|(path, _)| path.clone()).filter(is_gate).collect()
}

/// The bindings of the site that have a port.
pub fn bindings(machine: &Machine) -> Vec<Binding> {
    let site = Subject::of(machine).site;
    let all = site.into_iter().flat_map(|site| site.bindings);
    all.filter(|binding| binding.port.is_some()).collect()
}

//! Owns the findings about a machine: which rules there are, and running them over what is known of it.
//!
//! Does not gather what is known (the `doctor` command does), nor own findings about a site's files
//! (`checks`). Rules are pure: facts in, findings out, so each is tried on any system.

mod machine;
mod redaction;
mod rule;
mod rules;
mod states;
mod subject;
mod text;
pub mod wanted;

pub use machine::{
    Event, Failure, Imports, Library, Machine, Mount, Port, Python, PythonFailure, RECENT,
    Registered, Right, Service, Trial, Verdict, Versions,
};
pub use redaction::{Masks, configuration, project, without_all};
pub use rule::{ALL, Rule, find, nearest};
pub use states::{States, events, states};
pub use subject::{Application, application};
pub use text::{markdown, plain};

use crate::checks::Finding;
use subject::Subject;

/// A group of rules that need the same facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// What of IIS is installed, and its services.
    Iis,
    /// The site and its IIS app pool, as the server's file has them.
    Pool,
    /// Whether they run.
    State,
    /// What the identity may do.
    Access,
    /// The interpreter.
    Python,
    /// What can be imported under it.
    Imports,
    /// The Pythons that the registry knows.
    Registry,
    /// Who listens where.
    Ports,
    /// Room on disks.
    Disk,
    /// Failures in our log.
    Logs,
    /// Failures in the Event Log.
    Events,
    /// Programs that FastCGI applications name, and their versions.
    Entries,
}

impl Topic {
    /// All of them.
    pub const ALL: [Topic; 12] = [
        Self::Iis,
        Self::Pool,
        Self::State,
        Self::Access,
        Self::Python,
        Self::Imports,
        Self::Registry,
        Self::Ports,
        Self::Disk,
        Self::Logs,
        Self::Events,
        Self::Entries,
    ];

    /// What is looked at, as a sentence goes on.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Iis => "IIS's features",
            Self::Pool => "site and IIS app pool",
            Self::State => "whether they run",
            Self::Access => "the identity's access",
            Self::Python => "the interpreter",
            Self::Imports => "imports",
            Self::Registry => "registered Pythons",
            Self::Ports => "ports",
            Self::Disk => "room on disks",
            Self::Logs => "the site's log",
            Self::Events => "the Event Log",
            Self::Entries => "FastCGI applications",
        }
    }
}

/// What is to be said about a machine. What was left out of it is not judged.
pub fn examine(machine: &Machine) -> Vec<Finding> {
    let subject = Subject::of(machine);
    let left_out = |topic| machine.left_out.iter().any(|(left, _)| *left == topic);
    let mut findings: Vec<Finding> = rule::all()
        .filter(|rule| !left_out(rule.topic))
        .flat_map(|rule| (rule.find)(&subject).into_iter().map(|hit| hit.into_finding(rule)))
        .collect();
    findings.sort_by(|a, b| (&a.path, a.line(), a.code).cmp(&(&b.path, b.line(), b.code)));
    findings.dedup();
    findings
}

/// What was not looked at, with the reason: one line; empty when nothing was left out.
pub fn left_out(machine: &Machine) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    for (_, reason) in &machine.left_out {
        if !reasons.contains(&reason.as_str()) {
            reasons.push(reason);
        }
    }
    let told = reasons.into_iter().map(|reason| {
        let topics = machine.left_out.iter().filter(|(_, why)| why == reason);
        let words: Vec<&str> = topics.map(|(topic, _)| topic.words()).collect();
        format!("{} ({reason})", words.join(", "))
    });
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

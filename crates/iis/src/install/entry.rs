//! Owns the `<fastCgi><application>` entry that we make, with limits that suit Python behind IIS.
//!
//! Does not own the limits' ranges (`attributes`).

use xml::NewElement;

use crate::script_processor::ScriptProcessor;

/// How long and how often. IIS's own (instanceMaxRequests 200, all timeouts about equal) suit PHP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Requests at a time: each takes an instance, a small process; all share the site's workers.
    pub max_instances: u32,
    /// How long an instance waits for work before it ends.
    pub idle_timeout_secs: u32,
    /// How long a request may take.
    pub request_timeout_secs: u32,
    /// How long an app may say nothing.
    pub activity_timeout_secs: u32,
    /// Requests after which IIS replaces an instance. The app lives in the worker, so it costs little.
    pub instance_max_requests: u32,
    /// What an instance has to finish when it must go.
    pub signal_before_terminate_secs: u32,
}

/// Apps wait for databases: some requests for each processor, and never too few.
const INSTANCES_PER_PROCESSOR: u32 = 4;
const INSTANCES: std::ops::RangeInclusive<u32> = 16..=128;

/// What an instance is counted as. It is a small program without Python in it.
const INSTANCE_BYTES: u64 = 8 << 20;

/// All instances together may take this part of the memory; the rest is for the app and for others.
const MEMORY_SHARE: u64 = 16;

/// With fewer, one slow page blocks a site.
const INSTANCES_ALWAYS: u32 = 4;

/// A week, which is the most that every IIS takes: who wants Python warm does not want it to end.
const WARM_IDLE_TIMEOUT_SECS: u32 = 604_800;

/// Requests at a time for a machine, and in words how that comes.
pub fn instances(processors: usize, memory_bytes: Option<u64>) -> (u32, String) {
    let count = u32::try_from(processors).unwrap_or(u32::MAX);
    let wanted = count.saturating_mul(INSTANCES_PER_PROCESSOR);
    let wanted = wanted.clamp(*INSTANCES.start(), *INSTANCES.end());
    let room = memory_bytes.map(|bytes| bytes / MEMORY_SHARE / INSTANCE_BYTES);
    let room = room.map(|room| u32::try_from(room).unwrap_or(u32::MAX).max(INSTANCES_ALWAYS));
    match room.filter(|room| *room < wanted) {
        Some(room) => {
            let mib = INSTANCE_BYTES >> 20;
            (room, format!("1/{MEMORY_SHARE} of the memory has room for so many of {mib} MiB each"))
        }
        None => {
            let (least, most) = INSTANCES.into_inner();
            let each = format!("{INSTANCES_PER_PROCESSOR} for each of {count} processors");
            (wanted, format!("{each}, {least} at least and {most} at most"))
        }
    }
}

impl Limits {
    /// The same for a site whose Python is started before the first visitor asks, and is to stay.
    #[must_use]
    pub fn warm(self) -> Self {
        Limits { idle_timeout_secs: WARM_IDLE_TIMEOUT_SECS, ..self }
    }

    /// Limits with so many instances. The three timeouts differ and each is longer than
    /// the next: equal ones leave it to chance which of them ends a request.
    pub fn of_instances(max_instances: u32) -> Self {
        Limits {
            max_instances,
            idle_timeout_secs: 1800,
            request_timeout_secs: 600,
            activity_timeout_secs: 300,
            instance_max_requests: 10_000,
            signal_before_terminate_secs: 30,
        }
    }
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The program.
    pub processor: ScriptProcessor,
    /// Its limits.
    pub limits: Limits,
    /// Environment variables of its instances.
    pub environment: Vec<(String, String)>,
}

impl Entry {
    /// The attributes, the key first.
    pub fn attributes(&self) -> Vec<(&'static str, String)> {
        let Limits { max_instances, .. } = self.limits;
        vec![
            ("fullPath", self.processor.full_path.clone()),
            ("arguments", self.processor.arguments.clone()),
            ("maxInstances", max_instances.to_string()),
            ("idleTimeout", self.limits.idle_timeout_secs.to_string()),
            ("activityTimeout", self.limits.activity_timeout_secs.to_string()),
            ("requestTimeout", self.limits.request_timeout_secs.to_string()),
            ("instanceMaxRequests", self.limits.instance_max_requests.to_string()),
            ("signalBeforeTerminateSeconds", self.limits.signal_before_terminate_secs.to_string()),
        ]
    }

    /// The element.
    pub(super) fn element(&self) -> NewElement {
        let new = NewElement::new("application");
        let new = self
            .attributes()
            .iter()
            .filter(|(name, value)| *name != "arguments" || !value.is_empty())
            .fold(new, |new, (name, value)| new.attribute(name, value));
        if self.environment.is_empty() {
            return new;
        }
        let variables = self.environment.iter().fold(
            NewElement::new("environmentVariables"),
            |list, (name, value)| {
                let variable = NewElement::new("environmentVariable");
                list.child(variable.attribute("name", name).attribute("value", value))
            },
        );
        new.child(variables)
    }
}

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

impl Limits {
    /// Limits for a machine with so many processors. The three timeouts differ and each is longer than
    /// the next: equal ones leave it to chance which of them ends a request.
    pub fn for_processors(count: usize) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Limits {
            // Apps wait for databases: some requests for each processor, and never too few.
            max_instances: count.saturating_mul(4).clamp(16, 128),
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

//! Owns the `<fastCgi>` section: FastCGI applications, each the definition of a pool.
//!
//! Does not start anything; `front::pool` obeys the limits. The section counts in `applicationHost.config` alone (`allowDefinition="AppHostOnly"`).

use crate::attributes::{self, FASTCGI, FASTCGI_VARIABLE};
use crate::collections;
use crate::document::{self, Element};
use crate::error::Error;
use crate::place::{Place, Source};
use crate::read::Reader;
use crate::script_processor::ScriptProcessor;

/// What IIS does with text on FastCGI STDERR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StderrMode {
    /// Answers 500 with that text as the body.
    ReturnStdErrIn500,
    /// Answers 500 with a page of its own.
    ReturnGeneric500,
    /// Drops the text and sends the response.
    IgnoreAndReturn200,
    /// Ends the process and answers 500 with a page of its own.
    TerminateProcess,
}

/// How IIS talks with an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// A connected pipe as the process's standard input.
    NamedPipe,
    /// A listening socket as the process's standard input.
    Tcp,
}

/// An `<application>` of `<fastCgi>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FastCgiApplication {
    /// The executable. Together with `arguments` the key that `scriptProcessor` names.
    pub full_path: String,
    /// Its command line after the executable, Windows quoting.
    pub arguments: String,
    /// A file whose change recycles the pool; `%VAR%` is not expanded here.
    pub monitor_changes_to: String,
    /// What STDERR text does.
    pub stderr_mode: StderrMode,
    /// The most instances at a time; 0 lets IIS decide.
    pub max_instances: u32,
    /// How long an instance may wait for a request.
    pub idle_timeout_secs: u32,
    /// How long an instance may send nothing during a request.
    pub activity_timeout_secs: u32,
    /// How long a request may take.
    pub request_timeout_secs: u32,
    /// After how many requests an instance is replaced.
    pub instance_max_requests: u32,
    /// How long an instance may take to end after it was told to.
    pub signal_before_terminate_secs: u32,
    /// Pipe or socket.
    pub protocol: Protocol,
    /// How many requests may wait for an instance.
    pub queue_length: u32,
    /// Whether IIS drops what an application left unread.
    pub flush_named_pipe: bool,
    /// After how many failures within a minute no instance is started for a while.
    pub rapid_fails_per_minute: u32,
    /// Added to the instance's environment, in this order; not expanded.
    pub environment_variables: Vec<(String, String)>,
    /// Where it is written; `None` for one that no file defines.
    pub place: Option<Place>,
    /// Attributes that are not written, and so have their defaults.
    pub unwritten: Vec<&'static str>,
}

impl FastCgiApplication {
    /// An application that has nothing but defaults, for a site served without an
    /// `applicationHost.config`.
    pub fn with_defaults(script_processor: &ScriptProcessor) -> Self {
        let source = Source::new("", "<application fullPath='-' />");
        let element = document::parse(source).expect("a constant is well-formed");
        let ScriptProcessor { full_path, arguments } = script_processor.clone();
        let defaults = application(&element).expect("defaults are values of their type");
        FastCgiApplication { full_path, arguments, place: None, ..defaults }
    }

    /// The same in an older IIS (`"7.0"`), whose defaults differ: `maxInstances` and
    /// `activityTimeout` were 4 and 30 s before 7.5.
    #[must_use]
    pub fn in_version(mut self, version: &str) -> Self {
        for name in std::mem::take(&mut self.unwritten) {
            let row = attributes::row(FASTCGI, name).expect("unwritten attributes have a row");
            let value = row.default_in(version).and_then(|value| value.parse().ok());
            match (name, value) {
                ("maxInstances", Some(value)) => self.max_instances = value,
                ("activityTimeout", Some(value)) => self.activity_timeout_secs = value,
                // The others' defaults have never changed.
                _ => {}
            }
            self.unwritten.push(name);
        }
        self
    }
}

/// Finds the application that a handler mapping names.
pub fn find<'a>(
    applications: &'a [FastCgiApplication],
    script_processor: &ScriptProcessor,
) -> Option<&'a FastCgiApplication> {
    applications.iter().find(|a| script_processor.matches(&a.full_path, &a.arguments))
}

/// Reads the `<fastCgi>` elements of an `applicationHost.config`, outermost first.
///
/// # Errors
/// On attributes out of range, missing ones, and two applications of one path and arguments.
pub fn read(levels: &[&Element]) -> Result<Vec<FastCgiApplication>, Error> {
    let mut applications: Vec<FastCgiApplication> = Vec::new();
    for element in levels.iter().flat_map(|level| level.children()) {
        match element.name() {
            "clear" => applications.clear(),
            "remove" => {
                let key = key(element);
                applications.retain(|a| !key.matches(&a.full_path, &a.arguments));
            }
            "application" => {
                let read = application(element)?;
                let key = ScriptProcessor {
                    full_path: read.full_path.clone(),
                    arguments: read.arguments.clone(),
                };
                if let Some(first) = find(&applications, &key) {
                    let first = first.place.as_ref().map(ToString::to_string).unwrap_or_default();
                    let message =
                        format!("duplicate FastCGI application: {key} (the first is at {first})");
                    return Err(element.error(message));
                }
                applications.push(read);
            }
            _ => {}
        }
    }
    Ok(applications)
}

/// The applications of one `<fastCgi>` that can be read, even if IIS refuses the whole because of others.
pub(crate) fn readable(section: &Element) -> Vec<FastCgiApplication> {
    let items = section.children().filter(|item| item.name() == "application");
    items.filter_map(|item| application(item).ok()).collect()
}

fn key(element: &Element) -> ScriptProcessor {
    let text = |name| element.attribute(name).unwrap_or_default().to_owned();
    ScriptProcessor { full_path: text("fullPath"), arguments: text("arguments") }
}

fn application(element: &Element) -> Result<FastCgiApplication, Error> {
    use StderrMode::{IgnoreAndReturn200, ReturnGeneric500, ReturnStdErrIn500, TerminateProcess};
    const STDERR_MODES: [StderrMode; 4] =
        [ReturnStdErrIn500, ReturnGeneric500, IgnoreAndReturn200, TerminateProcess];
    let reader = Reader::new(element, FASTCGI);
    Ok(FastCgiApplication {
        full_path: reader.text("fullPath")?,
        arguments: reader.text("arguments")?,
        monitor_changes_to: reader.text("monitorChangesTo")?,
        stderr_mode: STDERR_MODES[reader.choice("stderrMode")?],
        max_instances: reader.number("maxInstances")?,
        idle_timeout_secs: reader.number("idleTimeout")?,
        activity_timeout_secs: reader.number("activityTimeout")?,
        request_timeout_secs: reader.number("requestTimeout")?,
        instance_max_requests: reader.number("instanceMaxRequests")?,
        signal_before_terminate_secs: reader.number("signalBeforeTerminateSeconds")?,
        protocol: [Protocol::NamedPipe, Protocol::Tcp][reader.choice("protocol")?],
        queue_length: reader.number("queueLength")?,
        flush_named_pipe: reader.flag("flushNamedPipe")?,
        rapid_fails_per_minute: reader.number("rapidFailsPerMinute")?,
        environment_variables: environment_variables(element)?,
        place: Some(element.place()),
        unwritten: attributes::rows(FASTCGI)
            .map(|row| row.name)
            .filter(|name| element.attribute(name).is_none())
            .collect(),
    })
}

fn environment_variables(element: &Element) -> Result<Vec<(String, String)>, Error> {
    let levels: Vec<_> = element.child("environmentVariables").into_iter().collect();
    let pair = |element| {
        let reader = Reader::new(element, FASTCGI_VARIABLE);
        Ok((reader.text("name")?, reader.text("value")?))
    };
    collections::of_items(FASTCGI_VARIABLE).merge(&levels)?.into_iter().map(pair).collect()
}

#[cfg(test)]
#[path = "fastcgi_tests.rs"]
mod tests;

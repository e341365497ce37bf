//! Owns rules about what failed lately: in our log, and in the Event Log.
//!
//! Does not read them.

use super::super::Topic;
use super::super::rule::{Hit, Rule, warning};
use super::super::subject::Subject;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(Topic::Logs, ["machine-recent-failures", "The site failed within the last day",
        "The site's log holds failures under a code: the app did not start, a worker died, a limit was reached.",
        "iisgate explain CODE tells what it means, iisgate logs shows the lines.",
        "https://peps.python.org/pep-3333/#error-handling"], failures),
    warning(Topic::Events, ["machine-recent-events", "The Event Log holds failures of the last day",
        "WAS and W3SVC write why an app pool was stopped or a site not started; Windows writes which program crashed, and in which module.",
        "Event Viewer shows the whole: eventvwr, Windows Logs, Application and System.",
        "https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil"], events),
];

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn failures(subject: &Subject<'_>) -> Vec<Hit> {
    let told = subject.machine.failures.iter().map(|failure| {
        let (code, times) = (&failure.code, times(failure.count));
        let message = format!("{code}, {times}, last at {}: {}", failure.last, failure.message);
        Hit::about(&failure.log, message).hint(format!("iisgate explain {code}"))
    });
    told.collect()
}

fn events(subject: &Subject<'_>) -> Vec<Hit> {
    let told = subject.machine.events.iter().map(|event| {
        let (source, id, times) = (&event.source, event.id, times(event.count));
        let last = &event.last;
        let message = format!("{source} {id}, {times}, last at {last}: {}", event.message);
        Hit::about("Event Log", message)
    });
    told.collect()
}

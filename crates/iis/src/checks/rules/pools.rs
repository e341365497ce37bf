//! Owns rules about the limits of a FastCGI application.
//!
//! Does not own whether the handler names it (`processors`).

use super::super::finding::Hit;
use super::super::rule::{Rule, error, note, warning};
use super::super::subject::{RawFile, Subject, scopes, unquoted};
use super::reference;
use crate::document::{self, Element};
use crate::fastcgi::{FastCgiApplication, Protocol};
use crate::script_processor::ScriptProcessor;

const PAGE: &str = reference!("system.webserver/fastcgi/application/");

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(["timeouts-out-of-order", "The time limits are in the wrong order",
        "A process is ended when it says nothing for activityTimeout, when a request takes requestTimeout, and when it idles for idleTimeout. Equal or reversed limits end each other's work.",
        "Let idleTimeout be longer than requestTimeout, and that longer than activityTimeout.", PAGE], order),
    warning(["instance-max-requests-low", "Instances are replaced after few requests",
        "instanceMaxRequests is 200 unless told otherwise: IIS starts a process every 200 requests.",
        "Write instanceMaxRequests=\"10000\" or more.", PAGE], requests),
    warning(["max-instances-one", "One request at a time",
        "IIS gives each instance one request at a time. With maxInstances=\"1\" all others wait.",
        "Write maxInstances=\"16\", as many as there are threads.", PAGE], one),
    warning(["no-shutdown-signal", "Instances are killed without a word",
        "With signalBeforeTerminateSeconds=\"0\", the default, IIS ends the process at once, in the midst of what the app does at its end.",
        "Write signalBeforeTerminateSeconds=\"30\".", PAGE], signal),
    error(["monitored-path-variable", "monitorChangesTo holds a %VARIABLE%",
        "The attribute is not expanded: IIS looks for a file of that very name, and the application answers a bare 500.",
        "Write the full path.", PAGE], variable),
    warning(["monitored-file-missing", "The file that IIS watches is not there",
        "monitorChangesTo names a file whose change replaces all instances. A file that is not there never changes.",
        "Correct the path.", PAGE], monitored),
    warning(["stderr-mode-hides", "Failures are answered as success, or end the process",
        "IgnoreAndReturn200 turns what a failing process says into an empty 200; TerminateProcess ends it for one line on standard error.",
        "Write stderrMode=\"ReturnGeneric500\".", PAGE], stderr),
    warning(["protocol-tcp", "The FastCGI application speaks TCP",
        "With protocol=\"Tcp\" the process must listen at a socket that IIS hands it; iisgate takes the named pipe, which is faster and has access rules.",
        "Write protocol=\"NamedPipe\".", PAGE], tcp),
    error(["entry-twice", "A FastCGI application is registered twice",
        "Two entries that differ in quotes or letters' case alone are two pools; which of them runs depends on the handler's spelling.",
        "Delete one.", PAGE], twice),
    error(["entry-repeated", "A FastCGI application stands twice, to the letter",
        "fullPath and arguments together are the key of <fastCgi>. The same key twice makes applicationHost.config wrong as a whole: every site answers 503 or 500.19, and IIS Manager cannot open it.",
        "Delete one.", PAGE], repeated),
    warning(["entry-shared", "Two applications of one app pool share a FastCGI application",
        "In one IIS app pool the same fullPath and arguments are one set of instances, whichever site names them. An instance learns its site from the first request and can serve no other: requests for the other one fail.",
        "Give each an app pool of its own, or different arguments: fcgi --site FOLDER TARGET.", PAGE], shared),
    warning(["timeout-beyond-iis", "IIS gives up before our own time limit",
        "A request that says nothing for activityTimeout seconds is ended by IIS with 500 and 0x80070102; [tool.iisgate] timeout would have answered 504 and written the stack to the log.",
        "Let timeout be shorter than activityTimeout and requestTimeout.", PAGE], timeout),
    warning(["threads-below-instances", "There are fewer threads than instances",
        "Each instance brings one request at a time to the same worker; those beyond [tool.iisgate] threads wait there.",
        "Let threads be at least maxInstances.", PAGE], threads),
    warning(["queue-short", "Few requests may wait",
        "A request that finds no free instance and queueLength others waiting is 503 at once.",
        "Write queueLength=\"1000\", the default.", PAGE], queue),
    note(["rapid-fails-off", "Instances that fail are started again without end",
        "rapidFailsPerMinute=\"0\" takes the brake away that stops starting a process that ends at once.",
        "Delete the attribute.", PAGE], rapid),
];

fn each(
    subject: &Subject<'_>,
    rule: impl Fn(&FastCgiApplication) -> Option<(&'static str, String)>,
) -> Vec<Hit> {
    let elements = subject.pool_elements();
    let element = |pool: &FastCgiApplication| -> Option<&Element> {
        elements.iter().find(|item| Some(item.place()) == pool.place).copied()
    };
    let mut hits = Vec::new();
    for pool in subject.pools() {
        if let (Some((attribute, message)), Some(element)) = (rule(pool), element(pool)) {
            hits.push(Hit::at(element.attribute_place(attribute), message));
        }
    }
    hits
}

fn order(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |pool| {
        let (idle, request, activity) =
            (pool.idle_timeout_secs, pool.request_timeout_secs, pool.activity_timeout_secs);
        (idle <= request || request <= activity).then(|| {
            (
                "requestTimeout",
                format!("idleTimeout {idle}, requestTimeout {request}, activityTimeout {activity}"),
            )
        })
    })
}

/// Below this a busy site does little but start processes.
const REQUESTS_MIN: u32 = 1000;

fn requests(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |pool| {
        let most = pool.instance_max_requests;
        (most < REQUESTS_MIN)
            .then(|| ("instanceMaxRequests", format!("an instance ends after {most} requests")))
    })
}

fn one(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |pool| {
        (pool.max_instances == 1).then(|| ("maxInstances", "all but one request wait".to_owned()))
    })
}

fn signal(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |pool| {
        (pool.signal_before_terminate_secs == 0).then(|| {
            ("signalBeforeTerminateSeconds", "IIS gives instances no time to end".to_owned())
        })
    })
}

fn variable(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |pool| {
        pool.monitor_changes_to
            .contains('%')
            .then(|| ("monitorChangesTo", "IIS expands no variable here".to_owned()))
    })
}

fn monitored(subject: &Subject<'_>) -> Vec<Hit> {
    let site = subject.site.as_ref();
    let application = site.and_then(|site| site.applications.iter().find(|one| one.path == "/"));
    let root =
        application.and_then(|one| one.virtual_directories.iter().find(|one| one.path == "/"));
    let Some(root) = root else { return Vec::new() };
    let folded = |path: &str| path.to_lowercase().replace('/', "\\");
    let root =
        format!("{}\\", folded(&root.physical_path.to_string_lossy()).trim_end_matches('\\'));
    each(subject, |pool| {
        let file = folded(&pool.monitor_changes_to);
        let name = file.strip_prefix(&root)?.replace('\\', "/");
        (!subject.has(&name)).then(|| ("monitorChangesTo", format!("the site has no {name}")))
    })
}

fn stderr(subject: &Subject<'_>) -> Vec<Hit> {
    use crate::fastcgi::StderrMode::{IgnoreAndReturn200, TerminateProcess};
    each(subject, |pool| {
        matches!(pool.stderr_mode, IgnoreAndReturn200 | TerminateProcess)
            .then(|| ("stderrMode", "a failure is not told as one".to_owned()))
    })
}

fn tcp(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |pool| {
        (pool.protocol == Protocol::Tcp)
            .then(|| ("protocol", "iisgate takes the named pipe".to_owned()))
    })
}

fn twice(subject: &Subject<'_>) -> Vec<Hit> {
    let fold = |text: &str| text.replace('"', "").to_lowercase();
    each(subject, |pool| {
        let key = (fold(&pool.full_path), fold(&pool.arguments));
        let mut earlier = subject.applications.iter().take_while(|other| other.place != pool.place);
        // To the letter is another rule's.
        let lower =
            |it: &FastCgiApplication| (it.full_path.to_lowercase(), it.arguments.to_lowercase());
        let first = earlier.find(|other| {
            (fold(&other.full_path), fold(&other.arguments)) == key && lower(other) != lower(pool)
        })?;
        let line = first.place.as_ref().map_or(0, |place| place.line);
        Some(("fullPath", format!("line {line} registers the same")))
    })
}

fn repeated(subject: &Subject<'_>) -> Vec<Hit> {
    let section =
        subject.server.as_ref().and_then(|root| root.descendant("system.webServer/fastCgi"));
    let items = section.into_iter().flat_map(Element::children);
    let mut seen: Vec<(String, u32)> = Vec::new();
    let mut hits = Vec::new();
    for item in items.filter(|item| item.name() == "application") {
        let told = |name: &str| item.attribute(name).unwrap_or_default().to_lowercase();
        let key = format!("{}|{}", told("fullPath"), told("arguments"));
        let place = item.place();
        match seen.iter().find(|(other, _)| *other == key) {
            Some((_, line)) => {
                let message = format!("line {line} has the same fullPath and arguments");
                hits.push(Hit::at(item.attribute_place("fullPath"), message));
            }
            None => seen.push((key, place.line)),
        }
    }
    hits
}

fn shared(subject: &Subject<'_>) -> Vec<Hit> {
    let site = subject.site.as_ref();
    let own = site.and_then(|site| site.applications.iter().find(|one| one.path == "/"));
    let Some(own) = own else { return Vec::new() };
    let mut hits = Vec::new();
    for python in subject.pythons() {
        let key = |processor: &ScriptProcessor| {
            (unquoted(&processor.full_path), processor.arguments.to_lowercase())
        };
        let names: Vec<&str> = subject
            .files
            .neighbours
            .iter()
            .filter(|other| other.pool.eq_ignore_ascii_case(&own.application_pool))
            .filter(|other| {
                processors(&other.file).iter().any(|theirs| key(theirs) == key(&python.processor))
            })
            .map(|other| other.name.as_str())
            .collect();
        if !names.is_empty() {
            let (names, pool) = (names.join(", "), &own.application_pool);
            let place = python.element.attribute_place("scriptProcessor");
            hits.push(Hit::at(place, format!("{names} names the same in the app pool {pool}")));
        }
    }
    hits
}

/// The FastCGI programs that another `web.config` names.
fn processors(file: &RawFile) -> Vec<ScriptProcessor> {
    let Ok(root) = document::decode(&file.path, &file.bytes) else { return Vec::new() };
    let sections = scopes(&root).filter_map(|scope| scope.descendant("system.webServer/handlers"));
    let items = sections.flat_map(Element::children).filter(|item| item.name() == "add");
    items
        .filter_map(|item| Some(ScriptProcessor::parse(item.attribute("scriptProcessor")?)))
        .collect()
}

fn timeout(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(ours) = subject.project.timeout_secs else { return Vec::new() };
    each(subject, |pool| {
        let theirs = pool.activity_timeout_secs.min(pool.request_timeout_secs);
        (ours >= theirs).then(|| {
            (
                "activityTimeout",
                format!("IIS waits {theirs} seconds, [tool.iisgate] timeout is {ours}"),
            )
        })
    })
}

fn threads(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(threads) = subject.project.threads else { return Vec::new() };
    let all = threads.saturating_mul(subject.project.workers.unwrap_or(1));
    each(subject, |pool| {
        let most = pool.max_instances;
        (most > all).then(|| ("maxInstances", format!("{most} instances, {all} threads")))
    })
}

/// Below this a burst of visitors is turned away.
const QUEUE_MIN: u32 = 100;

fn queue(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |pool| {
        let most = pool.queue_length;
        (most < QUEUE_MIN).then(|| ("queueLength", format!("{most} requests may wait")))
    })
}

fn rapid(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, |pool| {
        (pool.rapid_fails_per_minute == 0)
            .then(|| ("rapidFailsPerMinute", "nothing stops starting it".to_owned()))
    })
}

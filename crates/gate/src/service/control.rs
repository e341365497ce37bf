//! Owns making, removing, starting, stopping and asking a helper's service.
//!
//! Does not own what is made (`plan`), nor what its process does (`running`).

use super::plan::ServicePlan;
use super::subject::Subject;
use super::trouble::Trouble;
use platform::service::{self, Report, State, words};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a service is asked while it starts or stops.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// What the system takes itself, beside the helper's own time.
const SYSTEM_SLACK: Duration = Duration::from_secs(20);

/// Makes the service, and gives its account the rights that it needs. Gives what could not be done of
/// that: the service is there all the same.
///
/// # Errors
/// When there is such a service already, or the system refuses.
pub fn add(subject: &Subject, plan: &ServicePlan) -> Result<Vec<String>, Trouble> {
    let name = &subject.service;
    service::require_manager().map_err(Trouble::system("the service control manager"))?;
    if let Some(report) = query(name)? {
        return Err(if is_ours(&report, subject) {
            Trouble::asked(
                format!("service {name} is there already ({})", report.state.word()),
                format!(
                    "to make it anew, remove it first: iisgate service remove {}",
                    subject.helper()
                ),
            )
        } else {
            Trouble::asked(
                format!("another service is called {name}; it runs: {}", report.command),
                "give this one another name: --service-name NAME",
            )
        });
    }
    service::create(&plan.definition).map_err(Trouble::system(format!("service {name}")))?;
    let made = plan.log.parent().map_or(Ok(()), std::fs::create_dir_all);
    let mut undone: Vec<String> = Vec::new();
    if let Err(error) = made {
        undone.push(format!("the log's folder cannot be made: {}: {error}", plan.log.display()));
    }
    for grant in &plan.grants {
        let mut icacls = Command::new("icacls");
        let done = icacls.args(grant.arguments()).stdin(Stdio::null()).output();
        let said = match done {
            Ok(output) if output.status.success() => continue,
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        undone.push(format!("a right could not be granted: {grant}: {said}"));
    }
    Ok(undone)
}

/// Stops the service, if it runs, and removes it.
///
/// # Errors
/// When it is none of ours, does not stop, or the system refuses.
pub fn remove(subject: &Subject) -> Result<(), Trouble> {
    let name = &subject.service;
    service::require_manager().map_err(Trouble::system("the service control manager"))?;
    let report = existing(subject)?;
    if !is_ours(&report, subject) {
        return Err(Trouble::asked(
            format!("service {name} is not of this helper and stays; it runs: {}", report.command),
            format!("whoever made it removes it, or: sc delete \"{name}\""),
        ));
    }
    stop(subject)?;
    service::remove(name).map_err(Trouble::system(format!("service {name}")))
}

/// Starts the service and waits until it runs.
///
/// # Errors
/// When there is none, it does not start, or the system refuses.
pub fn start(subject: &Subject) -> Result<(), Trouble> {
    let name = &subject.service;
    existing(subject)?;
    service::start(name).map_err(Trouble::system(format!("service {name} does not start")))?;
    let end = Instant::now() + subject.ready_timeout() + SYSTEM_SLACK;
    let reached = |state| matches!(state, State::Running | State::Stopped);
    let report = await_state(subject, reached, end)?;
    let message = match report.state {
        State::Running => return Ok(()),
        State::Stopped => {
            format!("service {name} has ended at once (exit code {})", report.exit_code)
        }
        other => format!("service {name} is still {}", other.word()),
    };
    let hint = match log(&report) {
        Some(log) if is_ours(&report, subject) => format!("the log tells why: {log}"),
        _ => "Windows' Event Log, under System, tells why".into(),
    };
    Err(Trouble::State { message, hint })
}

/// Stops the service, if it runs, and waits until it has.
///
/// # Errors
/// When there is none, it does not stop in time, or the system refuses.
pub fn stop(subject: &Subject) -> Result<(), Trouble> {
    let name = &subject.service;
    if existing(subject)?.state == State::Stopped {
        return Ok(());
    }
    service::stop(name).map_err(Trouble::system(format!("service {name} does not stop")))?;
    // Once to end, once more to die.
    let end = Instant::now() + subject.stop_timeout() * 2 + SYSTEM_SLACK;
    let report = await_state(subject, |state| state == State::Stopped, end)?;
    if report.state == State::Stopped {
        return Ok(());
    }
    let process = report.process.map_or_else(|| "PID".into(), |id| id.to_string());
    Err(Trouble::State {
        message: format!("service {name} is still {}", report.state.word()),
        hint: format!("end it by force: taskkill /F /T /PID {process}"),
    })
}

/// Stops the service and starts it again.
///
/// # Errors
/// As [`stop`] and [`start`].
pub fn restart(subject: &Subject) -> Result<(), Trouble> {
    stop(subject)?;
    start(subject)
}

/// How the service stands; `None` when there is none.
///
/// # Errors
/// When the system does not tell.
pub fn status(subject: &Subject) -> Result<Option<Report>, Trouble> {
    query(&subject.service)
}

fn query(name: &str) -> Result<Option<Report>, Trouble> {
    service::query(name).map_err(Trouble::system(format!("service {name} cannot be asked")))
}

fn existing(subject: &Subject) -> Result<Report, Trouble> {
    let (name, helper) = (&subject.service, subject.helper());
    query(name)?.ok_or_else(|| {
        Trouble::asked(
            format!("there is no service {name}"),
            format!(
                "make it: iisgate service add {helper}; if it has another name, say so in \
                 pyproject.toml: service = \"...\" in [tool.iisgate.helpers.{helper}]"
            ),
        )
    })
}

fn await_state(
    subject: &Subject,
    is_reached: impl Fn(State) -> bool,
    end: Instant,
) -> Result<Report, Trouble> {
    loop {
        let report = existing(subject)?;
        if is_reached(report.state) || Instant::now() > end {
            return Ok(report);
        }
        std::thread::sleep(ASK_EVERY);
    }
}

/// Whether a service runs this helper of this site.
fn is_ours(report: &Report, subject: &Subject) -> bool {
    let words = words(&report.command);
    let run = ["service", "run", subject.helper()];
    let is_run = words.get(1..4).is_some_and(|found| found == run);
    let site = subject.site.to_string_lossy();
    is_run && option(&words, "--site").is_some_and(|found| found.eq_ignore_ascii_case(&site))
}

fn log(report: &Report) -> Option<String> {
    option(&words(&report.command), "--log").cloned()
}

fn option<'a>(words: &'a [String], name: &str) -> Option<&'a String> {
    words.iter().position(|word| word == name).and_then(|at| words.get(at + 1))
}

#[cfg(test)]
mod tests {
    use super::super::subject::tests::site;
    use super::*;

    #[test]
    fn a_service_is_known_by_its_command() {
        let (_folder, path) = site("[tool.iisgate.helpers.zeo]\ncommand = ['a']\n");
        let subject = Subject::load(&path, "zeo", None).expect("there");
        let report = |helper: &str, site: &str| {
            let arguments = ["service", "run", helper, "--site", site, "--log", "a.log"];
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            Report {
                state: State::Running,
                process: None,
                exit_code: 0,
                command: service::command_line(std::path::Path::new("/a b/iisgate"), &arguments),
                account: String::new(),
            }
        };
        let site = path.to_string_lossy();
        assert!(is_ours(&report("zeo", &site), &subject));
        assert_eq!(log(&report("zeo", &site)).as_deref(), Some("a.log"));
        assert!(!is_ours(&report("queue", &site), &subject));
        assert!(!is_ours(&report("zeo", "/another"), &subject));
    }
}

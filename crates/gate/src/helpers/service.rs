//! Owns a helper that a service of the system runs: whether it is ready, and saying clearly when it is not.
//!
//! Starts and ends nothing (`crate::service` does, when somebody asks).

use super::board::Standing;
use super::definition::Definition;
use super::limits::{LOOK_EVERY, SERVICE_AWAY, SERVICE_LOOK_EVERY};
use super::readiness;
use super::tending::{Ended, Note, Tending};
use crate::codes;
use crate::failure::StartFailure;
use platform::service::{Report, State, query};
use std::time::Instant;

/// What is known of a service. Whom the system tells nothing goes by the checks alone.
fn ask(name: &str) -> Option<Report> {
    let asked = query(name).inspect_err(|error| log::debug!("service {name}: {error}"));
    asked.ok().flatten()
}

impl Tending {
    /// Waits until it is ready, then looks after it.
    pub(super) fn follow_service(&self) -> Ended {
        let Definition { name, service, ready_timeout, .. } = &self.definition;
        let begun = Instant::now();
        while !readiness::is_ready(&self.definition, true) {
            if let Some(Note::Stop) = self.next(Some(Instant::now() + LOOK_EVERY)) {
                return Ended::Stopped;
            }
            let waited = begun.elapsed();
            let is_late = waited > *ready_timeout;
            if !is_late && waited < SERVICE_AWAY {
                continue;
            }
            let report = ask(service);
            let is_stopped = report.as_ref().is_some_and(|report| report.state == State::Stopped);
            if is_late || is_stopped {
                return Ended::Failed(unready(&self.definition, report.as_ref()));
            }
        }
        self.board.set(name, Standing::Ready);
        loop {
            match self.next(Some(Instant::now() + SERVICE_LOOK_EVERY)) {
                Some(Note::Stop) => return Ended::Stopped,
                Some(_) => {}
                None => {
                    let stopped = ask(service).filter(|report| report.state == State::Stopped);
                    // It may be another one that answers, under a name that we do not know.
                    if let Some(report) = stopped
                        && !readiness::is_checked_and_ready(&self.definition)
                    {
                        log::warn!("{}", unready(&self.definition, Some(&report)));
                        return Ended::ByItself(None);
                    }
                }
            }
        }
    }
}

/// Why it is not ready, and what to type.
fn unready(definition: &Definition, report: Option<&Report>) -> StartFailure {
    let Definition { name, service, .. } = definition;
    let missing = readiness::missing(definition, true);
    let (what, hint, command) = match report.map(|report| report.state) {
        None => (
            missing,
            "start the service that runs it; if it was never made, make it".to_owned(),
            format!("iisgate service add {name}"),
        ),
        Some(State::Stopped) => (
            format!(
                "service {service} is stopped (exit code {})",
                report.map_or(0, |r| r.exit_code)
            ),
            "start it; its log tells why it ended".to_owned(),
            format!("iisgate service start {name}"),
        ),
        Some(state) => (
            format!("service {service} is {}, and {missing}", state.word()),
            "its log tells what it waits for".to_owned(),
            format!("iisgate service status {name}"),
        ),
    };
    let title = format!("helper {name}, a service, is not ready: {what}");
    StartFailure::of(&codes::HELPER_SERVICE, title).mend(hint, command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use iis::Site;
    use std::path::Path;

    #[test]
    fn a_service_that_is_not_ready_is_told_with_what_to_type() {
        let folder = tempfile::tempdir().expect("a folder");
        let text =
            "[tool.iisgate.helpers.db]\nstart = 'service'\nservice = 'pg'\nready-file = 'x'\n";
        std::fs::write(folder.path().join("pyproject.toml"), text).expect("written");
        let files = Site::load(folder.path()).expect("well written");
        let definitions = super::super::definition::load(&files, Path::new("/py/python"));
        let definition = &definitions.expect("whole")[0];
        let told = |state: Option<State>| {
            let report = state.map(|state| Report {
                state,
                process: None,
                exit_code: 7,
                command: String::new(),
                account: String::new(),
            });
            let failure = unready(definition, report.as_ref());
            format!("{} {} | {}", failure.code, failure.title, failure.command)
        };
        for (state, part, command) in [
            (None, "there is no ", "iisgate service add db"),
            (
                Some(State::Stopped),
                "service pg is stopped (exit code 7)",
                "iisgate service start db",
            ),
            (
                Some(State::Running),
                "service pg is running, and there is no",
                "iisgate service status db",
            ),
        ] {
            let told = told(state);
            assert!(told.starts_with("IG092 helper db, a service, is not ready: "), "{told}");
            assert!(told.contains(part) && told.ends_with(command), "{told}");
        }
    }
}

//! Owns running pytest: which folder, what it is told, what its report says.
//!
//! Does not own the tests, nor the environment they run in.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::counts::Counts;
use crate::venv::Venv;
use crate::{process, repo};

/// Tells the tests that nothing is missing on this machine: a skipped test is then a failed one.
const REQUIRE_SYSTEM: &str = "IISGATE_REQUIRE_SYSTEM";

/// One call of pytest.
#[derive(Debug)]
pub(crate) struct Pytest<'a> {
    /// The folder whose tests run.
    pub(crate) folder: &'a str,
    /// A folder below it that is another call's.
    pub(crate) without: Option<&'a str>,
    /// Only tests whose names match one of these.
    pub(crate) only: &'a [String],
    /// Whether nothing that the tests want is missing here.
    pub(crate) is_complete: bool,
    pub(crate) environment: Vec<(&'static str, PathBuf)>,
    /// Where its output goes, if not to ours.
    pub(crate) log: Option<PathBuf>,
}

impl Pytest<'_> {
    /// Runs it with the environment's Python and adds up what it reports.
    pub(crate) fn run(&self, venv: &Venv, counts: &mut Counts) -> Result<()> {
        let name = format!("pytest-{}.xml", self.folder.replace('/', "-"));
        let report = repo::target().join("logs").join(name);
        let _ = std::fs::remove_file(&report);
        let mut pytest = python_module(venv, "pytest");
        pytest.arg(self.folder).arg("--junit-xml").arg(&report);
        if let Some(folder) = self.without {
            pytest.arg("--ignore").arg(folder);
        }
        for expression in self.only {
            pytest.arg("-k").arg(expression);
        }
        pytest.envs(self.environment.iter().cloned()).env_remove(REQUIRE_SYSTEM);
        if self.is_complete {
            pytest.env(REQUIRE_SYSTEM, "1");
        }
        let skipped_before = counts.skipped_tests.len();
        let done = match &self.log {
            Some(log) => process::logged(&mut pytest, log),
            None => process::stream(&mut pytest),
        };
        match std::fs::read_to_string(&report) {
            Ok(xml) => counts.pytest_report(&xml)?,
            Err(_) => {
                let why = done.err().map_or(String::new(), |error| error.to_string());
                bail!("pytest wrote no report: {why}")
            }
        }
        done?;
        if self.is_complete && self.only.is_empty() && counts.skipped_tests.len() > skipped_before {
            bail!("nothing is missing on this machine, and yet tests were skipped");
        }
        Ok(())
    }
}

/// `python -m MODULE` in the environment, from the checkout's root.
pub(super) fn python_module(venv: &Venv, module: &str) -> Command {
    let mut command = Command::new(venv.python());
    command.current_dir(repo::root()).args(["-m", module]);
    command
}

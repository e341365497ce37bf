//! Owns the list of a chore's steps: what each took, how it ended, the table at the end.
//!
//! Does not own the steps themselves.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    /// Not run, and why.
    Skipped(String),
}

struct Step {
    name: String,
    time: Duration,
    outcome: Outcome,
}

/// A chore's steps, in the order they ended.
pub(crate) struct Steps {
    began: Instant,
    done: Vec<Step>,
}

impl Default for Steps {
    fn default() -> Self {
        Self { began: Instant::now(), done: Vec::new() }
    }
}

impl Steps {
    /// Runs one step and notes how it ended; whether it passed.
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Result<()>) -> bool {
        eprintln!("\n== {name}");
        let started = Instant::now();
        let ended = step();
        self.note(name, started.elapsed(), ended)
    }

    /// Notes how a step ended that ran beside others; whether it passed.
    pub(crate) fn note(&mut self, name: &str, time: Duration, ended: Result<()>) -> bool {
        let outcome = match ended {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                eprintln!("!! {name}: {error:#}");
                Outcome::Failed(format!("{error:#}"))
            }
        };
        let passed = outcome == Outcome::Passed;
        self.done.push(Step { name: name.into(), time, outcome });
        passed
    }

    /// Notes a step that is not run.
    pub(crate) fn skip(&mut self, name: &str, why: &str) {
        eprintln!("\n== {name}\n-- skipped: {why}");
        let outcome = Outcome::Skipped(why.into());
        self.done.push(Step { name: name.into(), time: Duration::ZERO, outcome });
    }

    /// Adds steps that ran beside these.
    pub(crate) fn add(&mut self, others: Self) {
        self.done.extend(others.done);
    }

    /// Whether no step failed.
    pub(crate) fn all_passed(&self) -> bool {
        !self.done.iter().any(|step| matches!(step.outcome, Outcome::Failed(_)))
    }

    /// The table: one line a step, and the time that passed, which is less where steps ran side by side.
    pub(crate) fn table(&self) -> String {
        let width = self.done.iter().map(|step| step.name.len()).max().unwrap_or(0);
        let mut table = String::new();
        for step in &self.done {
            let outcome = match &step.outcome {
                Outcome::Passed => "passed".to_owned(),
                Outcome::Failed(why) => format!("FAILED: {}", first_line(why)),
                Outcome::Skipped(why) => format!("skipped: {why}"),
            };
            let seconds = step.time.as_secs_f32();
            table += &format!("{:width$}  {seconds:7.1} s  {outcome}\n", step.name);
        }
        table + &format!("{:width$}  {:7.1} s\n", "in all", self.began.elapsed().as_secs_f32())
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_told_and_the_next_one_runs() {
        let mut steps = Steps::default();
        assert!(!steps.run("first", || anyhow::bail!("broke\nin two lines")));
        assert!(steps.run("second", || Ok(())));
        steps.skip("third", "no server");
        assert!(!steps.all_passed());
        let table = steps.table();
        assert!(table.contains("s  FAILED: broke\n"), "{table}");
        assert!(table.contains("second"), "{table}");
        assert!(table.contains("third       0.0 s  skipped: no server\n"), "{table}");
    }
}

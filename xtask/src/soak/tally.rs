//! Owns what came of the requests: right, wrong, or failed, and whether a kill explains the failure.
//!
//! Does not own asking (`client`).

use std::time::{Duration, Instant};

/// Failures that are told one by one.
const TOLD_MAX: usize = 10;

/// A request that was not answered as it should be.
#[derive(Debug)]
struct Failed {
    began: Instant,
    ended: Instant,
    why: String,
}

/// All requests.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Answered, byte by byte as it should be.
    pub(super) right: u64,
    bytes: u64,
    wrong: Vec<String>,
    failed: Vec<Failed>,
    /// When each worker was killed: before, and after.
    kills: Vec<(Instant, Instant)>,
    slowest: Duration,
    silent: Option<Duration>,
    processes: std::collections::BTreeSet<u32>,
}

impl Tally {
    pub(super) fn answered(&mut self, process: u32, bytes: usize, took: Duration) {
        self.right += 1;
        self.bytes += bytes as u64;
        self.slowest = self.slowest.max(took);
        self.processes.insert(process);
    }

    /// An answer that says it is right and is not.
    pub(super) fn wrong(&mut self, why: String) {
        self.wrong.push(why);
    }

    pub(super) fn failed(&mut self, began: Instant, why: String) {
        self.failed.push(Failed { began, ended: Instant::now(), why });
    }

    pub(super) fn killed(&mut self, before: Instant, after: Instant) {
        self.kills.push((before, after));
    }

    /// Nobody was answered for too long.
    pub(super) fn silent(&mut self, at: Duration) {
        self.silent = Some(at);
    }

    /// The fault of a soak in which no worker was killed, or none took a killed one's place.
    pub(super) fn has_no_kill(&self) -> Option<String> {
        let (kills, workers) = (self.kills.len(), self.processes.len());
        (kills == 0 || workers <= kills).then(|| {
            format!("{workers} workers answered and {kills} were killed: nothing was soaked")
        })
    }

    /// Failures of requests that were not in flight when a worker was killed.
    fn unexplained(&self) -> Vec<&Failed> {
        let is_explained = |failed: &&Failed| {
            let in_flight =
                |kill: &(Instant, Instant)| failed.began <= kill.1 && kill.0 <= failed.ended;
            !self.kills.iter().any(in_flight)
        };
        self.failed.iter().filter(is_explained).collect()
    }

    pub(super) fn table(&self, seconds: f64, clients: usize) -> String {
        let rows = [
            ("time", format!("{seconds:.0} s, {clients} clients")),
            (
                "answered right",
                format!("{} ({:.0} a second)", self.right, self.right as f64 / seconds),
            ),
            ("bytes of answers", format!("{} MiB", self.bytes >> 20)),
            ("answered wrong", self.wrong.len().to_string()),
            ("workers that answered", self.processes.len().to_string()),
            ("workers killed", self.kills.len().to_string()),
            (
                "failed, in flight at a kill",
                (self.failed.len() - self.unexplained().len()).to_string(),
            ),
            ("failed otherwise", self.unexplained().len().to_string()),
            ("slowest right answer", format!("{:.1} s", self.slowest.as_secs_f64())),
        ];
        rows.map(|(name, value)| format!("{name:30} {value}\n")).concat()
    }

    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> = self.wrong.iter().take(TOLD_MAX).cloned().collect();
        let unexplained = self.unexplained();
        let told = unexplained.iter().take(TOLD_MAX);
        faults.extend(told.map(|failed| {
            let last = self.kills.iter().rev().find(|kill| kill.1 < failed.began);
            let since = last.map(|kill| failed.began - kill.1);
            let took = failed.ended - failed.began;
            let Failed { why, .. } = failed;
            format!(
                "failed without a kill, begun {since:.2?} after the last, took {took:.2?}: {why}"
            )
        }));
        faults.extend(self.silent.map(|at| format!("nobody was answered any more at {at:.0?}")));
        if self.right == 0 {
            faults.push("not one request was answered".to_owned());
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_kill_within_a_request_explains_its_failure() {
        let mut tally = Tally::default();
        let began = Instant::now();
        tally.failed(began, "before any kill".to_owned());
        tally.killed(Instant::now(), Instant::now());
        tally.failed(began, "at a kill".to_owned());
        let unexplained: Vec<&str> =
            tally.unexplained().iter().map(|failed| failed.why.as_str()).collect();
        assert_eq!(unexplained, ["before any kill"]);
    }
}

//! Owns the times and sizes of helpers, each with its reason.
//!
//! Does not own those that `pyproject.toml` sets, but their defaults.

use std::time::Duration;

/// How long a helper may take until it is ready: a database that was not closed reads its log first.
pub(crate) const READY_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a helper may take to end before it is killed: as long as a service manager gives at least.
pub(crate) const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// How often port and file are looked at.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long one look at a port may take: on this machine it takes no time.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the last lines of a helper that has ended may take to arrive.
pub(super) const LAST_WORDS_TIMEOUT: Duration = Duration::from_millis(500);

/// How long a service that is stopped may be away: its manager may be about to start it again.
pub(super) const SERVICE_AWAY: Duration = Duration::from_secs(10);

/// How often a service that was ready is looked at: one call, and nothing that the helper notices.
pub(super) const SERVICE_LOOK_EVERY: Duration = Duration::from_secs(2);

/// Last lines of a helper's output that tell why it failed.
pub(super) const TAIL_LINES: usize = 30;

/// Most bytes of one line in the log; a longer one is cut into several.
pub(super) const LINE_BYTES_MAX: usize = 8 * 1024;

/// How long a fresh keeper waits for the gate that started it.
pub(super) const FIRST_GATE_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a keeper without gates looks whether the workers have gone.
pub(super) const WORKER_LOOK_EVERY: Duration = Duration::from_millis(200);

/// How long workers without gates are waited for: they end by themselves, one that hangs does not.
pub(super) const WORKER_TIMEOUT: Duration = Duration::from_secs(60);

/// How often a gate tries to have a keeper before it gives up: each round finds one that is just
/// ending, which happens twice in a row at most.
pub(super) const ROUNDS_MAX: usize = 5;

/// How many matches of one name with `*` are looked at: more are a slip of the keyboard.
pub(super) const MATCHES_MAX: usize = 1000;

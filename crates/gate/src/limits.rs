//! Owns the gate's times and sizes, each with its reason.
//!
//! Does not own those of the protocol (`fastcgi::limits`).

use std::time::Duration;

/// How long a worker stays after its last gate: IIS recycles instances one by one, and the next one
/// should find the app loaded.
pub const GRACE: Duration = Duration::from_secs(5);

/// After a failed start Python is not started again for so long, after the next one twice as long,
/// up to [`BACK_OFF_MAX`]: a site under load would otherwise start one per request.
pub const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How often a gate looks for a worker before it gives up: each round finds one that is just
/// ending, which happens twice in a row at most.
pub const ROUNDS_MAX: usize = 5;

/// How long a worker may take until it has taken the pipe. Loading the app is not part of it, but
/// starting Python on a cold disk is.
pub const TAKE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a worker's successor may take to start. It is waited for with the site's lock held, while
/// the old worker goes on: so long enough for the slowest app.
pub const SUCCESSION_TIMEOUT: Duration = Duration::from_secs(300);

/// How long requests in flight may go on when the web server ends the gate.
pub const RELEASE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a gate waits for a next request to learn whether the last answer left whole, when the
/// worker was killed in that very moment.
pub const ENDING_TIMEOUT: Duration = Duration::from_secs(2);

/// How lately a pipe must have been served for a request to be awaited on it in the moment when its
/// worker died, in ticks (about 4 seconds): on a pipe that rested for longer none came just then, as
/// good as surely.
pub const HOT_TICKS: u16 = 64;

/// How long a configuration file may be half written.
pub const SETTLE: Duration = Duration::from_millis(100);

/// Bytes of a first request that the gate reads to learn the site: as many as the worker's buffer
/// takes over.
pub const PREFACE_BYTES_MAX: usize = fastcgi::limits::INPUT_BUFFER_BYTES;

/// How long finding out why Python does not start may take.
pub const DIAGNOSIS_TIMEOUT: Duration = Duration::from_secs(20);

/// The longest wait before a worker that keeps dying is started again.
pub const BACK_OFF_MAX: Duration = Duration::from_secs(10);

/// The shortest.
pub const BACK_OFF_MIN: Duration = Duration::from_millis(100);

/// Bytes on their way in each direction of a relay: as many as a pipe of Linux holds.
pub const RELAY_BYTES: usize = 64 * 1024;

/// How long the web server may take to read the rest of an answer when a relay ends.
pub const RELAY_FLUSH_TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of a recording, and of the traffic it tells: it is to be sent to somebody, and a
/// forgotten recorder must not fill a disk.
pub const RECORDING_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Most bytes of one step of a recording: more than a relay passes on at once.
pub const CHUNK_BYTES_MAX: usize = 1024 * 1024;

/// Most bytes that a recorder holds because it is not known yet which of them are secret. Holds the
/// params of any request; what is more is masked.
pub const UNSETTLED_BYTES_MAX: usize = 2 * fastcgi::limits::PARAMS_BYTES_MAX;

/// Threads of a worker when nothing else is said: as many requests as it serves at once. IIS bounds
/// the requests itself, by instances.
pub const THREADS: u32 = 16;

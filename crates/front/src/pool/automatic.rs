//! Owns how many instances "automatic" (`maxInstances="0"`) allows.
//!
//! Does not own who asks for that. IIS retunes its figure every few seconds by CPU load, memory and
//! queue, in a way that is not documented; here it follows from the machine alone, so that a site
//! behaves today as it did yesterday.

use std::thread;

/// Most instances wait for a database most of the time. On a small machine with two CPUs that is 16,
/// more than one browser opens at once (6), and as many as a worker has threads.
const INSTANCES_PER_CPU: u64 = 8;

/// What one may need where it is a whole interpreter, as with wfastcgi and PHP.
const BYTES_PER_INSTANCE: u64 = 128 * 1024 * 1024;

/// IIS 7.0's default, from when there was no "automatic".
const LEAST: u64 = 4;

/// Instances of some more machines are tried in vain on one: the web server's own work is in the way.
const MOST: u64 = 64;

/// What a `maxInstances` of the configuration means on this machine.
pub(crate) fn max_instances(configured: u32) -> u32 {
    if configured != 0 {
        return configured;
    }
    let cpus = thread::available_parallelism().map_or(1, usize::from) as u64;
    // Where the system does not tell, memory is no limit.
    on_machine(cpus, platform::memory::physical_bytes().unwrap_or(u64::MAX))
}

fn on_machine(cpus: u64, memory_bytes: u64) -> u32 {
    let found = (cpus * INSTANCES_PER_CPU).min(memory_bytes / BYTES_PER_INSTANCE);
    found.clamp(LEAST, MOST) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_follows_from_the_machine() {
        const GIB: u64 = 1 << 30;
        for (cpus, memory, expected) in [
            (1, 8 * GIB, 8),
            (2, 8 * GIB, 16),
            (8, 64 * GIB, 64),
            (64, 512 * GIB, 64),
            (8, GIB, 8),
            (8, GIB / 8, 4),
            (2, u64::MAX, 16),
        ] {
            assert_eq!(on_machine(cpus, memory), expected, "{cpus} CPUs, {memory} bytes");
        }
        assert_eq!(max_instances(3), 3);
        assert!((LEAST..=MOST).contains(&u64::from(max_instances(0))));
    }
}

//! Owns the table of attributes: for each one of `<fastCgi><application>` that the pool obeys, what
//! happens just before its limit, at it, and after it.
//!
//! Does not test attributes that are no rules of the pool: `stderrMode`, `flushNamedPipe`,
//! `protocol`, `environmentVariables` and `signalBeforeTerminateSeconds` act on one instance, and
//! `monitorChangesTo` comes as `Recycle`.

use super::{CONFIG, Config, Duration, scenario};

/// A pool of one instance.
const ONE: Config = Config { max_instances: 1, ..CONFIG };

#[test]
fn max_instances() {
    scenario(
        Config { max_instances: 1, ..CONFIG },
        "0 arrives r1  -> spawn i1, queue r1
         0 arrives r2  -> queue r2
         0 started i1  -> r1 to i1
         1 complete i1 -> r2 to i1",
    );
    scenario(
        Config { max_instances: 3, ..CONFIG },
        "0 arrives r1  -> spawn i1, queue r1
         0 arrives r2  -> spawn i2, queue r2
         0 arrives r3  -> spawn i3, queue r3
         0 arrives r4  -> queue r4
         0 started i2  -> r1 to i2
         1 complete i2 -> r2 to i2
         1 started i1  -> r3 to i1
         1 started i3  -> r4 to i3",
    );
}

#[test]
fn queue_length() {
    scenario(
        Config { queue_length: 1, ..ONE },
        "0 arrives r1   -> spawn i1, queue r1
         0 started i1   -> r1 to i1
         1 arrives r2   -> queue r2
         1 arrives r3   -> refuse r3 full
         2 cancelled r2 ->
         2 arrives r4   -> queue r4
         3 complete i1  -> r4 to i1
         3 arrives r5   -> queue r5",
    );
}

#[test]
fn instance_max_requests() {
    scenario(
        Config { instance_max_requests: 2, ..ONE },
        "0 arrives r1  -> spawn i1, queue r1
         0 started i1  -> r1 to i1
         1 complete i1 ->
         2 arrives r2  -> r2 to i1
         3 complete i1 -> retire i1
         due           -> never
         4 arrives r3  -> spawn i2, queue r3",
    );
}

#[test]
fn idle_timeout() {
    scenario(
        Config { idle_timeout: Duration::from_secs(10), ..CONFIG },
        "0 arrives r1   -> spawn i1, queue r1
         due            -> never
         0 arrives r2   -> spawn i2, queue r2
         1 started i1   -> r1 to i1
         1 started i2   -> r2 to i2
         5 complete i1  ->
         due            -> 15
         7 complete i2  ->
         14 time        ->
         15 time        -> retire i1
         due            -> 17
         16 arrives r3  -> r3 to i2
         17 time        ->
         due            -> 86
         20 complete i2 ->
         due            -> 30
         31 time        -> retire i2
         due            -> never
         40 arrives r4  -> spawn i3, queue r4",
    );
}

#[test]
fn activity_timeout() {
    scenario(
        Config { activity_timeout: Duration::from_secs(10), ..ONE },
        "0 arrives r1  -> spawn i1, queue r1
         due           -> never
         60 started i1 -> r1 to i1
         due           -> 70
         65 active i1  ->
         due           -> 75
         64 active i1  ->
         74 time       ->
         75 time       -> expire i1 activity
         due           -> never
         76 time       ->
         76 arrives r2 -> queue r2
         76 broken i1  -> retire i1, spawn i2
         76 started i2 -> r2 to i2
         due           -> 86",
    );
    // An instance that waits for requests is silent, too.
    scenario(
        Config { activity_timeout: Duration::from_secs(10), ..ONE },
        "0 arrives r1   -> spawn i1, queue r1
         0 started i1   -> r1 to i1
         1 complete i1  ->
         50 active i1   ->
         100 time       ->
         due            -> 301
         100 arrives r2 -> r2 to i1
         due            -> 110",
    );
}

#[test]
fn request_timeout() {
    scenario(
        Config { request_timeout: Duration::from_secs(10), ..CONFIG },
        "0 arrives r1   -> spawn i1, queue r1
         1 started i1   -> r1 to i1
         due            -> 11
         2 arrives r2   -> spawn i2, queue r2
         3 started i2   -> r2 to i2
         10 active i1   ->
         10 active i2   ->
         11 time        -> expire i1 request
         due            -> 13
         11 broken i1   -> retire i1
         12 complete i2 ->
         due            -> 312",
    );
    // Waiting for an instance does not count: the limit is on the work of the process.
    scenario(
        Config { request_timeout: Duration::from_secs(10), ..ONE },
        "0 arrives r1   -> spawn i1, queue r1
         0 started i1   -> r1 to i1
         1 arrives r2   -> queue r2
         9 complete i1  -> r2 to i1
         due            -> 19",
    );
    // A process that ends after it was given up is no failure of its own.
    scenario(
        Config { request_timeout: Duration::from_secs(10), rapid_fails_per_minute: 0, ..ONE },
        "0 arrives r1   -> spawn i1, queue r1
         0 started i1   -> r1 to i1
         10 time        -> expire i1 request
         10 broken i1   -> retire i1
         11 exited i1   ->
         12 arrives r2  -> spawn i2, queue r2",
    );
}

#[test]
fn rapid_fails_per_minute() {
    scenario(
        Config { rapid_fails_per_minute: 2, ..ONE },
        "0 arrives r1    -> spawn i1, queue r1
         0 started i1    -> r1 to i1
         1 died i1       -> retire i1
         10 arrives r2   -> spawn i2, queue r2
         10 failed i2    -> refuse r2 failed
         20 arrives r3   -> spawn i3, queue r3
         20 arrives r4   -> queue r4
         20 started i3   -> r3 to i3
         30 died i3      -> retire i3, refuse r4 rapid
         due             -> never
         60 arrives r5   -> refuse r5 rapid
         61 arrives r6   -> spawn i4, queue r6
         61 started i4   -> r6 to i4
         62 died i4      -> retire i4
         69 arrives r7   -> refuse r7 rapid
         70 arrives r8   -> spawn i5, queue r8",
    );
    // Those that live go on serving; the others are missed until the minute is over.
    scenario(
        Config { rapid_fails_per_minute: 1, ..CONFIG },
        "0 arrives r1   -> spawn i1, queue r1
         0 started i1   -> r1 to i1
         1 arrives r2   -> spawn i2, queue r2
         1 failed i2    -> refuse r2 failed
         2 arrives r3   -> spawn i3, queue r3
         2 failed i3    -> refuse r3 failed
         3 arrives r4   -> queue r4
         due            -> 61
         4 complete i1  -> r4 to i1
         5 arrives r5   -> queue r5
         61 time        -> spawn i4
         61 started i4  -> r5 to i4",
    );
    // A process that ends by itself while it idles has failed, one that has done its part has not.
    scenario(
        Config { rapid_fails_per_minute: 0, instance_max_requests: 2, ..ONE },
        "0 arrives r1   -> spawn i1, queue r1
         0 started i1   -> r1 to i1
         0 complete i1  ->
         1 arrives r2   -> r2 to i1
         1 left i1      -> retire i1
         2 arrives r3   -> spawn i2, queue r3
         2 started i2   -> r3 to i2
         3 complete i2  ->
         4 exited i2    ->
         5 arrives r4   -> refuse r4 rapid
         64 arrives r5  -> spawn i3, queue r5
         64 started i3  -> r5 to i3
         65 left i3     -> retire i3
         66 arrives r6  -> refuse r6 rapid",
    );
}

#[test]
fn limits_of_instances_that_are_to_be_replaced() {
    scenario(
        CONFIG,
        "0 arrives r1  -> spawn i1, queue r1
         0 started i1  -> r1 to i1
         1 recycle     ->
         due           -> 70
         70 time       -> expire i1 activity
         71 recycle    ->
         71 broken i1  -> retire i1
         due           -> never",
    );
}

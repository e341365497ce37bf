//! Owns the tests of `pool`: scenarios, one line an event at a time, with what must be done.
//!
//! Does not start processes; the clock is the first column.

#[path = "pool/attribute_tests.rs"]
mod attributes;

use std::time::Duration;

use super::{Action, Config, Event, Instance, Limit, Outcome, Pool, Refusal, Request};

const CONFIG: Config = Config {
    max_instances: 2,
    queue_length: 2,
    instance_max_requests: 200,
    idle_timeout: Duration::from_secs(300),
    activity_timeout: Duration::from_secs(70),
    request_timeout: Duration::from_secs(90),
    rapid_fails_per_minute: 10,
};

/// Runs `seconds event` lines; `-> actions` follows each. `due -> seconds` asks when time alone
/// will change something.
fn scenario(config: Config, script: &str) {
    let mut pool = Pool::new(config);
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (input, expected) = line.split_once("->").expect("event -> actions");
        let mut words = input.split_whitespace();
        let first = words.next().unwrap();
        if first == "due" {
            let due = pool.due().map_or("never".to_owned(), |due| due.as_secs().to_string());
            assert_eq!(due, expected.trim(), "in: {line}");
            continue;
        }
        let now = Duration::from_secs(first.parse().unwrap());
        let event = event(&words.collect::<Vec<_>>());
        let actions: Vec<_> = pool.handle(event, now).into_iter().map(told).collect();
        assert_eq!(actions.join(", "), expected.trim(), "in: {line}");
    }
}

fn event(words: &[&str]) -> Event {
    let number = |text: &str| text[1..].parse().expect("a letter and a number");
    let instance = |text| Instance(number(text));
    let done = |text, outcome| Event::RequestDone { instance: instance(text), outcome };
    match words {
        ["arrives", r] => Event::RequestArrived(Request(number(r))),
        ["cancelled", r] => Event::RequestCancelled(Request(number(r))),
        ["complete", i] => done(i, Outcome::Complete),
        ["unused", i] => done(i, Outcome::Unused),
        ["broken", i] => done(i, Outcome::Broken),
        ["died", i] => done(i, Outcome::Died),
        ["left", i] => done(i, Outcome::Left),
        ["started", i] => Event::InstanceStarted(instance(i)),
        ["failed", i] => Event::StartFailed(instance(i)),
        ["exited", i] => Event::InstanceExited(instance(i)),
        ["active", i] => Event::Active(instance(i)),
        ["time"] => Event::TimePassed,
        ["recycle"] => Event::Recycle,
        ["shutdown"] => Event::Shutdown,
        other => panic!("no such event: {other:?}"),
    }
}

fn told(action: Action) -> String {
    match action {
        Action::Spawn(i) => format!("spawn i{}", i.0),
        Action::Queue(r) => format!("queue r{}", r.0),
        Action::Assign { request, instance } => format!("r{} to i{}", request.0, instance.0),
        Action::Retire(i) => format!("retire i{}", i.0),
        Action::Expire { instance, limit } => {
            let limit = match limit {
                Limit::Activity => "activity",
                Limit::Request => "request",
            };
            format!("expire i{} {limit}", instance.0)
        }
        Action::Refuse { request, refusal } => {
            let why = match refusal {
                Refusal::QueueFull => "full",
                Refusal::StartFailed => "failed",
                Refusal::RapidFails => "rapid",
                Refusal::ShuttingDown => "ending",
            };
            format!("refuse r{} {why}", request.0)
        }
    }
}

#[test]
fn instances_start_when_none_is_free() {
    scenario(
        CONFIG,
        "0 arrives r1  -> spawn i1, queue r1
         0 started i1  -> r1 to i1
         1 arrives r2  -> spawn i2, queue r2
         1 started i2  -> r2 to i2
         2 complete i1 ->
         3 arrives r3  -> r3 to i1",
    );
}

#[test]
fn one_request_at_a_time_then_the_queue_then_503() {
    scenario(
        CONFIG,
        "0 arrives r1  -> spawn i1, queue r1
         0 arrives r2  -> spawn i2, queue r2
         0 started i2  -> r1 to i2
         0 started i1  -> r2 to i1
         1 arrives r3  -> queue r3
         1 arrives r4  -> queue r4
         1 arrives r5  -> refuse r5 full
         2 complete i1 -> r3 to i1
         2 arrives r6  -> queue r6
         3 complete i2 -> r4 to i2
         4 complete i2 -> r6 to i2",
    );
}

#[test]
fn requests_that_wait_for_their_own_start_do_not_count_against_the_queue() {
    scenario(
        Config { queue_length: 1, ..CONFIG },
        "0 arrives r1 -> spawn i1, queue r1
         0 arrives r2 -> spawn i2, queue r2
         0 arrives r3 -> queue r3
         0 arrives r4 -> refuse r4 full",
    );
}

#[test]
fn the_most_recently_idle_instance_is_reused() {
    scenario(
        Config { max_instances: 3, ..CONFIG },
        "0 arrives r1  -> spawn i1, queue r1
         0 arrives r2  -> spawn i2, queue r2
         0 arrives r3  -> spawn i3, queue r3
         0 started i1  -> r1 to i1
         0 started i2  -> r2 to i2
         0 started i3  -> r3 to i3
         1 complete i1 ->
         3 complete i2 ->
         2 complete i3 ->
         4 arrives r4  -> r4 to i2
         4 arrives r5  -> r5 to i3
         4 arrives r6  -> r6 to i1",
    );
}

#[test]
fn spent_instances_are_replaced_when_someone_waits() {
    scenario(
        Config { max_instances: 1, instance_max_requests: 2, ..CONFIG },
        "0 arrives r1  -> spawn i1, queue r1
         0 started i1  -> r1 to i1
         1 unused i1   ->
         1 arrives r2  -> r2 to i1
         2 complete i1 ->
         3 arrives r3  -> r3 to i1
         3 arrives r4  -> queue r4
         4 complete i1 -> retire i1, spawn i2
         4 started i2  -> r4 to i2
         5 complete i2 ->
         5 arrives r5  -> r5 to i2
         6 complete i2 -> retire i2
         7 arrives r6  -> spawn i3, queue r6",
    );
}

#[test]
fn broken_instances_are_forgotten() {
    scenario(
        Config { max_instances: 1, ..CONFIG },
        "0 arrives r1 -> spawn i1, queue r1
         0 started i1 -> r1 to i1
         1 arrives r2 -> queue r2
         2 exited i1  ->
         2 broken i1  -> retire i1, spawn i2
         2 started i2 -> r2 to i2
         3 complete i2 ->
         4 exited i2  ->
         5 arrives r3 -> spawn i3, queue r3",
    );
}

#[test]
fn a_failed_start_costs_the_oldest_request() {
    scenario(
        Config { max_instances: 1, queue_length: 5, ..CONFIG },
        "0 arrives r1 -> spawn i1, queue r1
         0 arrives r2 -> queue r2
         1 failed i1  -> refuse r1 failed, spawn i2
         2 failed i2  -> refuse r2 failed
         3 arrives r3 -> spawn i3, queue r3
         4 started i3 -> r3 to i3",
    );
}

#[test]
fn cancelled_requests_leave_the_queue() {
    scenario(
        CONFIG,
        "0 arrives r1   -> spawn i1, queue r1
         0 arrives r2   -> spawn i2, queue r2
         1 cancelled r1 ->
         1 started i1   -> r2 to i1
         1 started i2   ->
         2 arrives r3   -> r3 to i2",
    );
}

#[test]
fn recycling_waits_for_busy_and_starting_instances() {
    scenario(
        Config { max_instances: 3, ..CONFIG },
        "0 arrives r1  -> spawn i1, queue r1
         0 arrives r2  -> spawn i2, queue r2
         0 started i1  -> r1 to i1
         0 started i2  -> r2 to i2
         1 complete i1 ->
         1 arrives r3  -> r3 to i1
         1 complete i2 ->
         2 recycle     -> retire i2
         2 arrives r4  -> spawn i3, queue r4
         2 recycle     -> spawn i4
         2 started i3  -> retire i3
         2 started i4  -> r4 to i4
         3 complete i1 -> retire i1
         3 complete i4 ->
         4 arrives r5  -> r5 to i4",
    );
}

#[test]
fn shutdown_refuses_and_retires() {
    scenario(
        CONFIG,
        "0 arrives r1 -> spawn i1, queue r1
         0 started i1 -> r1 to i1
         0 arrives r2 -> spawn i2, queue r2
         0 arrives r3 -> queue r3
         1 shutdown   -> refuse r2 ending, refuse r3 ending, retire i1
         1 started i2 -> retire i2
         1 broken i1  ->
         2 arrives r4 -> refuse r4 ending",
    );
}

//! Owns how instances live and die: how many, for whom, and that none is left.
//!
//! Does not test the pool's rules one by one: `pool` does.

use std::io::Read;
use std::time::{Duration, Instant};

use crate::client::{begin, get, read};
use crate::server::{Meeting, Server, folder, with_attributes};

/// The process id in an answer of `/pid` or `/wait`.
fn pid(text: &str) -> String {
    text.split(' ').next().unwrap().to_owned()
}

#[test]
fn slow_requests_queue_at_max_instances() {
    let (folder, settings) = with_attributes("maxInstances=\"2\" queueLength=\"2\"");
    let server = Server::with(folder, settings);
    let meeting = Meeting::new();
    let path = format!("/wait?{}", meeting.address());
    let mut streams = vec![begin(server.address, "GET", &path, "")];
    let mut held = vec![meeting.next()];
    streams.push(begin(server.address, "GET", &path, ""));
    held.push(meeting.next());
    // Two more wait, and one too many is refused: which tells that the others are queued.
    for _ in 0..3 {
        streams.push(begin(server.address, "GET", &path, ""));
    }
    let mut refused = None;
    while refused.is_none() {
        for (index, stream) in streams.iter().enumerate().skip(2) {
            stream.set_nonblocking(true).unwrap();
            let has_answer = stream.peek(&mut [0]).is_ok();
            stream.set_nonblocking(false).unwrap();
            if has_answer {
                refused = Some(index);
            }
        }
        std::thread::yield_now();
    }
    let mut refused = streams.remove(refused.unwrap());
    let reply = read(&mut refused, "GET");
    assert_eq!(reply.status, 503);
    assert!(reply.text().starts_with("503.4"), "{}", reply.text());
    assert!(meeting.is_deserted(), "only two run at a time");
    held.clear();
    // The two that waited come to the same two instances.
    drop((meeting.next(), meeting.next()));
    let mut pids: Vec<_> = streams.iter_mut().map(|s| pid(&read(s, "GET").text())).collect();
    pids.sort();
    pids.dedup();
    assert_eq!(pids.len(), 2);
}

#[test]
fn instances_are_replaced_after_instance_max_requests() {
    let (folder, settings) = with_attributes("maxInstances=\"1\" instanceMaxRequests=\"3\"");
    let server = Server::with(folder, settings);
    let answers: Vec<_> = (0..7).map(|_| get(server.address, "/pid").text()).collect();
    let counts: Vec<_> = answers.iter().map(|a| a.split(' ').nth(1).unwrap()).collect();
    assert_eq!(counts, ["1", "2", "3", "1", "2", "3", "1"]);
}

#[test]
fn an_instance_ends_with_a_client_that_goes() {
    let mut server = Server::start(folder());
    let meeting = Meeting::new();
    let mut stream = begin(server.address, "GET", &format!("/endless?{}", meeting.address()), "");
    let mut line = meeting.next();
    stream.read_exact(&mut [0; 100_000]).unwrap();
    drop(stream);
    // The process holds the other end of this line: it closes when the process ends.
    assert_eq!(line.read(&mut [0]).unwrap_or(0), 0);
    assert!(get(server.address, "/pid").text().ends_with(" 1"), "a new one serves");
    server.stop();
    assert!(!server.accesses.lock().unwrap()[0].is_complete);
}

#[test]
fn an_instance_ends_with_a_client_that_goes_before_the_head() {
    let server = Server::start(folder());
    let meeting = Meeting::new();
    let stream = begin(server.address, "GET", &format!("/wait?{}", meeting.address()), "");
    let mut line = meeting.next();
    drop(stream);
    assert_eq!(line.read(&mut [0]).unwrap_or(0), 0);
    assert!(get(server.address, "/pid").text().ends_with(" 1"), "a new one serves");
}

#[test]
fn recycling_replaces_idle_instances() {
    let server = Server::start(folder());
    let first = pid(&get(server.address, "/pid").text());
    server.control.recycle();
    let mut now = first.clone();
    while now == first {
        now = pid(&get(server.address, "/pid").text());
    }
    assert_ne!(now, first);
}

#[test]
fn nothing_is_left_at_the_end() {
    let mut server = Server::start(folder());
    let meeting = Meeting::new();
    let path = format!("/wait?{}", meeting.address());
    let streams: Vec<_> = (0..3).map(|_| begin(server.address, "GET", &path, "")).collect();
    let mut held: Vec<_> = (0..3).map(|_| meeting.next()).collect();
    server.stop();
    for line in &mut held {
        assert_eq!(line.read(&mut [0]).unwrap_or(0), 0, "the process has ended");
    }
    drop(streams);
    // What another test starts at this moment has copies of all that is open, until it is a program.
    let end = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(server.address).is_ok() {
        assert!(Instant::now() < end, "nobody listens");
    }
}

//! Owns the ways in which IIS may behave, one by one, with an application that shows their effect.
//!
//! Does not test how an app in Python takes them.

use std::io::{Read, Write};
use std::net::TcpStream;

use fastcgi::RecordType;
use front::{Direction, Settings, SiteSource, Way};

use crate::client::{begin, get, post, read};
use crate::server::{Meeting, Server, folder};

/// With one instance, so that the next request comes to it or to none.
fn in_way(name: &str) -> Server {
    let folder = folder();
    let mut settings = Settings::new(SiteSource::Directory(folder.path().to_owned()));
    settings.max_instances = Some(1);
    Way::named(name).expect(name).set(&mut settings.conduct);
    Server::with(folder, settings)
}

fn is_silent(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(std::time::Duration::from_millis(200))).unwrap();
    let is_silent = stream.peek(&mut [0]).is_err();
    stream.set_read_timeout(None).unwrap();
    is_silent
}

#[test]
fn ids_rotate_or_stay() {
    let ids = |server: &Server| -> Vec<u16> {
        for _ in 0..3 {
            assert_eq!(get(server.address, "/hello").text(), "hello");
        }
        let records = server.records.lock().unwrap();
        let begins = records.iter().filter(|(_, kind, _)| *kind == RecordType::BeginRequest);
        begins.map(|(_, _, id)| *id).collect()
    };
    let rotating = ids(&Server::single(folder()));
    assert!(rotating.windows(2).all(|pair| pair[0] != pair[1]), "{rotating:?}");
    assert_eq!(ids(&in_way("fixed-id")), [1, 1, 1]);
}

#[test]
fn a_buffered_response_waits_for_its_end() {
    let server = in_way("buffer-response");
    let meeting = Meeting::new();
    let path = format!("/head-first?{}", meeting.address());
    let mut stream = begin(server.address, "GET", &path, "");
    let held = meeting.next();
    assert!(is_silent(&mut stream));
    drop(held);
    assert_eq!(read(&mut stream, "GET").text(), "late");
    let size = 12_000_000;
    let reply = post(server.address, "/echo", &vec![b'y'; size]);
    assert_eq!((reply.status, reply.body.len(), reply.is_truncated), (200, size, false));
}

#[test]
fn a_buffered_response_that_breaks_off_becomes_a_page() {
    // Where head and end come at once, nothing has left yet, and there may be a page here, too.
    let reply = get(Server::single(folder()).address, "/half");
    let is_cut = reply.status == 200 && reply.is_truncated;
    assert!(is_cut || reply.status == 500, "never taken for whole, never no answer: {reply:?}");
    let reply = get(in_way("buffer-response").address, "/half");
    assert_eq!((reply.status, reply.is_truncated), (500, false));
    assert!(reply.text().contains("exited unexpectedly"), "{}", reply.text());
}

#[test]
fn with_the_body_first_an_early_answer_waits() {
    let server = in_way("body-first");
    let mut stream = begin(server.address, "POST", "/early", "Content-Length: 10\r\n");
    stream.write_all(b"first").unwrap();
    assert!(is_silent(&mut stream));
    stream.write_all(b"later").unwrap();
    assert_eq!(read(&mut stream, "POST").status, 413);
    assert_eq!(get(server.address, "/exit").status, 500, "an end is noticed all the same");
}

/// A client that goes while the application works on its request; what passed meanwhile. The
/// application goes on once the last record of `awaited` was sent.
fn gone(server: &Server, awaited: &[(Direction, RecordType)]) -> Vec<(Direction, RecordType)> {
    let words = |text: String| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let before = words(get(server.address, "/pid").text());
    let seen = server.records.lock().unwrap().len();
    let meeting = Meeting::new();
    let stream = begin(server.address, "GET", &format!("/wait?{}", meeting.address()), "");
    let held = meeting.next();
    drop(stream);
    let is_sent = |last: &(Direction, RecordType)| {
        let records = server.records.lock().unwrap();
        records[seen..].iter().any(|(way, kind, _)| (*way, *kind) == *last)
    };
    // It is logged when the stand-in has noticed.
    let has_noticed = || server.accesses.lock().unwrap().len() == 2;
    while !(has_noticed() && awaited.last().is_none_or(is_sent)) {
        std::thread::yield_now();
    }
    drop(held);
    let after = words(get(server.address, "/pid").text());
    assert_eq!(after, [before[0].as_str(), "3"], "the same instance, its third request");
    let records = server.records.lock().unwrap();
    let ours = records[seen + 1..].iter().map(|(way, kind, _)| (*way, *kind));
    ours.take_while(|(_, kind)| *kind != RecordType::BeginRequest).collect()
}

#[test]
fn an_instance_is_kept_when_its_client_goes() {
    use Direction::{Received, Sent};
    use RecordType::{AbortRequest, EndRequest, Params, Stdin, Stdout};
    let asked = [(Sent, Params), (Sent, Params), (Sent, Stdin)];
    let answered = [(Received, Stdout), (Received, Stdout), (Received, EndRequest)];
    let server = in_way("keep-on-disconnect");
    assert_eq!(gone(&server, &asked), [&asked[..], &answered[..]].concat());
    let aborted = [&asked[..], &[(Sent, AbortRequest)]].concat();
    assert_eq!(gone(&in_way("abort"), &aborted), [&aborted[..], &answered[..]].concat());
}

#[test]
fn an_upload_that_breaks_off_ends_where_it_broke() {
    let server = in_way("keep-on-disconnect");
    let mut stream = begin(server.address, "POST", "/sum", "Content-Length: 10\r\n");
    stream.write_all(b"12345").unwrap();
    while !server.records.lock().unwrap().iter().any(|(_, kind, _)| *kind == RecordType::Stdin) {
        std::thread::yield_now();
    }
    drop(stream);
    assert!(get(server.address, "/pid").text().ends_with(" 2"), "the first one was ended in order");
}

#[test]
fn an_endless_response_is_not_in_the_way_of_stopping() {
    let mut server = in_way("keep-on-disconnect");
    let meeting = Meeting::new();
    let mut stream = begin(server.address, "GET", &format!("/endless?{}", meeting.address()), "");
    let mut line = meeting.next();
    stream.read_exact(&mut [0; 100_000]).unwrap();
    drop(stream);
    server.stop();
    assert_eq!(line.read(&mut [0]).unwrap_or(0), 0, "its process has ended");
}

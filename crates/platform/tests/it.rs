//! Owns what each system's half must do alike: streams, the poller, channels, the status cell.
//!
//! Does not own what one system alone has: that is tested beside it.

use platform::handover::Channel;
use platform::poller::Woken;
use platform::status_cell::StatusCell;
use platform::{Listener, Poller, Stream};
use platform::{memory, offer, rendezvous};
use std::io::{IoSlice, Read, Write};
use std::time::{Duration, Instant};

const SOON: Option<Duration> = Some(Duration::from_secs(10));
const NOW: Option<Duration> = Some(Duration::ZERO);

fn read(stream: &Stream, count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let mut room = [0; 4096];
    while all.len() < count {
        match stream.try_read(&mut room).expect("read") {
            Some(0) => break,
            Some(count) => all.extend_from_slice(&room[..count]),
            None => {
                assert!(stream.wait(true, false, SOON).expect("waited").readable, "nothing came")
            }
        }
    }
    all
}

#[test]
fn bytes_pass_and_the_end_is_told() {
    let (one, other) = Stream::pair().expect("a pair");
    let mut room = [0; 16];
    assert_eq!(one.try_read(&mut room).expect("read"), None);
    assert!(!one.has_ended().expect("known"));
    let slices = [IoSlice::new(b"two "), IoSlice::new(b"slices")];
    assert_eq!(other.try_write(&slices).expect("written"), Some(10));
    assert_eq!(read(&one, 10), b"two slices");
    other.write_all(b"last").expect("written");
    drop(other);
    assert!(!one.has_ended().expect("known"), "bytes are left");
    assert_eq!(read(&one, 4), b"last");
    assert_eq!(read(&one, 1), b"");
    assert!(one.has_ended().expect("known"));
}

#[test]
fn both_directions_at_once_though_nobody_reads_at_first() {
    let (one, other) = Stream::pair().expect("a pair");
    let much = vec![7u8; 3 << 20];
    std::thread::scope(|scope| {
        for stream in [&one, &other] {
            scope.spawn(|| stream.write_all(&much).expect("written"));
            scope.spawn(|| assert_eq!(read(stream, much.len()).len(), much.len()));
        }
    });
}

#[test]
fn one_thread_writes_and_reads_though_the_peer_is_stuck() {
    let (one, other) = Stream::pair().expect("a pair");
    let much = vec![7u8; 3 << 20];
    std::thread::scope(|scope| {
        scope.spawn(|| {
            other.write_all(&much).expect("written");
            assert_eq!(read(&other, much.len()).len(), much.len());
        });
        let (mut sent, mut received) = (0, 0);
        let mut room = vec![0; 64 * 1024];
        while sent < much.len() || received < much.len() || !one.is_written().expect("known") {
            let ready = one.wait(received < much.len(), true, SOON).expect("waited");
            if ready.readable {
                received += one.try_read(&mut room).expect("read").unwrap_or(0);
            }
            if ready.writable && sent < much.len() {
                let rest = [IoSlice::new(&much[sent..])];
                sent += one.try_write(&rest).expect("written").unwrap_or(0);
            }
        }
    });
}

#[test]
fn waiting_ends_in_time() {
    let (one, _other) = Stream::pair().expect("a pair");
    let begun = Instant::now();
    let ready = one.wait(true, false, Some(Duration::from_millis(30))).expect("waited");
    assert!(!ready.readable && begun.elapsed() >= Duration::from_millis(29));
}

#[test]
fn what_was_begun_is_settled_and_another_goes_on() {
    let (one, other) = Stream::pair().expect("a pair");
    assert!(!one.wait(true, false, NOW).expect("waited").readable);
    assert_eq!(one.settle().expect("settled"), b"");
    other.write_all(b"abc").expect("written");
    assert!(one.wait(true, false, SOON).expect("waited").readable);
    let mut all = one.settle().expect("settled");
    all.extend(read(&one, 3 - all.len()));
    assert_eq!(all, b"abc");
}

#[test]
fn a_shut_stream_wakes_who_waits_for_it() {
    let (one, _other) = Stream::pair().expect("a pair");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| one.wait(true, false, SOON).expect("waited"));
        one.shutdown();
        assert!(waiting.join().expect("joined").readable);
    });
    assert_eq!(read(&one, 1), b"");
    assert!(one.write_all(b"x").is_err());
}

#[test]
fn who_is_cut_off_is_told_although_the_stream_is_still_held() {
    let (one, other) = Stream::pair().expect("a pair");
    assert!(!other.wait(true, false, NOW).expect("waited").readable);
    one.cut();
    assert!(other.wait(true, false, SOON).expect("waited").readable);
    assert_eq!(read(&other, 1), b"");
    assert!(one.write_all(b"x").is_err());
}

#[test]
fn a_poller_tells_what_came_once_and_holds_back_what_is_paused() {
    let poller = Poller::new().expect("a poller");
    let (one, other) = Stream::pair().expect("a pair");
    poller.add(&one, 7).expect("added");
    assert_eq!(poller.wait(NOW).expect("waited"), Woken::Timeout);
    other.write_all(b"x").expect("written");
    let is_7 = |woken| matches!(woken, Woken::Ready { token: 7, .. });
    assert!(is_7(poller.wait(SOON).expect("waited")));
    assert_eq!(read(&one, 1), b"x");
    one.expect_more();
    assert_eq!(poller.wait(NOW).expect("waited"), Woken::Timeout);
    poller.pause(&one, 7).expect("paused");
    other.write_all(b"y").expect("written");
    assert_eq!(poller.wait(Some(Duration::from_millis(20))).expect("waited"), Woken::Timeout);
    poller.resume(&one, 7).expect("resumed");
    assert!(is_7(poller.wait(SOON).expect("waited")));
    assert_eq!(read(&one, 1), b"y");
    one.expect_more();
    drop(other);
    assert!(is_7(poller.wait(SOON).expect("waited")));
    assert_eq!(read(&one, 1), b"");
    poller.remove(&one);
    poller.waker().wake();
    assert_eq!(poller.wait(SOON).expect("waited"), Woken::Waker);
    assert_eq!(poller.wait(None).expect("waited"), Woken::Waker);
}

#[test]
fn a_poller_serves_more_streams_than_one_wait_takes_from_several_threads() {
    const STREAMS: usize = 150;
    const ROUNDS: usize = 20;
    let poller = Poller::new().expect("a poller");
    let pairs: Vec<_> = (0..STREAMS).map(|_| Stream::pair().expect("a pair")).collect();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    match poller.wait(None).expect("waited") {
                        Woken::Ready { token, .. } => {
                            let stream = &pairs[token as usize].0;
                            let mut room = [0; 8];
                            while let Some(count) = stream.try_read(&mut room).expect("read") {
                                stream.write_all(&room[..count]).expect("answered");
                            }
                            stream.expect_more();
                        }
                        Woken::Waker => return,
                        Woken::Timeout => {}
                    }
                }
            });
        }
        for (token, (stream, _)) in pairs.iter().enumerate() {
            poller.add(stream, token as u64).expect("added");
        }
        for _ in 0..ROUNDS {
            for (_, peer) in &pairs {
                peer.write_all(b"z").expect("written");
            }
            for (_, peer) in &pairs {
                assert_eq!(read(peer, 1), b"z");
            }
        }
        poller.waker().wake();
    });
}

#[test]
fn a_thread_that_waits_for_its_stream_is_woken_though_the_poller_was() {
    let poller = Poller::new().expect("a poller");
    let (one, other) = Stream::pair().expect("a pair");
    poller.add(&one, 1).expect("added");
    std::thread::scope(|scope| {
        let leader = scope.spawn(|| while poller.wait(None).expect("waited") != Woken::Waker {});
        for _ in 0..200 {
            let reader = scope.spawn(|| {
                assert_eq!(read(&one, 1), b"q");
            });
            other.write_all(b"q").expect("written");
            reader.join().expect("read");
        }
        poller.waker().wake();
        leader.join().expect("joined");
    });
}

#[test]
fn connections_are_accepted_when_they_come() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("an address");
    let listener = Listener::try_from(listener).expect("a listener");
    assert_eq!(listener.port(), Some(address.port()));
    let poller = Poller::new().expect("a poller");
    poller.add_level(&listener, 3).expect("added");
    assert!(listener.try_accept().expect("none yet").is_none());
    for round in 0..3u8 {
        let mut peer = std::net::TcpStream::connect(address).expect("connected");
        assert!(matches!(poller.wait(SOON).expect("waited"), Woken::Ready { token: 3, .. }));
        let stream = listener.try_accept().expect("accepted").expect("a connection");
        assert!(listener.try_accept().expect("no other").is_none());
        peer.write_all(&[round; 3]).expect("written");
        assert_eq!(read(&stream, 3), [round; 3]);
        stream.write_all(b"answer").expect("written");
        let mut answer = [0; 6];
        peer.read_exact(&mut answer).expect("answered");
        stream.shutdown_write();
        assert_eq!(peer.read(&mut answer).expect("the end"), 0);
    }
}

#[test]
fn a_stream_and_its_cell_travel() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("meeting");
    assert!(Channel::connect(&path).is_err(), "nobody is there");
    let (ours, theirs) = Channel::pair().expect("a pair");
    let (near, far) = Stream::pair().expect("a pair");
    let cell = StatusCell::new().expect("a cell");
    ours.send(b"take this", &[&far, &cell]).expect("sent");
    let worker = rendezvous::channel(theirs).expect("the other end");
    let message = worker.receive(SOON).expect("received").expect("not the end");
    assert_eq!(message.bytes, b"take this");
    let mut gifts = message.gifts.into_iter();
    let stream = Stream::new(gifts.next().expect("a stream")).expect("a stream");
    let shared = StatusCell::map(gifts.next().expect("a cell")).expect("mapped");
    drop(far);
    stream.write_all(b"through").expect("written");
    assert_eq!(read(&near, 7), b"through");
    shared.set(42);
    assert_eq!(cell.get(), 42);
    let waited = worker.receive(Some(Duration::from_millis(1)));
    assert_eq!(waited.expect_err("nothing came").kind(), std::io::ErrorKind::TimedOut);
    drop(ours);
    assert!(worker.receive(SOON).expect("the end").is_none());
}

#[test]
fn an_offer_is_taken_by_its_name() {
    let offer = offer::Offer::new().expect("an offer");
    let name = offer.name().to_owned();
    let taken = offer::take(&name).expect("taken");
    let ours = offer.accept(Duration::from_secs(10)).expect("accepted");
    taken.write_all(b"by name").expect("written");
    assert_eq!(read(&ours, 7), b"by name");
    drop(ours);
    assert_eq!(read(&taken, 1), b"");
    assert!(offer::take(&name).is_err(), "it was made for one");
    let offer = offer::Offer::new().expect("an offer");
    let error = offer.accept(Duration::from_millis(10)).expect_err("nobody came");
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
}

#[test]
fn the_end_of_a_socket_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("an address");
    let listener = Listener::try_from(listener).expect("a listener");
    let peer = std::net::TcpStream::connect(address).expect("connected");
    assert!(listener.wait(Duration::from_secs(10)).expect("waited"));
    let stream = listener.try_accept().expect("accepted").expect("a connection");
    assert!(!stream.has_ended().expect("known"));
    drop(peer);
    assert!(stream.wait(true, false, SOON).expect("waited").readable);
    assert_eq!(read(&stream, 1), b"");
    assert!(stream.has_ended().expect("known"));
}

#[test]
fn memory_is_told() {
    let before = memory::resident_bytes().expect("told");
    assert!(before > 100_000, "{before}");
    const MORE: usize = 64 * 1024 * 1024;
    let used = std::hint::black_box(vec![1u8; MORE]);
    let after = memory::resident_bytes().expect("told");
    assert!(after > before + MORE as u64 / 2, "{before} {after} {}", used.len());
    assert!(memory::physical_bytes().expect("told") > after);
}

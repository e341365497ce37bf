//! Owns the pair tests: both sides joined in memory; what one sends the other reports, however the
//! bytes are cut, with padding or without.

use fastcgi::{
    Connection, EndRequest, Event, Frames, Padding, ProtocolStatus, RequestId, Role, Side,
    encode_pair,
};
use proptest::prelude::*;

fn id(number: u16) -> RequestId {
    RequestId::new(number).expect("not 0")
}

/// Feeds `wire` in the given piece sizes (cycled), calling `see` for each event.
fn feed(connection: &mut Connection, wire: &[u8], sizes: &[usize], mut see: impl FnMut(Event<'_>)) {
    let mut rest = wire;
    for size in sizes.iter().cycle() {
        let (mut now, later) = rest.split_at((*size).min(rest.len()));
        rest = later;
        while !now.is_empty() {
            let taken = connection.receive(now);
            now = &now[taken..];
            while let Some(event) = connection.poll_event().expect("the other side is ours") {
                see(event);
            }
        }
        if rest.is_empty() {
            return;
        }
    }
}

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

fn bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..200),
        1 => (0..=max, any::<u8>()).prop_map(|(size, byte)| vec![byte; size]),
    ]
}

fn padding() -> impl Strategy<Value = Padding> {
    prop_oneof![Just(Padding::None), Just(Padding::Align8)]
}

proptest! {
    #[test]
    fn requests_arrive_as_sent(
        pairs in prop::collection::vec((bytes(300), bytes(70_000)), 0..12),
        body in bytes(200_000),
        number in 1..=u16::MAX,
        keep in any::<bool>(),
        pad in padding(),
        cut in 1usize..5000,
        sizes in prop::collection::vec(1usize..70_000, 1..8),
    ) {
        let (mut web_server, mut application) =
            (Connection::new(Side::WebServer), Connection::new(Side::Application));
        let mut wire = Vec::new();
        web_server.begin_request(id(number), Role::Responder, keep, &mut wire).unwrap();
        let mut stream = Vec::new();
        for (name, value) in &pairs {
            encode_pair(name, value, &mut stream);
        }
        for piece in stream.chunks(cut) {
            web_server.params_piece(id(number), piece, pad, &mut wire).unwrap();
        }
        web_server.end_params(id(number), &mut wire).unwrap();
        web_server.stdin(id(number), &body, pad, &mut wire).unwrap();
        web_server.end_stdin(id(number), &mut wire).unwrap();

        let (mut seen, mut arrived, mut ended): (Option<Pairs>, Vec<u8>, bool) = (None, Vec::new(), false);
        feed(&mut application, &wire, &sizes, |event| match event {
            Event::Request { id, keep_connection, params } => {
                assert_eq!((id.get(), keep_connection), (number, keep));
                let owned = |pair: fastcgi::Result<(&[u8], &[u8])>| {
                    pair.map(|(name, value)| (name.to_vec(), value.to_vec()))
                };
                seen = Some(params.pairs().map(owned).collect::<Result<_, _>>().expect("well formed"));
            }
            Event::Stdin { data, .. } => arrived.extend_from_slice(data),
            Event::EndOfStdin { .. } => ended = true,
            other => panic!("{other:?}"),
        });
        prop_assert_eq!(seen, Some(pairs));
        prop_assert!(arrived == body, "the body differs");
        prop_assert!(ended && application.is_input_complete(id(number)));
    }

    #[test]
    fn responses_arrive_as_sent(
        chunks in prop::collection::vec(bytes(150_000), 0..6),
        app_status in any::<u32>(),
        pad in padding(),
        sizes in prop::collection::vec(1usize..70_000, 1..8),
    ) {
        let (mut web_server, mut application) =
            (Connection::new(Side::WebServer), Connection::new(Side::Application));
        let mut wire = Vec::new();
        web_server.begin_request(id(1), Role::Responder, true, &mut wire).unwrap();
        web_server.params(id(1), [], &mut wire).unwrap();
        feed(&mut application, &wire, &[usize::MAX], |_| ());

        wire.clear();
        let mut frames = Frames::default();
        let end = EndRequest { app_status, protocol_status: ProtocolStatus::RequestComplete };
        for (index, chunk) in chunks.iter().enumerate() {
            let last = (index + 1 == chunks.len()).then_some(end);
            let half = chunk.len() / 2;
            let ending = application.plan_stdout(id(1), chunk.len(), last, pad, &mut frames).unwrap();
            frames.emit(&[&chunk[..half], &chunk[half..]], |piece| {
                assert!(!piece.is_empty(), "no zero-byte piece");
                wire.extend_from_slice(piece);
            });
            if let Some(ending) = ending {
                wire.extend_from_slice(ending.bytes());
            }
        }
        if chunks.is_empty() {
            application.end_request(id(1), end, &mut wire).unwrap();
        }
        prop_assert_eq!(application.open_requests(), 0);

        let (mut arrived, mut terminators, mut ended) = (Vec::new(), 0, None);
        feed(&mut web_server, &wire, &sizes, |event| match event {
            Event::Stdout { data, .. } => arrived.extend_from_slice(data),
            Event::EndOfStdout { .. } => terminators += 1,
            Event::EndRequest { end, .. } => ended = Some(end),
            other => panic!("{other:?}"),
        });
        prop_assert!(arrived == chunks.concat(), "the body differs");
        prop_assert_eq!((terminators, ended), (1, Some(end)));
        prop_assert!(web_server.is_idle());
    }

    #[test]
    fn no_bytes_make_either_side_panic(
        wire in prop::collection::vec(prop_oneof![3 => 0u8..12, 1 => any::<u8>()], 0..600),
        sizes in prop::collection::vec(1usize..50, 1..8),
        side in prop_oneof![Just(Side::WebServer), Just(Side::Application)],
    ) {
        let mut connection = Connection::new(side);
        let mut rest = &wire[..];
        for size in sizes.iter().cycle() {
            let (now, later) = rest.split_at((*size).min(rest.len()));
            rest = later;
            connection.receive(now);
            loop {
                match connection.poll_event() {
                    Ok(Some(Event::Request { params, .. })) => drop(params.pairs().count()),
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => return Ok(()),
                }
            }
            if rest.is_empty() {
                return Ok(());
            }
        }
    }
}

#[test]
fn a_4_gib_upload_takes_constant_memory() {
    const GIB: u64 = 1 << 30;
    let (mut web_server, mut application) =
        (Connection::new(Side::WebServer), Connection::new(Side::Application));
    let mut wire = Vec::new();
    web_server.begin_request(id(1), Role::Responder, true, &mut wire).unwrap();
    web_server.params(id(1), [], &mut wire).unwrap();
    feed(&mut application, &wire, &[usize::MAX], |_| ());
    wire.clear();
    web_server.stdin(id(1), &[7; 65_528 * 4], Padding::Align8, &mut wire).unwrap();
    let mut total = 0u64;
    while total < 4 * GIB {
        feed(&mut application, &wire, &[usize::MAX], |event| match event {
            Event::Stdin { data, .. } => total += data.len() as u64,
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(application.space().len(), fastcgi::limits::INPUT_BUFFER_BYTES);
}

#[test]
fn a_request_that_is_over_leaves_the_connection_idle_at_once() {
    let (mut web_server, mut application) =
        (Connection::new(Side::WebServer), Connection::new(Side::Application));
    let mut wire = Vec::new();
    web_server.begin_request(id(1), Role::Responder, true, &mut wire).unwrap();
    web_server.params(id(1), [], &mut wire).unwrap();
    web_server.stdin(id(1), b"body", Padding::Align8, &mut wire).unwrap();
    web_server.end_stdin(id(1), &mut wire).unwrap();
    application.receive(&wire);
    for _ in 0..3 {
        // The request, its body, the body's end; nobody asks for more.
        assert!(application.poll_event().unwrap().is_some());
        assert!(!application.is_idle());
    }
    application.end_request(id(1), EndRequest::COMPLETE, &mut wire).unwrap();
    assert!(application.is_idle());
}

#[test]
fn wrong_calls_are_usage_errors() {
    let mut out = Vec::new();
    let mut application = Connection::new(Side::Application);
    assert!(application.begin_request(id(1), Role::Responder, true, &mut out).is_err());
    assert!(application.end_request(id(1), EndRequest::COMPLETE, &mut out).is_err());
    let mut web_server = Connection::new(Side::WebServer);
    web_server.begin_request(id(1), Role::Responder, true, &mut out).unwrap();
    assert!(web_server.begin_request(id(1), Role::Responder, true, &mut out).is_err());
    assert!(web_server.stdin(id(1), b"x", Padding::None, &mut out).is_err());
    assert!(web_server.end_stdin(id(1), &mut out).is_err());
    assert!(web_server.stdout(id(1), b"x", Padding::None, &mut out).is_err());
}

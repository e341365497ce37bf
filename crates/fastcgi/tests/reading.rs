//! Owns the rules of reading, each conversation read three ways.

mod common;

use common::{events, read_three_ways};
use fastcgi::{RecordType, Role, Side, encode_pair, limits};

/// One record.
fn record(record_type: RecordType, id: u16, content: &[u8], padding: u8) -> Vec<u8> {
    let mut header = fastcgi::RecordHeader::new(record_type, id, content.len() as u16);
    header.padding_length = padding;
    let mut bytes = header.encode().to_vec();
    bytes.extend_from_slice(content);
    bytes.extend(std::iter::repeat_n(0xEE, padding.into()));
    bytes
}

fn begin(id: u16, role: Role, keep: bool) -> Vec<u8> {
    let content = fastcgi::BeginRequest { role, keep_connection: keep }.encode();
    record(RecordType::BeginRequest, id, &content, 0)
}

fn params(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in pairs {
        encode_pair(name.as_bytes(), value.as_bytes(), &mut out);
    }
    out
}

fn application(pieces: &[Vec<u8>]) -> Vec<String> {
    read_three_ways(Side::Application, &[], &pieces.concat())
}

use RecordType::{AbortRequest, GetValues, Params, Stdin};

#[test]
fn a_plain_request() {
    let seen = application(&[
        begin(1, Role::Responder, true),
        record(Params, 1, &params(&[("A", "1"), ("B", "")]), 0),
        record(Params, 1, b"", 0),
        record(Stdin, 1, b"body", 0),
        record(Stdin, 1, b"", 0),
    ]);
    let pairs = "[Ok(([65], [49])), Ok(([66], []))]";
    let request = format!("request 1 keep=true {pairs} \"\"");
    assert_eq!(
        seen,
        [&*request, "stdin 1 \"body\"", "EndOfStdin { id: 1 } \"\"", "replies [] \"\""]
    );
}

#[test]
fn pairs_straddle_any_record_border_and_padding_is_skipped() {
    let stream = params(&[("HTTP_COOKIE", &"c".repeat(300)), ("X", "y")]);
    let plain = application(&[
        begin(9, Role::Responder, false),
        record(Params, 9, &stream, 0),
        record(Params, 9, b"", 0),
    ]);
    for cut in 1..stream.len() {
        let seen = events(
            Side::Application,
            &[],
            &[
                begin(9, Role::Responder, false),
                record(Params, 9, &stream[..cut], (cut % 256) as u8),
                record(Params, 9, &stream[cut..], 7),
                record(Params, 9, b"", 255),
            ]
            .concat(),
            std::iter::once(usize::MAX),
        );
        assert_eq!(seen, plain, "cut at {cut}");
    }
}

#[test]
fn interleaved_requests() {
    let seen = application(&[
        begin(1, Role::Responder, true),
        begin(2, Role::Responder, true),
        record(Params, 2, &params(&[("N", "2")]), 3),
        record(Params, 1, &params(&[("N", "1")]), 0),
        record(Params, 1, b"", 0),
        record(Stdin, 1, b"one", 5),
        record(Params, 2, b"", 0),
        record(Stdin, 2, b"two", 0),
        record(Stdin, 1, b"", 0),
        record(Stdin, 2, b"", 0),
    ]);
    let order: Vec<_> =
        seen.iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        order,
        [
            "request 1",
            "stdin 1",
            "request 2",
            "stdin 2",
            "EndOfStdin {",
            "EndOfStdin {",
            "replies []"
        ]
    );
}

#[test]
fn other_roles_are_refused_and_their_records_skipped() {
    for (role, number) in [(Role::Authorizer, 2), (Role::Filter, 3), (Role::Other(9), 9)] {
        assert_eq!(role.encode(), number);
        let seen = application(&[
            begin(1, role, true),
            record(Params, 1, &params(&[("A", "1")]), 0),
            record(Params, 1, b"", 0),
            record(Stdin, 1, b"", 0),
            record(RecordType::Data, 1, b"file", 0),
        ]);
        assert_eq!(seen, ["replies [1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0] \"\""]);
    }
}

#[test]
fn management_records_are_answered() {
    let asked = params(&[("FCGI_MPXS_CONNS", ""), ("FCGI_MAX_CONNS", ""), ("OTHER", "")]);
    let seen = application(&[
        record(GetValues, 0, &asked, 1),
        record(RecordType::Other(77), 0, b"what", 3),
        record(RecordType::Other(78), 5, b"ignored", 0),
    ]);
    let mut reply = record(
        RecordType::GetValuesResult,
        0,
        &params(&[("FCGI_MAX_CONNS", "1"), ("FCGI_MPXS_CONNS", "0")]),
        0,
    );
    reply.extend(record(RecordType::UnknownType, 0, &[77, 0, 0, 0, 0, 0, 0, 0], 0));
    assert_eq!(seen, [format!("replies {reply:?} \"\"")]);
}

#[test]
fn an_abort_at_every_state() {
    let opening = [
        begin(1, Role::Responder, true),
        record(Params, 1, &params(&[("A", "1")]), 0),
        record(Params, 1, b"", 0),
        record(Stdin, 1, b"half", 0),
        record(Stdin, 1, b"", 0),
    ];
    for stage in 1..=opening.len() {
        let mut pieces = opening[..stage].to_vec();
        pieces.push(record(AbortRequest, 1, b"", 0));
        pieces.push(record(Stdin, 1, b"late", 0));
        let seen = application(&pieces);
        if stage < 3 {
            // Its user never heard of it: END_REQUEST is sent for it.
            assert_eq!(seen.len(), 1, "{seen:?}");
            assert!(seen[0].starts_with("replies [1, 3, 0, 1, 0, 8,"), "{seen:?}");
        } else {
            assert_eq!(seen[seen.len() - 2], "Abort { id: 1 } \"\"", "{seen:?}");
        }
    }
    assert_eq!(application(&[record(AbortRequest, 4, b"", 0)]), ["replies [] \"\""]);
}

#[test]
fn broken_rules_are_told_with_their_place() {
    let open = || begin(1, Role::Responder, true);
    let cases: [(Vec<Vec<u8>>, &str); 7] = [
        (vec![b"GET / HTTP/1.1".to_vec()], "record at byte 0: version is not 1: 71"),
        (
            vec![open(), open()],
            "record at byte 16: BeginRequest is out of order for request 1: the id is in use",
        ),
        (
            vec![open(), record(Stdin, 1, b"x", 0)],
            "record at byte 16: Stdin is out of order for request 1: STDIN before",
        ),
        (
            vec![begin(1, Role::Responder, true), record(RecordType::Stdout, 1, b"x", 0)],
            "record at byte 16: Stdout is out of order for request 1: it goes",
        ),
        (
            vec![record(RecordType::BeginRequest, 1, b"1234", 0)],
            "record at byte 0: BeginRequest has a content length of 4",
        ),
        (
            vec![record(RecordType::BeginRequest, 0, &[0; 8], 0)],
            "record at byte 0: BeginRequest is out of order for request 0: the id is 0",
        ),
        (
            vec![record(GetValues, 0, &vec![0; limits::CONTROL_BYTES_MAX + 1], 0)],
            "record at byte 0: the content of a control record is over its limit: 4096",
        ),
    ];
    for (pieces, expected) in cases {
        let seen = application(&pieces);
        let last = seen.last().expect("an error");
        assert!(last.starts_with(&format!("error: {expected}")), "{last}\nexpected {expected}");
    }
}

#[test]
fn oversized_params_refuse_the_request_not_the_connection() {
    let mut pieces = vec![begin(1, Role::Responder, true)];
    for _ in 0..=limits::PARAMS_BYTES_MAX / 65_535 {
        pieces.push(record(Params, 1, &[b'x'; 65_535], 0));
    }
    pieces.push(record(Params, 1, b"", 0));
    pieces.push(record(Stdin, 1, b"", 0));
    pieces.push(begin(2, Role::Responder, true));
    pieces.push(record(Params, 2, b"", 0));
    let seen = events(Side::Application, &[], &pieces.concat(), std::iter::once(usize::MAX));
    assert!(seen[0].contains("the size of the params"), "{seen:?}");
    assert!(seen[1].starts_with("request 2"), "{seen:?}");

    let many = params(&vec![("", ""); limits::PARAMS_COUNT_MAX + 1]);
    let seen = application(&[
        begin(1, Role::Responder, true),
        record(Params, 1, &many, 0),
        record(Params, 1, b"", 0),
    ]);
    assert!(seen[0].contains("the number of params"), "{seen:?}");
}

#[test]
fn too_many_open_requests_are_refused_one_by_one() {
    let pieces: Vec<_> = (1..=limits::REQUESTS_PER_CONNECTION_MAX as u16 + 1)
        .map(|id| begin(id, Role::Responder, true))
        .collect();
    let seen = application(&pieces);
    assert_eq!(seen, ["replies [1, 3, 0, 65, 0, 8, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0] \"\""]);
}

#[test]
fn a_flood_of_questions_ends_the_connection() {
    let question = record(RecordType::Other(99), 0, b"", 0);
    let flood = question.repeat(limits::REPLY_BYTES_MAX / 16 + 1);
    let seen = events(Side::Application, &[], &flood, std::iter::once(usize::MAX));
    assert!(seen.last().expect("an error").contains("unread replies"), "{seen:?}");
}

#[test]
fn the_web_server_side_bears_wfastcgi() {
    let mut wire = Vec::new();
    for chunk in ["Status: 200 OK\r\n\r\n", "one", "two"] {
        wire.extend(record(RecordType::Stdout, 1, chunk.as_bytes(), 0));
        wire.extend(record(RecordType::Stdout, 1, b"", 8));
    }
    wire.extend(record(RecordType::Stderr, 1, b"oops", 4));
    wire.extend(record(RecordType::EndRequest, 1, &[0, 0, 0, 7, 0, 0, 0, 0], 0));
    wire.extend(record(RecordType::UnknownType, 0, &[99, 0, 0, 0, 0, 0, 0, 0], 0));
    let seen = read_three_ways(Side::WebServer, &[1], &wire);
    assert_eq!(seen.iter().filter(|line| line.starts_with("stdout")).count(), 3);
    assert!(seen.contains(&"stderr 1 \"oops\"".into()));
    assert!(seen.iter().any(|line| line.contains("app_status: 7")), "{seen:?}");
    assert!(seen.iter().any(|line| line.starts_with("UnknownType")), "{seen:?}");
}

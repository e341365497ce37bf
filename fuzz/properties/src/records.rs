//! Owns the invariant: the same bytes are the same events and replies however they are cut, on either side,
//! within the memory that the limits allow.
//!
//! Does not own what a single record means (`crates/fastcgi/tests`).

use fastcgi::limits::{INPUT_BUFFER_BYTES, PARAMS_BYTES_MAX, REPLY_BYTES_MAX};
use fastcgi::{Connection, Event, RequestId, Role, Side};

/// The first byte chooses the side, the second the cuts.
pub(crate) fn hold(bytes: &[u8]) {
    let (&[choice, cut], wire) = bytes.split_first_chunk().unwrap_or((&[0, 0], bytes));
    let side = if choice % 2 == 0 { Side::Application } else { Side::WebServer };
    let whole = told(side, wire, usize::MAX);
    assert_eq!(whole, told(side, wire, 1), "byte by byte");
    assert_eq!(whole, told(side, wire, usize::from(cut) + 2), "in pieces of {}", cut + 2);
}

/// What a side tells of these bytes; pieces of one stream are joined.
fn told(side: Side, wire: &[u8], cut: usize) -> Vec<(String, Vec<u8>)> {
    let mut connection = Connection::new(side);
    if side == Side::WebServer {
        for number in 1..=3 {
            let id = RequestId::new(number).expect("not 0");
            let begun = connection.begin_request(id, Role::Responder, true, &mut Vec::new());
            begun.expect("a fresh id");
        }
    }
    let mut told: Vec<(String, Vec<u8>)> = Vec::new();
    for piece in wire.chunks(cut.min(wire.len()).max(1)) {
        let mut rest = piece;
        while !rest.is_empty() {
            let taken = connection.receive(rest);
            assert!(taken > 0, "a drained connection takes more");
            rest = &rest[taken..];
            if let Err(error) = drain(&mut connection, &mut told) {
                told.push((format!("error: {error}"), Vec::new()));
                return told;
            }
            assert!(connection.unread().len() <= INPUT_BUFFER_BYTES);
        }
    }
    let replies = connection.take_replies();
    assert!(replies.len() <= REPLY_BYTES_MAX);
    told.push((format!("close={}", connection.must_close()), replies));
    told
}

fn drain(
    connection: &mut Connection,
    told: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), fastcgi::Error> {
    while let Some(event) = connection.poll_event()? {
        let (name, data) = match event {
            Event::Stdin { id, data } => (format!("stdin {id:?}"), data),
            Event::Stdout { id, data } => (format!("stdout {id:?}"), data),
            Event::Stderr { id, data } => (format!("stderr {id:?}"), data),
            Event::Request { id, keep_connection, params } => {
                assert!(params.bytes().len() <= PARAMS_BYTES_MAX);
                let _ = params.pairs().count();
                (format!("request {id:?} {keep_connection} {params:?}"), &[][..])
            }
            other => (format!("{other:?}"), &[][..]),
        };
        match told.last_mut() {
            Some((last, joined)) if *last == name && !data.is_empty() => {
                joined.extend_from_slice(data);
            }
            _ => told.push((name, data.to_vec())),
        }
    }
    Ok(())
}

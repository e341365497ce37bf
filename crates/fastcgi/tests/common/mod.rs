//! Owns what the tests share: a script of a conversation and its events as plain text.

use fastcgi::{Connection, Error, Event, Side};

/// Everything a side reports for these bytes, fed in pieces of the sizes that `sizes` yields.
/// Adjacent pieces of one stream are joined, for where they are cut is no event.
pub(crate) fn events(
    side: Side,
    open: &[u16],
    wire: &[u8],
    sizes: impl Iterator<Item = usize>,
) -> Vec<String> {
    let mut connection = Connection::new(side);
    let mut ignored = Vec::new();
    for id in open {
        let id = fastcgi::RequestId::new(*id).expect("not 0");
        connection.begin_request(id, fastcgi::Role::Responder, true, &mut ignored).expect("fresh");
    }
    let mut log: Vec<(String, Vec<u8>)> = Vec::new();
    let mut rest = wire;
    for size in sizes {
        let (mut now, later) = rest.split_at(size.min(rest.len()));
        rest = later;
        while !now.is_empty() {
            let taken = connection.receive(now);
            now = &now[taken..];
            if let Err(error) = drain(&mut connection, &mut log) {
                log.push((format!("error: {error}"), Vec::new()));
                return text(log);
            }
        }
        if rest.is_empty() {
            break;
        }
    }
    log.push((format!("replies {:?}", connection.take_replies()), Vec::new()));
    text(log)
}

fn drain(connection: &mut Connection, log: &mut Vec<(String, Vec<u8>)>) -> Result<(), Error> {
    while let Some(event) = connection.poll_event()? {
        let (name, data) = match &event {
            Event::Stdin { id, data } => (format!("stdin {id:?}"), *data),
            Event::Stdout { id, data } => (format!("stdout {id:?}"), *data),
            Event::Stderr { id, data } => (format!("stderr {id:?}"), *data),
            Event::Request { id, keep_connection, params } => {
                let pairs: Vec<_> = params.pairs().collect();
                (format!("request {id:?} keep={keep_connection} {pairs:?}"), &b""[..])
            }
            other => (format!("{other:?}"), &b""[..]),
        };
        match log.last_mut() {
            Some((last, bytes)) if *last == name && !data.is_empty() => {
                bytes.extend_from_slice(data)
            }
            _ => log.push((name, data.to_vec())),
        }
    }
    Ok(())
}

fn text(log: Vec<(String, Vec<u8>)>) -> Vec<String> {
    log.into_iter()
        .map(|(name, data)| format!("{name} {:?}", String::from_utf8_lossy(&data)))
        .collect()
}

/// The three ways of reading: whole, byte by byte, with trailing bytes that must change nothing
/// but what follows. Returns the events.
pub(crate) fn read_three_ways(side: Side, open: &[u16], wire: &[u8]) -> Vec<String> {
    let whole = events(side, open, wire, std::iter::once(usize::MAX));
    let bytewise = events(side, open, wire, std::iter::repeat(1));
    assert_eq!(whole, bytewise, "read whole and read byte by byte");
    if !whole.iter().any(|line| line.starts_with("error")) {
        // An ABORT_REQUEST of a request that is not open says nothing to either side's user.
        let mut trailed = wire.to_vec();
        let trailing = if side == Side::Application { 2 } else { 3 };
        trailed.extend_from_slice(&[1, trailing, 0xFF, 0xFF, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(
            whole,
            events(side, open, &trailed, std::iter::once(usize::MAX)),
            "with trailing"
        );
    }
    whole
}

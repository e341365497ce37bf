//! Owns masking one direction of a pipe: which bytes of the stream are whose, however they are cut
//! into records and reads. Lengths stay, and so does the frame of records.
//!
//! Does not own what of a value is secret (`values`).

use super::held::Held;
use crate::relay::Direction;
use fastcgi::{HEADER_LEN, RecordHeader, RecordType, VERSION_1};
use std::collections::HashMap;

/// What a masked byte becomes.
pub(super) const MASK: u8 = b'x';

/// Bytes of BEGIN_REQUEST, END_REQUEST and UNKNOWN_TYPE that mean something.
const CONTROL_BYTES: usize = 8;

/// What is known of a request's PARAMS or STDOUT.
#[derive(Debug)]
enum Known {
    Pairs(Held),
    Head(Held),
    /// A body, or something not understood: masked to its end.
    Opaque,
}

/// Masks one direction.
#[derive(Debug)]
pub(super) struct Masker {
    direction: Direction,
    /// What was passed and not yet taken.
    window: Vec<u8>,
    /// The place of the window's first byte.
    taken: u64,
    /// The header that is being read.
    header: Vec<u8>,
    current: Option<RecordHeader>,
    content_left: usize,
    padding_left: usize,
    requests: HashMap<u16, Known>,
    /// This is not FastCGI (any more).
    is_lost: bool,
}

impl Masker {
    pub(super) fn new(direction: Direction) -> Self {
        Self {
            direction,
            window: Vec::new(),
            taken: 0,
            header: Vec::with_capacity(HEADER_LEN),
            current: None,
            content_left: 0,
            padding_left: 0,
            requests: HashMap::new(),
            is_lost: false,
        }
    }

    /// Bytes that were passed and not yet taken.
    pub(super) fn waiting(&self) -> usize {
        self.window.len()
    }

    /// How many of them are as they are to be.
    pub(super) fn settled(&self) -> usize {
        let held = self.requests.values().filter_map(|known| match known {
            Known::Pairs(held) | Known::Head(held) => held.first_place(),
            Known::Opaque => None,
        });
        held.min().map_or(self.window.len(), |place| (place - self.taken) as usize)
    }

    /// Takes settled bytes.
    pub(super) fn take(&mut self, count: usize) -> Vec<u8> {
        self.taken += count as u64;
        self.window.drain(..count).collect()
    }

    /// Masks what cannot be understood yet, and all that belongs to it.
    pub(super) fn give_up(&mut self) {
        for known in self.requests.values_mut() {
            if let Known::Pairs(held) | Known::Head(held) = known {
                held.give_up(&mut self.window, self.taken);
                *known = Known::Opaque;
            }
        }
    }

    /// Sees bytes pass.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        let mut place = self.taken + self.window.len() as u64;
        self.window.extend_from_slice(bytes);
        let mut rest = bytes;
        while !rest.is_empty() {
            let count = self.step(place, rest);
            place += count as u64;
            rest = &rest[count..];
        }
    }

    /// Takes bytes that stay as they are.
    pub(super) fn pass_as_is(&mut self, bytes: &[u8]) {
        self.window.extend_from_slice(bytes);
    }

    /// Deals with the first bytes of `rest`, which stand at `place`, and says how many it dealt with.
    fn step(&mut self, place: u64, rest: &[u8]) -> usize {
        if self.header.is_empty() && self.content_left + self.padding_left == 0 {
            self.is_lost |= rest[0] != VERSION_1;
        }
        if self.is_lost {
            self.mask_at(place, rest.len());
            return rest.len();
        }
        if self.content_left > 0 {
            let count = rest.len().min(self.content_left);
            self.content(place, &rest[..count]);
            self.content_left -= count;
            return count;
        }
        if self.padding_left > 0 {
            // Some programs leave there what their memory held.
            let count = rest.len().min(self.padding_left);
            self.mask_at(place, count);
            self.padding_left -= count;
            return count;
        }
        let count = rest.len().min(HEADER_LEN - self.header.len());
        self.header.extend_from_slice(&rest[..count]);
        if let Some(header) = self.header.first_chunk::<HEADER_LEN>() {
            let header = RecordHeader::decode(*header);
            self.header.clear();
            self.content_left = header.content_length.into();
            self.padding_left = header.padding_length.into();
            self.current = Some(header);
            self.begin(header);
        }
        count
    }

    /// A record begins.
    fn begin(&mut self, header: RecordHeader) {
        let id = header.request_id;
        let is_over = match (self.direction, header.record_type) {
            (Direction::ToApplication, RecordType::BeginRequest) => true,
            (Direction::ToApplication, RecordType::Params) => header.content_length == 0,
            (Direction::ToWebServer, RecordType::EndRequest) => true,
            _ => false,
        };
        if is_over
            && let Some(Known::Pairs(mut held) | Known::Head(mut held)) = self.requests.remove(&id)
        {
            held.give_up(&mut self.window, self.taken);
        }
    }

    /// A piece of a record's content.
    fn content(&mut self, place: u64, bytes: &[u8]) {
        let Some(header) = self.current else { return };
        let before = usize::from(header.content_length) - self.content_left;
        match (self.direction, header.record_type) {
            (_, RecordType::BeginRequest | RecordType::EndRequest | RecordType::UnknownType) => {
                let open = CONTROL_BYTES.saturating_sub(before).min(bytes.len());
                self.mask_at(place + open as u64, bytes.len() - open);
            }
            (_, RecordType::GetValues | RecordType::GetValuesResult) => {}
            (Direction::ToApplication, RecordType::Params) => {
                let new = || Known::Pairs(Held::default());
                self.stream(header.request_id, new, place, bytes);
            }
            (Direction::ToWebServer, RecordType::Stdout) => {
                let new = || Known::Head(Held::default());
                self.stream(header.request_id, new, place, bytes);
            }
            _ => self.mask_at(place, bytes.len()),
        }
    }

    /// A piece of PARAMS or STDOUT.
    fn stream(&mut self, id: u16, new: impl FnOnce() -> Known, place: u64, bytes: &[u8]) {
        let known = self.requests.entry(id).or_insert_with(new);
        let (window, taken) = (&mut self.window, self.taken);
        let is_opaque = match known {
            Known::Pairs(held) => {
                held.push(place, bytes);
                held.settle_pairs(window, taken)
            }
            Known::Head(held) => {
                held.push(place, bytes);
                held.settle_lines(bytes.len(), window, taken)
            }
            Known::Opaque => return self.mask_at(place, bytes.len()),
        };
        if is_opaque {
            if let Known::Pairs(held) | Known::Head(held) = known {
                held.give_up(window, taken);
            }
            *known = Known::Opaque;
        }
    }

    fn mask_at(&mut self, place: u64, count: usize) {
        let start = (place - self.taken) as usize;
        self.window[start..start + count].fill(MASK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastcgi::encode_pair;
    use fastcgi::limits::PARAMS_BYTES_MAX;

    fn record(number: u8, id: u8, content: &[u8], padding: &[u8]) -> Vec<u8> {
        let length = (content.len() as u16).to_be_bytes();
        let head = [1, number, 0, id, length[0], length[1], padding.len() as u8, 0];
        [&head, content, padding].concat()
    }

    fn masked(direction: Direction, pieces: &[&[u8]]) -> Vec<u8> {
        let mut masker = Masker::new(direction);
        let mut out = Vec::new();
        for piece in pieces {
            masker.pass(piece);
            let settled = masker.settled();
            out.extend(masker.take(settled));
        }
        masker.give_up();
        assert_eq!(masker.settled(), masker.waiting());
        out.extend(masker.take(masker.waiting()));
        out
    }

    /// Whole, byte by byte, and with something behind it: the same.
    fn check(direction: Direction, wire: &[u8], expected: &[u8]) {
        let show = |bytes: &[u8]| bytes.escape_ascii().to_string();
        assert_eq!(show(&masked(direction, &[wire])), show(expected));
        let single: Vec<&[u8]> = wire.chunks(1).collect();
        assert_eq!(show(&masked(direction, &single)), show(expected));
        let behind = record(8, 9, b"secret", b"");
        let with = masked(direction, &[wire, &behind[..5], &behind[5..]]);
        assert_eq!(show(&with[..wire.len()]), show(expected));
        assert!(!with.ends_with(b"secret"));
    }

    /// A PARAMS stream cut into records of `size`, with its secrets or without.
    fn params(size: usize, secret: &str) -> Vec<u8> {
        let mut stream = Vec::new();
        encode_pair(b"REQUEST_METHOD", b"GET", &mut stream);
        encode_pair(b"HTTP_AUTHORIZATION", secret.as_bytes(), &mut stream);
        encode_pair(b"HTTP_COOKIE", format!("id={secret}").as_bytes(), &mut stream);
        encode_pair(b"QUERY_STRING", format!("a=1&key={secret}&b").as_bytes(), &mut stream);
        let long = if secret.starts_with('x') { "x".repeat(300) } else { "L".repeat(300) };
        encode_pair(b"HTTP_X_TOKEN", long.as_bytes(), &mut stream);
        // A short length in four bytes.
        stream.extend([0x80, 0, 0, 11, 0x80, 0, 0, secret.len() as u8]);
        stream.extend(b"REMOTE_ADDR");
        stream.extend(secret.as_bytes());
        let mut wire = record(1, 7, &[0, 1, 1, 0, 0, 0, 0, 0], b"");
        for piece in stream.chunks(size) {
            wire.extend(record(4, 7, piece, b""));
        }
        wire.extend(record(4, 7, b"", b""));
        wire
    }

    #[test]
    fn params_lose_their_secrets_wherever_they_are_cut() {
        for size in [1, 2, 3, 7, 64, 10_000] {
            let (wire, expected) = (params(size, "hunter2"), params(size, "xxxxxxx"));
            check(Direction::ToApplication, &wire, &expected);
        }
    }

    #[test]
    fn bodies_paddings_and_the_unknown_are_masked() {
        let to = Direction::ToApplication;
        check(to, &record(5, 1, b"body", b"pad"), &record(5, 1, b"xxxx", b"xxx"));
        check(to, &record(77, 1, b"what", b""), &record(77, 1, b"xxxx", b""));
        let values = record(9, 0, b"\x0e\0FCGI_MAX_CONNS", b"");
        check(to, &values, &values);
        check(to, b"GET / HTTP/1.0", b"xxxxxxxxxxxxxx");
        let back = Direction::ToWebServer;
        check(back, &record(7, 1, b"why", b""), &record(7, 1, b"xxx", b""));
        let end = |more| record(3, 1, &[&b"\0\0\0\x01\0\0\0\0"[..], more].concat(), b"");
        check(back, &end(b"more"), &end(b"xxxx"));
    }

    #[test]
    fn heads_and_bodies_of_requests_that_are_interleaved() {
        let wire = [
            record(6, 1, b"Status: 200 OK\r\nSet-Coo", b""),
            record(6, 2, b"X: y\n\nbody", b""),
            record(6, 1, b"kie: a=secret; Path=/\r\n\r\nbo", b"p"),
            record(6, 2, b"", b""),
            record(6, 1, b"dy", b""),
            record(6, 2, b"X: y", b""),
            record(3, 2, &[0; 8], b""),
            record(6, 2, b"X: z\n", b""),
        ];
        let expected = [
            record(6, 1, b"Status: 200 OK\r\nSet-Coo", b""),
            record(6, 2, b"X: y\n\nxxxx", b""),
            record(6, 1, b"kie: a=xxxxxx; Path=/\r\n\r\nxx", b"x"),
            record(6, 2, b"", b""),
            record(6, 1, b"xx", b""),
            record(6, 2, b"xxxx", b""),
            record(3, 2, &[0; 8], b""),
            record(6, 2, b"X: z\n", b""),
        ];
        check(Direction::ToWebServer, &wire.concat(), &expected.concat());
    }

    #[test]
    fn what_is_never_completed_is_masked() {
        let wire = record(4, 1, b"\x12\x06HTTP_AUTHORIZATIONsec", b"");
        let masked = masked(Direction::ToApplication, &[&wire]);
        assert_eq!(masked[8..], [b'x'; 23]);
    }

    #[test]
    fn a_pair_that_claims_too_much_is_not_waited_for() {
        let mut masker = Masker::new(Direction::ToApplication);
        let claim = record(4, 1, b"\xff\xff\xff\xff\x01secret", b"");
        masker.pass(&claim);
        assert_eq!(masker.settled(), HEADER_LEN);
        let more = record(4, 1, &[b'A'; 60_000], b"");
        let mut most = 0;
        for _ in 0..100 {
            masker.pass(&more);
            let settled = masker.settled();
            assert!(!masker.take(settled).contains(&b'A'));
            most = most.max(masker.waiting());
        }
        assert!(most < PARAMS_BYTES_MAX + 100_000, "{most}");
    }
}

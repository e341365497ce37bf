//! Owns what a conversation was about: requests, and what was answered to each.
//!
//! Does not own the order in which bytes passed: see the recording's steps.

use super::records::{Found, Record, Records};
use crate::relay::Direction;
use fastcgi::limits::{HEAD_BYTES_MAX, PARAMS_BYTES_MAX};
use fastcgi::{EndRequest, RecordType, cgi_head, pairs};
use std::collections::HashMap;

/// Requests and answers of one pipe, gathered from the bytes of both directions.
#[derive(Debug, Default)]
pub struct Dialogue {
    lanes: [Records; 2],
    gathering: Gathering,
}

#[derive(Debug, Default)]
struct Gathering {
    exchanges: Vec<Exchange>,
    /// Which exchange a request's id means at present.
    open: HashMap<u16, usize>,
    /// PARAMS of exchanges whose params are not complete.
    params: HashMap<usize, Vec<u8>>,
    ended: usize,
}

/// A request and its answer.
#[derive(Debug)]
pub struct Exchange {
    /// Where its BEGIN_REQUEST stands in what the web server sent.
    pub begins_at: u64,
    /// Method and path, in printable characters.
    pub request_line: String,
    /// What was answered.
    pub answer: Answer,
}

/// An answer, as much as came of it.
#[derive(Debug, Default)]
pub struct Answer {
    /// STDOUT up to the blank line and with it; all of it as long as there is none.
    pub head: Vec<u8>,
    /// Whether the head is complete; what follows is the body.
    pub has_body: bool,
    /// Bytes of the body.
    pub body_length: u64,
    /// A sum over them, whatever records they came in.
    pub body_sum: u64,
    /// Bytes of STDERR.
    pub stderr_length: u64,
    /// The end, if it came.
    pub end: Option<EndRequest>,
}

impl Dialogue {
    /// Sees bytes pass.
    pub fn pass(&mut self, direction: Direction, bytes: &[u8]) {
        let gathering = &mut self.gathering;
        self.lanes[direction as usize].pass(bytes, |found| {
            if let Found::Record(record) = found {
                match direction {
                    Direction::ToApplication => gathering.request(&record),
                    Direction::ToWebServer => gathering.answer(&record),
                }
            }
        });
    }

    /// All requests that were begun, in this order.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.gathering.exchanges
    }

    /// How many were ended.
    pub fn ended(&self) -> usize {
        self.gathering.ended
    }
}

impl Gathering {
    fn request(&mut self, record: &Record<'_>) {
        let id = record.header.request_id;
        let index = self.open.get(&id).copied();
        match (record.header.record_type, index) {
            (RecordType::BeginRequest, _) => {
                self.open.insert(id, self.exchanges.len());
                self.exchanges.push(Exchange {
                    begins_at: record.at,
                    request_line: "(no params)".to_owned(),
                    answer: Answer::default(),
                });
            }
            (RecordType::Params, Some(index)) if record.content.is_empty() => {
                let stream = self.params.remove(&index).unwrap_or_default();
                self.exchanges[index].request_line = request_line(&stream);
            }
            (RecordType::Params, Some(index)) => {
                let stream = self.params.entry(index).or_default();
                if stream.len() < PARAMS_BYTES_MAX {
                    stream.extend_from_slice(record.content);
                }
            }
            _ => {}
        }
    }

    fn answer(&mut self, record: &Record<'_>) {
        let id = record.header.request_id;
        let Some(index) = self.open.get(&id).copied() else { return };
        let answer = &mut self.exchanges[index].answer;
        match (record.header.record_type, record.content.first_chunk::<8>()) {
            (RecordType::Stdout, _) => answer.stdout(record.content),
            (RecordType::Stderr, _) => answer.stderr_length += record.content.len() as u64,
            (RecordType::EndRequest, Some(eight)) => {
                answer.end = Some(EndRequest::decode(*eight));
                self.open.remove(&id);
                self.ended += 1;
            }
            _ => {}
        }
    }
}

/// Method and path with query, as far as they were sent.
fn request_line(stream: &[u8]) -> String {
    let params: HashMap<&[u8], &[u8]> = pairs(stream).map_while(Result::ok).collect();
    let get = |name: &str| params.get(name.as_bytes()).copied().unwrap_or_default();
    let mut line = get("REQUEST_METHOD").to_vec();
    line.push(b' ');
    match get("REQUEST_URI") {
        b"" => line.extend_from_slice(&[get("SCRIPT_NAME"), get("PATH_INFO")].concat()),
        uri => line.extend_from_slice(uri),
    }
    line.escape_ascii().to_string()
}

impl Answer {
    fn stdout(&mut self, content: &[u8]) {
        if self.has_body {
            return self.body(content);
        }
        self.head.extend_from_slice(content);
        let length = match cgi_head::parse(&self.head) {
            Ok(None) if self.head.len() <= HEAD_BYTES_MAX => return,
            Ok(Some(head)) => head.length,
            // No head: all of it is the body.
            Ok(None) | Err(_) => 0,
        };
        self.has_body = true;
        let body = self.head.split_off(length);
        self.body(&body);
    }

    fn body(&mut self, bytes: &[u8]) {
        /// FNV-1a, 64 bits: tells bodies apart, guards nothing.
        const BASIS: u64 = 0xCBF2_9CE4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01B3;
        if self.body_length == 0 {
            self.body_sum = BASIS;
        }
        self.body_length += bytes.len() as u64;
        for byte in bytes {
            self.body_sum = (self.body_sum ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    /// The status with its words, or a sentence about why there is none.
    pub fn status_line(&self) -> String {
        match cgi_head::parse(&self.head) {
            Ok(Some(head)) => {
                let line = format!("{} {}", head.status, head.reason.escape_ascii());
                line.trim_end().to_owned()
            }
            _ if self.head.is_empty() && !self.has_body && self.end.is_none() => {
                "no answer".to_owned()
            }
            _ => "no head".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u8, id: u8, content: &[u8]) -> Vec<u8> {
        [&[1, number, 0, id, 0, content.len() as u8, 0, 0], content].concat()
    }

    #[test]
    fn answers_find_their_requests_however_records_are_cut() {
        let begin = [0, 1, 1, 0, 0, 0, 0, 0];
        let params = b"\x0e\x03REQUEST_METHODGET\x0b\x02REQUEST_URI/a";
        let to = [
            record(1, 1, &begin),
            record(4, 1, &params[..20]),
            record(4, 1, &params[20..]),
            record(4, 1, b""),
            record(1, 2, &begin),
            record(1, 1, &begin),
            record(4, 1, b"\x09\x02PATH_INFO/\x1b"),
            record(4, 1, b""),
        ];
        let back = [
            record(6, 1, b"Status: 404 Not Found\n"),
            record(6, 2, b"no head at all\n"),
            record(6, 1, b"\nbody"),
            record(7, 1, b"why"),
            record(3, 1, &[0; 8]),
        ];
        for size in [1, 1000] {
            let mut dialogue = Dialogue::default();
            for piece in to[..5].concat().chunks(size) {
                dialogue.pass(Direction::ToApplication, piece);
            }
            for piece in back.concat().chunks(size) {
                dialogue.pass(Direction::ToWebServer, piece);
            }
            for piece in to[5..].concat().chunks(size) {
                dialogue.pass(Direction::ToApplication, piece);
            }
            assert_eq!(dialogue.ended(), 1);
            let told: Vec<(&str, String, u64, u64)> = dialogue
                .exchanges()
                .iter()
                .map(|each| {
                    let answer = &each.answer;
                    let lengths = (answer.body_length, answer.stderr_length);
                    (&*each.request_line, answer.status_line(), lengths.0, lengths.1)
                })
                .collect();
            assert_eq!(
                told,
                [
                    ("GET /a", "404 Not Found".to_owned(), 4, 3),
                    ("(no params)", "no head".to_owned(), 15, 0),
                    (" /\\x1b", "no answer".to_owned(), 0, 0),
                ]
            );
            assert_eq!(dialogue.exchanges()[1].begins_at, to[..4].concat().len() as u64);
        }
    }
}

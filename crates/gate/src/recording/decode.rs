//! Owns what a person reads of a conversation: a line or more for each record.
//!
//! Does not own masking: it shows what it is given.

use super::mask::MASK;
use super::records::{Found, Record, Records};
use super::sign;
use crate::relay::Direction;
use fastcgi::limits::{HEAD_BYTES_MAX, PARAMS_BYTES_MAX};
use fastcgi::{BeginRequest, EndRequest, RecordType, Role, cgi_head, pairs};
use std::collections::HashMap;
use std::fmt::Write;

/// Bytes of a param's or header's value that are shown.
const VALUE_BYTES_SHOWN: usize = 400;

/// Bytes of a piece of a body that are shown.
const BODY_BYTES_SHOWN: usize = 60;

/// Decodes one direction.
#[derive(Debug)]
pub struct Decoder {
    direction: Direction,
    records: Records,
    requests: Requests,
}

/// What is not complete of each request: PARAMS or a response's head; `None` for what is too long,
/// or past its head.
type Requests = HashMap<u16, Option<Vec<u8>>>;

impl Decoder {
    /// A decoder at the beginning of a pipe.
    pub fn new(direction: Direction) -> Self {
        Self { direction, records: Records::default(), requests: HashMap::new() }
    }

    /// Sees bytes pass; appends lines about the records that they complete. No line holds a control
    /// character, whatever was sent.
    pub fn pass(&mut self, bytes: &[u8], lines: &mut Vec<String>) {
        let (sign, requests) = (sign(self.direction), &mut self.requests);
        self.records.pass(bytes, |found| match found {
            Found::Record(record) => {
                let mut line = format!("{sign} {}", heading(&record));
                let mut more = Vec::new();
                describe(requests, &record, &mut line, &mut more);
                if record.header.padding_length > 0 {
                    let _ = write!(line, ", padding {}", record.header.padding_length);
                }
                lines.push(line);
                lines.extend(more.iter().map(|line| format!("    {line}")));
            }
            Found::NotFastCgi(byte) => {
                lines.push(format!("{sign} not FastCGI: no record begins with {byte:02x}"));
            }
        });
    }

    /// Appends a line about the direction's end, and about a record that it cuts off.
    pub fn end(&mut self, lines: &mut Vec<String>) {
        let cut = match self.records.unfinished() {
            0 => String::new(),
            count => format!(" within a record, of which {count} bytes came"),
        };
        lines.push(format!("{} end{cut}", sign(self.direction)));
    }
}

/// The record's name, as the specification has it, and whose it is.
fn heading(record: &Record<'_>) -> String {
    let name = match record.header.record_type {
        RecordType::BeginRequest => "BEGIN_REQUEST",
        RecordType::AbortRequest => "ABORT_REQUEST",
        RecordType::EndRequest => "END_REQUEST",
        RecordType::Params => "PARAMS",
        RecordType::Stdin => "STDIN",
        RecordType::Stdout => "STDOUT",
        RecordType::Stderr => "STDERR",
        RecordType::Data => "DATA",
        RecordType::GetValues => "GET_VALUES",
        RecordType::GetValuesResult => "GET_VALUES_RESULT",
        RecordType::UnknownType => "UNKNOWN_TYPE",
        RecordType::Other(number) => {
            return format!("type {number} id {}", record.header.request_id);
        }
    };
    match record.header.request_id {
        0 => name.to_owned(),
        id => format!("{name} id {id}"),
    }
}

/// What else there is to say: behind the heading, and in lines below it.
fn describe(
    requests: &mut Requests,
    record: &Record<'_>,
    line: &mut String,
    more: &mut Vec<String>,
) {
    let (header, content) = (record.header, record.content);
    let id = header.request_id;
    match (header.record_type, content.first_chunk::<8>()) {
        (RecordType::BeginRequest, Some(eight)) => {
            let begin = BeginRequest::decode(*eight);
            let role = match begin.role {
                Role::Other(number) => format!("role {number}"),
                role => format!("{role:?}"),
            };
            let keep = if begin.keep_connection { "keep" } else { "do not keep" };
            let _ = write!(line, ": {role}, {keep} the connection");
        }
        (RecordType::EndRequest, Some(eight)) => {
            requests.remove(&id);
            let end = EndRequest::decode(*eight);
            let _ = write!(line, ": {:?}, app status {}", end.protocol_status, end.app_status);
        }
        (RecordType::AbortRequest, _) => {}
        (RecordType::GetValues | RecordType::GetValuesResult, _) => tell_pairs(content, more),
        (RecordType::Params, _) if content.is_empty() => {
            if let Some(stream) = requests.remove(&id).unwrap_or_default() {
                tell_pairs(&stream, more);
            }
            let _ = write!(line, " end: {} params", more.len());
        }
        (_, _) if content.is_empty() => line.push_str(" end"),
        (record_type, _) => {
            let _ = write!(line, ", {} bytes", content.len());
            match record_type {
                RecordType::Params => {
                    gather(requests, id, content, PARAMS_BYTES_MAX);
                }
                RecordType::Stdout => match gather(requests, id, content, HEAD_BYTES_MAX) {
                    Some(bytes) => tell_head(requests, id, bytes, more),
                    None => line.push_str(&snippet(content)),
                },
                _ => line.push_str(&snippet(content)),
            }
        }
    }
}

/// Adds to what is gathered of a request, unless that is over.
fn gather(requests: &mut Requests, id: u16, content: &[u8], most: usize) -> Option<Vec<u8>> {
    let entry = requests.entry(id).or_insert_with(|| Some(Vec::new()));
    let bytes = entry.as_mut()?;
    bytes.extend_from_slice(content);
    if bytes.len() > most {
        *entry = None;
    }
    entry.clone()
}

/// The head's lines, once it is complete.
fn tell_head(requests: &mut Requests, id: u16, bytes: Vec<u8>, more: &mut Vec<String>) {
    match cgi_head::parse(&bytes) {
        Ok(None) => return,
        Ok(Some(head)) => {
            let lines = bytes[..head.length].split(|byte| *byte == b'\n');
            let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
            more.extend(lines.filter(|line| !line.is_empty()).map(shown));
            if let body @ [_, ..] = &bytes[head.length..] {
                more.push(format!("body, {} bytes{}", body.len(), snippet(body)));
            }
        }
        Err(error) => more.push(shown(error.to_string().as_bytes())),
    }
    requests.insert(id, None);
}

fn tell_pairs(stream: &[u8], lines: &mut Vec<String>) {
    for pair in pairs(stream) {
        lines.push(match pair {
            Ok((name, value)) => format!("{}={}", shown(name), shown(value)),
            Err(error) => format!("({error})"),
        });
    }
}

/// A name or value in printable ASCII.
fn shown(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(VALUE_BYTES_SHOWN)];
    let text: String = cut.iter().map(|byte| printable(*byte)).collect();
    if cut.len() == bytes.len() { text } else { format!("{text}… ({} bytes)", bytes.len()) }
}

/// As it is, or escaped. A backslash stays, for paths of Windows are full of them.
fn printable(byte: u8) -> String {
    match byte {
        b' '..=b'~' => char::from(byte).to_string(),
        other => other.escape_ascii().to_string(),
    }
}

/// The beginning of a body's piece, unless it is masked.
fn snippet(bytes: &[u8]) -> String {
    if bytes.iter().all(|byte| *byte == MASK) {
        return String::new();
    }
    let cut = &bytes[..bytes.len().min(BODY_BYTES_SHOWN)];
    let more = if cut.len() < bytes.len() { "…" } else { "" };
    format!(": {}{more}", cut.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastcgi::{Connection, Padding, RequestId, Side};

    /// Lines that say the same however the bytes are cut.
    fn lines(direction: Direction, wire: &[u8]) -> Vec<String> {
        let told = |size: usize| {
            let (mut decoder, mut lines) = (Decoder::new(direction), Vec::new());
            wire.chunks(size).for_each(|piece| decoder.pass(piece, &mut lines));
            decoder.end(&mut lines);
            lines
        };
        let whole = told(wire.len());
        assert_eq!(told(1), whole);
        whole
    }

    #[test]
    fn a_request_and_its_answer() {
        let id = RequestId::new(3).unwrap();
        let (mut to, mut back) = (Vec::new(), Vec::new());
        let mut web_server = Connection::new(Side::WebServer);
        web_server.begin_request(id, Role::Responder, true, &mut to).unwrap();
        let params: [(&[u8], &[u8]); 2] =
            [(b"PATH_TRANSLATED", b"C:\\site\x1b"), (b"HTTP_COOKIE", b"a=x")];
        web_server.params(id, params, &mut to).unwrap();
        web_server.stdin(id, b"a\nb", Padding::Align8, &mut to).unwrap();
        web_server.end_stdin(id, &mut to).unwrap();
        web_server.get_values(&[b"FCGI_MAX_REQS"], &mut to);
        let mut application = Connection::new(Side::Application);
        application.receive(&to);
        while application.poll_event().unwrap().is_some() {}
        application.stdout(id, b"Status: 200 OK\r\n", Padding::None, &mut back).unwrap();
        application.stdout(id, b"A: b\r\n\r\nxxx", Padding::None, &mut back).unwrap();
        application.stdout(id, b"more", Padding::None, &mut back).unwrap();
        application.end_request(id, EndRequest::COMPLETE, &mut back).unwrap();
        assert_eq!(
            lines(Direction::ToApplication, &to),
            [
                "> BEGIN_REQUEST id 3: Responder, keep the connection",
                "> PARAMS id 3, 41 bytes",
                "> PARAMS id 3 end: 2 params",
                "    PATH_TRANSLATED=C:\\site\\x1b",
                "    HTTP_COOKIE=a=x",
                "> STDIN id 3, 3 bytes: a\\nb, padding 5",
                "> STDIN id 3 end",
                "> GET_VALUES",
                "    FCGI_MAX_REQS=",
                "> end",
            ]
        );
        assert_eq!(
            lines(Direction::ToWebServer, &back),
            [
                "< STDOUT id 3, 16 bytes",
                "< STDOUT id 3, 11 bytes",
                "    Status: 200 OK",
                "    A: b",
                "    body, 3 bytes",
                "< STDOUT id 3, 4 bytes: more",
                "< STDOUT id 3 end",
                "< END_REQUEST id 3: RequestComplete, app status 0",
                "< end",
            ]
        );
    }

    #[test]
    fn what_is_no_record_is_told_once() {
        assert_eq!(
            lines(Direction::ToWebServer, b"\x01\x4d\0\x01\0\0\0\0HTTP/1.1 200 OK"),
            ["< type 77 id 1 end", "< not FastCGI: no record begins with 48", "< end"]
        );
        assert_eq!(
            lines(Direction::ToWebServer, b"\x01\x06\0"),
            ["< end within a record, of which 3 bytes came"]
        );
    }

    #[test]
    fn a_head_that_is_none() {
        let wire = b"\x01\x06\0\x01\0\x05\0\0<html\x01\x06\0\x01\0\x02\0\0>\n";
        assert_eq!(lines(Direction::ToWebServer, wire).len(), 4);
    }
}

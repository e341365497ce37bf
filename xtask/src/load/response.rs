//! Owns reading responses, in FastCGI or HTTP/1.1, as far as a load generator must: status, body,
//! whether the connection is kept.
//!
//! Does not own being lenient: whatever it does not understand is a bad response.

use fastcgi::{HEADER_LEN, RecordHeader, RecordType, cgi_head};

use super::Protocol;

/// A response that came whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) status: u16,
    /// The server will not take another request on this connection.
    pub(crate) closes: bool,
}

/// Reads one response after the other.
#[derive(Debug)]
pub(crate) struct Reader {
    protocol: Protocol,
    /// What came and is not understood yet.
    raw: Vec<u8>,
    /// FastCGI: the STDOUT stream so far.
    stdout: Vec<u8>,
    /// The body of the response that came last.
    pub(crate) body: Vec<u8>,
}

impl Reader {
    pub(crate) fn new(protocol: Protocol) -> Self {
        Reader { protocol, raw: Vec::new(), stdout: Vec::new(), body: Vec::new() }
    }

    /// Whether nothing of a response has come yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.raw.is_empty() && self.stdout.is_empty()
    }

    /// Takes bytes; with them a response may be whole. `end` says that no more will come.
    pub(crate) fn feed(&mut self, bytes: &[u8], end: bool) -> Result<Option<Whole>, String> {
        self.raw.extend_from_slice(bytes);
        match self.protocol {
            Protocol::Fastcgi => self.fastcgi(end),
            Protocol::Http => self.http(end),
        }
    }

    fn fastcgi(&mut self, end: bool) -> Result<Option<Whole>, String> {
        let mut at = 0;
        let mut ended = None;
        while let Some(header) = self.raw.get(at..at + HEADER_LEN) {
            let header = RecordHeader::decode(header.try_into().expect("as long as asked"));
            let content = at + HEADER_LEN;
            let next =
                content + usize::from(header.content_length) + usize::from(header.padding_length);
            if self.raw.len() < next {
                break;
            }
            let content = &self.raw[content..content + usize::from(header.content_length)];
            match header.record_type {
                RecordType::Stdout => self.stdout.extend_from_slice(content),
                RecordType::Stderr if content.is_empty() => {}
                RecordType::EndRequest => ended = Some(content.to_vec()),
                RecordType::Stderr => {
                    return Err(format!("STDERR: {}", String::from_utf8_lossy(content)));
                }
                other => return Err(format!("an unexpected record: {other:?}")),
            }
            at = next;
        }
        self.raw.drain(..at);
        let Some(ended) = ended else {
            let before = if self.stdout.is_empty() { "before" } else { "within" };
            return if end { Err(format!("closed {before} the response")) } else { Ok(None) };
        };
        // Four bytes of application status, then the protocol status: 0 is "request complete".
        if ended.get(4) != Some(&0) {
            return Err(format!("END_REQUEST says: {ended:?}"));
        }
        let head = cgi_head::parse(&self.stdout).map_err(|error| error.to_string())?;
        let head = head.ok_or("a response without a head")?;
        let whole = Whole { status: head.status, closes: false };
        self.body.clear();
        self.body.extend_from_slice(&self.stdout[head.length..]);
        self.stdout.clear();
        Ok(Some(whole))
    }

    fn http(&mut self, end: bool) -> Result<Option<Whole>, String> {
        let Some(at) = self.raw.windows(4).position(|four| four == b"\r\n\r\n") else {
            return if end { Err("closed before the response".into()) } else { Ok(None) };
        };
        let start = at + 4;
        let head = String::from_utf8_lossy(&self.raw[..at]).to_lowercase();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap_or_default();
        let status = status.split(' ').nth(1).and_then(|number| number.parse().ok());
        let mut whole = Whole { status: status.ok_or("no status")?, closes: false };
        let mut length = None;
        let mut chunked = false;
        for line in lines {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            match (name, value.trim()) {
                ("content-length", value) => length = value.parse::<usize>().ok(),
                ("transfer-encoding", "chunked") => chunked = true,
                ("connection", "close") => whole.closes = true,
                _ => {}
            }
        }
        let rest = &self.raw[start..];
        let taken = if chunked {
            self.body.clear();
            dechunk(rest, &mut self.body)?
        } else if let Some(length) = length {
            (rest.len() >= length).then(|| {
                self.body.clear();
                self.body.extend_from_slice(&rest[..length]);
                length
            })
        } else {
            whole.closes = true;
            end.then(|| {
                self.body = rest.to_vec();
                rest.len()
            })
        };
        match taken {
            Some(taken) => {
                self.raw.drain(..start + taken);
                Ok(Some(whole))
            }
            None if end => Err("closed within the response".into()),
            None => Ok(None),
        }
    }
}

/// Undoes chunks; the length of all of them once the last one is there.
fn dechunk(bytes: &[u8], body: &mut Vec<u8>) -> Result<Option<usize>, String> {
    let mut at = 0;
    loop {
        let Some(line) = bytes[at..].windows(2).position(|two| two == b"\r\n") else {
            return Ok(None);
        };
        let size = std::str::from_utf8(&bytes[at..at + line]).unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(|_| "a bad chunk size")?;
        let start = at + line + 2;
        let end = start + size;
        if bytes.len() < end + 2 {
            return Ok(None);
        }
        body.extend_from_slice(&bytes[start..end]);
        at = end + 2;
        if size == 0 {
            return Ok(Some(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastcgi::{Connection, EndRequest, Padding, RequestId, Side};

    /// Feeds the bytes whole and one by one.
    fn both_ways(protocol: Protocol, bytes: &[u8]) -> (Whole, Vec<u8>) {
        let mut whole = Reader::new(protocol);
        let seen = whole.feed(bytes, false).expect("good").expect("whole");
        let mut single = Reader::new(protocol);
        for (index, byte) in bytes.iter().enumerate() {
            let got = single.feed(&[*byte], false).expect("good");
            assert_eq!(got, (index + 1 == bytes.len()).then_some(seen), "at {index}");
        }
        assert_eq!(whole.body, single.body);
        (seen, whole.body)
    }

    #[test]
    fn http_by_length_and_by_chunks() {
        let length = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
        let chunks =
            b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n";
        let closes = Whole { status: 200, closes: true };
        assert_eq!(both_ways(Protocol::Http, length), (closes, b"hi".to_vec()));
        let kept = Whole { status: 404, closes: false };
        assert_eq!(both_ways(Protocol::Http, chunks), (kept, b"hi!".to_vec()));
    }

    #[test]
    fn fastcgi_as_our_application_side_sends_it() {
        let mut wire = Vec::new();
        let id = RequestId::new(1).expect("an id");
        Connection::new(Side::WebServer)
            .begin_request(id, fastcgi::Role::Responder, true, &mut wire)
            .and_then(|()| {
                let mut application = Connection::new(Side::Application);
                application.receive(&wire);
                application.poll_event()?;
                wire.clear();
                let text = b"Status: 200 OK\r\nContent-Length: 2\r\n\r\nhi";
                application.stdout(id, text, Padding::None, &mut wire)?;
                application.end_request(id, EndRequest::COMPLETE, &mut wire)
            })
            .expect("in order");
        let whole = Whole { status: 200, closes: false };
        assert_eq!(both_ways(Protocol::Fastcgi, &wire), (whole, b"hi".to_vec()));
    }

    #[test]
    fn a_connection_that_ends_too_early_is_told() {
        for protocol in [Protocol::Http, Protocol::Fastcgi] {
            let error = Reader::new(protocol).feed(b"", true).expect_err("nothing came");
            assert!(error.contains("closed before"), "{error}");
        }
    }
}

//! Owns a minimal HTTP client that shows everything: what was cut off, too.
//!
//! Does not keep connections, follow redirects or decode anything but chunks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The body ended before its length or its last chunk.
    pub(crate) is_truncated: bool,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Reply {
    send(address, "GET", path, "", b"")
}

pub(crate) fn post(address: SocketAddr, path: &str, body: &[u8]) -> Reply {
    send(address, "POST", path, &format!("Content-Length: {}\r\n", body.len()), body)
}

pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> Reply {
    let mut stream = begin(address, method, path, headers);
    // The server may answer and hang up before it has read all of the body.
    let mut writer = stream.try_clone().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || drop(writer.write_all(body)));
        read(&mut stream, method)
    })
}

/// Sends a head and leaves the rest to the caller.
pub(crate) fn begin(address: SocketAddr, method: &str, path: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: test.example:80\r\nConnection: close\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

pub(crate) fn read(stream: &mut TcpStream, method: &str) -> Reply {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).map(|_| line.trim_end().to_owned()).unwrap_or_default()
    };
    let status_line = line();
    let mut words = status_line.splitn(3, ' ').skip(1).map(str::to_owned);
    let status = words.next().and_then(|status| status.parse().ok()).unwrap_or(0);
    let reason = words.next().unwrap_or_default();
    let mut headers = Vec::new();
    while let Some((name, value)) = line().split_once(": ") {
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut reply = Reply { status, reason, headers, body: Vec::new(), is_truncated: false };
    if method == "HEAD" {
        reader.read_to_end(&mut reply.body).unwrap();
    } else if reply.header("transfer-encoding") == Some("chunked") {
        reply.is_truncated = !read_chunks(&mut reader, &mut reply.body);
    } else {
        let _ = reader.read_to_end(&mut reply.body);
        let length = reply.header("content-length").and_then(|length| length.parse().ok());
        reply.is_truncated = length.is_some_and(|length: usize| reply.body.len() < length);
    }
    reply
}

/// Whether the last chunk came.
fn read_chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> bool {
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).is_err() {
            return false;
        }
        let Ok(size) = usize::from_str_radix(line.trim_end(), 16) else { return false };
        if size == 0 {
            return true;
        }
        let start = body.len();
        body.resize(start + size, 0);
        if reader.read_exact(&mut body[start..]).is_err() || reader.read_exact(&mut [0; 2]).is_err()
        {
            return false;
        }
    }
}

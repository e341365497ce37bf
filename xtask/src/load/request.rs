//! Owns a case's request as bytes, in FastCGI or HTTP: made once, sent many times.
//!
//! Does not own FastCGI's shapes: those are our `fastcgi` crate's, web-server side.

use fastcgi::{Connection, Padding, RequestId, Role, Side};

use super::Protocol;
use super::cases::Case;

/// Headers as a browser sends them, so that an environ has its usual size.
const HEADERS: &[(&str, &str)] = &[
    ("Host", "bench.example"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-GB,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate, br"),
];

/// Params that say the same in every request.
const SURROUNDINGS: &[(&str, &str)] = &[
    ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("SERVER_SOFTWARE", "bench"),
    ("SERVER_PROTOCOL", "HTTP/1.1"),
    ("SERVER_NAME", "bench.example"),
    ("SERVER_ADDR", "192.0.2.1"),
    ("SERVER_PORT", "80"),
    ("REMOTE_ADDR", "192.0.2.2"),
    ("REMOTE_PORT", "50000"),
    ("REQUEST_SCHEME", "http"),
    ("SCRIPT_NAME", ""),
];

const CONTENT_TYPE: &str = "application/octet-stream";

/// The request's bytes.
pub(crate) fn encode(case: &Case, protocol: Protocol, keep: bool) -> Vec<u8> {
    match protocol {
        Protocol::Fastcgi => fastcgi_bytes(case, keep).expect("the calls are in order"),
        Protocol::Http => http_bytes(case, keep),
    }
}

fn fastcgi_bytes(case: &Case, keep: bool) -> fastcgi::Result<Vec<u8>> {
    let mut params: Vec<(String, String)> =
        SURROUNDINGS.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let mut add = |name: &str, value: String| params.push((name.to_owned(), value));
    add("REQUEST_METHOD", method(case).into());
    add("REQUEST_URI", target(case));
    add("PATH_INFO", case.path.into());
    add("QUERY_STRING", case.query.into());
    if case.body > 0 {
        add("CONTENT_LENGTH", case.body.to_string());
        add("CONTENT_TYPE", CONTENT_TYPE.into());
    }
    for (name, value) in headers(case) {
        add(&format!("HTTP_{}", name.to_uppercase().replace('-', "_")), value);
    }
    let mut bytes = Vec::new();
    let mut connection = Connection::new(Side::WebServer);
    let id = RequestId::new(1).expect("not the management id");
    connection.begin_request(id, Role::Responder, keep, &mut bytes)?;
    let pairs = params.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    connection.params(id, pairs, &mut bytes)?;
    connection.stdin(id, &case.content(), Padding::None, &mut bytes)?;
    connection.end_stdin(id, &mut bytes)?;
    Ok(bytes)
}

fn http_bytes(case: &Case, keep: bool) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\n", method(case), target(case));
    for (name, value) in headers(case) {
        head += &format!("{name}: {value}\r\n");
    }
    if case.body > 0 {
        head += &format!("Content-Length: {}\r\nContent-Type: {CONTENT_TYPE}\r\n", case.body);
    }
    if !keep {
        head += "Connection: close\r\n";
    }
    head += "\r\n";
    let mut bytes = head.into_bytes();
    bytes.extend(case.content());
    bytes
}

fn headers(case: &Case) -> Vec<(String, String)> {
    let usual = HEADERS.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    usual.chain(case.headers()).collect()
}

fn method(case: &Case) -> &'static str {
    if case.body > 0 { "POST" } else { "GET" }
}

fn target(case: &Case) -> String {
    if case.query.is_empty() { case.path.into() } else { format!("{}?{}", case.path, case.query) }
}

#[cfg(test)]
mod tests {
    use super::super::cases;
    use super::*;
    use fastcgi::Event;

    #[test]
    fn our_application_side_reads_every_case() {
        for case in cases::CASES {
            let mut application = Connection::new(Side::Application);
            let bytes = encode(case, Protocol::Fastcgi, true);
            let mut sent = &bytes[..];
            let mut body = 0;
            let mut path = Vec::new();
            loop {
                sent = &sent[application.receive(sent)..];
                match application.poll_event().expect("good records") {
                    Some(Event::Request { params, .. }) => {
                        path = params.get(b"PATH_INFO").expect("a path").to_vec();
                    }
                    Some(Event::Stdin { data, .. }) => body += data.len(),
                    Some(_) => {}
                    None if sent.is_empty() => break,
                    None => {}
                }
            }
            assert_eq!((path.as_slice(), body), (case.path.as_bytes(), case.body));
        }
    }

    #[test]
    fn http_ends_its_head_and_may_close() {
        let text =
            String::from_utf8(encode(&cases::CASES[0], Protocol::Http, false)).expect("text");
        assert!(text.starts_with("GET /hello HTTP/1.1\r\nHost: bench.example\r\n"), "{text}");
        assert!(text.ends_with("Connection: close\r\n\r\n"), "{text}");
    }
}

//! Owns requests that go well: bodies both ways, heads, variables, one-off requests.
//!
//! Does not test failures.

use std::io;
use std::sync::{Arc, Mutex};

use fastcgi::RecordType;
use front::{
    Cut, Direction, Hooks, Note, OneRequest, ResponseHead, ResponseSink, Settings, SiteSource,
    TappedRecord,
};

use crate::application;
use crate::client::{get, post, send};
use crate::server::{Meeting, Server, folder, with_attributes, write};

#[test]
fn get_with_variables_and_access_log() {
    let mut server = Server::start(folder());
    let reply = get(server.address, "/variables?a=%C3%A9");
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/plain")));
    let text = reply.text();
    for line in [
        "HTTP_HOST=test.example:80",
        "PATH_INFO=/variables",
        "SCRIPT_NAME=/variables",
        "REQUEST_URI=/variables?a=%C3%A9",
        "QUERY_STRING=a=%C3%A9",
        "SERVER_NAME=test.example",
        "CONTENT_LENGTH=0",
        "CONTENT_TYPE=",
        "REMOTE_ADDR=127.0.0.1",
        "INSTANCE_NAME=DEFAULT WEB SITE",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} in {text}");
    }
    server.stop();
    let accesses = server.accesses.lock().unwrap();
    let access = &accesses[0];
    assert_eq!((access.method.as_str(), access.uri.as_str()), ("GET", "/variables?a=%C3%A9"));
    assert_eq!(
        (access.status, access.bytes, access.is_complete),
        (Some(200), text.len() as u64, true)
    );
    assert!(access.instance.is_some());
}

#[test]
fn bodies_come_and_go() {
    let server = Server::start(folder());
    assert_eq!(post(server.address, "/echo", b"small").text(), "small");
    assert_eq!(post(server.address, "/echo", b"").text(), "");
    let large: Vec<u8> = (0..12_000_000_u32).map(|n| (n % 251) as u8).collect();
    let sum = large.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte));
    assert_eq!(post(server.address, "/sum", &large).text(), format!("12000000 {sum}"));
    assert_eq!(post(server.address, "/echo", &large).body, large);
    let chunked = send(
        server.address,
        "POST",
        "/echo",
        "Transfer-Encoding: chunked\r\n",
        b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    );
    assert_eq!(chunked.text(), "abcde");
}

#[test]
fn a_large_response_streams() {
    let server = Server::start(folder());
    let size = 64 * 1024 * 1024;
    let reply = get(server.address, &format!("/big?{size}"));
    assert!(!reply.is_truncated);
    assert_eq!(reply.body.len(), size);
}

#[test]
fn heads() {
    let server = Server::single(folder());
    let reply = get(server.address, "/redirect");
    assert_eq!((reply.status, reply.header("location")), (302, Some("/hello")));
    let reply = get(server.address, "/no-content");
    assert_eq!((reply.status, reply.header("x-a"), reply.text().as_str()), (204, Some("1"), ""));
    let reply = get(server.address, "/cookies");
    assert_eq!((reply.status, reply.reason.as_str()), (299, "Fine Indeed"));
    let cookies: Vec<_> =
        reply.headers.iter().filter(|(n, _)| n == "Set-Cookie").map(|(_, v)| v.as_str()).collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    let reply = send(server.address, "HEAD", "/big?65536", "", b"");
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    // Nothing of that cost an instance its life.
    assert!(get(server.address, "/pid").text().ends_with(" 5"));
}

#[test]
fn a_head_without_a_body_does_not_wait_for_it() {
    let server = Server::start(folder());
    let meeting = Meeting::new();
    let path = format!("/head-first?{}", meeting.address());
    let mut stream = crate::client::begin(server.address, "GET", &path, "");
    let held = meeting.next();
    // The head arrives while the application waits for us.
    let mut start = [0; 12];
    io::Read::read_exact(&mut stream, &mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    drop(held);
    let mut rest = String::new();
    io::Read::read_to_string(&mut stream, &mut rest).unwrap();
    assert!(rest.contains("late"), "{rest}");
}

#[test]
fn an_early_answer_leaves_the_instance_usable() {
    let server = Server::single(folder());
    let pid = |text: String| text.split(' ').next().unwrap().to_owned();
    let first = pid(get(server.address, "/pid").text());
    for size in [10, 100_000, 5_000_000] {
        let reply = post(server.address, "/early", &vec![b'x'; size]);
        assert_eq!((reply.status, reply.text().as_str()), (413, "too large"), "{size}");
    }
    assert_eq!(pid(get(server.address, "/pid").text()), first);
}

#[test]
fn any_cut_is_understood() {
    for size in [1, 7, 4096] {
        let folder = folder();
        let mut settings = Settings::new(SiteSource::Directory(folder.path().to_owned()));
        settings.conduct.cut = Cut::Every(size);
        let server = Server::with(folder, settings);
        assert_eq!(post(server.address, "/echo", &[b'y'; 10_000]).body, [b'y'; 10_000]);
        assert!(
            get(server.address, "/variables")
                .text()
                .contains("SERVER_SOFTWARE=Microsoft-IIS/10.0\n")
        );
    }
}

#[test]
fn a_listening_instance() {
    let (folder, mut settings) = with_attributes("protocol=\"Tcp\" maxInstances=\"1\"");
    settings.environment.push((application::VARIABLE.to_owned(), "listening".to_owned()));
    let server = Server::with(folder, settings);
    assert_eq!(get(server.address, "/environment?CONFIGURED").text(), "%NOT% expanded");
    assert_eq!(get(server.address, "/environment?_FCGI_X_PIPE_").text(), "");
    assert_eq!(post(server.address, "/echo", b"over tcp").text(), "over tcp");
    assert!(get(server.address, "/pid").text().ends_with(" 4"), "the connection is kept");
}

#[test]
fn the_environment_of_an_instance() {
    let (folder, settings) = with_attributes("");
    let server = Server::with(folder, settings);
    assert_eq!(get(server.address, "/environment?APP_POOL_ID").text(), "Pond");
    assert!(
        get(server.address, "/environment?APP_POOL_CONFIG").text().ends_with("/Pond/Pond.config")
    );
    assert!(
        get(server.address, "/environment?_FCGI_X_PIPE_").text().starts_with(r"\\.\pipe\IISFCGI-")
    );
    let text = get(server.address, "/variables").text();
    assert!(text.contains("APPL_MD_PATH=/LM/W3SVC/7/ROOT\n"), "{text}");
}

#[derive(Default)]
struct Sink {
    head: Option<ResponseHead>,
    body: Vec<u8>,
}

impl ResponseSink for Sink {
    fn notes(&mut self, notes: &[Note]) {
        assert_eq!(notes, []);
    }
    fn head(&mut self, head: &ResponseHead) -> io::Result<()> {
        self.head = Some(head.clone());
        Ok(())
    }
    fn body(&mut self, piece: &[u8]) -> io::Result<()> {
        self.body.extend_from_slice(piece);
        Ok(())
    }
}

#[test]
fn one_request_without_a_socket() {
    let folder = folder();
    write(folder.path(), "style.css", "body {}");
    let mut settings = Settings::new(SiteSource::Directory(folder.path().to_owned()));
    settings.environment.push((application::VARIABLE.to_owned(), "connected".to_owned()));
    let records = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&records);
    let tap = move |record: &TappedRecord<'_>| {
        let told = (record.direction, record.header.record_type, record.content.len());
        seen.lock().unwrap().push(told);
    };
    let hooks = Hooks { access: None, tap: Some(Arc::new(tap)) };
    let request = OneRequest {
        method: "POST".to_owned(),
        url: "http://shop.example:8080/echo?x".to_owned(),
        headers: vec![("X-Test".to_owned(), b"1".to_vec())],
        body: b"a body".to_vec(),
    };
    let mut sink = Sink::default();
    front::request(settings.clone(), hooks, &request, &mut sink).unwrap();
    assert_eq!(sink.head.unwrap().status, 200);
    assert_eq!(sink.body, b"a body");
    let types: Vec<_> = records
        .lock()
        .unwrap()
        .iter()
        .map(|(way, kind, length)| (*way, *kind, *length > 0))
        .collect();
    use Direction::{Received, Sent};
    use RecordType::{BeginRequest, EndRequest, Params, Stdin, Stdout};
    assert_eq!(
        types,
        [
            (Sent, BeginRequest, true),
            (Sent, Params, true),
            (Sent, Params, false),
            (Sent, Stdin, true),
            (Sent, Stdin, false),
            (Received, Stdout, true),
            (Received, Stdout, true),
            (Received, Stdout, false),
            (Received, EndRequest, true),
        ]
    );
    let mut sink = Sink::default();
    let get = OneRequest {
        method: "GET".to_owned(),
        url: "/style.css".to_owned(),
        ..OneRequest::default()
    };
    front::request(settings, Hooks::default(), &get, &mut sink).unwrap();
    assert_eq!(sink.body, b"body {}");
}

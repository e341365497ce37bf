//! Owns a small FastCGI application: the test program itself, run as an instance.
//!
//! Does not use `front`; it speaks through the protocol core's application side and blocks.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use fastcgi::{Connection, EndRequest, Event, Padding, ProtocolStatus, RequestId, Side};

/// Set for instances; says what descriptor 0 is.
pub(crate) const VARIABLE: &str = "FRONT_TEST_APPLICATION";

/// How an instance is started from a handler mapping: this program, this test.
pub(crate) fn script_processor() -> String {
    let program = std::env::current_exe().unwrap();
    format!("{}|{ARGUMENTS}", program.display())
}

/// Runs the one "test" below, which is the application.
pub(crate) const ARGUMENTS: &str = "--exact application::run_as_an_instance --nocapture --quiet";

trait Duplex: Read + Write {}
impl<T: Read + Write> Duplex for T {}

#[test]
#[allow(clippy::exit, reason = "an application ends as it likes")]
fn run_as_an_instance() {
    let Ok(kind) = std::env::var(VARIABLE) else { return };
    let descriptor = std::io::stdin().as_fd().try_clone_to_owned().unwrap();
    match kind.as_str() {
        "connected" => serve(&mut UnixStream::from(descriptor)),
        "listening" => {
            let listener = TcpListener::from(descriptor);
            while let Ok((mut stream, _)) = listener.accept() {
                serve(&mut stream);
            }
        }
        other => panic!("no such kind: {other}"),
    }
    std::process::exit(0);
}

struct Asked {
    id: RequestId,
    path: String,
    query: String,
    variables: String,
}

fn serve(stream: &mut dyn Duplex) {
    let mut connection = Connection::new(Side::Application);
    let mut asked: Option<Asked> = None;
    let mut body = Vec::new();
    let mut requests = 0;
    loop {
        let mut ended = None;
        while let Some(event) = connection.poll_event().unwrap() {
            match event {
                Event::Request { id, params, .. } => {
                    let pairs = params.pairs().map(Result::unwrap);
                    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                    let variables =
                        pairs.map(|(n, v)| format!("{}={}\n", text(n), text(v))).collect();
                    let get = |name| text(params.get(name).unwrap_or_default());
                    let (path, query) = (get(b"PATH_INFO"), get(b"QUERY_STRING"));
                    body.clear();
                    asked = Some(Asked { id, path, query, variables });
                    if asked.as_ref().is_some_and(|asked| asked.path == "/early") {
                        ended = asked.take();
                        break;
                    }
                }
                Event::Stdin { data, .. } => body.extend_from_slice(data),
                Event::EndOfStdin { .. } => {
                    ended = asked.take();
                    break;
                }
                _ => {}
            }
        }
        if let Some(asked) = ended {
            requests += 1;
            let mut out = Answer { stream, connection: &mut connection, id: asked.id };
            respond(&mut out, &asked, &body, requests);
            continue;
        }
        match stream.read(connection.space()) {
            Ok(count) if count > 0 => connection.filled(count),
            _ => return,
        }
    }
}

struct Answer<'a> {
    stream: &'a mut dyn Duplex,
    connection: &'a mut Connection,
    id: RequestId,
}

impl Answer<'_> {
    fn send(&mut self, bytes: &[u8]) -> bool {
        let mut out = Vec::new();
        self.connection.stdout(self.id, bytes, Padding::Align8, &mut out).unwrap();
        self.stream.write_all(&out).is_ok()
    }

    /// All at once: a head is not held back for long.
    fn send_and_complain(&mut self, bytes: &[u8], complaints: &[&str]) {
        let mut out = Vec::new();
        self.connection.stdout(self.id, bytes, Padding::Align8, &mut out).unwrap();
        for text in complaints {
            self.connection.stderr(self.id, text.as_bytes(), Padding::None, &mut out).unwrap();
        }
        self.stream.write_all(&out).unwrap();
    }

    fn end(&mut self, app_status: u32) {
        let end = EndRequest { app_status, protocol_status: ProtocolStatus::RequestComplete };
        let mut out = Vec::new();
        self.connection.end_request(self.id, end, &mut out).unwrap();
        self.stream.write_all(&out).unwrap();
    }

    fn all(&mut self, text: &str) {
        self.send(text.as_bytes());
        self.end(0);
    }
}

const HEAD: &str = "Content-Type: text/plain\r\n\r\n";

#[allow(clippy::exit, reason = "an application ends as it likes")]
fn respond(out: &mut Answer<'_>, asked: &Asked, body: &[u8], requests: u32) {
    match asked.path.as_str() {
        "/hello" => out.all(&format!("{HEAD}hello")),
        "/pid" => out.all(&format!("{HEAD}{} {requests}", std::process::id())),
        "/variables" => out.all(&format!("{HEAD}{}", asked.variables)),
        "/environment" => {
            let value = std::env::var(&asked.query).unwrap_or_default();
            out.all(&format!("{HEAD}{value}"));
        }
        "/echo" => {
            out.send(HEAD.as_bytes());
            for piece in body.chunks(10_000) {
                out.send(piece);
            }
            out.end(0);
        }
        "/sum" => {
            let sum = body.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte));
            out.all(&format!("{HEAD}{} {sum}", body.len()));
        }
        "/big" => {
            out.send(HEAD.as_bytes());
            let piece = [b'x'; 32 * 1024];
            for _ in 0..asked.query.parse::<usize>().unwrap() / piece.len() {
                out.send(&piece);
            }
            out.end(0);
        }
        // Answers before the body has come; `serve` reads what is left of it.
        "/early" => out.all("Status: 413 Content Too Large\n\ntoo large"),
        "/exit" => std::process::exit(3),
        "/half" => {
            out.send(format!("Content-Length: 100\r\n{HEAD}half").as_bytes());
            std::process::exit(3);
        }
        "/fails-late" => {
            out.send(format!("{HEAD}half").as_bytes());
            rendezvous(&asked.query);
            out.end(1);
        }
        "/stderr" => {
            out.send_and_complain(b"Status: 500 Oops\r\n\r\n", &["Traceback <first>\n", "  second"]);
            out.end(0);
        }
        "/no-head" => out.all("<html>no head"),
        "/bad-head" => out.all("what is this\r\n\r\n"),
        "/garbage" => {
            out.stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            std::process::exit(0);
        }
        "/redirect" => out.all("Location: /hello\n\n"),
        "/no-content" => out.all("Status: 204\r\nX-A: 1\r\n\r\nignored"),
        "/cookies" => out.all("Status: 299 Fine Indeed\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close\r\n\r\n"),
        "/head-first" => {
            out.send(HEAD.as_bytes());
            rendezvous(&asked.query);
            out.all("late");
        }
        "/wait" => {
            rendezvous(&asked.query);
            out.all(&format!("{HEAD}{}", std::process::id()));
        }
        "/endless" => {
            let mut line = TcpStream::connect(&*asked.query).unwrap();
            line.write_all(b"!").unwrap();
            out.send(HEAD.as_bytes());
            while out.send(&[b'x'; 32 * 1024]) {}
            std::process::exit(4);
        }
        other => out.all(&format!("Status: 404 Not Found\r\n{HEAD}{other}")),
    }
}

/// Tells the test at that address that we are here, and waits until it lets us go on.
fn rendezvous(address: &str) {
    let mut line = TcpStream::connect(address).unwrap();
    line.write_all(b"!").unwrap();
    let _ = line.read(&mut [0]);
}

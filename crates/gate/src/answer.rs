//! Owns the gate's own answers on the pipe: why there is no worker to answer.
//!
//! Does not own how long they are needed (`pipe`).

use crate::codes;
use crate::control::StartFailure;
use crate::debug::Viewers;
use fastcgi::{
    Connection, EndOfResponse, EndRequest, Event, Frames, Padding, Params, RequestId, Side,
};
use page::Page;
use platform::Stream;
use std::fmt;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// How often a waiting gate looks for signals.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Lines of details shown to a developer.
const DETAIL_LINES_MAX: usize = 200;

/// A request that the gate answers itself: by this it is found in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number(u64);

impl Number {
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Display for Number {
    /// As a worker numbers its requests: the process and its start make it unique.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        static START: OnceLock<u32> = OnceLock::new();
        let start = START.get_or_init(|| {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            (since.unwrap_or_default().as_secs() as u32).rotate_left(16) ^ std::process::id()
        });
        write!(f, "{start:08x}-{}", self.0)
    }
}

/// The page for a failure: in full for a developer; a visitor sees code and request alone.
fn page(failure: &StartFailure, number: Number, debug: bool) -> Page {
    let page = Page::new("500", "The Python app could not be started");
    let code = failure.code;
    if !debug {
        return page.lead(format!("{code} · request {number}"));
    }
    let lines: Vec<_> = failure.details.lines().collect();
    let shown = lines[lines.len().saturating_sub(DETAIL_LINES_MAX)..].join("\n");
    let mut page =
        page.lead(failure.title.clone()).fact("Code", format!("{code} – iisgate explain {code}"));
    page = match (failure.hint.as_str(), failure.command.as_str()) {
        ("", "") => page,
        (hint, "") => page.hint(hint),
        ("", command) => page.command("what mends it", command),
        (hint, command) => page.command(hint, command),
    };
    if !failure.place.is_empty() {
        page = page.fact("Place", failure.place.to_string());
    }
    page.fact("Request", number.to_string())
        .block("What was said", shown)
        .note("Why this happens", code.why)
}

/// The page for a request that was lost with its worker.
fn lost_page(number: Number) -> Page {
    let code = &codes::WORKER_LOST;
    Page::new("500", "The worker ended while it answered")
        .fact("Code", format!("{code} – iisgate explain {code}"))
        .fact("Request", number.to_string())
        .lead("The Python process that worked on this request has ended. The next request gets a new one.")
        .hint("The site's log may tell more: look for the last lines of the worker.")
}

/// A complete answer: STDOUT records and the request's end.
fn answer(id: RequestId, page: &Page, accept: Option<&str>) -> Vec<u8> {
    let (content_type, body) = page.for_client(accept);
    whole(id, "500 Internal Server Error", content_type, body.as_bytes())
}

/// A complete answer of that body.
pub(crate) fn whole(id: RequestId, status: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "Status: {status}\r\nContent-Type: {content_type}\r\n\
         Cache-Control: no-store\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let (mut frames, mut out) = (Frames::default(), Vec::new());
    frames.plan(id, head.len() + body.len(), Padding::None);
    frames.emit(&[head.as_bytes(), body], |piece| out.extend_from_slice(piece));
    out.extend_from_slice(EndOfResponse::new(id, EndRequest::COMPLETE).bytes());
    out
}

/// Answers a request whose worker died before it had sent anything.
///
/// # Errors
/// When the web server has gone.
pub(crate) fn lost(stream: &Stream, id: RequestId) -> io::Result<()> {
    let number = tell_lost();
    stream.write_all(&answer(id, &lost_page(number), Some("text/html")))
}

/// Tells the log of a request that was lost; its number.
pub(crate) fn tell_lost() -> Number {
    let (number, code) = (Number::next(), &codes::WORKER_LOST);
    log::error!("{code} · request {number}: lost with the worker that ended");
    number
}

/// How [`refuse`] ended.
pub(crate) enum Refused {
    /// One request is answered; these bytes of the next one were read.
    Answered(Vec<u8>),
    /// The web server has gone, or wanted the connection closed.
    Closed,
    /// `is_ending` said so.
    Ending,
}

/// Waits for one request, reads it to its end and answers it with the failure's page.
///
/// # Errors
/// When the web server breaks the protocol or the pipe.
pub(crate) fn refuse(
    stream: &Stream,
    preface: &[u8],
    failure: &StartFailure,
    viewers: &[Viewers],
    is_ending: impl Fn() -> bool,
) -> io::Result<Refused> {
    answer_one(stream, preface, is_ending, |id, asked| {
        let number = Number::next();
        log::error!("{} · request {number}: {}: {}", failure.code, asked.what, failure.title);
        let debug = viewers.iter().any(|viewers| viewers.admits(|name| asked.param(name)));
        answer(id, &page(failure, number, debug), asked.param("HTTP_ACCEPT").as_deref())
    })
}

/// A request that the gate answers.
pub(crate) struct Asked<'a> {
    /// Method and path, for the log.
    pub(crate) what: String,
    /// Nothing of one that could not be read.
    params: Option<Params<'a>>,
}

impl<'a> Asked<'a> {
    fn new(params: Option<Params<'a>>) -> Self {
        let mut asked = Self { what: "a request that could not be read".to_owned(), params };
        if asked.params.is_some() {
            let uri = asked.param("REQUEST_URI").or_else(|| asked.param("URL")).unwrap_or_default();
            // What stands behind the question mark may be secret.
            let path = uri.split('?').next().unwrap_or_default();
            let method = asked.param("REQUEST_METHOD").unwrap_or_default();
            asked.what = format!("{method} {path}");
        }
        asked
    }

    /// One of its params.
    fn param(&self, name: &str) -> Option<String> {
        let value = self.params.as_ref()?.get(name.as_bytes())?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

/// Waits for one request, reads it to its end and answers it with what is made for its id and what
/// it asked.
///
/// # Errors
/// When the web server breaks the protocol or the pipe.
pub(crate) fn answer_one(
    stream: &Stream,
    preface: &[u8],
    is_ending: impl Fn() -> bool,
    mut make: impl FnMut(RequestId, &Asked<'_>) -> Vec<u8>,
) -> io::Result<Refused> {
    let mut core = Connection::new(Side::Application);
    core.receive(preface);
    let mut must_close = false;
    let mut answered = false;
    loop {
        let mut out = Vec::new();
        while let Some(event) = core.poll_event().map_err(invalid)? {
            let (id, keep_connection, made) = match event {
                Event::Request { id, keep_connection, params } => {
                    (id, keep_connection, make(id, &Asked::new(Some(params))))
                }
                Event::Refused { id, keep_connection, .. } => {
                    (id, keep_connection, make(id, &Asked::new(None)))
                }
                _ => continue,
            };
            must_close |= !keep_connection;
            core.end_request(id, EndRequest::COMPLETE, &mut Vec::new()).expect("it is open");
            out.extend(made);
            answered = true;
            if core.is_between_requests() {
                break;
            }
        }
        out.extend(core.take_replies());
        stream.write_all(&out)?;
        if answered && must_close {
            return Ok(Refused::Closed);
        }
        // The body's records that follow belong to no open request any more; whoever reads on,
        // gate or worker, skips them.
        if answered && core.is_between_requests() {
            return Ok(Refused::Answered(core.unread().to_vec()));
        }
        if !stream.wait(true, false, Some(LOOK_EVERY))?.readable {
            if is_ending() {
                return Ok(Refused::Ending);
            }
            continue;
        }
        match stream.try_read(core.space())? {
            Some(0) => return Ok(Refused::Closed),
            Some(count) => core.filled(count),
            None => {}
        }
    }
}

fn invalid(error: fastcgi::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

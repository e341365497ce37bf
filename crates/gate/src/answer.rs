//! Owns the gate's own answers on the pipe: why there is no worker to answer.
//!
//! Does not own how long they are needed (`pipe`).

use crate::control::StartFailure;
use fastcgi::{Connection, EndOfResponse, EndRequest, Event, Frames, Padding, RequestId, Side};
use page::Page;
use platform::Stream;
use std::io;
use std::time::Duration;

/// How often a waiting gate looks for signals.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Lines of details shown to a developer.
const DETAIL_LINES_MAX: usize = 200;

/// The page for a failure: in full for a developer, a sentence for a visitor.
fn page(failure: &StartFailure, debug: bool) -> Page {
    let page = Page::new("500", "The Python app could not be started");
    if !debug {
        return page
            .lead("The site's log tells why.")
            .hint("Whoever runs this site: the log has the reason in full; with --debug this page has it.");
    }
    let lines: Vec<_> = failure.details.lines().collect();
    let shown = lines[lines.len().saturating_sub(DETAIL_LINES_MAX)..].join("\n");
    let mut page = page.lead(failure.title.clone());
    if !failure.hint.is_empty() {
        page = page.hint(failure.hint.clone());
    }
    if shown.is_empty() { page } else { page.block("What Python said", shown) }
}

/// The page for a request that was lost with its worker.
fn lost_page() -> Page {
    Page::new("500", "The worker ended while it answered")
        .lead("The Python process that worked on this request has ended. The next request gets a new one.")
        .hint("The site's log may tell more: look for the last lines of the worker.")
}

/// A complete answer: STDOUT records and the request's end.
fn answer(id: RequestId, page: &Page, accept: Option<&str>) -> Vec<u8> {
    let (content_type, body) = page.for_client(accept);
    let text = format!(
        "Status: 500 Internal Server Error\r\nContent-Type: {content_type}\r\n\
         Cache-Control: no-store\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let (mut frames, mut out) = (Frames::default(), Vec::new());
    frames.plan(id, text.len(), Padding::None);
    frames.emit(&[text.as_bytes()], |piece| out.extend_from_slice(piece));
    out.extend_from_slice(EndOfResponse::new(id, EndRequest::COMPLETE).bytes());
    out
}

/// Answers a request whose worker died before it had sent anything.
///
/// # Errors
/// When the web server has gone.
pub(crate) fn lost(stream: &Stream, id: RequestId) -> io::Result<()> {
    stream.write_all(&answer(id, &lost_page(), Some("text/html")))
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
    debug: bool,
    is_ending: impl Fn() -> bool,
) -> io::Result<Refused> {
    let mut core = Connection::new(Side::Application);
    core.receive(preface);
    let page = page(failure, debug);
    let mut must_close = false;
    let mut answered = false;
    loop {
        let mut out = Vec::new();
        while let Some(event) = core.poll_event().map_err(invalid)? {
            let (id, keep_connection, accept) = match event {
                Event::Request { id, keep_connection, params } => {
                    let accept = params.get(b"HTTP_ACCEPT").map(String::from_utf8_lossy);
                    (id, keep_connection, accept.map(|accept| accept.into_owned()))
                }
                Event::Refused { id, keep_connection, .. } => (id, keep_connection, None),
                _ => continue,
            };
            must_close |= !keep_connection;
            core.end_request(id, EndRequest::COMPLETE, &mut Vec::new()).expect("it is open");
            out.extend(answer(id, &page, accept.as_deref()));
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

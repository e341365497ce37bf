//! Owns the response side of one exchange: STDOUT and STDERR in, a head and pieces of a body out,
//! or the failure that takes their place.
//!
//! Does not read the stream, nor send the request: `exchange` does.

use std::time::Duration;

use bytes::Bytes;
use fastcgi::limits::HEAD_BYTES_MAX;
use fastcgi::{EndRequest, Event, ProtocolStatus, cgi_head};
use iis::fastcgi::StderrMode;

use crate::body::{Body, PIECES_MAX, Piece, Truncated};
use crate::failure::{Failure, STDERR_BYTES_MAX};
use crate::pieces::Pieces;
use crate::runtime::{Instant, mpsc, oneshot};

/// How long a head without a body byte behind it is held back: STDERR text that follows at once
/// still becomes a 500, as on IIS, which holds back up to `responseBufferLimit` bytes.
const HEAD_HOLD: Duration = Duration::from_millis(100);

/// Most bytes of a response without a head that a page shows.
const SHOWN_BYTES_MAX: usize = 2048;

/// A response's CGI head, owned.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) reason: Vec<u8>,
    pub(crate) headers: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Head {
    /// How long the body is to be, where the application says so.
    fn content_length(&self) -> Option<u64> {
        let is_it = |name: &[u8]| name.eq_ignore_ascii_case(b"content-length");
        let (_, value) = self.headers.iter().find(|(name, _)| is_it(name))?;
        std::str::from_utf8(value).ok()?.trim().parse().ok()
    }
}

/// The start of a response: its head, and its body as it comes.
pub(crate) type Started = Result<(Head, Body), Failure>;

/// Why an exchange cannot go on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Whoever asked has gone, or stopped sending the body.
    ClientGone,
    /// The instance failed.
    Failed(Failure),
}

/// The response on its way out.
#[derive(Debug)]
enum Way {
    /// Its head has not left.
    Waiting(oneshot::Sender<Started>),
    /// Its body leaves piece by piece.
    Streaming(mpsc::Sender<Piece>),
    /// It is answered; what else comes is not wanted.
    Answered,
}

/// The response of one exchange.
#[derive(Debug)]
pub(crate) struct Reply {
    way: Way,
    stderr_mode: StderrMode,
    /// The body is not wanted (HEAD).
    drops_body: bool,
    /// The head as far as it has come; `None` when it is parsed.
    head_bytes: Option<Vec<u8>>,
    /// Parsed and held back.
    head: Option<Head>,
    head_due: Option<Instant>,
    stderr: Vec<u8>,
    pending: Pieces,
    /// How much of the body is still to be sent, where its length is declared.
    owed: Option<u64>,
    end: Option<EndRequest>,
}

impl Reply {
    pub(crate) fn new(
        start: oneshot::Sender<Started>,
        stderr_mode: StderrMode,
        drops_body: bool,
        buffer_limit_bytes: usize,
    ) -> Self {
        Reply {
            way: Way::Waiting(start),
            stderr_mode,
            drops_body,
            head_bytes: Some(Vec::new()),
            head: None,
            head_due: None,
            stderr: Vec::new(),
            pending: Pieces::new(buffer_limit_bytes),
            owed: None,
            end: None,
        }
    }

    /// END_REQUEST, once it has come.
    pub(crate) fn end(&self) -> Option<EndRequest> {
        self.end
    }

    /// Whether pieces wait for the client: then nothing more is to be read.
    pub(crate) fn has_pending(&self) -> bool {
        self.pending.has_due()
    }

    /// When the head leaves even if nothing follows it.
    pub(crate) fn head_due(&self) -> Option<Instant> {
        self.head_due
    }

    /// Takes what one read brought.
    pub(crate) fn take(&mut self, connection: &mut fastcgi::Connection) -> Result<(), Stop> {
        let mut gathered: Vec<u8> = Vec::new();
        while let Some(event) = connection.poll_event().map_err(protocol)? {
            match event {
                Event::Stdout { data, .. } => match &mut self.head_bytes {
                    Some(bytes) => {
                        bytes.extend_from_slice(data);
                        // A head in thousands of pieces is not read anew for each.
                        if !data.contains(&b'\n') && bytes.len() <= HEAD_BYTES_MAX {
                            continue;
                        }
                        if let Some((head, body)) = parse_head(bytes)? {
                            gathered = body;
                            self.head = Some(head);
                            self.head_bytes = None;
                            let is_held = !self.pending.are_gathered();
                            self.head_due = is_held.then(|| Instant::now() + HEAD_HOLD);
                        }
                    }
                    None => gathered.extend_from_slice(data),
                },
                Event::Stderr { data, .. } => {
                    let room = STDERR_BYTES_MAX.saturating_sub(self.stderr.len());
                    self.stderr.extend_from_slice(&data[..data.len().min(room)]);
                }
                Event::EndRequest { end, .. } => self.end = Some(end),
                _ => {}
            }
        }
        if !gathered.is_empty() {
            self.pending.push(gathered.into());
        }
        if self.end.is_some() {
            self.pending.release();
        }
        self.settle(false)
    }

    /// Lets a held head go.
    pub(crate) fn release_head(&mut self) -> Result<(), Stop> {
        self.head_due = None;
        self.settle(true)
    }

    /// Lets the head leave, or what takes its place, as soon as it is clear which.
    fn settle(&mut self, is_due: bool) -> Result<(), Stop> {
        if matches!(self.way, Way::Waiting(_)) {
            let is_spoilt = self.stderr_failure().is_some();
            if is_spoilt && self.stderr_mode == StderrMode::TerminateProcess {
                return Err(Stop::Failed(Failure::StderrGeneric));
            }
            if let Some(failure) = self.end.and_then(|end| self.failure(end)) {
                self.head_due = None;
                log::error!("{}", failure.sentence());
                if let Way::Waiting(start) = std::mem::replace(&mut self.way, Way::Answered) {
                    // Whoever has gone need not know.
                    let _ = start.send(Err(failure));
                }
            } else if is_spoilt {
                // The text is the response, or forbids one; it is complete at the end.
                self.head_due = None;
                self.pending.clear();
            } else if (is_due || self.has_pending() || self.end.is_some())
                && let Some(head) = self.head.take()
            {
                self.head_due = None;
                self.begin(head)?;
            }
        }
        if matches!(self.way, Way::Answered) {
            self.pending.clear();
        }
        Ok(())
    }

    fn begin(&mut self, head: Head) -> Result<(), Stop> {
        let has_no_body = self.drops_body || matches!(head.status, 204 | 304);
        // Most responses have come whole: nobody needs to wait for their pieces.
        let is_whole = self.end.is_some() && self.stderr.is_empty();
        let whole = match has_no_body {
            true => Some(Bytes::new()),
            false => self.pending.only().filter(|_| is_whole),
        };
        let (body, next) = match whole {
            Some(bytes) => (Body::all_that_came(bytes), Way::Answered),
            None => {
                self.owed = head.content_length();
                let (sender, receiver) = mpsc::channel(PIECES_MAX);
                (Body::pieces(receiver), Way::Streaming(sender))
            }
        };
        match std::mem::replace(&mut self.way, next) {
            Way::Waiting(start) => start.send(Ok((head, body))).map_err(|_| Stop::ClientGone),
            _ => unreachable!("a head leaves only while it is waited for"),
        }
    }

    /// What makes an ended request a failure.
    fn failure(&self, end: EndRequest) -> Option<Failure> {
        if let Some(failure) = self.stderr_failure() {
            return Some(failure);
        }
        if end.protocol_status != ProtocolStatus::RequestComplete {
            return Some(Failure::Refused(end.protocol_status));
        }
        if let Some(bytes) = &self.head_bytes {
            let shown = &bytes[..bytes.len().min(SHOWN_BYTES_MAX)];
            return Some(Failure::NoHead { received: String::from_utf8_lossy(shown).into_owned() });
        }
        (end.app_status != 0).then_some(Failure::AppStatus(end.app_status))
    }

    /// What STDERR text makes of a response whose head has not left.
    pub(crate) fn stderr_failure(&self) -> Option<Failure> {
        if self.stderr.is_empty() {
            return None;
        }
        match self.stderr_mode {
            StderrMode::ReturnStdErrIn500 => {
                Some(Failure::Stderr(String::from_utf8_lossy(&self.stderr).into_owned()))
            }
            StderrMode::ReturnGeneric500 | StderrMode::TerminateProcess => {
                Some(Failure::StderrGeneric)
            }
            StderrMode::IgnoreAndReturn200 => None,
        }
    }

    /// Sends a waiting piece as soon as the client takes it, or fails when nobody waits for the
    /// response any more. May be dropped and asked again.
    pub(crate) async fn turn(&mut self) -> Result<(), Stop> {
        match &mut self.way {
            Way::Waiting(start) => {
                start.closed().await;
                Err(Stop::ClientGone)
            }
            Way::Streaming(pieces) if self.pending.has_due() => {
                let Ok(permit) = pieces.reserve().await else { return self.closed() };
                if let Some(piece) = self.pending.next_due() {
                    self.owed = self.owed.map(|owed| owed.saturating_sub(piece.len() as u64));
                    permit.send(Ok(piece));
                }
                Ok(())
            }
            Way::Streaming(pieces) => {
                pieces.closed().await;
                self.closed()
            }
            Way::Answered => std::future::pending().await,
        }
    }

    /// Nobody takes pieces any more: the client has gone, or it has all of the length declared and
    /// need not wait for END_REQUEST.
    fn closed(&mut self) -> Result<(), Stop> {
        if self.owed != Some(0) {
            return Err(Stop::ClientGone);
        }
        self.abandon();
        Ok(())
    }

    /// Nobody wants the response any more: what else comes of it is thrown away.
    pub(crate) fn abandon(&mut self) {
        self.way = Way::Answered;
        self.head_due = None;
        self.pending.clear();
    }

    /// Ends the response with a failure: a page while the head has not left, a broken connection
    /// after that.
    pub(crate) async fn fail(&mut self, failure: Failure) {
        match std::mem::replace(&mut self.way, Way::Answered) {
            Way::Waiting(start) => {
                let _ = start.send(Err(failure));
            }
            Way::Streaming(pieces) => {
                let _ = pieces.send(Err(Truncated(failure.sentence()))).await;
            }
            Way::Answered => {}
        }
    }

    /// Ends a response that was sent whole: its channel closes.
    pub(crate) fn complete(&mut self) {
        if !self.stderr.is_empty() && matches!(self.way, Way::Streaming(_)) {
            log::warn!("STDERR after the head: {}", String::from_utf8_lossy(&self.stderr).trim());
        }
        self.way = Way::Answered;
    }
}

fn protocol(error: fastcgi::Error) -> Stop {
    Stop::Failed(Failure::Protocol(error.to_string()))
}

/// Parses a head when it is complete; what follows it is the body's beginning.
fn parse_head(bytes: &[u8]) -> Result<Option<(Head, Vec<u8>)>, Stop> {
    let Some(parsed) = cgi_head::parse(bytes).map_err(protocol)? else { return Ok(None) };
    let owned = |(name, value): &(&[u8], &[u8])| (name.to_vec(), value.to_vec());
    let head = Head {
        status: parsed.status,
        reason: parsed.reason.to_vec(),
        headers: parsed.headers.iter().map(owned).collect(),
    };
    Ok(Some((head, bytes[parsed.length..].to_vec())))
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;

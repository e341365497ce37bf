//! Owns one request over one instance: BEGIN_REQUEST, PARAMS and STDIN go out while STDOUT and
//! STDERR come in, until END_REQUEST.
//!
//! Does not speak HTTP, and leaves what comes in to `reply`. Memory is bounded however large the
//! bodies are: nothing is read from one side while the other side does not take it.

use std::time::Duration;

use bytes::Bytes;
use fastcgi::{Connection, Padding, RecordHeader, RecordType, RequestId, Role, encode_pair};
use iis::fastcgi::StderrMode;

use crate::failure::Failure;
use crate::instance::{Lease, Reader, Writer};
use crate::pool::Outcome;
use crate::reply::{Reply, Started, Stop};
use crate::runtime::{
    AsyncReadExt, AsyncWriteExt, BodyError, Instant, RequestBody, next_bytes, oneshot, select,
    sleep_until, timeout,
};
use crate::settings::Cut;
use crate::tap::{Direction, Tap, TapHook};

/// A body up to this size is awaited, for [`SMALL_BODY_WAIT`], so that the whole request leaves in
/// one write. With its head it fits a socket's buffer.
const SMALL_BODY_BYTES: u64 = 60 * 1024;
const SMALL_BODY_WAIT: Duration = Duration::from_millis(5);

/// How long an instance may take to read what was left of a request that it has answered already.
const LEFTOVER_WAIT: Duration = Duration::from_secs(2);

/// What is sent, and how the answer is treated.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) params: Vec<(String, Vec<u8>)>,
    pub(crate) body: RequestBody,
    /// `Some(0)` for none, `None` when it is not known before its end.
    pub(crate) body_length: Option<u64>,
    /// The response's body is not wanted (HEAD).
    pub(crate) drops_body: bool,
    pub(crate) stderr_mode: StderrMode,
    pub(crate) cut: Cut,
}

/// Runs an exchange to its end and gives the instance back. `start` gets the head or the failure.
pub(crate) async fn run(
    mut lease: Lease,
    task: Task,
    start: oneshot::Sender<Started>,
    tap: Option<TapHook>,
) {
    let process_id = lease.process_id;
    let mut link = lease.link.take().expect("a lease comes with its link");
    let (stream, connection, id) = link.open();
    let (reader, writer) = stream.halves();
    let mut exchange = Exchange {
        connection,
        id,
        reply: Reply::new(start, task.stderr_mode, task.drops_body),
        task,
        out: Vec::with_capacity(8 * 1024),
        written: 0,
        is_deaf: false,
        is_body_done: false,
        received: 0,
        sent_tap: Tap::new(tap.clone(), Direction::Sent, process_id),
        received_tap: Tap::new(tap, Direction::Received, process_id),
    };
    let result = exchange.converse(reader, writer).await;
    let Exchange { mut reply, task, is_body_done, .. } = exchange;
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(Stop::ClientGone) => {
            log::debug!("instance {process_id}: ended, because the client went during its request");
            Outcome::Broken
        }
        Err(Stop::Failed(mut failure)) => {
            if let Failure::Exited { status, .. } = &mut failure {
                *status = lease.exit_status().await;
            }
            log::error!("instance {process_id}: {}", failure.sentence());
            reply.fail(failure).await;
            Outcome::Broken
        }
    };
    lease.link = Some(link);
    lease.give_back(outcome);
    if !is_body_done {
        let _ = timeout(DRAIN_WAIT, drain(task.body)).await;
    }
}

/// Reads and throws away what the client is still sending after an early answer: many clients read
/// the answer only when they are through.
async fn drain(mut body: RequestBody) {
    let mut left = DRAIN_BYTES_MAX;
    while let Some(Ok(piece)) = next_bytes(&mut body).await {
        left = left.saturating_sub(piece.len());
        if left == 0 {
            return;
        }
    }
}

/// Bytes of an unwanted body that are read: IIS's own limit for a body, `maxAllowedContentLength`.
const DRAIN_BYTES_MAX: usize = 30_000_000;

/// How long they are waited for.
const DRAIN_WAIT: Duration = Duration::from_secs(10);

struct Exchange<'a> {
    connection: &'a mut Connection,
    id: RequestId,
    task: Task,
    reply: Reply,
    /// Encoded records, and how much of them is written.
    out: Vec<u8>,
    written: usize,
    /// The instance takes no more of the request.
    is_deaf: bool,
    is_body_done: bool,
    received: usize,
    sent_tap: Tap,
    received_tap: Tap,
}

impl Exchange<'_> {
    async fn converse(
        &mut self,
        mut reader: Reader<'_>,
        mut writer: Writer<'_>,
    ) -> Result<Outcome, Stop> {
        self.encode_request().map_err(ours)?;
        self.await_small_body().await?;
        while self.reply.end().is_none() || self.reply.has_pending() {
            let is_open = self.reply.end().is_none();
            let has_out = self.written < self.out.len();
            let may_write = has_out && !self.is_deaf;
            let may_take_body = is_open && !has_out && !self.is_body_done;
            let may_read = is_open && !self.reply.has_pending();
            let head_due = self.reply.head_due();
            select! {
                count = writer.write(&self.out[self.written..]), if may_write => match count {
                    Ok(count) if count > 0 => {
                        self.sent_tap.pass(&self.out[self.written..self.written + count]);
                        self.written += count;
                    }
                    // Reading tells whether it still answers.
                    _ => self.is_deaf = true,
                },
                piece = next_bytes(&mut self.task.body), if may_take_body => {
                    self.take_body(piece)?;
                }
                count = reader.read(self.connection.space()), if may_read => match count {
                    Ok(count) if count > 0 => {
                        self.received_tap.pass(&self.connection.space()[..count]);
                        self.connection.filled(count);
                        self.received += count;
                        self.reply.take(self.connection)?;
                    }
                    _ => return Err(Stop::Failed(self.exited())),
                },
                result = self.reply.turn() => result?,
                () = sleep_until(head_due.unwrap_or_else(Instant::now)), if head_due.is_some() => {
                    self.reply.release_head()?;
                }
            }
        }
        self.finish(writer).await
    }

    fn encode_request(&mut self) -> fastcgi::Result<()> {
        let (id, out) = (self.id, &mut self.out);
        self.connection.begin_request(id, Role::Responder, true, out)?;
        let params = &self.task.params;
        match self.task.cut {
            Cut::Whole => {
                let pairs = params.iter().map(|(name, value)| (name.as_bytes(), value.as_slice()));
                self.connection.params(id, pairs, out)?;
            }
            Cut::Every(size) => {
                let mut stream = Vec::new();
                for (name, value) in params {
                    encode_pair(name.as_bytes(), value, &mut stream);
                }
                for piece in stream.chunks(size.max(1)) {
                    self.connection.params_piece(id, piece, Padding::Align8, out)?;
                }
                self.connection.end_params(id, out)?;
            }
        }
        if self.task.body_length == Some(0) {
            self.is_body_done = true;
            self.connection.end_stdin(id, out)?;
        }
        Ok(())
    }

    /// Gives a small body the chance to leave together with its head.
    async fn await_small_body(&mut self) -> Result<(), Stop> {
        let is_small = self.task.body_length.is_some_and(|length| length <= SMALL_BODY_BYTES);
        let due = Instant::now() + SMALL_BODY_WAIT;
        while is_small && !self.is_body_done {
            select! {
                piece = next_bytes(&mut self.task.body) => self.take_body(piece)?,
                () = sleep_until(due) => break,
            }
        }
        Ok(())
    }

    /// Takes a piece of the request's body, or its end.
    fn take_body(&mut self, piece: Option<Result<Bytes, BodyError>>) -> Result<(), Stop> {
        if self.written == self.out.len() {
            self.out.clear();
            self.written = 0;
        }
        let (id, out) = (self.id, &mut self.out);
        match piece {
            Some(Ok(data)) => {
                let (size, padding) = match self.task.cut {
                    Cut::Whole => (data.len(), Padding::None),
                    Cut::Every(size) => (size.max(1), Padding::Align8),
                };
                for part in data.chunks(size) {
                    self.connection.stdin(id, part, padding, out).map_err(ours)?;
                }
            }
            Some(Err(error)) => {
                log::debug!("request body: {error}");
                return Err(Stop::ClientGone);
            }
            None => {
                self.is_body_done = true;
                self.connection.end_stdin(id, out).map_err(ours)?;
            }
        }
        Ok(())
    }

    /// The instance hung up. What it wrote to STDERR before says more than that it did.
    fn exited(&self) -> Failure {
        let told = self.reply.stderr_failure();
        told.unwrap_or(Failure::Exited { status: None, received: self.received })
    }

    /// After END_REQUEST: the response ends, and the instance gets the rest of what it was sent.
    async fn finish(&mut self, mut writer: Writer<'_>) -> Result<Outcome, Stop> {
        let end = self.reply.end().expect("the conversation ends with END_REQUEST");
        if end.app_status != 0 {
            self.reply.fail(Failure::AppStatus(end.app_status)).await;
        }
        self.reply.complete();
        if !self.is_body_done {
            // It did not want the whole body. The stream still has to end, at a record's border,
            // before the next request can begin.
            let end = RecordHeader::new(RecordType::Stdin, self.id.get(), 0);
            self.out.extend_from_slice(&end.encode());
        }
        let rest = &self.out[self.written..];
        let is_flushed = rest.is_empty()
            || matches!(timeout(LEFTOVER_WAIT, writer.write_all(rest)).await, Ok(Ok(())));
        self.sent_tap.pass(rest);
        let is_reusable = is_flushed && !self.is_deaf && self.connection.is_idle();
        Ok(if is_reusable { Outcome::Complete } else { Outcome::Broken })
    }
}

/// An error of our own making is shown rather than hidden.
fn ours(error: fastcgi::Error) -> Stop {
    Stop::Failed(Failure::Protocol(error.to_string()))
}

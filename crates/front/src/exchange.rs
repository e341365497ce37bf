//! Owns one request over one instance: BEGIN_REQUEST, PARAMS and STDIN go out while STDOUT and
//! STDERR come in, until END_REQUEST.
//!
//! Does not speak HTTP: what goes out is made in `sending`, what comes in is `reply`'s. Memory is
//! bounded however large the bodies are: nothing is read from one side while the other side does
//! not take it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fastcgi::{Connection, RequestId};
use iis::fastcgi::StderrMode;

use crate::conduct::{ClientGone, Conduct};
use crate::failure::{Failure, Progress};
use crate::instance::{Activity, Expired, Lease, Reader, Writer};
use crate::pool::Outcome;
use crate::reply::{Reply, Started, Stop};
use crate::runtime::{
    AsyncReadExt, AsyncWriteExt, BodyError, Instant, RequestBody, next_bytes, oneshot, select,
    sleep_until, whole_body,
};
use crate::sending::Sending;
use crate::server_variables::Variable;
use crate::tap::{Direction, Tap, TapHook};
use crate::unwanted;

/// A body up to this size is awaited, for [`SMALL_BODY_WAIT`], so that the whole request leaves in
/// one write. With its head it fits a socket's buffer.
const SMALL_BODY_BYTES: u64 = 60 * 1024;
const SMALL_BODY_WAIT: Duration = Duration::from_millis(5);

/// How long an instance may take to read what was left of a request that it has answered already,
/// before that is dropped (`flushNamedPipe`) or worth a warning.
const LEFTOVER_WAIT: Duration = Duration::from_secs(2);

/// How long an instance may take to end a request that was aborted, before it is ended itself. An
/// app that is at work learns of it only when it reads or writes.
const ABORT_WAIT: Duration = Duration::from_secs(10);

/// What is sent, and how the answer is treated.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) params: Vec<Variable>,
    pub(crate) body: RequestBody,
    /// `Some(0)` for none, `None` when it is not known before its end.
    pub(crate) body_length: Option<u64>,
    /// The response's body is not wanted (HEAD).
    pub(crate) drops_body: bool,
    pub(crate) stderr_mode: StderrMode,
    /// `flushNamedPipe`: what the instance leaves unread is not waited for.
    pub(crate) drops_leftovers: bool,
    /// How many bytes of the response are gathered before any leaves; 0 streams.
    pub(crate) buffer_limit_bytes: usize,
    pub(crate) conduct: Conduct,
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
    let (stream, connection, id) = link.open(task.conduct.has_fixed_id);
    let (reader, writer) = stream.halves();
    let mut exchange = Exchange {
        connection,
        id,
        reply: Reply::new(start, task.stderr_mode, task.drops_body, task.buffer_limit_bytes),
        sending: Sending::new(id, task.conduct.cut),
        task,
        activity: Arc::clone(&lease.activity),
        expired: &mut lease.expired,
        abort_due: None,
        progress: Progress::default(),
        sent_tap: Tap::new(tap.clone(), Direction::Sent, process_id),
        received_tap: Tap::new(tap, Direction::Received, process_id),
    };
    let result = exchange.converse(reader, writer).await;
    let Exchange { mut reply, sending, mut task, .. } = exchange;
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(Stop::ClientGone) => {
            log::debug!("instance {process_id}: ended, because the client went during its request");
            Outcome::Broken
        }
        Err(Stop::Failed(mut failure)) => {
            if let Failure::Exited { ended, .. } = &mut failure {
                *ended = lease.exit_status(link.exit_status_wait()).await;
            }
            log::error!("instance {process_id}: {}", failure.sentence());
            reply.fail(failure).await;
            Outcome::Broken
        }
    };
    lease.link = Some(link);
    lease.give_back(outcome);
    drop_body(&sending, &mut task);
}

struct Exchange<'a> {
    connection: &'a mut Connection,
    id: RequestId,
    task: Task,
    sending: Sending,
    reply: Reply,
    activity: Arc<Activity>,
    expired: &'a mut Expired,
    /// The request was aborted; when its end is awaited no longer.
    abort_due: Option<Instant>,
    progress: Progress,
    sent_tap: Tap,
    received_tap: Tap,
}

impl Exchange<'_> {
    async fn converse(
        &mut self,
        mut reader: Reader<'_>,
        mut writer: Writer<'_>,
    ) -> Result<Outcome, Stop> {
        self.sending.begin(self.connection, &self.task.params).map_err(ours)?;
        if self.task.body_length == Some(0) {
            self.sending.end_body(self.connection).map_err(ours)?;
        }
        let small = self.await_small_body().await;
        small.or_else(|stop| self.go_on_alone(stop))?;
        while self.reply.end().is_none() || self.reply.has_pending() {
            let turn = self.turn(&mut reader, &mut writer).await;
            turn.or_else(|stop| self.go_on_alone(stop))?;
        }
        self.finish(writer).await
    }

    /// Does what can be done next, in either direction.
    async fn turn(&mut self, reader: &mut Reader<'_>, writer: &mut Writer<'_>) -> Result<(), Stop> {
        let is_open = self.reply.end().is_none();
        let may_take_body = is_open && self.sending.may_take_body();
        let is_turn_to_read = !self.task.conduct.reads_after_body || self.sending.is_through();
        let may_read = is_open && !self.reply.has_pending() && is_turn_to_read;
        let head_due = self.reply.head_due();
        let abort_due = self.abort_due;
        if self.reply.has_pending() {
            self.activity.excuse();
        }
        select! {
            count = writer.write(self.sending.unwritten()), if self.sending.may_write() => match count {
                Ok(count) if count > 0 => {
                    self.sent_tap.pass(&self.sending.unwritten()[..count]);
                    self.sending.wrote(count);
                    self.activity.note();
                }
                // Reading tells whether it still answers.
                _ => self.sending.deafened(),
            },
            piece = next_bytes(&mut self.task.body), if may_take_body => self.take_body(piece)?,
            count = reader.read(self.connection.space()), if may_read => match count {
                Ok(count) if count > 0 => {
                    self.received_tap.pass(&self.connection.space()[..count]);
                    self.connection.filled(count);
                    self.activity.note();
                    self.progress.received += count;
                    self.reply.take(self.connection)?;
                    self.end_by_stderr()?;
                }
                _ => return Err(Stop::Failed(self.exited())),
            },
            result = self.reply.turn() => {
                self.activity.note();
                result?;
            }
            limit = self.expired.limit() => {
                return Err(Stop::Failed(Failure::TimedOut { limit, progress: self.progress() }));
            }
            () = sleep_until(head_due.unwrap_or_else(Instant::now)), if head_due.is_some() => {
                self.reply.release_head()?;
            }
            () = sleep_until(abort_due.unwrap_or_else(Instant::now)), if abort_due.is_some() => {
                return Err(Stop::ClientGone);
            }
        }
        Ok(())
    }

    /// Goes on without a client that has gone, if that is our conduct.
    fn go_on_alone(&mut self, stop: Stop) -> Result<(), Stop> {
        let conduct = self.task.conduct.client_gone;
        let may_go_on = conduct != ClientGone::EndsInstance && self.abort_due.is_none();
        if !may_go_on || !matches!(stop, Stop::ClientGone) {
            return Err(stop);
        }
        self.reply.abandon();
        if !self.connection.is_open(self.id) {
            // All of the response has come; the client was to take the rest of it.
            return Ok(());
        }
        if conduct == ClientGone::Aborts {
            self.abort_due = Some(Instant::now() + ABORT_WAIT);
            self.sending.abort(self.connection).map_err(ours)
        } else {
            self.sending.end_body(self.connection).map_err(ours)
        }
    }

    /// Gives a small body the chance to leave together with its head.
    async fn await_small_body(&mut self) -> Result<(), Stop> {
        let is_small = self.task.body_length.is_some_and(|length| length <= SMALL_BODY_BYTES);
        let due = Instant::now() + SMALL_BODY_WAIT;
        while is_small && !self.sending.is_body_done() {
            select! {
                piece = next_bytes(&mut self.task.body) => self.take_body(piece)?,
                () = sleep_until(due) => break,
            }
        }
        Ok(())
    }

    /// Takes a piece of the request's body, or its end.
    fn take_body(&mut self, piece: Option<Result<Bytes, BodyError>>) -> Result<(), Stop> {
        match piece {
            Some(Ok(data)) => self.sending.body(self.connection, &data).map_err(ours),
            Some(Err(error)) => {
                log::debug!("request body: {error}");
                Err(Stop::ClientGone)
            }
            None => self.sending.end_body(self.connection).map_err(ours),
        }
    }

    /// The instance hung up. What it wrote to STDERR before says more than that it did.
    fn exited(&self) -> Failure {
        let told = self.reply.stderr_failure();
        told.unwrap_or(Failure::Exited { ended: None, progress: self.progress() })
    }

    fn progress(&self) -> Progress {
        Progress { is_sent: self.sending.is_through(), ..self.progress }
    }

    /// `stderrMode="TerminateProcess"` holds as well when the head has left already.
    fn end_by_stderr(&self) -> Result<(), Stop> {
        let ends = self.task.stderr_mode == StderrMode::TerminateProcess;
        let failure = if ends { self.reply.stderr_failure() } else { None };
        failure.map_or(Ok(()), |failure| Err(Stop::Failed(failure)))
    }

    /// After END_REQUEST: the response ends, and the instance gets the rest of what it was sent.
    async fn finish(&mut self, mut writer: Writer<'_>) -> Result<Outcome, Stop> {
        let end = self.reply.end().expect("the conversation ends with END_REQUEST");
        if end.app_status != 0 {
            self.reply.fail(Failure::AppStatus(end.app_status)).await;
        }
        self.reply.complete();
        drop_body(&self.sending, &mut self.task);
        self.sending.end_unwanted_body();
        let is_flushed = self.flush(&mut writer).await;
        let is_reusable = is_flushed && !self.sending.is_deaf() && self.connection.is_idle();
        Ok(if is_reusable { Outcome::Complete } else { Outcome::Broken })
    }

    /// Writes what is left of the request, as far as the instance takes it. IIS waits for that
    /// until a limit of time passes, unless `flushNamedPipe` is set.
    async fn flush(&mut self, writer: &mut Writer<'_>) -> bool {
        let due = Instant::now() + LEFTOVER_WAIT;
        let mut is_told = false;
        while !self.sending.unwritten().is_empty() {
            select! {
                count = writer.write(self.sending.unwritten()) => match count {
                    Ok(count) if count > 0 => {
                        self.sent_tap.pass(&self.sending.unwritten()[..count]);
                        self.sending.wrote(count);
                        self.activity.note();
                    }
                    _ => return false,
                },
                () = sleep_until(due), if !is_told => {
                    if self.task.drops_leftovers {
                        return false;
                    }
                    is_told = true;
                    log::warn!(
                        "the application has answered and left {} bytes of the request unread: its \
                         instance waits for that until activityTimeout (flushNamedPipe=\"true\" \
                         spares that)",
                        self.sending.unwritten().len()
                    );
                }
                _ = self.expired.limit() => return false,
            }
        }
        true
    }
}

/// An error of our own making is shown rather than hidden.
fn ours(error: fastcgi::Error) -> Stop {
    Stop::Failed(Failure::Protocol(error.to_string()))
}

/// Leaves what is still to come of the body to be thrown away.
fn drop_body(sending: &Sending, task: &mut Task) {
    if !sending.is_body_done() {
        unwanted::drain(std::mem::replace(&mut task.body, whole_body(Vec::new())));
    }
}

//! Owns the gate's life on a connected pipe, as IIS gives it: a worker is found, the pipe handed
//! over, and the gate waits until the web server or the worker has gone.
//!
//! Never reads the pipe while a worker holds it.

use crate::answer::{self, Refused};
use crate::circumstances;
use crate::codes;
use crate::control::{FromWorker, StartFailure, ToWorker, status};
use crate::debug;
use crate::events::{Event, Events};
use crate::first_request::{self, First};
use crate::limits::{ENDING_TIMEOUT, HOT_TICKS, PREFACE_BYTES_MAX, RELEASE_TIMEOUT, TAKE_TIMEOUT};
use crate::offline;
use crate::passing::Passing;
use crate::plan::{Plan, log_path};
use crate::rendezvous::{Found, Meeting};
use crate::seat::Seat;
use crate::settings::Settings;
use crate::succession;
use fastcgi::{RecordHeader, RecordType, RequestId};
use platform::Stream;
use platform::handover::Channel;
use platform::status_cell::StatusCell;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

/// How a worker's time with the pipe ended.
enum Ended {
    /// The web server closed the pipe, or the gate was told to end: so ends the gate.
    Done,
    /// The pipe is at rest; these bytes were read and not served.
    AtRest(Vec<u8>),
    /// The pipe is in the middle of something that nobody can finish.
    Broken,
    /// The app cannot be loaded; the preface was not touched.
    Failed(StartFailure),
}

/// Serves a pipe until it is closed. `Ok(true)`: all in order.
///
/// # Errors
/// When the system refuses what a gate cannot do without.
pub fn run(stream: &Stream, settings: &Settings) -> io::Result<bool> {
    let events = Events::new()?;
    let mut settings = settings.clone();
    let (site, mut preface) = match &settings.site {
        Some(site) => (site.clone(), Vec::new()),
        None => match first_request::read(stream, || events.is_ending())? {
            First::Site { folder, preface } => {
                settings.bound_to.clone_from(&folder);
                let site = folder.map_or_else(|| PathBuf::from("."), PathBuf::from);
                log_path::move_log(&settings, &site);
                (site, preface)
            }
            First::Closed | First::Ending => return Ok(true),
        },
    };
    let settings = &settings;
    let mut number = 0;
    let mut in_vain = 0;
    let mut successor = None;
    let mut seat = Seat::default();
    loop {
        // The one `Terminate` may have come while a worker gave the pipe back.
        if events.is_ending() {
            return Ok(true);
        }
        number += 1;
        // What was read while the gate waited goes to the worker with what it had read before.
        preface.extend(stream.settle()?);
        if offline::is_so(&site) {
            if preface.is_empty() && !wait_for_more(stream, &events)? {
                return Ok(true);
            }
            if offline::is_so(&site) {
                match offline::answer(stream, &preface, &site, || events.is_ending())? {
                    Refused::Answered(next) => preface = next,
                    Refused::Closed | Refused::Ending => return Ok(true),
                }
            }
            continue;
        }
        let plan = seat.plan(settings, &site);
        let ended = match &plan {
            Ok(plan) => {
                let mut passing = None;
                let turn = Turn {
                    stream,
                    settings,
                    site: &site,
                    plan,
                    preface: &preface,
                    events: &events,
                    number,
                };
                let ended = turn.hand_over(&mut successor, &mut passing, &mut in_vain);
                if let Some(passing) = passing {
                    passing.finish();
                }
                ended?
            }
            Err(failure) => {
                log::error!("{failure}");
                Ended::Failed(failure.clone())
            }
        };
        let failure = match ended {
            Ended::Done => return Ok(true),
            Ended::Broken => {
                stream.shutdown();
                return Ok(false);
            }
            Ended::AtRest(unserved) => {
                preface = unserved;
                continue;
            }
            Ended::Failed(failure) => failure,
        };
        circumstances::note(&site, plan.as_ref().ok(), Some(&failure));
        let viewers = plan.map_or_else(|_| debug::viewers_at(settings, &site), |plan| plan.viewers);
        match answer::refuse(stream, &preface, &failure, &viewers, || events.is_ending())? {
            Refused::Answered(next) => preface = next,
            Refused::Closed | Refused::Ending => return Ok(true),
        }
        // Python is not started again before somebody asks for something.
        if preface.is_empty() {
            match wait_for_more(stream, &events)? {
                true => {}
                false => return Ok(true),
            }
        }
    }
}

/// Waits until there is something to read; `false` at the end of the pipe.
fn wait_for_more(stream: &Stream, events: &Events) -> io::Result<bool> {
    const LOOK_EVERY: Duration = Duration::from_millis(200);
    while !stream.wait(true, false, Some(LOOK_EVERY))?.readable {
        if events.is_ending() {
            return Ok(false);
        }
    }
    stream.has_ended().map(|ended| !ended)
}

/// One worker's time with the pipe.
struct Turn<'a> {
    stream: &'a Stream,
    settings: &'a Settings,
    site: &'a Path,
    plan: &'a Plan,
    preface: &'a [u8],
    events: &'a Events,
    number: u64,
}

impl Turn<'_> {
    /// Gives the pipe to the plan's worker and waits for what becomes of it. With the setting, or when
    /// the worker may not fetch it, its bytes are passed on instead. A `successor` that is started
    /// meanwhile is kept company until the next one has taken the pipe.
    fn hand_over(
        &self,
        successor: &mut Option<Channel>,
        passing: &mut Option<Passing>,
        in_vain: &mut usize,
    ) -> io::Result<Ended> {
        let Self { stream, settings, site, plan, preface, events, number } = *self;
        let meeting = match Meeting::of(plan) {
            Ok(meeting) => meeting,
            Err(failure) => {
                log::error!("{failure}");
                return Ok(Ended::Failed(failure));
            }
        };
        let cell = StatusCell::new()?;
        cell.set(if preface.is_empty() { 0 } else { status::PREFACE_UNSERVED });
        let Found { channel, started } = match meeting.find_or_start(plan, in_vain) {
            Ok(found) => found,
            Err(failure) => return Ok(Ended::Failed(failure)),
        };
        let channel = Arc::new(channel);
        let pass_on = |passing: &mut Option<Passing>| {
            // Of what the worker does with it nothing is known.
            cell.set(status::IN_FLIGHT);
            *passing = Some(Passing::start(stream, &channel, preface)?);
            Ok(())
        };
        let given = if settings.relay {
            pass_on(passing)
        } else {
            ToWorker::send_connection(&channel, stream, &cell, preface)
        };
        events.listen(number, Arc::clone(&channel))?;
        let (mut is_taken, mut is_ready) = (false, false);
        let mut deadline = Some(Instant::now() + TAKE_TIMEOUT);
        if let Err(error) = given {
            log::debug!("the worker was not given the pipe: {error}");
        }
        loop {
            let event = match deadline {
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    events.receiver.recv_timeout(left)
                }
                None => events.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            if matches!(event, Ok(Event::Said(from, _)) if from == number) {
                *in_vain = 0;
            }
            match event {
                Ok(Event::Said(from, word)) if from == number => match word {
                    FromWorker::Taken => {
                        is_taken = true;
                        *successor = None;
                        if !events.is_ending() {
                            deadline = None;
                        }
                    }
                    FromWorker::Denied if passing.is_none() => {
                        log::warn!("the worker may not fetch the pipe: its bytes are passed on");
                        pass_on(passing)?;
                    }
                    FromWorker::Denied => {}
                    FromWorker::Ready => {
                        is_ready = true;
                        if started.is_some() {
                            circumstances::note(site, Some(plan), None);
                        }
                    }
                    FromWorker::WantsSuccessor => {
                        succession::begin(settings, site, plan, events, number)?;
                    }
                    FromWorker::Released => return Ok(Ended::Done),
                    FromWorker::Returned(unserved) => {
                        // It may go on with others: this gate is not to be counted any more.
                        channel.shutdown();
                        return Ok(Ended::AtRest(unserved));
                    }
                    // It has told its log.
                    FromWorker::Failed(failure) => {
                        meeting.remember(&failure);
                        channel.shutdown();
                        return Ok(Ended::Failed(failure));
                    }
                },
                Ok(Event::Gone(from)) if from == number => {
                    if is_ready {
                        log::warn!("the worker has ended; status of the pipe: {:#x}", cell.get());
                        return after_death(stream, &cell, preface);
                    }
                    if !is_taken && started.is_none() {
                        // It was about to end, and never looked at what was given.
                        return Ok(Ended::AtRest(preface.to_vec()));
                    }
                    return Ok(Ended::Failed(meeting.post_mortem(plan, started)));
                }
                Ok(Event::Successor(of, outcome)) if of == number => {
                    // That the worker has gone meanwhile is noticed where its channel is read.
                    let _ = succession::tell(&channel, &outcome);
                    *successor = outcome.ok();
                }
                Ok(Event::Terminate) => {
                    // Requests in flight are finished; then the worker says `Released`.
                    if ToWorker::send_release(&channel).is_err() {
                        return Ok(Ended::Done);
                    }
                    deadline = Some(Instant::now() + RELEASE_TIMEOUT);
                }
                Ok(_) => {}
                Err(_) if events.is_ending() => return Ok(Ended::Done),
                Err(_) => {
                    channel.shutdown();
                    let seconds = TAKE_TIMEOUT.as_secs();
                    let title = format!("the worker did not take the pipe within {seconds} s");
                    let failure = StartFailure::of(&codes::WORKER_SLOW, title)
                        .mend("the machine may be overloaded", "");
                    return Ok(Ended::Failed(failure));
                }
            }
        }
    }
}

/// A next request shows that the last answer was whole, and that no request went with the worker. If
/// none comes, or what comes is no request's beginning, the web server may wait for ever: the pipe is
/// closed, which tells it.
fn await_next(stream: &Stream) -> io::Result<Ended> {
    if !stream.wait(true, false, Some(ENDING_TIMEOUT))?.readable {
        return Ok(Ended::Broken);
    }
    let mut begun = vec![0; PREFACE_BYTES_MAX];
    Ok(match stream.try_read(&mut begun)? {
        Some(count @ 1..) if begins_anew(&begun[..count]) => {
            begun.truncate(count);
            Ended::AtRest(begun)
        }
        _ => Ended::Broken,
    })
}

/// Whether bytes begin with a request or a management record, and not in the midst of a request.
fn begins_anew(bytes: &[u8]) -> bool {
    // Version and type tell; a management record has the id 0.
    [(RecordType::BeginRequest, 2), (RecordType::GetValues, 4)].iter().any(|(kind, length)| {
        let header = RecordHeader::new(*kind, 0, 0).encode();
        let length = bytes.len().min(*length);
        bytes[..length] == header[..length]
    })
}

/// A worker died with the pipe in its hands: tells from the status cell what can be saved.
fn after_death(stream: &Stream, cell: &StatusCell, preface: &[u8]) -> io::Result<Ended> {
    let value = cell.get();
    if value & status::PREFACE_UNSERVED != 0 {
        return Ok(Ended::AtRest(preface.to_vec()));
    }
    let is_hot = value & status::RESTING != 0
        && status::rested(value, platform::status_cell::tick()) <= HOT_TICKS;
    if is_hot || value & status::ENDING != 0 {
        return await_next(stream);
    }
    if value & status::IN_FLIGHT == 0 {
        return Ok(Ended::AtRest(Vec::new()));
    }
    let Some(id) = RequestId::new(status::request_id(value)) else { return Ok(Ended::Broken) };
    if value & status::OUTPUT_STARTED != 0 {
        return Ok(Ended::Broken);
    }
    if value & status::INPUT_OPEN != 0 {
        // Bytes of the body that the worker had read are lost, and with them the place in the stream:
        // the pipe is of no use. Unanswered, for after an answer the web server may send the next
        // request down it before it sees that it is closed.
        answer::tell_lost();
        return Ok(Ended::Broken);
    }
    answer::lost(stream, id)?;
    Ok(Ended::AtRest(Vec::new()))
}

//! Owns the gate's life with a listening socket as descriptor 0, as lighttpd, mod_fcgid and
//! spawn-fcgi give it: the socket is handed over, and the worker accepts from it.
//!
//! Accepts only while there is no worker, to say why.

use crate::answer::{self, Refused};
use crate::circumstances;
use crate::codes;
use crate::control::{FromWorker, StartFailure, ToWorker};
use crate::debug::{self, Viewers};
use crate::events::{Event, Events};
use crate::limits::{BACK_OFF_MAX, BACK_OFF_MIN, RELEASE_TIMEOUT, RETRY_AFTER};
use crate::offline;
use crate::plan::Plan;
use crate::rendezvous::{Found, Meeting};
use crate::seat::Seat;
use crate::settings::Settings;
use crate::succession;
use platform::handover::Channel;
use platform::{Listener, Stream};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How a worker's time with the socket ended.
enum Ended {
    /// The gate was told to end.
    Done,
    /// The worker gave the socket back: it is being replaced.
    Returned,
    /// The worker died, so long after it was ready.
    Gone(Duration),
    /// The app cannot be loaded.
    Failed(StartFailure),
}

/// Serves a listening socket until told to end.
///
/// # Errors
/// When the system refuses what a gate cannot do without.
pub fn run(listener: &Listener, settings: &Settings) -> io::Result<()> {
    let events = Events::new()?;
    let site = settings.site.clone().unwrap_or_else(|| PathBuf::from("."));
    let mut back_off = BACK_OFF_MIN;
    let mut in_vain = 0;
    let mut successor = None;
    let mut seat = Seat::default();
    for number in 1.. {
        let is_online = || events.is_ending() || !offline::is_so(&site);
        answer_until(listener, is_online, |stream| {
            offline::answer(stream, &[], &site, || events.is_ending())
        })?;
        if events.is_ending() {
            return Ok(());
        }
        let ended = match seat.plan(settings, &site) {
            Ok(plan) => {
                let turn = Turn { listener, settings, site: &site, events: &events, number };
                hand_over(&turn, &plan, &mut successor, &mut in_vain)?
            }
            Err(failure) => {
                log::error!("{failure}");
                Ended::Failed(failure)
            }
        };
        let viewers = || debug::viewers_at(settings, &site);
        match ended {
            Ended::Done => return Ok(()),
            Ended::Returned => {}
            Ended::Failed(failure) => {
                let plan = Plan::new(settings, &site).ok();
                circumstances::note(&site, plan.as_ref(), Some(&failure));
                refuse_for(listener, &failure, &viewers(), &events, RETRY_AFTER)?;
            }
            Ended::Gone(lived) => {
                // A worker that served for a while is replaced at once, one that dies young is not.
                back_off = if lived > BACK_OFF_MAX { BACK_OFF_MIN } else { back_off };
                let failure = StartFailure::of(&codes::WORKER_GONE, "the worker has ended")
                    .mend("the log has its last words", "");
                if lived < back_off {
                    refuse_for(listener, &failure, &viewers(), &events, back_off)?;
                    back_off = (back_off * 2).min(BACK_OFF_MAX);
                }
            }
        }
        if events.is_ending() {
            return Ok(());
        }
    }
    Ok(())
}

/// One worker's time with the socket.
struct Turn<'a> {
    listener: &'a Listener,
    settings: &'a Settings,
    site: &'a Path,
    events: &'a Events,
    number: u64,
}

fn hand_over(
    turn: &Turn<'_>,
    plan: &Plan,
    successor: &mut Option<Channel>,
    in_vain: &mut usize,
) -> io::Result<Ended> {
    let Turn { listener, settings, site, events, number } = *turn;
    let meeting = match Meeting::of(plan) {
        Ok(meeting) => meeting,
        Err(failure) => {
            log::error!("{failure}");
            return Ok(Ended::Failed(failure));
        }
    };
    let Found { channel, started } = match meeting.find_or_start(plan, in_vain) {
        Ok(found) => found,
        Err(failure) => return Ok(Ended::Failed(failure)),
    };
    let channel = Arc::new(channel);
    let _ = ToWorker::send_listener(&channel, listener);
    events.listen(number, Arc::clone(&channel))?;
    let begun = Instant::now();
    let (mut is_taken, mut ready) = (false, None);
    let mut deadline = None;
    loop {
        let event = match deadline {
            None => events.receiver.recv().ok(),
            Some(deadline) => {
                let left = Instant::saturating_duration_since(&deadline, Instant::now());
                events.receiver.recv_timeout(left).ok()
            }
        };
        if matches!(event, Some(Event::Said(from, _)) if from == number) {
            *in_vain = 0;
        }
        match event {
            Some(Event::Said(from, word)) if from == number => match word {
                FromWorker::Taken => {
                    is_taken = true;
                    *successor = None;
                }
                FromWorker::WantsSuccessor => {
                    succession::begin(settings, site, plan, events, number)?;
                }
                FromWorker::Ready => {
                    ready = Some(Instant::now());
                    if started.is_some() {
                        circumstances::note(site, Some(plan), None);
                    }
                }
                FromWorker::Released => return Ok(Ended::Done),
                FromWorker::Returned(_) => return Ok(Ended::Returned),
                FromWorker::Denied => {
                    channel.shutdown();
                    let title = "the worker may not fetch the listening socket from this process";
                    let failure = StartFailure::of(&codes::WORKER_DENIED, title)
                        .mend("run the gate and the worker as the same user", "");
                    return Ok(Ended::Failed(failure));
                }
                FromWorker::Failed(failure) => {
                    meeting.remember(&failure);
                    channel.shutdown();
                    return Ok(Ended::Failed(failure));
                }
            },
            Some(Event::Gone(from)) if from == number => {
                if events.is_ending() {
                    return Ok(Ended::Done);
                }
                if ready.is_some() || !is_taken && started.is_none() {
                    return Ok(Ended::Gone(ready.unwrap_or(begun).elapsed()));
                }
                return Ok(Ended::Failed(meeting.post_mortem(plan, started)));
            }
            Some(Event::Successor(of, outcome)) if of == number => {
                // That the worker has gone meanwhile is noticed where its channel is read.
                let _ = succession::tell(&channel, &outcome);
                *successor = outcome.ok();
            }
            Some(Event::Terminate) => {
                if ToWorker::send_release(&channel).is_err() {
                    return Ok(Ended::Done);
                }
                deadline = Some(Instant::now() + RELEASE_TIMEOUT);
            }
            Some(_) => {}
            None => return Ok(Ended::Done),
        }
    }
}

/// Accepts connections for a while and answers each one's request with the failure's page.
fn refuse_for(
    listener: &Listener,
    failure: &StartFailure,
    viewers: &[Viewers],
    events: &Events,
    time: Duration,
) -> io::Result<()> {
    let end = Instant::now() + time;
    let is_over = || events.is_ending() || Instant::now() >= end;
    answer_until(listener, is_over, |stream| answer::refuse(stream, &[], failure, viewers, is_over))
}

/// Accepts connections and answers one request of each.
pub(crate) fn answer_until(
    listener: &Listener,
    is_over: impl Fn() -> bool,
    answer: impl Fn(&Stream) -> io::Result<Refused>,
) -> io::Result<()> {
    /// How often it is looked whether it is over.
    const LOOK_EVERY: Duration = Duration::from_millis(100);
    while !is_over() {
        if !listener.wait(LOOK_EVERY)? || is_over() {
            continue;
        }
        let Some(stream) = listener.try_accept()? else { continue };
        match answer(&stream) {
            Ok(Refused::Answered(_) | Refused::Closed | Refused::Ending) => {}
            Err(error) => log::debug!("a client of our own page: {error}"),
        }
    }
    Ok(())
}

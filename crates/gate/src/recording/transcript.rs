//! Owns the text of a recording: what passes goes in with its time, lines come out once it is
//! known what of them is secret.
//!
//! Does not own the file, nor a clock (`recorder`).

use super::decode::Decoder;
use super::mask::Masker;
use super::{END, FORMAT, NOTHING, Secrets, TITLE, hex, sign};
use crate::limits::UNSETTLED_BYTES_MAX;
use crate::relay::Direction;
use std::collections::VecDeque;
use std::fmt::Write;
use std::time::Duration;

/// One direction.
#[derive(Debug)]
struct Lane {
    masker: Masker,
    decoder: Decoder,
    has_ended: bool,
}

/// Something that happened and is not written yet.
#[derive(Debug)]
struct Waiting {
    at: Duration,
    direction: Direction,
    /// Bytes of the lane's window; `None` for the direction's end.
    count: Option<usize>,
}

/// A conversation becoming text.
#[derive(Debug)]
pub(super) struct Transcript {
    secrets: Secrets,
    lanes: [Lane; 2],
    waiting: VecDeque<Waiting>,
}

impl Transcript {
    pub(super) fn new(secrets: Secrets) -> Self {
        let lane = |direction| Lane {
            masker: Masker::new(direction),
            decoder: Decoder::new(direction),
            has_ended: false,
        };
        let lanes = [lane(Direction::ToApplication), lane(Direction::ToWebServer)];
        Self { secrets, lanes, waiting: VecDeque::new() }
    }

    /// The lines before the first step. `begun` is a time of day.
    pub(super) fn heading(&self, process: u32, begun: &str) -> String {
        let masked = match self.secrets {
            Secrets::Masked => "secrets, users and addresses of clients, bodies",
            Secrets::Kept => NOTHING,
        };
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "{TITLE} {FORMAT}\niisgate: {version}, process {process}\nbegun: {begun}\nmasked: {masked}\n\
             # Steps: milliseconds, > from the web server or < from the app, bytes in hex.\n\
             # Comments tell the records that the step below them completes. x: masked.\n"
        )
    }

    /// Bytes pass. Appends the lines that can be written.
    pub(super) fn pass(
        &mut self,
        at: Duration,
        direction: Direction,
        bytes: &[u8],
        out: &mut String,
    ) {
        let lane = &mut self.lanes[direction as usize];
        if lane.has_ended || bytes.is_empty() {
            return;
        }
        match self.secrets {
            Secrets::Masked => lane.masker.pass(bytes),
            Secrets::Kept => lane.masker.pass_as_is(bytes),
        }
        self.waiting.push_back(Waiting { at, direction, count: Some(bytes.len()) });
        if self.lanes.iter().map(|lane| lane.masker.waiting()).sum::<usize>() > UNSETTLED_BYTES_MAX
        {
            self.lanes.iter_mut().for_each(|lane| lane.masker.give_up());
        }
        self.settle(out);
    }

    /// A direction ends. Appends the lines that can be written.
    pub(super) fn end(&mut self, at: Duration, direction: Direction, out: &mut String) {
        let lane = &mut self.lanes[direction as usize];
        if std::mem::replace(&mut lane.has_ended, true) {
            return;
        }
        lane.masker.give_up();
        self.waiting.push_back(Waiting { at, direction, count: None });
        self.settle(out);
    }

    /// Nothing more comes. Appends what is left.
    pub(super) fn finish(&mut self, out: &mut String) {
        self.lanes.iter_mut().for_each(|lane| lane.masker.give_up());
        self.settle(out);
    }

    fn settle(&mut self, out: &mut String) {
        while let Some(next) = self.waiting.front() {
            let lane = &mut self.lanes[next.direction as usize];
            let mut comments = Vec::new();
            let bytes = match next.count {
                Some(count) if count > lane.masker.settled() => return,
                Some(count) => {
                    let bytes = lane.masker.take(count);
                    lane.decoder.pass(&bytes, &mut comments);
                    Some(bytes)
                }
                None => {
                    lane.decoder.end(&mut comments);
                    None
                }
            };
            for comment in comments {
                let _ = writeln!(out, "# {comment}");
            }
            let _ = write!(out, "{} {} ", next.at.as_millis(), sign(next.direction));
            match bytes {
                Some(bytes) => hex::encode(&bytes, out),
                None => out.push_str(END),
            }
            out.push('\n');
            self.waiting.pop_front();
        }
    }
}

//! Owns the web server's part of a recorded conversation: the same bytes in the same pieces, each
//! next request not before those are answered that had been.
//!
//! Does not own the program that answers (`program`), nor comparing.

use gate::recording::{Dialogue, Passed, Recording};
use gate::relay::Direction;
use platform::Stream;
use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// All was sent, and what had been answered is.
    Whole,
    /// The program closed the pipe.
    Closed,
    /// An answer did not come in time.
    Late,
}

/// One piece to send.
#[derive(Debug, PartialEq, Eq)]
struct Piece<'a> {
    bytes: &'a [u8],
    /// So many requests must have been answered before.
    after: usize,
}

/// Plays on one pipe.
pub(super) struct Player<'a> {
    stream: &'a Stream,
    timeout: Duration,
    dialogue: Dialogue,
    buffer: Vec<u8>,
    has_closed: bool,
}

const READ_BYTES: usize = 64 * 1024;

impl<'a> Player<'a> {
    pub(super) fn new(stream: &'a Stream, timeout: Duration) -> Self {
        let buffer = vec![0; READ_BYTES];
        Self { stream, timeout, dialogue: Dialogue::default(), buffer, has_closed: false }
    }

    /// What was sent and answered.
    pub(super) fn into_dialogue(self) -> Dialogue {
        self.dialogue
    }

    /// Sends what the recording's web server sent, and reads until all that it was answered has been
    /// answered.
    ///
    /// # Errors
    /// When the system refuses to wait.
    pub(super) fn play(&mut self, recording: &Recording, recorded: &Dialogue) -> io::Result<Ended> {
        for piece in pieces(recording, recorded) {
            let ended = self.converse(piece.bytes, piece.after)?;
            if ended != Ended::Whole {
                return Ok(ended);
            }
        }
        self.converse(b"", recorded.ended())
    }

    /// Waits until `after` requests are answered, then sends, reading all the time.
    fn converse(&mut self, mut bytes: &[u8], after: usize) -> io::Result<Ended> {
        let mut due = Instant::now() + self.timeout;
        loop {
            let may_send = self.dialogue.ended() >= after;
            if may_send && bytes.is_empty() {
                return Ok(Ended::Whole);
            }
            if may_send {
                match self.stream.try_write(&[IoSlice::new(bytes)]) {
                    Ok(Some(count)) => {
                        self.dialogue.pass(Direction::ToApplication, &bytes[..count]);
                        bytes = &bytes[count..];
                        due = Instant::now() + self.timeout;
                        continue;
                    }
                    Ok(None) => {}
                    // What it said before may still be read.
                    Err(_) => self.has_closed = true,
                }
            }
            match self.stream.try_read(&mut self.buffer)? {
                Some(0) => return Ok(Ended::Closed),
                Some(count) => {
                    self.dialogue.pass(Direction::ToWebServer, &self.buffer[..count]);
                    due = Instant::now() + self.timeout;
                    continue;
                }
                None if self.has_closed => return Ok(Ended::Closed),
                None => {}
            }
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Ended::Late);
            }
            self.stream.wait(true, may_send, Some(left))?;
        }
    }
}

/// Cuts what was sent where requests begin.
fn pieces<'a>(recording: &'a Recording, recorded: &Dialogue) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut begins = recorded.exchanges().iter().map(|exchange| exchange.begins_at).peekable();
    // The same conversation once more, to know what was answered when.
    let mut until_now = Dialogue::default();
    let mut place = 0;
    let mut after = 0;
    for step in &recording.steps {
        let Passed::Bytes(bytes) = &step.passed else { continue };
        if step.direction == Direction::ToApplication {
            let mut rest = bytes.as_slice();
            while let Some(begin) = begins.next_if(|begin| *begin < place + rest.len() as u64) {
                let (before, behind) = rest.split_at((begin - place) as usize);
                if !before.is_empty() {
                    pieces.push(Piece { bytes: before, after });
                }
                after = until_now.ended();
                place = begin;
                rest = behind;
            }
            if !rest.is_empty() {
                pieces.push(Piece { bytes: rest, after });
            }
            place += rest.len() as u64;
        }
        until_now.pass(step.direction, bytes);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: &str = "0101 0001 0008 0000 0001010000000000";
    const END: &str = "0103 0001 0008 0000 00*8";

    fn recording(steps: &[(&str, &str)]) -> (Recording, Dialogue) {
        let steps: String = steps.iter().map(|(sign, hex)| format!("0 {sign} {hex}\n")).collect();
        let text = format!("iisgate recording 1\n{steps}");
        let recording = Recording::parse(text.as_bytes()).unwrap();
        let mut dialogue = Dialogue::default();
        for step in &recording.steps {
            if let Passed::Bytes(bytes) = &step.passed {
                dialogue.pass(step.direction, bytes);
            }
        }
        (recording, dialogue)
    }

    /// Lengths of the pieces, and what they wait for.
    fn check(steps: &[(&str, &str)], expected: &[(usize, usize)]) {
        let (recording, dialogue) = recording(steps);
        let pieces = pieces(&recording, &dialogue);
        let told: Vec<_> = pieces.iter().map(|piece| (piece.bytes.len(), piece.after)).collect();
        assert_eq!(told, expected, "{steps:?}");
    }

    #[test]
    fn only_what_begins_a_request_waits() {
        let stdin = "0105 0001 0000 0000";
        check(&[(">", BEGIN), ("<", END), (">", BEGIN)], &[(16, 0), (16, 1)]);
        // Answered before its body was sent: another time it may be otherwise.
        check(&[(">", BEGIN), ("<", END), (">", stdin)], &[(16, 0), (8, 0)]);
        // The end of one request and the beginning of the next at once.
        let both = format!("{stdin} {BEGIN}");
        check(&[(">", BEGIN), ("<", END), (">", &both)], &[(16, 0), (8, 0), (16, 1)]);
        // A beginning that is cut.
        check(
            &[(">", BEGIN), ("<", END), (">", "0101 00"), (">", "01 0008 0000 0001010000000000")],
            &[(16, 0), (3, 1), (13, 1)],
        );
        // Two at once, which nothing was answered between.
        let two = format!("{BEGIN} {}", BEGIN.replace("0101 0001", "0101 0002"));
        check(&[(">", &two), ("<", END)], &[(16, 0), (16, 0)]);
    }

    #[test]
    fn a_program_that_hears_and_says_much_at_once() {
        const RECORDS: usize = 64;
        let body = format!("0105 0001 8000 0000 {}", "aa*32768");
        let mut steps = vec![(">", BEGIN)];
        steps.extend(vec![(">", body.as_str()); RECORDS]);
        steps.push(("<", END));
        let (recording, recorded) = recording(&steps);
        let (ours, theirs) = Stream::pair().unwrap();
        let end = [1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let mut answer = vec![1, 6, 0, 1, 0x80, 0, 0, 0];
        answer.extend(vec![b'a'; 32768]);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // It reads nothing before it has said all.
                (0..RECORDS).for_each(|_| theirs.write_all(&answer).unwrap());
                let (mut left, mut buffer) = (16 + RECORDS * 32776, [0; 4096]);
                while left > 0 {
                    match theirs.try_read(&mut buffer).unwrap() {
                        Some(count) => left -= count,
                        None => drop(theirs.wait(true, false, None).unwrap()),
                    }
                }
                theirs.write_all(&end).unwrap();
            });
            let mut player = Player::new(&ours, Duration::from_secs(20));
            assert_eq!(player.play(&recording, &recorded).unwrap(), Ended::Whole);
            let got = player.into_dialogue();
            assert_eq!(got.exchanges()[0].answer.body_length, (RECORDS * 32768) as u64);
        });
    }

    #[test]
    fn a_program_that_says_nothing_is_not_waited_for_forever() {
        let (recording, recorded) = recording(&[(">", BEGIN), ("<", END)]);
        let (ours, theirs) = Stream::pair().unwrap();
        let mut player = Player::new(&ours, Duration::from_millis(10));
        assert_eq!(player.play(&recording, &recorded).unwrap(), Ended::Late);
        drop(theirs);
        // What another test starts at this moment holds the other end, until it is a program.
        let mut player = Player::new(&ours, Duration::from_secs(20));
        assert_eq!(player.play(&recording, &recorded).unwrap(), Ended::Closed);
    }
}

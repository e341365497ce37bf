//! Owns the invariant: no line that is shown of a recorded conversation holds a control character, a
//! direction is told the same however it is cut, and a recording's text is read or refused.
//!
//! Does not own masking (`gate::recording` tests that no secret is left).

use gate::recording::{Decoder, Passed, Recording};
use gate::relay::Direction;

pub(crate) fn hold(bytes: &[u8]) {
    for direction in [Direction::ToApplication, Direction::ToWebServer] {
        let whole = told(direction, bytes, usize::MAX);
        let cut = bytes.first().map_or(1, |first| usize::from(*first) + 1);
        assert_eq!(whole, told(direction, bytes, cut), "in pieces of {cut}");
        for line in &whole {
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
    }
    if let Ok(recording) = Recording::parse(bytes) {
        for step in &recording.steps {
            if let Passed::Bytes(passed) = &step.passed {
                told(step.direction, passed, usize::MAX);
            }
        }
    }
}

fn told(direction: Direction, bytes: &[u8], cut: usize) -> Vec<String> {
    let (mut decoder, mut lines) = (Decoder::new(direction), Vec::new());
    for piece in bytes.chunks(cut) {
        decoder.pass(piece, &mut lines);
    }
    decoder.end(&mut lines);
    lines
}

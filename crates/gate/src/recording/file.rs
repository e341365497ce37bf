//! Owns reading a recording: its lines become steps, and what is wrong with one is told with its
//! number.
//!
//! Does not own what the steps mean (`dialogue`). Comments are not read: they repeat the steps.

use super::{END, FORMAT, NOTHING, Secrets, TITLE, hex};
use crate::limits::RECORDING_BYTES_MAX;
use crate::relay::Direction;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// A recorded conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Whether secrets and bodies were masked.
    pub secrets: Secrets,
    /// What happened, in order.
    pub steps: Vec<Step>,
}

/// Something that happened on the pipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, from the beginning.
    pub at: Duration,
    /// Which way.
    pub direction: Direction,
    /// What.
    pub passed: Passed,
}

/// What passed in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// Bytes that were read at once.
    Bytes(Vec<u8>),
    /// The direction was closed.
    End,
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The system does not give it.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A line is not what it should be.
    #[error("line {line}: {why}\n  {text}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong.
        why: String,
        /// Its beginning.
        text: String,
    },
    /// It is longer than recordings are.
    #[error("more than {} MiB: no recording is so long", RECORDING_BYTES_MAX / (1024 * 1024))]
    TooLong,
}

/// Characters of a wrong line that are shown.
const SHOWN_MAX: usize = 60;

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn load(path: &Path) -> Result<Self, ReadError> {
        let mut bytes = Vec::new();
        // A carriage return more per line, where somebody's editor put one.
        let most = 2 * RECORDING_BYTES_MAX as u64;
        File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(ReadError::TooLong);
        }
        Self::parse(&bytes)
    }

    /// Reads a recording's text.
    ///
    /// # Errors
    /// [`ReadError::Line`] or [`ReadError::TooLong`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let mut recording = Self { secrets: Secrets::Masked, steps: Vec::new() };
        let mut total = 0;
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let wrong = |why: String| {
                let text = String::from_utf8_lossy(line);
                let text = text.chars().take(SHOWN_MAX).flat_map(char::escape_debug).collect();
                ReadError::Line { line: index + 1, why, text }
            };
            let line = str::from_utf8(line).map_err(|_| wrong("not text".to_owned()))?.trim_end();
            match line.chars().next() {
                _ if index == 0 => title(line).map_err(wrong)?,
                None | Some('#') => {}
                Some('0'..='9') => {
                    let step = step(line).map_err(wrong)?;
                    if let Passed::Bytes(bytes) = &step.passed {
                        total += bytes.len();
                    }
                    recording.steps.push(step);
                }
                Some(_) if recording.steps.is_empty() => {
                    let (name, value) =
                        line.split_once(':').ok_or_else(|| wrong(NOT_A_LINE.to_owned()))?;
                    if name == "masked" && value.trim() == NOTHING {
                        recording.secrets = Secrets::Kept;
                    }
                }
                Some(_) => return Err(wrong(NOT_A_LINE.to_owned())),
            }
            if total > RECORDING_BYTES_MAX {
                return Err(ReadError::TooLong);
            }
        }
        Ok(recording)
    }
}

/// What a line that is nothing else is told.
const NOT_A_LINE: &str = "neither a comment (#) nor a step such as `12 > 0101…`";

fn title(line: &str) -> Result<(), String> {
    let number = line.strip_prefix(TITLE).and_then(|rest| rest.trim().parse::<u32>().ok());
    match number {
        Some(FORMAT) => Ok(()),
        Some(number) => {
            Err(format!("format {number}, and this iisgate reads format {FORMAT}: use another"))
        }
        None => Err(format!("not a recording: the first line must be `{TITLE} {FORMAT}`")),
    }
}

fn step(line: &str) -> Result<Step, String> {
    let mut words = line.splitn(3, ' ');
    let (at, sign, rest) = (words.next(), words.next(), words.next().unwrap_or_default());
    let at = at.and_then(|at| at.parse().ok()).ok_or("not a number of milliseconds")?;
    let direction = match sign {
        Some(">") => Direction::ToApplication,
        Some("<") => Direction::ToWebServer,
        _ => return Err("no direction: `>` or `<` follows the milliseconds".to_owned()),
    };
    let passed = match rest.trim() {
        END => Passed::End,
        text => Passed::Bytes(hex::decode(text)?),
    };
    Ok(Step { at: Duration::from_millis(at), direction, passed })
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::End => f.write_str(END),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::transcript::Transcript;
    use super::*;

    const WIRE: [(Direction, &[u8]); 4] = [
        (Direction::ToApplication, b"\x01\x04\0\x01\0\x09\0\0\x04\x03NAMEone"),
        (Direction::ToApplication, b"\x01\x05\0\x01\0\x04\x02\0body\0\0"),
        (Direction::ToWebServer, b"\x01\x06\0\x01\0\x0cpad"),
        (Direction::ToApplication, b"\x01\x05\0\x01\0\0\0\0"),
    ];

    fn written(secrets: Secrets, size: usize) -> String {
        let mut transcript = Transcript::new(secrets);
        let mut text = transcript.heading(1, "now");
        for (at, (direction, bytes)) in WIRE.iter().enumerate() {
            for piece in bytes.chunks(size) {
                transcript.pass(Duration::from_millis(at as u64), *direction, piece, &mut text);
            }
        }
        transcript.end(Duration::from_secs(1), Direction::ToApplication, &mut text);
        transcript.finish(&mut text);
        text
    }

    #[test]
    fn what_is_written_is_read_to_the_byte() {
        for size in [1, 5, 1000] {
            let recording = Recording::parse(written(Secrets::Kept, size).as_bytes()).unwrap();
            assert_eq!(recording.secrets, Secrets::Kept);
            let mut expected = Vec::new();
            for (at, (direction, bytes)) in WIRE.iter().enumerate() {
                expected.extend(bytes.chunks(size).map(|piece| Step {
                    at: Duration::from_millis(at as u64),
                    direction: *direction,
                    passed: Passed::Bytes(piece.to_vec()),
                }));
            }
            let (at, direction) = (Duration::from_secs(1), Direction::ToApplication);
            expected.push(Step { at, direction, passed: Passed::End });
            assert_eq!(recording.steps, expected);
        }
    }

    #[test]
    fn masking_keeps_steps_and_lengths() {
        for size in [1, 5, 1000] {
            let kept = Recording::parse(written(Secrets::Kept, size).as_bytes()).unwrap();
            let masked = Recording::parse(written(Secrets::Masked, size).as_bytes()).unwrap();
            assert_eq!(masked.secrets, Secrets::Masked);
            let shape = |recording: &Recording| -> Vec<String> {
                let steps = recording.steps.iter();
                steps.map(|s| format!("{:?} {:?} {}", s.at, s.direction, s.passed)).collect()
            };
            assert_eq!(shape(&masked), shape(&kept));
        }
    }

    #[test]
    fn line_ends_and_comments_of_others_are_no_matter() {
        let text =
            "\u{feff}iisgate recording 1\r\nmasked: all\r\nnew: thing\r\n\r\n0 > 01 02\r\n#x\r\n";
        let recording = Recording::parse(text.as_bytes()).unwrap();
        assert_eq!(recording.steps.len(), 1);
        assert_eq!(recording.steps[0].passed, Passed::Bytes(vec![1, 2]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let heading = "iisgate recording 1\n# c\n";
        for (text, told) in [
            ("", "line 1: not a recording: the first line must be `iisgate recording 1`\n  "),
            ("GET / HTTP/1.1\n", "line 1: not a recording"),
            ("iisgate recording 2\n", "line 1: format 2, and this iisgate reads format 1"),
            ("{}\u{0}\n", "line 3: neither a comment (#) nor a step"),
            ("{}0 > 01\nmasked: no\n", "line 4: neither a comment (#) nor a step"),
            ("{}12 01\n", "line 3: no direction"),
            ("{}12 > 012\n", "line 3: an odd number of hex digits"),
            ("{}12 > 01\n13 < zz\n", "line 4: not hex: zz\n  13 < zz"),
            ("{}99999999999999999999 > 01\n", "line 3: not a number of milliseconds"),
        ] {
            let text = text.replace("{}", heading);
            let error = Recording::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error:?} for {text:?}");
        }
        let latin = [heading.as_bytes(), b"\xff\n"].concat();
        assert!(Recording::parse(&latin).unwrap_err().to_string().starts_with("line 3: not text"));
    }

    #[test]
    fn a_short_text_cannot_mean_endless_bytes() {
        let text = format!("iisgate recording 1\n{}", "0 > 00*1048576\n".repeat(65));
        assert!(matches!(Recording::parse(text.as_bytes()), Err(ReadError::TooLong)));
    }
}

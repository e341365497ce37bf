//! Owns the recording of a conversation between web server and app: a text file that a person can
//! read before it is sent to anybody, and that `iisgate replay` understands.
//!
//! Does not own the pipe (`relay`), nor sending the requests again (`cli`).
//!
//! ```text
//! iisgate recording 1
//! iisgate: 0.1.0, process 4711
//! begun: 2026-01-31T12:00:00Z
//! masked: secrets, names and addresses of clients, bodies
//! # > BEGIN_REQUEST id 1: Responder, keep connection
//! # > PARAMS id 1, 30 bytes
//! # > PARAMS id 1, end: 2 params
//! #     REQUEST_METHOD=GET
//! #     HTTP_COOKIE=id=xxxx
//! 0 > 0101000100080000 0001010000000000 010400010…
//! 12 < 01060001…
//! 15 > end
//! ```
//!
//! A line is a comment (`#`), or a step: milliseconds since the beginning, the direction (`>` from
//! the web server to the app, `<` back), and the bytes of one read in hex, where `78*500` is that
//! byte 500 times and blanks mean nothing; or `end` when that direction was closed. Before the first
//! step stand names with values. Comments tell the records that the step below them completes.
//!
//! Masking replaces each byte of a secret by `x`, so that every length stays true. What cannot be
//! understood is masked.

mod compare;
mod decode;
mod dialogue;
mod file;
mod held;
mod hex;
mod mask;
mod names;
mod recorded;
mod recorder;
mod records;
mod text;
mod transcript;
mod values;

pub use compare::differences;
pub use decode::Decoder;
pub use dialogue::{Answer, Dialogue, Exchange};
pub use file::{Passed, ReadError, Recording, Step};
pub use recorded::run;
pub use recorder::Recorder;
pub use text::{is_secret_name, masked_text};

/// The first line, without the format's number.
const TITLE: &str = "iisgate recording";

/// The format's number; a change that older readers would misunderstand makes it one more.
const FORMAT: u32 = 1;

/// The value of `masked:` in a recording that is as it was.
const NOTHING: &str = "nothing";

/// The word of a step that ends its direction.
const END: &str = "end";

/// What becomes of what is nobody else's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// Each byte becomes an `x`.
    Masked,
    /// They stay, for a recording that can be replayed to the letter.
    Kept,
}

/// The sign of a direction.
fn sign(direction: crate::relay::Direction) -> char {
    match direction {
        crate::relay::Direction::ToApplication => '>',
        crate::relay::Direction::ToWebServer => '<',
    }
}

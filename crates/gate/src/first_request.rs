//! Owns reading a first request as far as its params, to learn whose it is.
//!
//! Does not answer it: the bytes go with the pipe to the worker.

use crate::limits::PREFACE_BYTES_MAX;
use fastcgi::{Connection, Event, Side};
use platform::Stream;
use std::io;
use std::time::Duration;

/// What was learnt.
pub(crate) enum First {
    /// The params came; IIS tells the site application's folder.
    Site {
        /// `APPL_PHYSICAL_PATH`, if it was sent.
        folder: Option<String>,
        /// All bytes read so far.
        preface: Vec<u8>,
    },
    /// The web server closed the pipe without a request.
    Closed,
    /// `is_ending` said so.
    Ending,
}

/// The name of a folder as IIS sends it: in UTF-8 or in the system's ANSI code page.
fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => platform::ansi::decode(value)
            .unwrap_or_else(|| String::from_utf8_lossy(value).into_owned()),
    }
}

/// How often a waiting gate looks for signals.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Reads until a request's params are complete, or the preface is full.
///
/// # Errors
/// When the web server breaks the protocol or the pipe.
pub(crate) fn read(stream: &Stream, is_ending: impl Fn() -> bool) -> io::Result<First> {
    let mut core = Connection::new(Side::Application);
    let mut preface = vec![0; PREFACE_BYTES_MAX];
    let mut length = 0;
    loop {
        if !stream.wait(true, false, Some(LOOK_EVERY))?.readable {
            if is_ending() {
                return Ok(First::Ending);
            }
            continue;
        }
        let count = match stream.try_read(&mut preface[length..])? {
            Some(0) => return Ok(First::Closed),
            Some(count) => count,
            None => continue,
        };
        core.receive(&preface[length..length + count]);
        length += count;
        let mut folder = None;
        let mut is_known = false;
        while let Some(event) =
            core.poll_event().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?
        {
            if let (Event::Request { params, .. }, false) = (event, is_known) {
                is_known = true;
                let value = params.get(b"APPL_PHYSICAL_PATH").filter(|value| !value.is_empty());
                folder = value.map(text);
            }
        }
        if !is_known && length == PREFACE_BYTES_MAX {
            let message = format!(
                "the first request's params are longer than {PREFACE_BYTES_MAX} bytes, so that the \
                 site cannot be learnt from them: name it with --site DIR"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        if is_known {
            preface.truncate(length);
            return Ok(First::Site { folder, preface });
        }
    }
}

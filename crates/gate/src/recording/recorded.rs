//! Owns a gate's life with a recorder: the real pipe stays here, gate and worker get one end of
//! another that is joined to it.
//!
//! Does not own serving (`pipe`), nor what is written (`recorder`).

use super::{Recorder, Secrets};
use crate::pipe;
use crate::relay::{Relay, Witness};
use crate::settings::Settings;
use platform::Stream;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Serves a pipe until it is closed, and records it. What cannot be recorded is served all the same.
///
/// # Errors
/// As [`crate::run_connected`].
pub fn run(stream: Stream, settings: &Settings, file: &Path, secrets: Secrets) -> io::Result<bool> {
    let prepared = Recorder::create(file, secrets).and_then(|recorder| {
        let (ours, theirs) = Stream::pair()?;
        Ok((recorder, ours, theirs))
    });
    let (recorder, ours, theirs) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            log::error!("recording: {}: {error}: nothing is recorded", file.display());
            return pipe::run(&stream, settings);
        }
    };
    let what = match secrets {
        Secrets::Masked => "secrets and bodies are masked",
        Secrets::Kept => "nothing is masked, also no passwords",
    };
    log::info!("recording into {}: {what}", recorder.path().display());
    let recorder = Arc::new(recorder);
    let witness = Arc::clone(&recorder) as Arc<dyn Witness>;
    let relay = Relay::start(stream, ours, Some(witness))?;
    let in_order = pipe::run(&theirs, settings);
    drop(theirs);
    relay.finish();
    recorder.finish();
    in_order
}

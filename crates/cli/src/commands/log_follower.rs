//! Owns showing what instances log, where they have no standard error of ours: they log to a file
//! of this run, and its lines are copied to our standard error as they come.
//!
//! Does not own the log's form (`platform::log_file`).

use platform::log_file::{LogReader, full_logs};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the file is looked at: a developer sees a line at once, and nothing is spent on it.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A log file of this run, followed as long as this value lives.
#[derive(Debug)]
pub(crate) struct LogFollower {
    path: PathBuf,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LogFollower {
    /// Makes the file and begins to follow it.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(crate) fn start() -> io::Result<Self> {
        let name = format!("iisgate-serve-{}.log", std::process::id());
        let path = std::env::temp_dir().join(name);
        File::create(&path)?;
        let mut reader = LogReader::new(&path);
        let (stop, stopped) = channel::<()>();
        let copy = move || {
            loop {
                let is_last =
                    stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Disconnected);
                // What cannot be read now may be the next time; whom nobody hears may still serve.
                let text = reader.read().unwrap_or_default();
                let _ = io::stderr().write_all(&text);
                if is_last {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("log".into()).spawn(copy)?;
        Ok(Self { path, stop: Some(stop), thread: Some(thread) })
    }

    /// The file's path.
    pub(crate) fn path(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

impl Drop for LogFollower {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // A worker may stay for its grace and log on; then the file stays, in the temporary folder.
        for file in full_logs(&self.path).iter().chain([&self.path]) {
            let _ = std::fs::remove_file(file);
        }
        let mut lock = self.path.clone().into_os_string();
        lock.push(".lock");
        let _ = std::fs::remove_file(lock);
    }
}

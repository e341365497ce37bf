//! Owns the file of a recording while it is written: its name, its bound, what happens when it
//! cannot be written.
//!
//! Does not own its lines (`transcript`). A recording never fails a request: trouble is logged, once.

use super::Secrets;
use super::transcript::Transcript;
use crate::limits::RECORDING_BYTES_MAX;
use crate::relay::{Direction, Witness};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

/// In a recording's name: the process id.
const PID: &str = "{pid}";

/// How many names are tried: a process id comes again at some time.
const NAMES_MAX: u32 = 100;

/// Writes what passes into a file, as it passes.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    begun: Instant,
    /// `None` once nothing is written any more.
    writing: Mutex<Option<Writing>>,
}

#[derive(Debug)]
struct Writing {
    transcript: Transcript,
    file: File,
    /// Bytes of the file.
    written: usize,
    /// Bytes that passed.
    passed: usize,
}

impl Recorder {
    /// Makes a new file, which its user alone may read. `{pid}` in its name becomes the process id;
    /// where a file of that name exists, `-` and the process id are put before its extension. No
    /// file is ever overwritten.
    ///
    /// # Errors
    /// When the file cannot be made or written.
    pub fn create(path: &Path, secrets: Secrets) -> io::Result<Self> {
        let (path, mut file) = create_new(path, std::process::id())?;
        let transcript = Transcript::new(secrets);
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let heading = transcript.heading(std::process::id(), &now);
        file.write_all(heading.as_bytes())?;
        let writing = Writing { transcript, file, written: heading.len(), passed: 0 };
        Ok(Self { path, begun: Instant::now(), writing: Mutex::new(Some(writing)) })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what is left.
    pub fn finish(&self) {
        self.write(0, |transcript, out| transcript.finish(out));
        *self.writing.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn write(&self, count: usize, tell: impl FnOnce(&mut Transcript, &mut String)) {
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(now) = writing.as_mut() else { return };
        let mut text = String::new();
        now.passed += count;
        let is_full = now.passed > RECORDING_BYTES_MAX || {
            tell(&mut now.transcript, &mut text);
            now.written + text.len() > RECORDING_BYTES_MAX
        };
        if is_full {
            text = format!(
                "# The recording stops here: it has reached {} MiB. The conversation went on.\n",
                RECORDING_BYTES_MAX / (1024 * 1024)
            );
            log::warn!("recording: {} is full: nothing more is recorded", self.path.display());
        }
        now.written += text.len();
        let result = now.file.write_all(text.as_bytes());
        if let Err(error) = &result {
            log::error!("recording: {}: {error}: nothing more is recorded", self.path.display());
        }
        if is_full || result.is_err() {
            *writing = None;
        }
    }
}

impl Witness for Recorder {
    fn passes(&self, direction: Direction, bytes: &[u8]) {
        let at = self.begun.elapsed();
        self.write(bytes.len(), |transcript, out| transcript.pass(at, direction, bytes, out));
    }

    fn ends(&self, direction: Direction) {
        let at = self.begun.elapsed();
        self.write(0, |transcript, out| transcript.end(at, direction, out));
    }
}

/// Makes a file of a name that no other has.
fn create_new(path: &Path, process: u32) -> io::Result<(PathBuf, File)> {
    let mut last = None;
    for path in names(path, process).take(NAMES_MAX as usize) {
        match platform::private_file::create_new(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AlreadyExists.into()))
}

/// The names that are tried, in this order.
fn names(path: &Path, process: u32) -> impl Iterator<Item = PathBuf> {
    let text = path.file_name().unwrap_or_default().to_string_lossy();
    let has_pid = text.contains(PID);
    let name = match has_pid {
        true => path.with_file_name(text.replace(PID, &process.to_string())),
        false => path.to_owned(),
    };
    (1..).map(move |number| {
        let suffix = match (has_pid, number) {
            (_, 1) => return name.clone(),
            (false, 2) => format!("-{process}"),
            (false, number) => format!("-{process}-{}", number - 1),
            (true, number) => format!("-{number}"),
        };
        let mut file = name.file_stem().unwrap_or_default().to_owned();
        file.push(suffix);
        if let Some(extension) = name.extension() {
            file.push(".");
            file.push(extension);
        }
        name.with_file_name(file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instance_finds_a_name_of_its_own() {
        for (path, expected) in [
            ("logs/wire.txt", ["logs/wire.txt", "logs/wire-7.txt", "logs/wire-7-2.txt"]),
            ("wire", ["wire", "wire-7", "wire-7-2"]),
            ("w-{pid}.txt", ["w-7.txt", "w-7-2.txt", "w-7-3.txt"]),
            ("{pid}/{pid}", ["{pid}/7", "{pid}/7-2", "{pid}/7-3"]),
        ] {
            let names: Vec<PathBuf> = names(Path::new(path), 7).take(3).collect();
            assert_eq!(names, expected.map(PathBuf::from));
        }
    }

    #[test]
    fn no_file_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wire.txt");
        let first = Recorder::create(&path, Secrets::Masked).unwrap();
        let second = Recorder::create(&path, Secrets::Masked).unwrap();
        assert_eq!(first.path(), path);
        assert_ne!(second.path(), path);
        assert!(
            std::fs::read_to_string(second.path()).unwrap().starts_with("iisgate recording 1\n")
        );
        assert!(Recorder::create(&folder.path().join("no/such/folder"), Secrets::Kept).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_that_is_full_ends_the_recording_and_nothing_else() {
        let file = File::options().write(true).open("/dev/full").unwrap();
        let transcript = Transcript::new(Secrets::Masked);
        let writing = Mutex::new(Some(Writing { transcript, file, written: 0, passed: 0 }));
        let recorder = Recorder { path: "/dev/full".into(), begun: Instant::now(), writing };
        recorder.passes(Direction::ToApplication, b"GET / HTTP/1.1");
        assert!(recorder.writing.lock().unwrap().is_none());
        recorder.passes(Direction::ToApplication, b"more");
        recorder.finish();
    }

    #[test]
    fn a_recording_has_a_bound_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::create(&folder.path().join("wire.txt"), Secrets::Masked).unwrap();
        let bytes = vec![b'?'; 1024 * 1024];
        for _ in 0..RECORDING_BYTES_MAX / bytes.len() + 2 {
            recorder.passes(Direction::ToApplication, &bytes);
        }
        recorder.finish();
        let text = std::fs::read_to_string(recorder.path()).unwrap();
        assert!(text.ends_with("it has reached 64 MiB. The conversation went on.\n"), "{text}");
        // Heading, one line about bytes that are no records, the steps, the last line.
        assert_eq!(text.lines().count(), 6 + 1 + 64 + 1);
    }
}

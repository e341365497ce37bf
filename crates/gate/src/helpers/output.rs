//! Owns what a helper prints: each line goes to the log under the helper's name, the last ones are
//! remembered, and one may be waited for.
//!
//! Does not own the log (`platform::log_file`).

use super::limits::{LAST_WORDS_TIMEOUT, LINE_BYTES_MAX, TAIL_LINES};
use platform::log_file::LogFile;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What a helper printed.
#[derive(Clone, Debug, Default)]
pub(super) struct Output(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    tail: Mutex<Tail>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Tail {
    lines: VecDeque<String>,
    /// How many of its pipes are still open.
    open: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output {
    /// The last lines. Call it when the helper has ended: the last of them may be on their way.
    pub(super) fn tail(&self) -> String {
        let is_open = |tail: &mut Tail| tail.open > 0;
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), LAST_WORDS_TIMEOUT, is_open);
        let (tail, _) = waited.unwrap_or_else(PoisonError::into_inner);
        tail.lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Reads to the end, in a thread of its own; `told` is called with each line.
    pub(super) fn read(
        &self,
        name: &str,
        log: &'static LogFile,
        from: impl Read + Send + 'static,
        told: impl Fn(&str) + Send + 'static,
    ) {
        let (shared, name) = (Arc::clone(&self.0), name.to_owned());
        shared.lock().open += 1;
        let keep = move || {
            each_line(from, |line| {
                log.line(log::Level::Info, &name, line);
                shared.lock().keep(line);
                told(line);
            });
            shared.lock().open -= 1;
            shared.changed.notify_all();
        };
        // Without a thread its pipe closes: it is told so when it prints.
        let _ = std::thread::Builder::new().name("helper-output".into()).spawn(keep);
    }
}

impl Tail {
    fn keep(&mut self, line: &str) {
        if self.lines.len() == TAIL_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_owned());
    }
}

/// Calls `tell` with each line; one that is too long comes in pieces.
fn each_line(from: impl Read, mut tell: impl FnMut(&str)) {
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut piece = reader.by_ref().take(LINE_BYTES_MAX as u64);
        match piece.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => tell(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r'])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_one_by_one() {
        let text = format!("one\r\ntwo\n\n{}\nlast", "x".repeat(LINE_BYTES_MAX + 1));
        let mut lines = Vec::new();
        each_line(text.as_bytes(), |line| lines.push(line.to_owned()));
        assert_eq!(lines[..3], ["one", "two", ""]);
        assert_eq!(lines[3].len(), LINE_BYTES_MAX);
        assert_eq!(lines[4..], ["x", "last"]);
    }

    #[test]
    fn the_last_lines_are_kept() {
        let mut tail = Tail::default();
        (0..2 * TAIL_LINES).for_each(|number| tail.keep(&number.to_string()));
        assert_eq!(tail.lines.len(), TAIL_LINES);
        assert_eq!(tail.lines[0], TAIL_LINES.to_string());
    }
}

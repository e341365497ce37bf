//! Owns finding the failures of the last day in a site's logs.
//!
//! Does not own where logs lie (`gate`) nor their lines (`log_entry`).

use crate::args::OutputForm;
use crate::commands::log_entry::Entry;
use ::iis::doctor::{Failure, RECENT};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Most bytes of a log's end that are read: a day of a site that fails at each request.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Characters of a message that are shown.
const SHOWN_MAX: usize = 160;

/// The failures of the last day, those of one code together.
pub(super) fn failures(logs: &[PathBuf]) -> Vec<Failure> {
    let since = SystemTime::now().checked_sub(RECENT).unwrap_or(SystemTime::UNIX_EPOCH);
    // Times are written alike: their order is that of the texts.
    let since = humantime::format_rfc3339_millis(since).to_string();
    let mut found: Vec<Failure> = Vec::new();
    for log in logs {
        let Some(text) = end(log, BYTES_MAX) else { continue };
        for line in text.lines() {
            gather(line, &since, log, &mut found);
        }
    }
    found
}

/// The end of a log, from a whole line on.
pub(crate) fn end(log: &Path, most: u64) -> Option<String> {
    let mut file = std::fs::File::open(log).ok()?;
    let size = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    let start = size.saturating_sub(most);
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match (start, text.split_once('\n')) {
        (0, _) | (_, None) => Some(text),
        (_, Some((_, whole))) => Some(whole.to_owned()),
    }
}

fn gather(line: &str, since: &str, log: &Path, found: &mut Vec<Failure>) {
    let shown = Entry::read(line).show(OutputForm::Text);
    // Of an event of several lines the first has the code.
    let first = shown.lines().next().unwrap_or_default();
    let Some((time, level, text)) = parts(first) else { return };
    if time < since || !["ERROR", "WARN"].contains(&level) {
        return;
    }
    let Some((code, message)) = coded(text) else { return };
    match found.iter_mut().find(|it| it.code == code && it.log == log) {
        Some(known) => {
            known.count += 1;
            known.last = time.to_owned();
            known.message = message;
        }
        None => found.push(Failure {
            code: code.to_owned(),
            message,
            count: 1,
            last: time.to_owned(),
            log: log.to_owned(),
        }),
    }
}

/// Time, level and text of a line in our form.
fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let (time, rest) = line.split_once(' ')?;
    let (level, rest) = rest.split_once(' ')?;
    let (_process, rest) = rest.trim_start().split_once(' ')?;
    let (_request, text) = rest.split_once(' ')?;
    time.ends_with('Z').then_some((time, level, text))
}

/// The code that a text begins with, and the text behind it.
fn coded(text: &str) -> Option<(&str, String)> {
    let code =
        text.get(..5).filter(|code| gate::codes::find(code).is_some_and(|it| it.id == *code))?;
    let rest = text[5..].trim_start_matches([':', ' ', '·']);
    Some((code, rest.chars().take(SHOWN_MAX).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_one_code_are_told_once() {
        let log = Path::new("iisgate.log");
        let mut found = Vec::new();
        for line in [
            "2026-11-21T20:00:00.000Z ERROR 7 - IG050: too old",
            "2026-11-22T20:00:00.000Z ERROR 7 - IG050: no module named a",
            "2026-11-22T20:00:01.000Z INFO  7 - ready: app:app",
            "2026-11-22T20:00:02.000Z ERROR 7 - IG050 · request 00aa-1: GET /: no module named b",
            r#"{"time":"2026-11-22T20:00:03.000Z","level":"error","pid":1,"request":null,"message":"IG080: it died\nso"}"#,
            "2026-11-22T20:00:04.000Z ERROR 7 - IG999: no code",
            "2026-11-22T20:00:05.000Z ERROR 7 - é",
            "Traceback (most recent call last):",
        ] {
            gather(line, "2026-11-22T00:00:00.000Z", log, &mut found);
        }
        let told: Vec<_> = found.iter().map(|it| (it.code.as_str(), it.count)).collect();
        assert_eq!(told, [("IG050", 2), ("IG080", 1)]);
        assert_eq!(found[0].message, "request 00aa-1: GET /: no module named b");
        assert_eq!(found[0].last, "2026-11-22T20:00:02.000Z");
        assert_eq!(found[1].message, "it died");
    }

    #[test]
    fn of_a_long_log_whole_lines_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("l");
        std::fs::write(&log, "first\nsecond\nthird\n").expect("written");
        assert_eq!(end(&log, 100).as_deref(), Some("first\nsecond\nthird\n"));
        assert_eq!(end(&log, 10).as_deref(), Some("third\n"));
        assert_eq!(end(folder.path(), 10), None);
    }
}

//! Owns the form of a log's lines: text for people, or JSON for programs.
//!
//! Does not own writing them.

use log::Level;
use std::fmt::Write;
use std::str::FromStr;
use std::time::SystemTime;

/// How a log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogForm {
    /// `TIME LEVEL PROCESS REQUEST TEXT`; each line of a longer text begins so.
    #[default]
    Text,
    /// One JSON object for each event, with its whole text.
    Json,
    /// The text alone: for who sits before it and sees what comes.
    Plain,
}

impl LogForm {
    /// As settings name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Plain => "plain",
        }
    }
}

impl FromStr for LogForm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Text, Self::Json, Self::Plain]
            .into_iter()
            .find(|form| form.name() == text)
            .ok_or_else(|| format!("a log's format is text or json (or plain), not {text}"))
    }
}

/// Who says something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    pub(super) level: Level,
    /// The request's id, or `-`.
    pub(super) who: &'a str,
    /// The site's folder, or empty.
    pub(super) site: &'a str,
    pub(super) text: &'a str,
}

impl Said<'_> {
    /// The event as the log has it. No text can pretend to be another event.
    pub(super) fn render(&self, form: LogForm) -> String {
        let now = humantime::format_rfc3339_millis(SystemTime::now());
        let pid = std::process::id();
        let Self { level, who, site, text } = *self;
        let text = text.trim_end_matches('\n');
        let mut out = String::with_capacity(text.len() + 96);
        match form {
            LogForm::Text => {
                for line in text.split('\n') {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "{now} {level:<5} {pid} {who} ");
                    show(&mut out, line);
                }
            }
            LogForm::Plain => text.split('\n').for_each(|line| show(&mut out, line)),
            LogForm::Json => {
                let known = |text: &str, nothing: &str| match text == nothing {
                    true => serde_json::Value::Null,
                    false => text.into(),
                };
                let level = level.as_str().to_ascii_lowercase();
                let (request, site) = (known(who, "-"), known(site, ""));
                let text = serde_json::Value::from(text);
                let _ = writeln!(
                    out,
                    r#"{{"time":"{now}","level":"{level}","pid":{pid},"request":{request},"message":{text},"site":{site}}}"#
                );
            }
        }
        out
    }
}

/// Writes one line. Control characters could move a terminal's cursor or forge colours.
fn show(out: &mut String, line: &str) {
    out.extend(line.chars().map(|c| if c.is_control() && c != '\t' { '\u{FFFD}' } else { c }));
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<'a>(who: &'a str, site: &'a str, text: &'a str) -> Said<'a> {
        Said { level: Level::Warn, who, site, text }
    }

    #[test]
    fn no_text_forges_a_line() {
        let text = said("r1", "", "one\ntwo \u{1b}[31mred\r\n").render(LogForm::Text);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.contains(" WARN  ") && line.contains(" r1 ")));
        assert!(!text.contains('\u{1b}') && !text.contains('\r'));
    }

    #[test]
    fn plain_is_the_text_alone() {
        let text = said("r1", "/site", "one\n  two\t\u{1b}[31mred\n").render(LogForm::Plain);
        assert_eq!(text, "one\n  two\t\u{FFFD}[31mred\n");
        assert_eq!("plain".parse(), Ok(LogForm::Plain));
    }

    #[test]
    fn json_is_one_line_for_each_event() {
        let text = said("r1", "C:\\sites\\shop", "one\n\"two\" \u{1b}\n").render(LogForm::Json);
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read["message"], "one\n\"two\" \u{1b}");
        assert_eq!((&read["level"], &read["request"]), (&"warn".into(), &"r1".into()));
        assert_eq!(read["site"], "C:\\sites\\shop");
        assert_eq!(read["pid"], std::process::id());
        let text = said("-", "", "x").render(LogForm::Json);
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(read["request"].is_null() && read["site"].is_null() && read["time"].is_string());
    }

    #[test]
    fn forms_have_names() {
        assert_eq!("json".parse(), Ok(LogForm::Json));
        assert_eq!("text".parse(), Ok(LogForm::Text));
        assert!("xml".parse::<LogForm>().is_err_and(|why| why.contains("text or json")));
    }
}

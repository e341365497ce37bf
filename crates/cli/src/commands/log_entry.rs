//! Owns the lines of a log as they are shown: read in either form, shown in either.
//!
//! Does not own how logs are written (`platform::log_file`).

use crate::args::OutputForm;
use serde_json::{Value, json};

/// One line of a log's file.
pub(crate) enum Entry<'a> {
    /// `TIME LEVEL PROCESS REQUEST TEXT`.
    Text { fields: [&'a str; 4], text: &'a str },
    /// An object.
    Json(serde_json::Map<String, Value>),
    /// What a program printed past us.
    Other(&'a str),
}

impl<'a> Entry<'a> {
    pub(crate) fn read(line: &'a str) -> Self {
        if line.starts_with('{')
            && let Ok(Value::Object(object)) = serde_json::from_str(line)
            && object.contains_key("message")
        {
            return Self::Json(object);
        }
        Self::text(line).unwrap_or(Self::Other(line))
    }

    fn text(line: &'a str) -> Option<Self> {
        let (time, rest) = line.split_once(' ')?;
        let (level, rest) = rest.split_once(' ')?;
        let (process, rest) = rest.trim_start_matches(' ').split_once(' ')?;
        let (request, text) = rest.split_once(' ')?;
        let is_ours = time.ends_with('Z')
            && time.contains('T')
            && level.bytes().all(|byte| byte.is_ascii_uppercase())
            && process.bytes().all(|byte| byte.is_ascii_digit());
        is_ours.then_some(Self::Text { fields: [time, level, process, request], text })
    }

    /// Whether it concerns that request.
    pub(crate) fn is_about(&self, request: &str) -> bool {
        match self {
            Self::Text { fields, text } => fields[3] == request || tells_of(text, request),
            Self::Json(object) => {
                let text = |name| object.get(name).and_then(Value::as_str).unwrap_or_default();
                text("request") == request || tells_of(text("message"), request)
            }
            Self::Other(_) => false,
        }
    }

    /// As it is shown, with the ends of its lines.
    pub(crate) fn show(&self, form: OutputForm) -> String {
        match (self, form) {
            (Self::Text { fields: [time, level, process, request], text }, form) => match form {
                OutputForm::Text => plain(&line(time, level, process, request, text)),
                OutputForm::Json => {
                    let level = level.to_ascii_lowercase();
                    let process: Value = process.parse::<u32>().map_or(Value::Null, Into::into);
                    let request = if *request == "-" { Value::Null } else { (*request).into() };
                    let object = json!({
                        "time": time, "level": level, "pid": process, "request": request,
                        "message": text,
                    });
                    format!("{object}\n")
                }
            },
            (Self::Json(object), OutputForm::Json) => {
                format!("{}\n", Value::Object(object.clone()))
            }
            (Self::Json(object), OutputForm::Text) => {
                let field = |name| {
                    object.get(name).map(|value| match value {
                        Value::String(text) => text.clone(),
                        Value::Null => "-".to_owned(),
                        other => other.to_string(),
                    })
                };
                let field = |name| field(name).unwrap_or_else(|| "-".to_owned());
                let (time, level) = (field("time"), field("level").to_ascii_uppercase());
                let (process, request) = (field("pid"), field("request"));
                let shown = |text: &str| plain(&line(&time, &level, &process, &request, text));
                field("message").split('\n').map(shown).collect()
            }
            (Self::Other(text), OutputForm::Text) => plain(&format!("{text}\n")),
            (Self::Other(text), OutputForm::Json) => format!("{}\n", json!({ "message": text })),
        }
    }
}

/// As the log writes text.
fn line(time: &str, level: &str, process: &str, request: &str, text: &str) -> String {
    format!("{time} {level:<5} {process} {request} {text}\n")
}

/// Whether a gate tells of a request that never came to a worker: it knows it by its own line.
fn tells_of(text: &str, request: &str) -> bool {
    text.split_once("request ").is_some_and(|(_, rest)| {
        rest.strip_prefix(request).is_some_and(|rest| rest.starts_with(':'))
    })
}

/// Without what could move a terminal's cursor.
fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() && !"\t\n".contains(c) { '\u{FFFD}' } else { c };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "2026-11-22T20:33:09.123Z WARN  4711 6f1c02aa-17 shop: no  order";
    const JSON: &str = r#"{"time":"2026-11-22T20:33:09.123Z","level":"warn","pid":4711,"request":"6f1c02aa-17","message":"shop: no  order","site":"/sites/shop"}"#;

    #[test]
    fn either_form_is_shown_in_either() {
        assert_eq!(Entry::read(TEXT).show(OutputForm::Text), format!("{TEXT}\n"));
        assert_eq!(Entry::read(JSON).show(OutputForm::Text), format!("{TEXT}\n"));
        let read = |text: String| serde_json::from_str::<Value>(&text).expect("JSON");
        let of_text = read(Entry::read(TEXT).show(OutputForm::Json));
        let mut of_json = read(Entry::read(JSON).show(OutputForm::Json));
        assert_eq!(of_json["site"], "/sites/shop");
        of_json.as_object_mut().expect("an object").remove("site");
        assert_eq!(of_text, of_json);
    }

    #[test]
    fn all_lines_of_an_event_are_shown() {
        let line = r#"{"time":"T","level":"error","pid":1,"request":null,"message":"a\nb\u001b"}"#;
        let shown = Entry::read(line).show(OutputForm::Text);
        assert_eq!(shown, "T ERROR 1 - a\nT ERROR 1 - b\u{FFFD}\n");
    }

    #[test]
    fn what_others_print_stays() {
        for line in ["", "{not json", "{}", "Traceback (most recent call last):", "a B c d e f"] {
            assert!(matches!(Entry::read(line), Entry::Other(_)), "{line}");
            assert_eq!(Entry::read(line).show(OutputForm::Text), format!("{line}\n"));
        }
    }

    #[test]
    fn a_request_is_known_by_its_id() {
        for line in [TEXT, JSON] {
            assert!(Entry::read(line).is_about("6f1c02aa-17"));
            assert!(!Entry::read(line).is_about("6f1c02aa-1"));
        }
        let of_gate = "2026-11-22T20:33:09.123Z ERROR 1 - IG050 · request 00aa-1: GET /: no x";
        assert!(Entry::read(of_gate).is_about("00aa-1"));
        assert!(!Entry::read(of_gate).is_about("00aa-"));
        assert!(!Entry::Other("request 00aa-1:").is_about("00aa-1"));
    }
}

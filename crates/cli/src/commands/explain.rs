//! Owns `iisgate explain`: the page of a code, a finding or a number of IIS, or the list of all.
//!
//! Does not own what they say (`gate::codes`, `iis::checks`, `iis::codes`).

use crate::Exit;
use crate::args::{ExplainArgs, OutputForm};
use crate::printer::Printer;
use ::iis::checks;
use gate::codes::{self, Code};
use std::fmt::Write as _;
use std::io::Write as _;

pub(crate) fn run(args: &ExplainArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let text = match (&args.code, args.output) {
        // A number of IIS may look like one of ours: 500 is none, IG050 and 50 are.
        (Some(word), form) if is_of_iis(word) => elsewhere(word, form).unwrap_or_default(),
        (None, OutputForm::Text) => list(codes::ALL),
        (None, OutputForm::Json) => json_list(codes::ALL),
        (Some(word), form) => match (codes::find(word), gate::explain_status(word), form) {
            (Some(code), _, OutputForm::Text) => codes::plain(code),
            (Some(code), _, OutputForm::Json) => format!("{}\n", json(code)),
            (None, Some(status), OutputForm::Text) => status,
            (None, Some(status), OutputForm::Json) => {
                format!("{}\n", object(&[("status", quoted(status.trim_end()))]))
            }
            (None, None, form) => match elsewhere(word, form) {
                Some(text) => text,
                None => return Ok(unknown(word, printer)),
            },
        },
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whom nobody hears any more has nothing to say.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        written => Ok(written.map(|()| Exit::Done)?),
    }
}

/// Whether a word is a status or result of IIS, and no code of ours.
fn is_of_iis(word: &str) -> bool {
    codes::find(word).is_none() && !::iis::codes::find(word).is_empty()
}

/// The page of a finding, or of a number of IIS.
fn elsewhere(word: &str, form: OutputForm) -> Option<String> {
    let rows = ::iis::codes::find(word);
    if !rows.is_empty() {
        return Some(match form {
            OutputForm::Text => {
                rows.iter().map(|row| ::iis::codes::plain(row)).collect::<Vec<_>>().join("\n")
            }
            OutputForm::Json => {
                let row = |row: &&::iis::codes::Row| {
                    object(&[
                        ("code", quoted(row.id)),
                        ("title", quoted(row.title)),
                        ("meaning", quoted(row.meaning)),
                        ("mend", quoted(row.mend)),
                    ])
                };
                format!("[{}]\n", rows.iter().map(row).collect::<Vec<_>>().join(", "))
            }
        });
    }
    let rule = checks::find(word)?;
    Some(match form {
        OutputForm::Text => checks::plain(rule),
        OutputForm::Json => format!(
            "{}\n",
            object(&[
                ("code", quoted(rule.code)),
                ("severity", quoted(&rule.severity.to_string())),
                ("title", quoted(rule.title)),
                ("why", quoted(rule.why)),
                ("mend", quoted(rule.fix)),
                ("source", quoted(rule.source)),
            ])
        ),
    })
}

fn unknown(word: &str, printer: &Printer) -> Exit {
    printer.error(&format!("there is no code {word}"));
    if let Some(near) = checks::nearest(word) {
        printer.say(format!("{} is {near} meant?", printer.bold("hint:")));
        return Exit::Trouble;
    }
    let near = codes::nearest(word);
    if near.is_empty() {
        printer.say(format!("{} iisgate explain   lists all codes", printer.bold("hint:")));
    } else {
        printer.say(format!("{} one of these may be meant:", printer.bold("hint:")));
        printer.say(list(&near).trim_end());
    }
    Exit::Trouble
}

fn list(codes: &[&Code]) -> String {
    codes.iter().fold(String::new(), |mut out, code| {
        let _ = writeln!(out, "{}  {}", code.id, code.title);
        out
    })
}

fn json_list(codes: &[&Code]) -> String {
    let items: Vec<String> = codes.iter().map(|code| json(code)).collect();
    format!("[\n{}\n]\n", items.join(",\n"))
}

fn json(code: &Code) -> String {
    let mend: Vec<String> = code
        .mend
        .iter()
        .map(|mend| object(&[("text", quoted(mend.text)), ("command", quoted(mend.command))]))
        .collect();
    object(&[
        ("code", quoted(code.id)),
        ("title", quoted(code.title)),
        ("happened", quoted(code.happened)),
        ("why", quoted(code.why)),
        ("mend", format!("[{}]", mend.join(", "))),
        ("told", quoted(code.told.sentence())),
    ])
}

fn object(pairs: &[(&str, String)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}: {value}", quoted(name))).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// A string of JSON (RFC 8259 §7).
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_as_json_wants() {
        for (text, expected) in [
            ("a", r#""a""#),
            ("\"\\", r#""\"\\""#),
            ("a\n\u{1}", r#""a\u000a\u0001""#),
            ("é", "\"é\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}

//! Owns `iisgate explain`: the page of a code, a finding or a number of IIS, or the list of all.
//!
//! Does not own what they say (`gate::codes`, `iis::checks`, `iis::doctor`,
//! `deploy::package::verify`, `iis::codes`).

use crate::Exit;
use crate::args::{ExplainArgs, OutputForm};
use crate::printer::Printer;
use ::iis::checks::{self, Severity};
use ::iis::doctor;
use deploy::feed::verify as feeds;
use deploy::package::verify as packages;
use gate::codes::{self, Code};
use std::fmt::Write as _;
use std::io::Write as _;

pub(crate) fn run(args: &ExplainArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let text = match (&args.code, args.output) {
        // A number of IIS may look like one of ours: 500 is none, IG050 and 50 are.
        (Some(word), form) if is_of_iis(word) => elsewhere(word, form).unwrap_or_default(),
        (None, OutputForm::Text) => all(),
        (None, OutputForm::Json) => json_all(),
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
                let all: Vec<String> = rows.iter().map(|row| json_of(row)).collect();
                format!("[{}]\n", all.join(", "))
            }
        });
    }
    let (text, words) = match checks::find(word) {
        Some(rule) => (checks::plain(rule), of_check(rule)),
        None => match doctor::find(word) {
            Some(rule) => (doctor::plain(rule), of_doctor(rule)),
            None => match packages::find(word) {
                Some(rule) => (packages::plain(rule), of_package(rule)),
                None => {
                    let rule = feeds::find(word)?;
                    (feeds::plain(rule), of_feed(rule))
                }
            },
        },
    };
    Some(match form {
        OutputForm::Text => text,
        OutputForm::Json => format!("{}\n", words.json()),
    })
}

/// What a rule says of itself.
struct Words {
    code: &'static str,
    severity: Severity,
    title: &'static str,
    why: &'static str,
    fix: &'static str,
    source: &'static str,
}

fn of_check(rule: &checks::Rule) -> Words {
    let checks::Rule { code, severity, title, why, fix, source, .. } = *rule;
    Words { code, severity, title, why, fix, source }
}

fn of_doctor(rule: &doctor::Rule) -> Words {
    let doctor::Rule { code, severity, title, why, fix, source, .. } = *rule;
    Words { code, severity, title, why, fix, source }
}

fn of_package(rule: &packages::Rule) -> Words {
    let packages::Rule { code, severity, title, why, fix, .. } = *rule;
    Words { code, severity, title, why, fix, source: "docs/guides/packages.md" }
}

fn of_feed(rule: &feeds::Rule) -> Words {
    let feeds::Rule { code, severity, title, why, fix } = *rule;
    Words { code, severity, title, why, fix, source: "docs/guides/feeds.md" }
}

impl Words {
    fn json(&self) -> String {
        object(&[
            ("code", quoted(self.code)),
            ("severity", quoted(&self.severity.to_string())),
            ("title", quoted(self.title)),
            ("why", quoted(self.why)),
            ("mend", quoted(self.fix)),
            ("source", quoted(self.source)),
        ])
    }
}

/// Every rule: about files, about machines, about packages.
fn rules() -> impl Iterator<Item = Words> {
    let files = checks::ALL.iter().copied().flatten().map(of_check);
    let machines = doctor::ALL.iter().copied().flatten().map(of_doctor);
    let packages = packages::ALL.iter().copied().flatten().map(of_package);
    files.chain(machines).chain(packages).chain(feeds::ALL.iter().map(of_feed))
}

/// Everything that can be explained, a line each.
fn all() -> String {
    let mut out = String::from("Why an app does not start or fails:\n");
    out += &list(codes::ALL);
    out += "\nWhat iisgate check finds in files, iisgate doctor on a machine, iisgate package verify in a package:\n";
    let rules: Vec<Words> = rules().collect();
    let width = rules.iter().map(|rule| rule.code.len()).max().unwrap_or_default();
    for Words { code, severity, title, .. } in &rules {
        let severity = severity.to_string();
        let _ = writeln!(out, "{code:width$}  {severity:7}  {title}");
    }
    out += "\nStatuses and results that IIS shows:\n";
    for row in ::iis::codes::all() {
        let _ = writeln!(out, "{:10}  {}", row.id, row.title);
    }
    out
}

/// The finding that may have been meant.
fn nearest(word: &str) -> Option<&'static str> {
    let other = || doctor::nearest(word).or_else(|| packages::nearest(word));
    checks::nearest(word).or_else(other)
}

fn unknown(word: &str, printer: &Printer) -> Exit {
    printer.error(&format!("there is no code {word}"));
    if let Some(near) = nearest(word) {
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

fn json_all() -> String {
    let codes = codes::ALL.iter().map(|code| json(code));
    let items = codes.chain(rules().map(|rule| rule.json()));
    let items: Vec<String> = items.chain(::iis::codes::all().map(json_of)).collect();
    format!("[\n{}\n]\n", items.join(",\n"))
}

/// A number of IIS.
fn json_of(row: &::iis::codes::Row) -> String {
    object(&[
        ("code", quoted(row.id)),
        ("title", quoted(row.title)),
        ("meaning", quoted(row.meaning)),
        ("mend", quoted(row.mend)),
    ])
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
    fn everything_that_can_be_explained_is_listed() {
        let text = all();
        for code in [
            "IG050",
            "handler-buffers",
            "machine-no-cgi",
            "package-name-escapes",
            "404.11",
            "0x80070021",
        ] {
            assert!(text.lines().any(|line| line.starts_with(code)), "{code}");
        }
        let read: serde_json::Value = serde_json::from_str(&json_all()).expect("it is JSON");
        let items = read.as_array().expect("a list");
        // Headings and the blank lines between.
        assert_eq!(items.len(), text.lines().count() - 5);
        assert!(items.iter().all(|item| item["code"].is_string() && item["title"].is_string()));
        let of_machine = elsewhere("machine-no-cgi", OutputForm::Json).expect("known");
        assert!(of_machine.contains("\"severity\": \"error\""), "{of_machine}");
    }

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

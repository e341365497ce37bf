//! Owns how findings are shown: for people, as JSON, as SARIF, as a workflow's annotations.
//!
//! Does not own what they say.

use crate::args::FindingForm;
use crate::printer::Printer;
use ::iis::checks::{self, Finding, Severity};
use ::iis::doctor;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// Prints findings; paths in SARIF are told from the folder on.
pub(crate) fn print(
    findings: &[Finding],
    form: FindingForm,
    folder: &Path,
    printer: &Printer,
) -> std::io::Result<()> {
    let text = match form {
        FindingForm::Text => text(findings, |word| printer.bold(word)),
        FindingForm::Json => json(findings),
        FindingForm::Sarif => sarif(findings, folder),
        FindingForm::Github => github(findings),
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whom nobody hears any more has nothing to say.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// For people who read it in a file.
pub(crate) fn plain_text(findings: &[Finding]) -> String {
    text(findings, str::to_owned)
}

/// For people: place, message, line and caret, hint.
pub(crate) fn text(findings: &[Finding], bold: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    for finding in findings {
        let place = match &finding.place {
            Some(place) => place.to_string(),
            None => finding.path.display().to_string(),
        };
        let severity = bold(&format!("{}:", finding.severity));
        let _ = writeln!(out, "{place}: {severity} {} [{}]", finding.message, finding.code);
        // A line that is left out holds a secret.
        if let Some(place) = finding.place.as_ref().filter(|place| !place.shown.is_empty()) {
            let _ = writeln!(out, "{}", place.excerpt());
        }
        let fix = if finding.edit.is_some() { " (iisgate check --fix)" } else { "" };
        let _ = writeln!(out, "  hint: {}{fix}\n", finding.hint);
    }
    out
}

/// How many of what there are.
pub(crate) fn summary(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let word =
        |count: usize, name: &str| format!("{count} {name}{}", if count == 1 { "" } else { "s" });
    let (errors, warnings, notes) =
        (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    format!("{}, {}, {}", word(errors, "error"), word(warnings, "warning"), word(notes, "note"))
}

pub(crate) fn json(findings: &[Finding]) -> String {
    let items: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "code": finding.code,
                "severity": finding.severity.to_string(),
                "file": finding.path.to_string_lossy(),
                "line": finding.place.as_ref().map(|place| place.line),
                "column": finding.place.as_ref().map(|place| place.column),
                "message": finding.message,
                "hint": finding.hint,
                "fixable": finding.edit.is_some(),
            })
        })
        .collect();
    format!("{:#}\n", Value::Array(items))
}

/// What a rule says of itself: code, severity; title, why, fix.
fn words(code: &str) -> Option<(&'static str, Severity, [&'static str; 3])> {
    if let Some(rule) = checks::find(code) {
        return Some((rule.code, rule.severity, [rule.title, rule.why, rule.fix]));
    }
    if let Some(rule) = doctor::find(code) {
        return Some((rule.code, rule.severity, [rule.title, rule.why, rule.fix]));
    }
    let rule = deploy::package::verify::find(code)?;
    Some((rule.code, rule.severity, [rule.title, rule.why, rule.fix]))
}

/// SARIF 2.1.0 (OASIS), the parts that code scanning reads.
fn sarif(findings: &[Finding], folder: &Path) -> String {
    let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let rules: Vec<Value> = codes
        .iter()
        .filter_map(|code| words(code))
        .map(|(code, severity, [title, why, fix])| {
            json!({
                "id": code,
                "shortDescription": { "text": title },
                "fullDescription": { "text": why },
                "help": { "text": fix },
                "defaultConfiguration": { "level": severity.to_string() },
            })
        })
        .collect();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let path = finding.path.strip_prefix(folder).unwrap_or(&finding.path);
            let mut location = json!({ "artifactLocation": { "uri": uri(path) } });
            if let Some(place) = &finding.place {
                location["region"] =
                    json!({ "startLine": place.line, "startColumn": place.column });
            }
            json!({
                "ruleId": finding.code,
                "ruleIndex": codes.iter().position(|code| *code == finding.code),
                "level": finding.severity.to_string(),
                "message": { "text": format!("{}. {}", finding.message, finding.hint) },
                "locations": [{ "physicalLocation": location }],
            })
        })
        .collect();
    let driver = json!({
        "name": "iisgate", "version": env!("CARGO_PKG_VERSION"), "rules": rules,
    });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    });
    format!("{log:#}\n")
}

/// A path as a URI reference (RFC 3986): `/` between parts, everything unusual escaped.
fn uri(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let text = if text.is_empty() { ".".to_owned() } else { text };
    let has_drive = text.as_bytes().get(1) == Some(&b':');
    let mut out = String::from(match (has_drive, text.starts_with('/')) {
        (true, _) => "file:///",
        (_, true) => "file://",
        _ => "",
    });
    for (at, byte) in text.bytes().enumerate() {
        let is_plain =
            byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) || (has_drive && at == 1);
        if is_plain {
            out.push(char::from(byte))
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// `::error file=…,line=…,col=…,title=…::message`.
fn github(findings: &[Finding]) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    findings.iter().fold(String::new(), |mut out, finding| {
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let _ = write!(out, "::{level} file={}", property(&finding.path.to_string_lossy()));
        if let Some(place) = &finding.place {
            let _ = write!(out, ",line={},col={}", place.line, place.column);
        }
        let message = format!("{}. {}", finding.message, finding.hint);
        let _ = writeln!(out, ",title={}::{}", property(finding.code), data(&message));
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> (std::path::PathBuf, Vec<Finding>) {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/checks/handler-buffers");
        let files = checks::load(&folder, None, None).expect("the fixture is there");
        (folder, checks::check(&files))
    }

    #[test]
    fn sarif_has_what_its_schema_wants() {
        let (folder, findings) = findings();
        let log: Value = serde_json::from_str(&sarif(&findings, &folder)).expect("it is JSON");
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let driver = &run["tool"]["driver"];
        assert_eq!(driver["name"], "iisgate");
        let results = run["results"].as_array().expect("results are a list");
        assert_eq!(results.len(), 1);
        for result in results {
            let index = result["ruleIndex"].as_u64().expect("it has an index") as usize;
            assert_eq!(driver["rules"][index]["id"], result["ruleId"]);
            assert!(
                ["note", "warning", "error"].contains(&result["level"].as_str().expect("a level"))
            );
            assert!(result["message"]["text"].is_string());
            let location = &result["locations"][0]["physicalLocation"];
            assert_eq!(location["artifactLocation"]["uri"], "web.config");
            assert!(location["region"]["startLine"].as_u64() >= Some(1));
        }
    }

    #[test]
    fn each_form_tells_the_place() {
        let (_, findings) = findings();
        let text = plain_text(&findings);
        assert!(text.contains("web.config:6:7: "), "{text}");
        assert!(text.contains("^\n  hint: "), "{text}");
        let github = github(&findings);
        assert!(
            github.starts_with("::warning file=")
                && github.contains(",line=6,col=7,title=handler-buffers::")
        );
        let json: Value = serde_json::from_str(&json(&findings)).expect("it is JSON");
        assert_eq!(json[0]["line"], 6);
        assert_eq!(summary(&findings), "0 errors, 1 warning, 0 notes");
    }

    #[test]
    fn paths_become_uris() {
        for (path, expected) in [
            ("static/a b.css", "static/a%20b.css"),
            ("/srv/é", "file:///srv/%C3%A9"),
            ("C:\\sites\\x", "file:///C:/sites/x"),
            ("", "."),
        ] {
            assert_eq!(uri(Path::new(path)), expected);
        }
    }
}

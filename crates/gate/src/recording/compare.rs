//! Owns in what an answer differs from a recorded one, and what may differ without being told.
//!
//! Does not own gathering answers (`dialogue`).

use super::Secrets;
use super::dialogue::Answer;
use super::values;
use fastcgi::{EndRequest, cgi_head};

/// Headers whose values differ from run to run, or from checkout to checkout.
const VOLATILE: &[&str] = &["age", "date", "etag", "expires", "last-modified"];

/// What a secret becomes for the comparison: no value holds this byte.
const ANYTHING: u8 = 0;

/// Sentences about the differences; none when the answers are the same. `secrets` tells whether the
/// recorded one is masked: then bodies are compared by length alone.
pub fn differences(recorded: &Answer, got: &Answer, secrets: Secrets) -> Vec<String> {
    let mut told = Vec::new();
    let mut differ = |what: &str, recorded: String, got: String| {
        if recorded != got {
            told.push(format!("{what}: recorded {recorded}, got {got}"));
        }
    };
    differ("status", recorded.status_line(), got.status_line());
    let (before, now) = (headers(recorded), headers(got));
    let missing = only_in(&before, &now);
    let added = only_in(&now, &before);
    for (name, value) in &missing {
        let other = added.iter().find(|(other, _)| other == name);
        let other = other.map_or("none".to_owned(), |(_, value)| value.clone());
        differ(&format!("header {name}"), value.clone(), other);
    }
    for (name, value) in &added {
        if !missing.iter().any(|(other, _)| other == name) {
            differ(&format!("header {name}"), "none".to_owned(), value.clone());
        }
    }
    let bytes = |count: u64| format!("{count} bytes");
    differ("body", bytes(recorded.body_length), bytes(got.body_length));
    if secrets == Secrets::Kept && recorded.body_length == got.body_length {
        let sum = |answer: &Answer| format!("other bytes (sum {:016x})", answer.body_sum);
        differ("body", sum(recorded), sum(got));
    }
    differ("STDERR", bytes(recorded.stderr_length), bytes(got.stderr_length));
    differ("END_REQUEST", end(recorded.end), end(got.end));
    told
}

fn end(end: Option<EndRequest>) -> String {
    end.map_or("none".to_owned(), |end| {
        format!("{:?}, app status {}", end.protocol_status, end.app_status)
    })
}

type Header = (String, String);

/// All headers in the order of their names, secrets and what is volatile left out of their values.
fn headers(answer: &Answer) -> Vec<Header> {
    let Ok(Some(head)) = cgi_head::parse(&answer.head) else { return Vec::new() };
    let mut headers: Vec<Header> = head
        .headers
        .iter()
        .map(|(name, value)| {
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            let value = essence(&name, value);
            (name, value)
        })
        .collect();
    headers.sort();
    headers
}

fn essence(name: &str, value: &[u8]) -> String {
    if VOLATILE.contains(&name) {
        return "…".to_owned();
    }
    let mut value = value.to_vec();
    values::mask(name.as_bytes(), &mut value, ANYTHING);
    // What was masked may be longer or shorter another time.
    value.dedup_by(|a, b| *a == ANYTHING && *b == ANYTHING);
    let text = String::from_utf8_lossy(&value).replace(char::from(ANYTHING), "…");
    if name != "set-cookie" {
        return text.escape_debug().to_string();
    }
    let is_lasting =
        |piece: &&str| !piece.trim_start().to_ascii_lowercase().starts_with("expires=");
    text.split(';').filter(is_lasting).collect::<Vec<_>>().join(";").escape_debug().to_string()
}

/// What `some` holds and `others` does not, each as often as it is missing there.
fn only_in(some: &[Header], others: &[Header]) -> Vec<Header> {
    let mut left = others.to_vec();
    let mut only = Vec::new();
    for header in some {
        match left.iter().position(|other| other == header) {
            Some(at) => drop(left.swap_remove(at)),
            None => only.push(header.clone()),
        }
    }
    only
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(head: &str) -> Answer {
        let end = Some(EndRequest::COMPLETE);
        Answer { head: head.as_bytes().to_vec(), has_body: true, end, ..Answer::default() }
    }

    #[test]
    fn what_is_masked_or_passes_with_time_is_no_difference() {
        let recorded = answer(
            "Status: 200 OK\nDate: Mon\nSet-Cookie: id=xxx; Expires=Mon; Path=/\nA: b\n\
             Location: /?token=xxx&a=1\nX-Token: xx\n\n",
        );
        let got = answer(
            "status: 200 OK\na: b\nset-cookie: id=abcdef; Expires=Tue; Path=/\nDate: Tue\n\
             Location: /?token=abcdef&a=1\nX-Token: abc\n\n",
        );
        assert_eq!(differences(&recorded, &got, Secrets::Masked), [""; 0]);
    }

    #[test]
    fn differences_are_told() {
        let recorded = answer("Status: 200 OK\nA: b\nA: c\nSet-Cookie: id=x; Path=/\n\n");
        let mut got = answer("Status: 500\nA: c\nB: d\nSet-Cookie: id=y; Path=/a\n\n");
        got.body_length = 5;
        got.stderr_length = 3;
        got.end = None;
        assert_eq!(
            differences(&recorded, &got, Secrets::Masked),
            [
                "status: recorded 200 OK, got 500",
                "header a: recorded b, got none",
                "header set-cookie: recorded id=…; Path=/, got id=…; Path=/a",
                "header b: recorded none, got d",
                "body: recorded 0 bytes, got 5 bytes",
                "STDERR: recorded 0 bytes, got 3 bytes",
                "END_REQUEST: recorded RequestComplete, app status 0, got none",
            ]
        );
    }

    #[test]
    fn bodies_are_compared_where_they_were_not_masked() {
        let (mut recorded, mut got) = (answer("\n"), answer("\n"));
        (recorded.body_length, got.body_length) = (3, 3);
        (recorded.body_sum, got.body_sum) = (1, 2);
        assert_eq!(differences(&recorded, &got, Secrets::Masked).len(), 0);
        assert_eq!(differences(&recorded, &got, Secrets::Kept).len(), 1);
    }
}

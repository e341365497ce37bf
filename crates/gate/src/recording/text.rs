//! Owns masking of free text, as lines of a log: what looks like a secret in it.
//!
//! Does not own which names are secret (`names`), nor values of params (`values`). Rather too much is
//! masked than too little: nobody can ask what a line means.

use super::mask::MASK;
use super::{names, values};

/// Whether a name says that its value is secret.
pub fn is_secret_name(name: &str) -> bool {
    names::is_secret_in_query(name.as_bytes())
}

/// A text without what looks like a secret: values of secret names, users in URLs, words behind
/// `--password` and `Bearer`, private keys, and words that nobody can have thought of.
pub fn masked_text(text: &str) -> String {
    let mut is_key = false;
    let mut line = |line: &str| {
        if line.contains("-----BEGIN") {
            is_key = true;
        }
        let ends = line.contains("-----END");
        let masked = if is_key { masked_word(line) } else { masked_line(line) };
        is_key &= !ends;
        masked
    };
    text.split('\n').map(&mut line).collect::<Vec<_>>().join("\n")
}

fn masked_word(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() { c } else { char::from(MASK) }).collect()
}

fn masked_line(line: &str) -> String {
    let mut bytes = line.as_bytes().to_vec();
    values::mask(b"", &mut bytes, MASK);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut is_next = false;
    let words = text.split(' ').map(|word| {
        if is_next && !word.is_empty() {
            is_next = false;
            return masked_word(word);
        }
        is_next |= announces(word);
        masked_runs(word)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether the next word is a secret.
fn announces(word: &str) -> bool {
    let is_flag = word.starts_with('-') && !word.contains('=') && is_secret_name(word);
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    is_flag || ["bearer", "basic", "negotiate", "digest"].contains(&&*bare.to_lowercase())
}

/// What stands between other characters may be a key.
fn masked_runs(word: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+_-=".contains(c);
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(start) = rest.find(is_part) {
        let end = rest[start..].find(|c| !is_part(c)).map_or(rest.len(), |at| start + at);
        out.push_str(&rest[..start]);
        let run = &rest[start..end];
        if is_random(run) {
            out.push_str(&masked_word(run))
        } else {
            out.push_str(run)
        }
        rest = &rest[end..];
    }
    out + rest
}

/// A run of letters and digits that no name is: a key, a token, a digest.
fn is_random(run: &str) -> bool {
    const LONG: usize = 24;
    const DIGEST: usize = 32;
    let has = |is_it: fn(&char) -> bool| run.chars().any(|c| is_it(&c));
    let has_digit = has(char::is_ascii_digit);
    let (has_lower, has_upper) = (has(char::is_ascii_lowercase), has(char::is_ascii_uppercase));
    let is_hex = run.len() >= DIGEST && run.chars().all(|c| c.is_ascii_hexdigit());
    let is_known = ["eyJ", "AKIA", "ghp_", "glpat-", "xoxb-"].iter().any(|it| run.starts_with(it));
    (run.len() >= LONG && has_digit && has_lower && has_upper)
        || is_hex
        || (is_known && run.len() >= 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_what_looks_like_a_secret_and_keep_the_rest() {
        for (line, expected) in [
            ("2026-11-22T20:33:09.123Z ERROR 4711 - IG050: no module named 'shop'", ""),
            ("  File \"C:\\sites\\shop\\auth\\views.py\", line 12, in <module>", ""),
            ("C:\\Users\\ann\\AppData\\uv\\cpython-3.13.1-windows-x86_64-none\\python.exe", ""),
            ("connected to pg://shop:pw@host/db", "connected to pg://xxxxxxx@host/db"),
            ("DB_PASSWORD=hunter2 and more", "DB_PASSWORD=xxxxxxxxxxxxxxxx"),
            ("worker --password hunter2 --threads 4", "worker --password xxxxxxx --threads 4"),
            ("sent Bearer abc.def now", "sent Bearer xxxxxxx now"),
            ("id AKIAIOSFODNN7EXAMPLE", "id xxxxxxxxxxxxxxxxxxxx"),
            ("got 0123456789abcdef0123456789abcdef.", "got xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx."),
            ("x wJalrXUtnFEMIK7MDENGbPxRfiCYEX y", "x xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx y"),
            ("é Kennwort: für password=é", "é Kennwort: für password=xx"),
        ] {
            let expected = if expected.is_empty() { line } else { expected };
            assert_eq!(masked_text(line), expected);
        }
        let key = "a\n-----BEGIN PRIVATE KEY-----\nshort\n-----END PRIVATE KEY-----\nb";
        let masked = masked_text(key);
        assert!(!masked.contains("short") && masked.starts_with("a\n") && masked.ends_with("\nb"));
        assert!(is_secret_name("api_key") && !is_secret_name("page"));
    }
}

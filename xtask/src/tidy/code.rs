//! Owns telling Rust code from comments and literals.
//!
//! Does not own Rust's grammar: it knows strings, characters, lifetimes and comments, no more.

/// The text with every comment and literal blanked; lines stay lines.
pub(super) fn of(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| literal(rest, out.chars().next_back()));
        match skipped {
            Some(length) => {
                out.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
                rest = &rest[length..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

/// Whether `word` stands in `code` as a whole word.
pub(super) fn has_word(code: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].chars().next_back().is_some_and(in_word)
            && !code[at + word.len()..].chars().next().is_some_and(in_word)
    })
}

/// The length of the comment that `text` begins with.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if !text.starts_with("/*") {
        return None;
    }
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    Some(text.len())
}

/// The length of the string or character that `text` begins with, after the character `before`.
fn literal(text: &str, before: Option<char>) -> Option<usize> {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if text.starts_with('"') {
        return Some(quoted(text));
    }
    if !in_word && (text.starts_with('r') || text.starts_with("br")) {
        let start = text.find('r').expect("just seen") + 1;
        let hashes = text[start..].len() - text[start..].trim_start_matches('#').len();
        if text[start + hashes..].starts_with('"') {
            let body = start + hashes + 1;
            let end = format!("\"{}", "#".repeat(hashes));
            return Some(text[body..].find(&end).map_or(text.len(), |at| body + at + end.len()));
        }
    }
    let inner = text.strip_prefix('\'')?;
    if let Some(escape) = inner.strip_prefix('\\') {
        // After the escaped character, which may be the quote itself.
        let escaped = escape.chars().next().map_or(0, char::len_utf8);
        return escape[escaped..].find('\'').map(|at| 2 + escaped + at + 1);
    }
    // A lifetime has no quote after its first character.
    let first = inner.chars().next()?;
    inner[first.len_utf8()..].starts_with('\'').then_some(first.len_utf8() + 2)
}

/// The length of an ordinary string with its quotes.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked() {
        for (text, code) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("x \" y", z)"#, "f(        , z)"),
            ("r#\"a \" b\"# c", "           c"),
            (r"'\'' x '\u{1F600}' y", "     x             y"),
            ("<'a> 'b' 'ö'", "<'a>        "),
            ("var\"x\"", "var   "),
        ] {
            assert_eq!(of(text), code, "{text}");
        }
    }

    #[test]
    fn a_word_is_whole() {
        assert!(has_word("unsafe {", "unsafe") && !has_word("unsafe_code", "unsafe"));
    }
}

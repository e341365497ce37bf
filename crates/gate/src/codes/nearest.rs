//! Owns which codes are meant by a text that is none.
//!
//! Does not own the table.

use super::{ALL, Code};

/// Most codes that are offered.
const OFFERED_MAX: usize = 5;

/// Codes that a text may mean: those whose words hold its words, else those with near numbers.
pub fn nearest(text: &str) -> Vec<&'static Code> {
    let text = text.to_lowercase();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let mut found: Vec<(u32, &'static Code)> = match digits.parse::<u32>() {
        Ok(number) => ALL.iter().map(|code| (distance(number, code.number()), *code)).collect(),
        Err(_) => ALL
            .iter()
            .map(|code| (words(&text, code), *code))
            .filter(|(hits, _)| *hits > 0)
            .map(|(hits, code)| (u32::MAX - hits, code))
            .collect(),
    };
    found.sort_by_key(|(far, code)| (*far, code.number()));
    found.into_iter().take(OFFERED_MAX).map(|(_, code)| code).collect()
}

/// A digit that was left out or mistyped is nearer than a far number.
fn distance(typed: u32, number: u32) -> u32 {
    let digits = |number: u32| format!("{number:03}").into_bytes();
    let (one, other) = (digits(typed), digits(number));
    let differing = one.iter().zip(&other).filter(|(one, other)| one != other).count();
    let lengths = one.len().abs_diff(other.len());
    (differing + lengths) as u32 * 1000 + typed.abs_diff(number).min(999)
}

/// How much of what was typed the code's page holds; its title counts most.
fn words(text: &str, code: &Code) -> u32 {
    /// Shorter words stand everywhere.
    const LENGTH_MIN: usize = 3;
    let (title, happened) = (code.title.to_lowercase(), code.happened.to_lowercase());
    let rest = code.why.to_lowercase();
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() >= LENGTH_MIN)
        .map(|word| {
            let holds = |text: &str| u32::from(text.contains(word));
            4 * holds(&title) + 2 * holds(&happened) + holds(&rest)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{APP_DENIED, ASGI_STARTUP, DISK_FULL, IMPORT_MISSING};

    #[test]
    fn what_was_meant_comes_first() {
        assert_eq!(nearest("disk full")[0], &DISK_FULL);
        assert_eq!(nearest("ASGI")[0], &ASGI_STARTUP);
        assert_eq!(nearest("IG059")[0], &APP_DENIED);
        assert!(nearest("IG150").contains(&&IMPORT_MISSING));
        assert!(nearest("xyzzy").is_empty());
        assert_eq!(nearest("500").len(), OFFERED_MAX);
    }
}

//! Owns what IIS's own numbers mean for Python: HTTP sub-statuses and Windows' results (HRESULT).
//!
//! Does not own our codes (`gate::codes`) nor findings (`checks`).

mod results;
mod statuses;
mod text;

pub use text::wrapped;
pub use text::{markdown, plain};

/// A number that IIS shows, and what it means.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// `404.11`, `0x80070021`.
    pub id: &'static str,
    /// What it is, in few words.
    pub title: &'static str,
    /// What it means on IIS with Python.
    pub meaning: &'static str,
    /// What to do.
    pub mend: &'static str,
}

const fn row(
    id: &'static str,
    title: &'static str,
    meaning: &'static str,
    mend: &'static str,
) -> Row {
    Row { id, title, meaning, mend }
}

/// All rows: statuses, then results.
pub fn all() -> impl Iterator<Item = &'static Row> {
    statuses::ROWS.iter().chain(results::ROWS)
}

/// The rows of a number, however it is typed: `404.11`, `500` for all its sub-statuses, `0x80070021`,
/// `80070021`, `-2147024863`, or the Win32 error in its lower half.
pub fn find(text: &str) -> Vec<&'static Row> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_prefix("http ").unwrap_or(&text).trim_start_matches("hresult ");
    if let Some(value) = result(text) {
        let is_it = |row: &&Row| result(row.id) == Some(value);
        return results::ROWS.iter().filter(is_it).collect();
    }
    let exact = statuses::ROWS.iter().filter(|row| row.id == text);
    let whole = statuses::ROWS.iter().filter(|row| row.id.split('.').next() == Some(text));
    let exact: Vec<_> = exact.collect();
    // 404 alone asks for all of its kinds.
    if exact.is_empty() || !text.contains('.') { whole.collect() } else { exact }
}

/// A result as a number; only what cannot be a status.
fn result(text: &str) -> Option<u32> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u32::from_str_radix(digits, 16).ok();
    }
    if let Some(digits) = text.strip_prefix('-') {
        return digits.parse::<i64>().ok().and_then(|n| i32::try_from(-n).ok()).map(|n| n as u32);
    }
    let is_bare =
        text.len() == 8 && text.starts_with('8') && text.chars().all(|c| c.is_ascii_hexdigit());
    is_bare.then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_however_they_are_typed() {
        for (text, id) in [
            ("404.11", "404.11"),
            ("HTTP 502.3", "502.3"),
            ("0x80070021", "0x80070021"),
            ("80070021", "0x80070021"),
            ("0X8007010B", "0x8007010b"),
            ("-2147024891", "0x80070005"),
        ] {
            let ids: Vec<_> = find(text).iter().map(|row| row.id).collect();
            assert_eq!(ids, [id], "{text}");
        }
        assert!(find("500").len() > 5);
        assert!(find("999.1").is_empty() && find("handler-buffers").is_empty());
    }

    #[test]
    fn every_row_says_everything_once() {
        let ids: Vec<&str> = all().map(|row| row.id).collect();
        for (at, row) in all().enumerate() {
            assert!(!ids[..at].contains(&row.id), "{}", row.id);
            assert!(row.meaning.ends_with('.') && row.mend.ends_with('.'), "{}", row.id);
            assert!(!row.title.is_empty() && !row.title.ends_with('.'), "{}", row.id);
        }
    }
}

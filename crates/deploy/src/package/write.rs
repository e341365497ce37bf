//! Owns writing texts into XML.
//!
//! Does not own what is written.

/// A text as it stands in an attribute between double quotes, or between tags. Line ends and tabs are
/// written as references, as a reader of attributes would make blanks of them.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\t' | '\n' | '\r' => out += &format!("&#{};", u32::from(c)),
            // XML 1.0 has no place for these, not even as references.
            c if (c.is_control() && c < ' ') || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}')
            }
            c => out.push(c),
        }
    }
    out
}

//! Owns references: the five entities that XML has, and character references; reading and writing.
//!
//! Does not own any other entity: there are none without a document type, and those are refused.

use alloc::format;
use alloc::string::{String, ToString};

use crate::characters::is_allowed;
use crate::encoding::Encoding;
use crate::error::Error;

/// The longest reference that can mean something: `&#x0010FFFF;` with some zeros.
const REFERENCE_BYTES_MAX: usize = 16;

/// The character that a reference stands for, and how many bytes it takes; `text` begins with `&`.
pub(crate) fn read(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(REFERENCE_BYTES_MAX).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let (digits, radix) = match number.strip_prefix('x') {
                Some(digits) => (digits, 16),
                None => (number, 10),
            };
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let number = u32::from_str_radix(digits, radix).ok().filter(|_| is_number)?;
            char::from_u32(number).filter(|&character| is_allowed(character))?
        }
    };
    Some((character, end + 1))
}

/// An attribute's value: references resolved, and white space as XML has it (section 3.3.3): a line
/// end or a tab that is written as itself is a space.
pub(crate) fn attribute_value(written: &str) -> String {
    let mut value = String::with_capacity(written.len());
    resolve(written, |character, is_reference| match character {
        '\t' | '\n' if !is_reference => value.push(' '),
        other => value.push(other),
    });
    value
}

/// A text: references resolved, each line end a line feed (section 2.11).
pub(crate) fn text_value(written: &str, value: &mut String) {
    resolve(written, |character, _| value.push(character));
}

/// Calls for each character, with whether a reference stood for it. The text has been read before, so
/// its references are sound.
fn resolve(written: &str, mut push: impl FnMut(char, bool)) {
    let mut rest = written;
    while let Some(character) = rest.chars().next() {
        let (meant, len) = match character {
            '&' => match read(rest) {
                Some((meant, len)) => (Some((meant, true)), len),
                None => (Some(('&', false)), 1),
            },
            '\r' if rest.starts_with("\r\n") => (None, 1),
            '\r' => (Some(('\n', false)), 1),
            other => (Some((other, false)), other.len_utf8()),
        };
        if let Some((meant, is_reference)) = meant {
            push(meant, is_reference);
        }
        rest = &rest[len..];
    }
}

/// What is written for an attribute's value between these quotes.
pub(crate) fn write_attribute(
    value: &str,
    quote: char,
    encoding: Encoding,
) -> Result<String, Error> {
    write(value, encoding, |character| match character {
        '"' if quote == '"' => Some("&quot;"),
        '\'' if quote == '\'' => Some("&apos;"),
        '\t' => Some("&#x9;"),
        '\n' => Some("&#xA;"),
        _ => None,
    })
}

/// What is written for a text.
pub(crate) fn write_text(value: &str, encoding: Encoding) -> Result<String, Error> {
    // Only `]]>` must not stand in a text, but `>` alone is written so by everybody.
    write(value, encoding, |character| (character == '>').then_some("&gt;"))
}

fn write(
    value: &str,
    encoding: Encoding,
    special: impl Fn(char) -> Option<&'static str>,
) -> Result<String, Error> {
    let mut written = String::with_capacity(value.len());
    for character in value.chars() {
        if !is_allowed(character) {
            let number = u32::from(character);
            return Err(Error::UsageEdit(format!("XML has no character U+{number:04X}")));
        }
        match (character, special(character)) {
            ('&', _) => written.push_str("&amp;"),
            ('<', _) => written.push_str("&lt;"),
            ('\r', _) => written.push_str("&#xD;"),
            (_, Some(reference)) => written.push_str(reference),
            (other, None) if encoding.has(other) => written.push(other),
            (other, None) => written.push_str(&format!("&#x{:X};", u32::from(other))),
        }
    }
    Ok(written)
}

/// Refuses what no reference can stand for: a name that the encoding has no bytes for.
pub(crate) fn name(name: &str, encoding: Encoding) -> Result<&str, Error> {
    if !crate::characters::is_name(name) {
        return Err(Error::UsageEdit(format!("not a name: {name:?}")));
    }
    match name.chars().find(|&character| !encoding.has(character)) {
        None => Ok(name),
        Some(character) => {
            let mut message = "the file's encoding has no ".to_string();
            message.push(character);
            Err(Error::UsageEdit(message))
        }
    }
}

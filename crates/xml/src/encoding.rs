//! Owns the way from bytes to text and back: UTF-8 and UTF-16 with or without a byte order mark, and
//! the two single-byte encodings that old editors declare.
//!
//! Does not own XML; it looks at the XML declaration only for its `encoding`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::Error;
use crate::limits::DECLARATION_BYTES_MAX;

/// How characters become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// UTF-16, the lower byte first, as Windows has it.
    Utf16Le,
    /// UTF-16, the higher byte first.
    Utf16Be,
    /// ISO 8859-1.
    Latin1,
    /// Windows-1252.
    Windows1252,
}

/// How a document was encoded, and will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    /// How characters become bytes.
    pub charset: Charset,
    /// Whether a byte order mark comes first.
    pub has_byte_order_mark: bool,
}

/// Windows-1252 in 0x80–0x9F; elsewhere it equals ISO 8859-1. Unassigned bytes keep their value, as
/// browsers and `MultiByteToWideChar` have it, so every byte has its way back.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

impl Encoding {
    /// Whether a character has bytes here; where not, a character reference stands for it.
    pub(crate) fn has(self, character: char) -> bool {
        match self.charset {
            Charset::Utf8 | Charset::Utf16Le | Charset::Utf16Be => true,
            Charset::Latin1 => u8::try_from(character).is_ok(),
            Charset::Windows1252 => windows_1252_byte(character).is_some(),
        }
    }

    /// The bytes of a text, every character of which this encoding has.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        const MARK: char = '\u{feff}';
        let mark = if self.has_byte_order_mark { Some(MARK) } else { None };
        let characters = mark.into_iter().chain(text.chars());
        // What has no byte never got into the text.
        let byte = |found: Option<u8>| found.unwrap_or(b'?');
        match self.charset {
            Charset::Utf8 => characters.collect::<String>().into_bytes(),
            Charset::Utf16Le => units(characters).flat_map(u16::to_le_bytes).collect(),
            Charset::Utf16Be => units(characters).flat_map(u16::to_be_bytes).collect(),
            Charset::Latin1 => text.chars().map(|c| byte(u8::try_from(c).ok())).collect(),
            Charset::Windows1252 => text.chars().map(|c| byte(windows_1252_byte(c))).collect(),
        }
    }
}

fn units(characters: impl Iterator<Item = char>) -> impl Iterator<Item = u16> {
    characters.flat_map(|character| {
        let mut pair = [0; 2];
        let len = character.encode_utf16(&mut pair).len();
        pair.into_iter().take(len)
    })
}

/// Decodes a file's bytes to text without a byte order mark.
pub(crate) fn decode(bytes: &[u8]) -> Result<(String, Encoding), Error> {
    let found = |charset, has_byte_order_mark| Encoding { charset, has_byte_order_mark };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok((utf8(rest)?, found(Charset::Utf8, true))),
        [0xff, 0xfe, rest @ ..] => {
            Ok((utf16(rest, u16::from_le_bytes)?, found(Charset::Utf16Le, true)))
        }
        [0xfe, 0xff, rest @ ..] => {
            Ok((utf16(rest, u16::from_be_bytes)?, found(Charset::Utf16Be, true)))
        }
        [b'<', 0, ..] => Ok((utf16(bytes, u16::from_le_bytes)?, found(Charset::Utf16Le, false))),
        [0, b'<', ..] => Ok((utf16(bytes, u16::from_be_bytes)?, found(Charset::Utf16Be, false))),
        _ => match declared(bytes).as_deref() {
            Some("iso-8859-1" | "latin1") => {
                let text = bytes.iter().map(|&byte| char::from(byte)).collect();
                Ok((text, found(Charset::Latin1, false)))
            }
            Some("windows-1252") => {
                let text = bytes.iter().map(|&byte| windows_1252(byte)).collect();
                Ok((text, found(Charset::Windows1252, false)))
            }
            // A file that declares UTF-16 and got here is ASCII-compatible after all: editors that
            // convert the bytes often leave the declaration.
            None | Some("utf-8" | "us-ascii" | "ascii" | "utf-16") => {
                Ok((utf8(bytes)?, found(Charset::Utf8, false)))
            }
            Some(other) => Err(Error::Bytes(format!("unknown encoding: {other}"))),
        },
    }
}

fn utf8(bytes: &[u8]) -> Result<String, Error> {
    core::str::from_utf8(bytes).map(str::to_string).map_err(|error| {
        let at = error.valid_up_to();
        let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        Error::Bytes(format!("not valid UTF-8 in line {line} (byte {at}): 0x{:02x}", bytes[at]))
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Error> {
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(Error::Bytes("not valid UTF-16: an odd number of bytes".to_string()));
    }
    char::decode_utf16(pairs.map(|pair| unit([pair[0], pair[1]])))
        .collect::<core::result::Result<String, _>>()
        .map_err(|error| Error::Bytes(format!("not valid UTF-16: {error}")))
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn windows_1252_byte(character: char) -> Option<u8> {
    let special = WINDOWS_1252.iter().zip(0x80..).find(|(known, _)| **known == character);
    let plain = u8::try_from(character).ok().filter(|byte| !(0x80..=0x9f).contains(byte));
    special.map(|(_, byte)| byte).or(plain)
}

/// The `encoding` of the XML declaration, in lower case.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
    let head: String = head.iter().map(|&byte| char::from(byte)).collect();
    let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split_once(quote)?.0.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_lead_there_and_back() {
        let text = "<?xml version=\"1.0\"?><a b=\"é€𝄞\"/>";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", le.as_slice()].concat(),
            [b"\xfe\xff", be.as_slice()].concat(),
            le,
            be,
        ] {
            let (decoded, encoding) = decode(&bytes).unwrap();
            assert_eq!(decoded, text);
            assert_eq!(encoding.encode(&decoded), bytes, "{encoding:?}");
        }
    }

    #[test]
    fn single_bytes_lead_there_and_back() {
        for name in ["Windows-1252", "ISO-8859-1"] {
            let mut bytes = format!("<?xml version='1.0' encoding='{name}'?>").into_bytes();
            bytes.extend(0x20..=0xff);
            let (text, encoding) = decode(&bytes).unwrap();
            assert_eq!(encoding.encode(&text), bytes, "{name}");
            assert!(text.chars().all(|c| encoding.has(c)));
            assert_eq!(encoding.has('€'), name == "Windows-1252");
            assert!(!encoding.has('ж'));
        }
    }

    #[test]
    fn bad_bytes_are_told() {
        let message = |bytes: &[u8]| decode(bytes).unwrap_err().to_string();
        assert_eq!(message(b"<a>\n\xff"), "not valid UTF-8 in line 2 (byte 4): 0xff");
        assert!(message(b"\xff\xfe<").contains("odd number"));
        assert!(message(b"\xff\xfe\x00\xd8").contains("not valid UTF-16: "));
        let ebcdic = b"<?xml version=\"1.0\" encoding=\"ebcdic\"?>";
        assert_eq!(message(ebcdic), "unknown encoding: ebcdic");
    }
}

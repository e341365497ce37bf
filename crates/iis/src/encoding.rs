//! Owns the decoding of configuration files: UTF-8 and UTF-16 with or without a byte order mark,
//! and the two single-byte encodings that old editors declare.
//!
//! Does not own XML; it looks at the XML declaration only for its `encoding`.

/// How many bytes may hold the XML declaration. It is pure ASCII and about 60 bytes long.
const DECLARATION_BYTES_MAX: usize = 200;

/// Windows-1252 in 0x80–0x9F; elsewhere it equals ISO 8859-1. Unassigned bytes keep their value, as
/// browsers and `MultiByteToWideChar` have it.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Decodes a file's bytes to text without a byte order mark, or tells what is wrong with them.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, String> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'<', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, b'<', ..] => utf16(bytes, u16::from_be_bytes),
        _ => match declared(bytes).as_deref() {
            Some("iso-8859-1" | "latin1") => Ok(bytes.iter().map(|&b| char::from(b)).collect()),
            Some("windows-1252") => Ok(bytes.iter().map(|&b| windows_1252(b)).collect()),
            // A file that declares UTF-16 and got here is ASCII-compatible after all: editors that
            // convert the bytes often leave the declaration.
            None | Some("utf-8" | "us-ascii" | "ascii" | "utf-16") => utf8(bytes),
            Some(other) => Err(format!("unknown encoding: {other}")),
        },
    }
}

fn utf8(bytes: &[u8]) -> Result<String, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let at = error.valid_up_to();
            let line = bytes[..at].iter().filter(|&&b| b == b'\n').count() + 1;
            Err(format!("not valid UTF-8 in line {line} (byte {at}): 0x{:02x}", bytes[at]))
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err("not valid UTF-16: an odd number of bytes".to_owned());
    }
    char::decode_utf16(pairs.map(|pair| unit([pair[0], pair[1]])))
        .collect::<Result<String, _>>()
        .map_err(|error| format!("not valid UTF-16: {error}"))
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// The `encoding` of the XML declaration, in lower case.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
    let head: String = head.iter().map(|&b| char::from(b)).collect();
    let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split_once(quote)?.0.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn encodings() {
        let text = "<?xml version=\"1.0\"?><a b=\"é€\"/>";
        let units = || text.encode_utf16();
        let le: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", le.as_slice()].concat(),
            [b"\xfe\xff", be.as_slice()].concat(),
            le,
            be,
        ] {
            assert_eq!(decode(&bytes).unwrap(), text);
        }
        let ansi = b"<?xml version='1.0' encoding='Windows-1252'?><a b='\xe9\x80'/>";
        assert!(decode(ansi).unwrap().ends_with("<a b='é€'/>"));
    }

    #[test]
    fn bad_bytes_are_told() {
        assert_eq!(decode(b"<a>\n\xff").unwrap_err(), "not valid UTF-8 in line 2 (byte 4): 0xff");
        assert!(decode(b"\xff\xfe<").unwrap_err().contains("odd number"));
        let ebcdic = b"<?xml version=\"1.0\" encoding=\"ebcdic\"?>";
        assert_eq!(decode(ebcdic).unwrap_err(), "unknown encoding: ebcdic");
    }
}

//! Owns text in Windows's code page 1252, that of Western Europe and America.
//!
//! Does not own which variables IIS sends in it.

/// What the code page has from 0x80 to 0x9F. Below and above it agrees with Latin-1. Windows fills
/// its five gaps with the control characters of the same number.
const FROM_80: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// From UTF-8 to the code page. What it lacks becomes `?`, once for each UTF-16 unit. Bytes that
/// are no UTF-8 stay as they are: HTTP.sys takes those of a URL for ANSI already.
pub(crate) fn encode(utf8: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(utf8) else { return utf8.to_vec() };
    let mut encoded = Vec::with_capacity(text.len());
    for character in text.chars() {
        let at = FROM_80.iter().position(|other| *other == character);
        match (character, at) {
            ('\0'..='\u{7f}' | '\u{a0}'..='\u{ff}', _) => encoded.push(character as u8),
            (_, Some(at)) => encoded.push(0x80 + at as u8),
            (_, None) => encoded.resize(encoded.len() + character.len_utf16(), b'?'),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn texts() {
        for (text, expected) in [
            ("", b"".as_slice()),
            ("/plain~\x7f", b"/plain~\x7f"),
            ("/café", b"/caf\xe9"),
            ("\u{a0}ÿ", b"\xa0\xff"),
            ("€ŸŽœ’™", b"\x80\x9f\x8e\x9c\x92\x99"),
            ("\u{81}\u{9d}", b"\x81\x9d"),
            ("\u{80}", b"?"),
            ("/łódź", b"/?\xf3d?"),
            ("日本", b"??"),
            ("e\u{301}", b"e?"),
            ("\u{1f40d}", b"??"),
        ] {
            assert_eq!(encode(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(encode(b"/caf\xe9"), b"/caf\xe9");
    }
}

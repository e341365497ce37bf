//! Owns turning a file's bytes into text and back, every byte that was not changed as it was.
//!
//! Does not own what is changed.

/// How the bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charset {
    Utf8,
    Utf16Little,
    Utf16Big,
    /// What is no UTF-8: each byte is a character, so that all come back as they were.
    Bytes,
}

/// A file's text.
#[derive(Debug)]
pub(super) struct Decoded {
    charset: Charset,
    mark: &'static [u8],
    pub(super) text: String,
}

impl Decoded {
    pub(super) fn new(bytes: &[u8]) -> Self {
        for (mark, charset) in [
            (&b"\xef\xbb\xbf"[..], Charset::Utf8),
            (&b"\xff\xfe"[..], Charset::Utf16Little),
            (&b"\xfe\xff"[..], Charset::Utf16Big),
        ] {
            let text = bytes.strip_prefix(mark).and_then(|rest| decode(rest, charset));
            if let Some(text) = text {
                return Self { charset, mark, text };
            }
        }
        if let Some(text) = decode(bytes, Charset::Utf8) {
            return Self { charset: Charset::Utf8, mark: b"", text };
        }
        let text = bytes.iter().map(|byte| char::from(*byte)).collect();
        Self { charset: Charset::Bytes, mark: b"", text }
    }

    /// The bytes of a changed text.
    pub(super) fn encoded(&self, text: &str) -> Result<Vec<u8>, String> {
        let mut out = self.mark.to_vec();
        match self.charset {
            Charset::Utf8 => out.extend(text.as_bytes()),
            Charset::Utf16Little => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Charset::Utf16Big => out.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
            Charset::Bytes => {
                for c in text.chars() {
                    let byte = u8::try_from(u32::from(c)).map_err(|_| {
                        format!("the file is no UTF-8, so it cannot hold the character {c}")
                    })?;
                    out.push(byte);
                }
            }
        }
        Ok(out)
    }
}

fn decode(bytes: &[u8], charset: Charset) -> Option<String> {
    let units = |make: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| make(*pair)).collect();
        if rest.is_empty() { String::from_utf16(&units).ok() } else { None }
    };
    match charset {
        Charset::Utf16Little => units(u16::from_le_bytes),
        Charset::Utf16Big => units(u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for bytes in [
            &b"plain\r\n"[..],
            "\u{feff}é".as_bytes(),
            b"\xff\xfeh\0i\0",
            b"\xfe\xff\0h\0i",
            b"latin \xe9\xff",
            b"\xff\xfeodd",
            b"",
        ] {
            let file = Decoded::new(bytes);
            assert_eq!(file.encoded(&file.text).as_deref(), Ok(bytes), "{bytes:?}");
        }
        assert!(Decoded::new(b"\xe9").encoded("☃").is_err());
    }
}

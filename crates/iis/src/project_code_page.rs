//! Owns the ANSI code pages that `[tool.iisgate] ansi-code-page` may name, and reading text in them.
//!
//! Does not know which one a system has (`platform` does), nor what is written in it (`bridge` does).

use encoding_rs::Encoding;

/// Every code page that Windows can have as its ANSI code page, by number. 65001, UTF-8, is one
/// since Windows 10 ("Beta: Use Unicode UTF-8 for worldwide language support").
static CODE_PAGES: [(u32, &Encoding); 15] = [
    (874, encoding_rs::WINDOWS_874),
    (932, encoding_rs::SHIFT_JIS),
    (936, encoding_rs::GBK),
    (949, encoding_rs::EUC_KR),
    (950, encoding_rs::BIG5),
    (1250, encoding_rs::WINDOWS_1250),
    (1251, encoding_rs::WINDOWS_1251),
    (1252, encoding_rs::WINDOWS_1252),
    (1253, encoding_rs::WINDOWS_1253),
    (1254, encoding_rs::WINDOWS_1254),
    (1255, encoding_rs::WINDOWS_1255),
    (1256, encoding_rs::WINDOWS_1256),
    (1257, encoding_rs::WINDOWS_1257),
    (1258, encoding_rs::WINDOWS_1258),
    (65001, encoding_rs::UTF_8),
];

/// One of Windows' ANSI code pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodePage {
    number: u32,
    encoding: &'static Encoding,
}

impl CodePage {
    /// The code page of a number; `None` when no Windows has it as its ANSI code page.
    pub fn numbered(number: u32) -> Option<Self> {
        let found = CODE_PAGES.iter().find(|(known, _)| *known == number);
        found.map(|&(number, encoding)| Self { number, encoding })
    }

    /// All numbers, in order.
    pub fn numbers() -> impl Iterator<Item = u32> {
        CODE_PAGES.iter().map(|(number, _)| *number)
    }

    /// Its number.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Reads text; `None` when the bytes are none in this code page.
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        let text = self.encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
        Some(text.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::CodePage;

    #[test]
    fn text_is_read_in_the_code_page_that_is_named() {
        for (number, bytes, expected) in [
            (1252, &b"j\xf8rgen \x80"[..], Some("jørgen €")),
            (1251, b"\xcf\xf0\xe8\xe2\xe5\xf2", Some("Привет")),
            (1253, b"\xea\xe1\xeb\xdd", Some("καλέ")),
            // Its second byte is a backslash, as in many names in Japanese.
            (932, b"\x95\x5c", Some("表")),
            (936, b"\xd6\xd0\xce\xc4", Some("中文")),
            (949, b"\xc7\xd1", Some("한")),
            (950, b"\xa4\xa4", Some("中")),
            (65001, "é".as_bytes(), Some("é")),
            (65001, b"\xe9", None),
            (932, b"\x95", None),
            (1253, b"\xff", None),
            (1252, b"", Some("")),
        ] {
            let code_page = CodePage::numbered(number).expect("a code page");
            assert_eq!(code_page.decode(bytes).as_deref(), expected, "{number} {bytes:?}");
        }
    }

    #[test]
    fn each_has_its_own_number() {
        for number in CodePage::numbers() {
            assert_eq!(CodePage::numbered(number).map(CodePage::number), Some(number));
        }
        // DOS's and Unix's are nobody's ANSI code page.
        for number in [0, 437, 850, 1200, 28591] {
            assert_eq!(CodePage::numbered(number), None);
        }
    }
}

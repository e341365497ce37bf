//! Owns the `scriptProcessor` of a FastCGI handler mapping: `fullPath|arguments`.
//!
//! Does not look for the `<fastCgi>` application it names (`fastcgi::find` does), nor for a file.

use std::fmt;

use crate::letter_case::alike;

/// A `scriptProcessor`, split at its first `|`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScriptProcessor {
    /// The executable; never quoted in working configurations.
    pub full_path: String,
    /// Everything after the bar; empty without one.
    pub arguments: String,
}

impl ScriptProcessor {
    /// Splits at the first `|`. Arguments may hold more bars.
    pub fn parse(text: &str) -> Self {
        let (full_path, arguments) = text.split_once('|').unwrap_or((text, ""));
        ScriptProcessor { full_path: full_path.to_owned(), arguments: arguments.to_owned() }
    }

    /// Tells whether both name the same FastCGI application: paths compare without regard to case,
    /// arguments to the letter.
    pub fn matches(&self, full_path: &str, arguments: &str) -> bool {
        alike(&self.full_path, full_path) && self.arguments == arguments
    }

    /// The executable's file name, whichever way its separators lean.
    pub fn file_name(&self) -> &str {
        let path = self.full_path.trim_matches('"');
        path.rsplit(['\\', '/']).next().unwrap_or(path)
    }
}

impl fmt::Display for ScriptProcessor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full_path)?;
        if self.arguments.is_empty() { Ok(()) } else { write!(f, "|{}", self.arguments) }
    }
}

#[cfg(test)]
mod tests {
    use super::ScriptProcessor;

    #[test]
    fn splits_at_the_first_bar() {
        for (text, full_path, arguments, file_name) in [
            (
                r"C:\Python27\python.exe|C:\a b\w.py",
                r"C:\Python27\python.exe",
                r"C:\a b\w.py",
                "python.exe",
            ),
            ("/usr/bin/php-cgi", "/usr/bin/php-cgi", "", "php-cgi"),
            ("a|b|c", "a", "b|c", "a"),
            ("a|", "a", "", "a"),
            ("\"C:\\P F\\x.exe\"|y", "\"C:\\P F\\x.exe\"", "y", "x.exe"),
            ("", "", "", ""),
        ] {
            let parsed = ScriptProcessor::parse(text);
            assert_eq!(
                (parsed.full_path.as_str(), parsed.arguments.as_str()),
                (full_path, arguments)
            );
            assert_eq!(parsed.file_name(), file_name);
        }
    }

    #[test]
    fn compares_as_iis_looks_up() {
        let parsed = ScriptProcessor::parse(r"C:\Python\Python.exe|-m App");
        assert!(parsed.matches(r"c:\python\python.exe", "-m App"));
        assert!(!parsed.matches(r"c:\python\python.exe", "-m app"));
    }
}

//! Owns what an instance is started with, and command lines as Windows programs write and read
//! them.
//!
//! Starts nothing: see `instance`.

use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;

/// The variable by which IIS tells an instance the name of its pipe.
pub(crate) const PIPE_VARIABLE: &str = "_FCGI_X_PIPE_";

/// A new name for an instance's pipe, of the form that IIS gives. (Elsewhere than on Windows
/// nothing can be opened under it; nothing should be.)
pub(crate) fn pipe_name() -> String {
    let half = || RandomState::new().hash_one(std::process::id());
    let uuid = u128::from(half()) << 64 | u128::from(half());
    let text = format!("{uuid:032x}");
    let parts = [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]];
    format!(r"\\.\pipe\IISFCGI-{}", parts.join("-"))
}

/// What standard input of the new process is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// One end of a connected pair, as `protocol="NamedPipe"` has it.
    Connected,
    /// A listening socket on the loopback address, as `protocol="Tcp"` has it.
    Listening,
}

/// How IIS might do what nobody has documented: a program must bear all of it. Nothing of this is
/// known outside Windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// The instance's end of the pipe is opened for one call at a time.
    pub is_synchronous: bool,
    /// The instance is started before the pipe is connected.
    pub connects_late: bool,
    /// Standard output and standard error lead to `NUL` instead of nowhere.
    pub gives_null: bool,
    /// No process that the instance starts may leave its job: all of them end with it. Otherwise
    /// one may that asks for it.
    pub keeps_children: bool,
}

/// How to start an instance.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program; no search path is used.
    pub executable: PathBuf,
    /// Its command line after the program's name, in Windows quoting.
    pub arguments: String,
    /// Where it starts; our own working directory without one.
    pub working_directory: Option<PathBuf>,
    /// Set on top of our own environment; of two equal names the first counts.
    pub environment: Vec<(OsString, OsString)>,
    /// What standard input is to be.
    pub channel: ChannelKind,
    /// Whether the instance gets a shutdown event. Elsewhere than on Windows that is SIGTERM.
    pub has_shutdown_event: bool,
    /// What is not documented.
    pub manner: Manner,
}

/// Splits a command line as Windows programs do (`CommandLineToArgvW`, without its special rule for
/// the program's name): blanks separate, quotes hold together, `\"` is a quote, and backslashes are
/// themselves unless a quote follows them.
pub fn split_arguments(line: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut current: Option<String> = None;
    let mut is_quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            ' ' | '\t' if !is_quoted => arguments.extend(current.take()),
            '\\' => {
                let mut count = 1;
                while rest.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let before_quote = rest.peek() == Some(&'"');
                let kept = if before_quote { count / 2 } else { count };
                let argument = current.get_or_insert_default();
                argument.extend(std::iter::repeat_n('\\', kept));
                if before_quote && count % 2 == 1 {
                    rest.next();
                    argument.push('"');
                }
            }
            '"' if is_quoted && rest.next_if_eq(&'"').is_some() => {
                // Two quotes inside quotes are one.
                current.get_or_insert_default().push('"');
            }
            '"' => {
                is_quoted = !is_quoted;
                current.get_or_insert_default();
            }
            other => current.get_or_insert_default().push(other),
        }
    }
    arguments.extend(current);
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_are_split_as_on_windows() {
        for (line, expected) in [
            ("", &[][..]),
            ("  ", &[]),
            ("fcgi app:app", &["fcgi", "app:app"]),
            (r#""C:\a b\w.py" x"#, &[r"C:\a b\w.py", "x"]),
            (r#"a"b c"d"#, &["ab cd"]),
            (r#"\\server\share "#, &[r"\\server\share"]),
            (r#""C:\dir\\" x"#, &[r"C:\dir\", "x"]),
            (r#"\"a\" b"#, &["\"a\"", "b"]),
            (r#"a\\\"b"#, &[r#"a\"b"#]),
            (r#""a""b""#, &[r#"a"b"#]),
            (r#""" x"#, &["", "x"]),
            ("a\tb", &["a", "b"]),
            (r#""open end"#, &["open end"]),
        ] {
            assert_eq!(split_arguments(line), expected, "{line}");
        }
    }
}

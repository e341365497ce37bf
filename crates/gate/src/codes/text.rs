//! Owns a code's page as text and as Markdown.
//!
//! Does not own what it says, nor JSON (`cli`).

use super::{ALL, Code};
use std::fmt::Write;

/// The width of the text, for terminals.
const COLUMNS: usize = 88;

/// The page of a code for a terminal.
pub fn plain(code: &Code) -> String {
    let mut out = format!("{} – {}\n\n", code.id, code.title);
    out += &wrapped(code.happened, "");
    let _ = write!(out, "\nWhy\n{}", wrapped(code.why, "  "));
    out += "\nWhat mends it\n";
    for mend in code.mend {
        let colon = if mend.command.is_empty() { "" } else { ":" };
        out += &wrapped(&format!("{}{colon}", mend.text), "  ");
        if !mend.command.is_empty() {
            let _ = writeln!(out, "      {}", mend.command);
        }
    }
    let _ = write!(out, "\nWhere it is told\n{}", wrapped(code.told.sentence(), "  "));
    out
}

/// The reference page of all codes.
pub fn markdown() -> String {
    let mut out = "# Codes\n\n\
        Every way in which an app fails to start has a stable code. `iisgate explain IG050` prints what \
        stands here.\n\n\
        Written by `cargo xtask docs` from `crates/gate/src/codes`: change it there.\n\n\
        | code | what broke |\n|---|---|\n"
        .to_owned();
    for code in ALL {
        let _ = writeln!(out, "| [{0}](#{1}) | {2} |", code.id, anchor(code), code.title);
    }
    for code in ALL {
        let _ = write!(out, "\n## {}: {}\n\n{}\n\n", code.id, code.title, code.happened);
        let _ = write!(out, "**Why.** {}\n\n**What mends it.**\n\n", code.why);
        for mend in code.mend {
            let _ = match mend.command {
                "" => writeln!(out, "- {}.", mend.text),
                command => writeln!(out, "- {}: `{command}`", mend.text),
            };
        }
        let _ = write!(out, "\n**Where it is told.** {}\n", code.told.sentence());
    }
    out
}

/// The anchor that Markdown's readers make of a heading.
fn anchor(code: &Code) -> String {
    let heading = format!("{}: {}", code.id, code.title).to_lowercase();
    heading
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > COLUMNS {
            out.push('\n');
            column = 0;
        }
        if column == 0 {
            out += indent;
            column = indent.len();
        } else {
            out.push(' ');
            column += 1;
        }
        out += word;
        column += length;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_fits_a_terminal_and_tells_all() {
        for code in ALL {
            let text = plain(code);
            let is_long =
                |line: &&str| line.chars().count() > COLUMNS && !line.starts_with("      ");
            assert_eq!(text.lines().find(is_long), None);
            assert!(text.starts_with(&format!("{} – {}\n", code.id, code.title)));
            assert!(code.mend.iter().all(|mend| text.contains(mend.command)));
        }
    }

    #[test]
    fn the_reference_has_every_code_under_its_anchor() {
        let text = markdown();
        for code in ALL {
            assert_eq!(text.matches(&format!("\n## {}: ", code.id)).count(), 1);
        }
        assert!(text.contains("(#ig040-no-app-was-found)"), "{text}");
    }
}

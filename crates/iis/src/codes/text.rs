//! Owns a row as text, and the reference page of all as Markdown.
//!
//! Does not own what they say.

use std::fmt::Write;

use super::{Row, all};

/// The width of the text, for terminals.
const COLUMNS: usize = 88;

/// A row for a terminal.
pub fn plain(row: &Row) -> String {
    let mut out = format!("{} – {}\n\n{}", row.id, row.title, wrapped(row.meaning, ""));
    let _ = write!(out, "\nWhat to do\n{}", wrapped(row.mend, "  "));
    out
}

/// The reference page of all rows.
pub fn markdown() -> String {
    let mut out = "# Statuses and results\n\n\
        What IIS's own numbers mean for a Python site. They stand on its error pages, in its logs \
        (`sc-status`, `sc-substatus`, `sc-win32-status`) and in failed-request traces. \
        `iisgate explain 404.11` prints what stands here.\n\n\
        Written by `cargo xtask docs` from `crates/iis/src/codes`: change it there.\n\n\
        | number | what it is | what it means | what to do |\n|---|---|---|---|\n"
        .to_owned();
    for row in all() {
        let cell = |text: &str| text.replace('<', "&lt;").replace('*', "\\*").replace('|', "\\|");
        let (title, meaning, mend) = (cell(row.title), cell(row.meaning), cell(row.mend));
        let _ = writeln!(out, "| **{}** | {title} | {meaning} | {mend} |", row.id);
    }
    out
}

/// A text in lines that fit a terminal.
pub fn wrapped(text: &str, indent: &str) -> String {
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

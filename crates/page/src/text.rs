//! Owns the plain-text rendering of a page.
//!
//! Does not wrap lines: terminals do.

use std::fmt::Write;

use crate::Page;

pub(crate) fn render(page: &Page) -> String {
    let mut out = format!("{} – {}\n", page.status, page.title);
    for paragraph in &page.lead {
        let _ = write!(out, "\n{paragraph}\n");
    }
    for hint in &page.hints {
        let _ = match &hint.command {
            Some(command) => write!(out, "\n{}:\n    {command}\n", hint.text),
            None => write!(out, "\n{}\n", hint.text),
        };
    }
    let code = page.code.iter().map(|code| ("Code", code.as_str()));
    let facts: Vec<_> =
        page.facts.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain(code).collect();
    if !facts.is_empty() {
        out.push('\n');
        rows(&mut out, &facts);
    }
    for block in &page.blocks {
        let _ = write!(out, "\n{}:\n", block.caption);
        for line in block.text.lines() {
            let _ = writeln!(out, "    {line}");
        }
    }
    for note in &page.notes {
        let _ = write!(out, "\n{}:\n    {}\n", note.caption, note.text);
    }
    for table in &page.tables {
        let _ = write!(out, "\n{}:\n", table.caption);
        let table: Vec<_> = table.rows.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        rows(&mut out, &table);
    }
    out
}

/// Names in one column, values in the next.
fn rows(out: &mut String, rows: &[(&str, &str)]) {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in rows {
        let _ = writeln!(out, "  {name:width$}  {value}");
    }
}

#[cfg(test)]
mod tests {
    use crate::Page;

    #[test]
    fn all_sections_in_order() {
        let page = Page::new("500.0", "It broke")
            .block("Traceback", "line 1\n  line 2")
            .fact("Instance", "4711")
            .fact("Exit", "1")
            .table("Environ", [("A", "b")])
            .command("To mend it", "pip install flask")
            .lead("It ended.")
            .code("IG001")
            .block("Nothing", "  \n");
        assert_eq!(
            page.plain_text(),
            "500.0 – It broke\n\nIt ended.\n\nTo mend it:\n    pip install flask\n\n  \
             Instance  4711\n  Exit      1\n  Code      IG001\n\nTraceback:\n    line 1\n      \
             line 2\n\nEnviron:\n  A  b\n"
        );
    }
}

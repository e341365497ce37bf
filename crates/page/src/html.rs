//! Owns the HTML rendering of a page; its look is `page.css`, embedded.
//!
//! Does not use scripts, external assets or fonts: the page must look whole when nothing works.

use std::fmt::Write;

use crate::Page;

const STYLE: &str = include_str!("page.css");

pub(crate) fn render(page: &Page) -> String {
    let (status, title) = (escape(&page.status), escape(&page.title));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>{status} – {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1><span class=\"status\">{status}</span> <span class=\"dash\">–</span> {title}</h1>\n"
    );
    for paragraph in &page.lead {
        let _ = writeln!(out, "<p class=\"lead\">{}</p>", escape(paragraph));
    }
    hints(&mut out, page);
    facts(&mut out, page);
    for block in &page.blocks {
        let (caption, text) = (escape(&block.caption), escape(&block.text));
        // A line end right after <pre> is swallowed by browsers; ours protects the text's own.
        let _ = writeln!(out, "<h2>{caption}</h2>\n<pre tabindex=\"0\">\n{text}</pre>");
    }
    for note in &page.notes {
        let (caption, text) = (escape(&note.caption), escape(&note.text));
        let _ = writeln!(out, "<h2>{caption}</h2>\n<p>{text}</p>");
    }
    for table in &page.tables {
        let caption = escape(&table.caption);
        let _ = write!(out, "<details>\n<summary>{caption}</summary>\n<dl>\n");
        table.rows.iter().for_each(|(name, value)| row(&mut out, name, value));
        out.push_str("</dl>\n</details>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn hints(out: &mut String, page: &Page) {
    for hint in &page.hints {
        let text = escape(&hint.text);
        let _ = match &hint.command {
            Some(command) => writeln!(
                out,
                "<div class=\"hint\"><p>{text}:</p><pre tabindex=\"0\">\n{}</pre></div>",
                escape(command)
            ),
            None => writeln!(out, "<div class=\"hint\"><p>{text}</p></div>"),
        };
    }
}

fn facts(out: &mut String, page: &Page) {
    if page.facts.is_empty() && page.code.is_none() {
        return;
    }
    out.push_str("<dl>\n");
    page.facts.iter().for_each(|(name, value)| row(out, name, value));
    if let Some(code) = &page.code {
        row(out, "Code", code);
    }
    out.push_str("</dl>\n");
}

fn row(out: &mut String, name: &str, value: &str) {
    let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escape(name), escape(value));
}

/// Escapes for text and for quoted attribute values. Control characters that HTML forbids become
/// the replacement character, so that a log line with escapes in it cannot break the page.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;
    use crate::Page;

    #[test]
    fn everything_is_escaped() {
        let evil = "<script>\"x\" & 'y'</script>";
        let html = Page::new(evil, evil)
            .code(evil)
            .lead(evil)
            .hint(evil)
            .command(evil, evil)
            .fact(evil, evil)
            .block(evil, evil)
            .note(evil, evil)
            .table(evil, [(evil, evil)])
            .render();
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(html.matches("&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;").count(), 18);
    }

    #[test]
    fn control_characters_do_not_pass() {
        assert_eq!(escape("a\x1b[31mb\0\r\n\tc"), "a\u{fffd}[31mb\u{fffd}\n\tc");
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let html = Page::new("404.3", "No such type").lead("x").render();
        for word in ["http:", "https:", "//", "url(", "<link", "<script", "@import"] {
            assert!(!html.contains(word), "{word}");
        }
    }
}

//! Owns a rule's page as text, and the reference page of all as Markdown.
//!
//! Does not own what they say (`rules`).

use std::fmt::Write;

use super::rule::{Rule, all};

/// The page of a rule for a terminal.
pub fn plain(rule: &Rule) -> String {
    let mut out = format!("{} ({}) – {}\n\n", rule.code, rule.severity, rule.title);
    let _ = writeln!(out, "Why\n{}", crate::codes::wrapped(rule.why, "  "));
    let _ = writeln!(out, "What mends it\n{}", crate::codes::wrapped(rule.fix, "  "));
    if rule.is_mended {
        out += "      iisgate check --fix\n\n";
    }
    let _ = writeln!(out, "Where it is written\n  {}", rule.source);
    out
}

/// The reference page of all rules.
pub fn markdown() -> String {
    let mut out = "# Findings\n\n\
        What `iisgate check` looks for in a site's files. `iisgate explain CODE` prints what stands here; \
        those marked *mended* are mended by `iisgate check --fix`.\n\n\
        Written by `cargo xtask docs` from `crates/iis/src/checks`: change it there.\n\n\
        | code | severity | what is wrong | |\n|---|---|---|---|\n"
        .to_owned();
    for rule in all() {
        let mended = if rule.is_mended { "mended" } else { "" };
        let Rule { code, severity, title, .. } = rule;
        let _ = writeln!(out, "| [{code}](#{code}) | {severity} | {} | {mended} |", escaped(title));
    }
    for rule in all() {
        let _ =
            write!(out, "\n## {}\n\n{} ({}).\n\n", rule.code, escaped(rule.title), rule.severity);
        let _ = write!(
            out,
            "**Why.** {}\n\n**What mends it.** {}\n\n",
            escaped(rule.why),
            escaped(rule.fix)
        );
        let _ = match rule.source {
            source if source.starts_with("https:") => {
                writeln!(out, "**Where it is written.** <{source}>")
            }
            source => writeln!(out, "**Where it is written.** `{source}`"),
        };
    }
    out
}

/// What Markdown would take for a tag is none.
fn escaped(text: &str) -> String {
    text.replace('<', "&lt;").replace('*', "\\*").replace('|', "\\|")
}

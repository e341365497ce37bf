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
    let _ = writeln!(out, "Where it is written\n  {}", rule.source);
    out
}

/// The reference page of all rules.
pub fn markdown() -> String {
    let mut out = "# Findings about a machine\n\n\
        What `iisgate doctor` looks for on a machine, beside what `iisgate check` finds in a site's files. \
        `iisgate explain CODE` prints what stands here.\n\n\
        Written by `cargo xtask docs` from `crates/iis/src/doctor`: change it there.\n\n\
        | code | severity | what is wrong | looked for in |\n|---|---|---|---|\n"
        .to_owned();
    for Rule { code, severity, title, topic, .. } in all() {
        let _ = writeln!(
            out,
            "| [{code}](#{code}) | {severity} | {} | {} |",
            escaped(title),
            topic.words()
        );
    }
    for rule in all() {
        let Rule { code, severity, .. } = rule;
        let [title, why, fix] = [rule.title, rule.why, rule.fix].map(escaped);
        let _ = write!(out, "\n## {code}\n\n{title} ({severity}).\n\n");
        let _ = write!(out, "**Why.** {why}\n\n**What mends it.** {fix}\n\n");
        let _ = writeln!(out, "**Where it is written.** <{}>", rule.source);
    }
    out
}

/// What Markdown would take for a tag is none.
fn escaped(text: &str) -> String {
    text.replace('<', "&lt;").replace('*', "\\*").replace('|', "\\|")
}

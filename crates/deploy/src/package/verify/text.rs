//! Owns a rule's page as text, and the reference page of all as Markdown.
//!
//! Does not own what they say (`rules`).

use std::fmt::Write;

use super::rule::{Rule, all};

/// The page of a rule for a terminal.
pub fn plain(rule: &Rule) -> String {
    let mut out = format!("{} ({}) – {}\n\n", rule.code, rule.severity, rule.title);
    let _ = writeln!(out, "Why\n{}", iis::codes::wrapped(rule.why, "  "));
    let _ = writeln!(out, "What mends it\n{}", iis::codes::wrapped(rule.fix, "  "));
    out
}

/// The reference page of all rules.
pub fn markdown() -> String {
    let mut out = "# Findings about packages\n\n\
        What `iisgate package verify` looks for. `iisgate explain CODE` prints what stands here. Packages \
        with one of the first are not opened by any command.\n\n\
        Written by `cargo xtask docs` from `crates/deploy/src/package/verify`: change it there.\n\n\
        | code | severity | what is wrong |\n|---|---|---|\n"
        .to_owned();
    for Rule { code, severity, title, .. } in all() {
        let _ = writeln!(out, "| [{code}](#{code}) | {severity} | {} |", escaped(title));
    }
    for rule in all() {
        let (title, why, fix) = (escaped(rule.title), escaped(rule.why), escaped(rule.fix));
        let _ = write!(out, "\n## {}\n\n{title} ({}).\n\n", rule.code, rule.severity);
        let _ = write!(out, "**Why.** {why}\n\n**What mends it.** {fix}\n");
    }
    out
}

/// What Markdown would take for a tag is none.
fn escaped(text: &str) -> String {
    text.replace('<', "&lt;").replace('*', "\\*").replace('|', "\\|")
}

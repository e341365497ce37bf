//! Owns a rule's page as text, and the reference page of all as Markdown.
//!
//! Does not own what they say (`rule`).

use std::fmt::Write;

use super::rule::{ALL, Rule};

/// The page of a rule for a terminal.
pub fn plain(rule: &Rule) -> String {
    let mut out = format!("{} ({}) – {}\n\n", rule.code, rule.severity, rule.title);
    let _ = writeln!(out, "Why\n{}", iis::codes::wrapped(rule.why, "  "));
    let _ = writeln!(out, "What mends it\n{}", iis::codes::wrapped(rule.fix, "  "));
    out
}

/// The reference page of all rules.
pub fn markdown() -> String {
    let mut out = "# Findings about feeds\n\n\
        What `iisgate feed verify` looks for. `iisgate explain CODE` prints what stands here.\n\n\
        Written by `cargo xtask docs` from `crates/deploy/src/feed/verify`: change it there.\n\n\
        | code | severity | what is wrong |\n|---|---|---|\n"
        .to_owned();
    for Rule { code, severity, title, .. } in ALL {
        let _ = writeln!(out, "| [{code}](#{code}) | {severity} | {title} |");
    }
    for Rule { code, severity, title, why, fix } in ALL {
        let _ = write!(out, "\n## {code}\n\n{title} ({severity}).\n\n");
        let _ = write!(out, "**Why.** {why}\n\n**What mends it.** {fix}\n");
    }
    out
}

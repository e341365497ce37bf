//! Owns that every crate we build with has a licence that `deny.toml` allows.
//!
//! Does not own advisories and bans: `cargo deny check` reads the same file for those.

use std::process::Command;

use anyhow::{Context, Result};

use super::{Breach, Source};
use crate::{process, repo};

const LIST: &str = "deny.toml";

/// The breaches, as `cargo tree` tells every crate's licence.
pub(super) fn allowed() -> Result<Vec<Breach>> {
    let text = std::fs::read_to_string(repo::root().join(LIST)).context("cannot read deny.toml")?;
    let list = Source::new(LIST, &text);
    let table: toml::Table = text.parse().context("deny.toml is not TOML")?;
    let allow: Vec<&str> = table
        .get("licenses")
        .and_then(|licences| licences.get("allow")?.as_array())
        .context("deny.toml has no `licenses.allow`")?
        .iter()
        .filter_map(toml::Value::as_str)
        .collect();
    let mut tree = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    tree.current_dir(repo::root()).args(["tree", "--workspace", "--prefix", "none"]);
    tree.args(["--edges", "normal,build,dev", "--offline", "--format", "{p}\t{l}"]);
    let mut lines: Vec<String> =
        process::output(&mut tree)?.lines().map(|line| line.replace(" (*)", "")).collect();
    lines.sort();
    lines.dedup();
    let mut breaches = Vec::new();
    for line in lines.iter().filter(|line| !line.is_empty()) {
        let (name, licence) = line.split_once('\t').unwrap_or((line, ""));
        if !permits(licence, &allow) {
            let message = format!("the licence of {name} is not allowed: {licence:?}");
            breaches.push(list.breach(1, message));
        }
    }
    Ok(breaches)
}

/// Whether an SPDX expression can be met with the allowed licences alone.
fn permits(expression: &str, allow: &[&str]) -> bool {
    // An older way of writing OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    either(&words, &mut at, allow) && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allow: &[&str]) -> bool {
    let mut met = both(words, at, allow);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= both(words, at, allow);
    }
    met
}

fn both(words: &[&str], at: &mut usize, allow: &[&str]) -> bool {
    let mut met = single(words, at, allow);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= single(words, at, allow);
    }
    met
}

fn single(words: &[&str], at: &mut usize, allow: &[&str]) -> bool {
    let Some(&word) = words.get(*at) else { return false };
    *at += 1;
    if word == "(" {
        let met = either(words, at, allow);
        *at += 1;
        return met;
    }
    let mut licence = word.to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{word} WITH {}", words.get(*at + 1).copied().unwrap_or_default());
        *at += 2;
    }
    allow.contains(&licence.as_str())
        // Whoever allows the licence allows it with more rights, too.
        || licence.split(" WITH ").next().is_some_and(|plain| allow.contains(&plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_met_by_one_of_its_ways() {
        let allow = ["MIT", "Apache-2.0", "Unicode-3.0"];
        for (expression, met) in [
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0", false),
            ("Apache-2.0 WITH LLVM-exception OR Zlib", true),
            ("", false),
        ] {
            assert_eq!(permits(expression, &allow), met, "{expression}");
        }
    }
}

//! Owns who may import whom, read from the crates' `Cargo.toml`.
//!
//! Does not own what others' crates are used for, but one: PyO3, which only `python` names.

use super::{Breach, Source};

/// Each crate's folder and which of ours it may name. Leaves name nobody of ours; rooms name
/// leaves, and `iis`; doors name rooms and leaves. `bridge` and `front` never meet: they meet on
/// the wire only, so that neither relies on the other's mistakes.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    // Leaves.
    ("fastcgi", &[]),
    ("page", &[]),
    ("platform", &[]),
    ("xml", &[]),
    // Rooms.
    ("bridge", &["fastcgi"]),
    ("iis", &["xml"]),
    ("front", &["fastcgi", "iis", "page", "platform"]),
    ("gate", &["fastcgi", "iis", "page", "platform"]),
    ("deploy", &["iis", "page", "platform", "xml"]),
    // Doors.
    ("cli", &["deploy", "fastcgi", "front", "gate", "iis", "page", "platform", "xml"]),
    ("python", &["bridge", "fastcgi", "gate", "iis", "page", "platform"]),
    // Chores.
    ("xtask", &["deploy", "fastcgi", "gate", "iis"]),
];

/// The tables of a `Cargo.toml` that name other crates.
const TABLES: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Every crate is in the table and names only whom it may.
pub(super) fn crates(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (source, crate_name) in manifests(sources) {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == crate_name) else {
            let message =
                format!("`{crate_name}` is not in the table of xtask/src/tidy/imports.rs");
            breaches.push(source.breach(1, message));
            continue;
        };
        for name in dependencies(source) {
            let ours = MAY_IMPORT.iter().any(|(known, _)| *known == name);
            if ours && !allowed.contains(&name.as_str()) {
                let message = format!(
                    "`{crate_name}` may not import `{name}`; it may import: {}",
                    if allowed.is_empty() { "nobody of ours".into() } else { allowed.join(", ") }
                );
                breaches.push(source.breach(line_of(source, &name), message));
            }
        }
    }
    breaches
}

/// Only `python` names PyO3.
pub(super) fn interpreter(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (source, crate_name) in manifests(sources) {
        for name in dependencies(source) {
            if name.starts_with("pyo3") && crate_name != "python" {
                let message = format!("only crates/python may name {name}");
                breaches.push(source.breach(line_of(source, &name), message));
            }
        }
    }
    breaches
}

fn manifests(sources: &[Source]) -> impl Iterator<Item = (&Source, &str)> {
    sources.iter().filter_map(|source| {
        let folder = source.name.strip_suffix("/Cargo.toml")?;
        let name = folder.strip_prefix("crates/").or((folder == "xtask").then_some(folder))?;
        Some((source, name))
    })
}

/// The names in a manifest's tables of dependencies, also those for one target.
fn dependencies(source: &Source) -> Vec<String> {
    let Ok(manifest) = source.text.parse::<toml::Table>() else { return Vec::new() };
    let mut tables = vec![&manifest];
    if let Some(targets) = manifest.get("target").and_then(toml::Value::as_table) {
        tables.extend(targets.values().filter_map(toml::Value::as_table));
    }
    let mut names = Vec::new();
    for table in tables {
        for kind in TABLES {
            if let Some(list) = table.get(*kind).and_then(toml::Value::as_table) {
                names.extend(list.keys().cloned());
            }
        }
    }
    names
}

fn line_of(source: &Source, name: &str) -> usize {
    source.text.lines().position(|line| line.starts_with(name)).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_that_imports_a_room_is_told_with_its_line() {
        let toml = "[dependencies]\nlog = \"0.4\"\niis.workspace = true\npyo3 = \"0\"\n";
        let sources = [Source::new("crates/page/Cargo.toml", toml)];
        let told: Vec<String> = crates(&sources)
            .iter()
            .chain(&interpreter(&sources))
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            told,
            [
                "crates/page/Cargo.toml:3: `page` may not import `iis`; \
                 it may import: nobody of ours",
                "crates/page/Cargo.toml:4: only crates/python may name pyo3",
            ]
        );
    }

    #[test]
    fn bridge_and_front_never_meet() {
        for (one, other) in [("bridge", "front"), ("front", "bridge")] {
            let toml = format!("[dev-dependencies]\n{other} = {{ path = \"x\" }}\n");
            let sources = [Source::new(&format!("crates/{one}/Cargo.toml"), &toml)];
            assert_eq!(crates(&sources).len(), 1, "{one} → {other}");
        }
    }
}

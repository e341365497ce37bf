//! Owns the reference page of all attributes, made of the table.
//!
//! Does not own what the attributes do: Microsoft's reference tells.

use std::fmt::Write as _;

use super::{Kind, Row, Unit, all};
use crate::collection::Order;
use crate::collections;

const HEAD: &str = "\
# Attributes

Every attribute of IIS's configuration files that iisgate knows: `iisgate check` measures values by this table, the merged
view (`iisgate config show --effective`) takes defaults from it, and `iisgate serve` and `iisgate iis install` go by it.
Where Microsoft's published reference and the schema files of IIS disagree about a range, this is the schema, because IIS
goes by that. A default that changed has the version of IIS before it.

Written by `cargo xtask docs` from `crates/iis/src/attributes`: change it there.
";

/// The page.
pub fn markdown() -> String {
    let mut elements: Vec<&str> = all().map(|row| row.element).collect();
    elements.sort_unstable();
    elements.dedup();
    let mut page = HEAD.to_owned();
    for element in elements {
        let _ = write!(page, "\n## {element}\n\n");
        for collection in collections::of(element) {
            let _ = writeln!(page, "{}\n", merged(collection));
        }
        page.push_str("| attribute | value | default | since | from |\n|---|---|---|---|---|\n");
        for row in all().filter(|row| row.element == element) {
            let Row { name, since, source, .. } = row;
            let (kind, default) = (kind(row), default(row));
            let _ = writeln!(page, "| `{name}` | {kind} | {default} | IIS {since} | {source} |");
        }
    }
    page
}

fn merged(collection: &collections::Collection) -> String {
    let shape = collection.shape;
    let place = match shape.order {
        Order::Append => "after",
        Order::Prepend => "before",
    };
    let add = shape.add;
    if shape.key.is_empty() {
        return format!(
            "`<{add}>`s of inner files come {place} the inherited ones; none has a key."
        );
    }
    let names = shape.key.split(',').map(|part| part.split('=').next().unwrap_or(part));
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let case = if shape.case_sensitive { ", and its case counts" } else { "" };
    let key = names.join(" with ");
    format!("`<{add}>`s of inner files come {place} the inherited ones; {key} is the key{case}.")
}

fn kind(row: &Row) -> String {
    let unit = match row.unit {
        Unit::None => "",
        Unit::Seconds => " s",
        Unit::Bytes => " bytes",
    };
    let words = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>();
    match row.kind {
        Kind::Text { expanded: true } => "text, `%VAR%` is replaced".to_owned(),
        Kind::Text { expanded: false } => "text".to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Number { min, max } => format!("{min} to {max}{unit}"),
        Kind::Choice(known) => words(known).join(" or "),
        Kind::Choices(known) => format!("any of {}", words(known).join(", ")),
        Kind::TimeSpan => "time: `[days.]hours:minutes:seconds`".to_owned(),
    }
}

fn default(row: &Row) -> String {
    let shown =
        |value: &str| if value.is_empty() { "empty".to_owned() } else { format!("`{value}`") };
    match row.defaults {
        [] => "must be written".to_owned(),
        [(_, only)] => shown(only),
        many => {
            let told =
                many.iter().map(|(version, value)| format!("{} (IIS {version})", shown(value)));
            told.collect::<Vec<_>>().join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_on_the_page() {
        let page = markdown();
        let rows = page.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, all().count());
        for part in [
            "| `maxInstances` | 0 to 10000 | `4` (IIS 7.0), `0` (IIS 7.5) | IIS 7.0 | IIS_schema.xml |",
            "| `idleTimeout` | 10 to 2592000 s | `300` | IIS 7.0 | IIS_schema.xml |",
            "`<add>`s of inner files come before the inherited ones; `name` is the key, and its case counts.",
        ] {
            assert!(page.contains(part), "{part}");
        }
    }
}

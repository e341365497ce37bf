//! Owns the guess at which name was meant by one that nobody knows.
//!
//! Does not guess far: a third of the letters may be wrong.

/// The nearest of some names, when it is near.
pub(crate) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let (steps, name) = names
        .into_iter()
        .map(|name| (distance(&word, &name.to_lowercase()), name))
        .min_by_key(|(steps, _)| *steps)?;
    (steps * 3 <= name.chars().count().max(word.chars().count())).then_some(name)
}

/// Levenshtein's: insertions, deletions and replacements.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn guesses() {
        let names = ["target", "threads", "script-name", "log"];
        for (word, expected) in [
            ("treads", Some("threads")),
            ("Targets", Some("target")),
            ("scriptname", Some("script-name")),
            ("logs", Some("log")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, names), expected, "{word}");
        }
    }
}

//! Owns that pages made of the code say what the code says.
//!
//! Does not write them: `cargo xtask docs` does.

use super::{Breach, Source};
use crate::docs;

/// Every generated page is what would be written now.
pub(super) fn fresh(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for page in docs::PAGES {
        let made = (page.make)();
        let is = sources.iter().find(|source| source.name == page.file);
        let text = is.map(|source| source.text.as_str()).unwrap_or_default();
        if text == made {
            continue;
        }
        let line = text.lines().zip(made.lines()).take_while(|(is, made)| is == made).count() + 1;
        let message = "this is not what the code says: write it with `cargo xtask docs`";
        breaches.push(Source::new(page.file, "").breach(line, message));
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_was_changed_by_hand_is_told() {
        let mut sources: Vec<Source> =
            docs::PAGES.iter().map(|page| Source::new(page.file, &(page.make)())).collect();
        assert_eq!(fresh(&sources), []);
        let codes = sources.iter_mut().find(|source| source.text.contains("\n## IG001"));
        let codes = codes.expect("the page of the gate's codes");
        let line = codes.text.lines().position(|line| line.starts_with("## IG001"));
        codes.text = codes.text.replacen("## IG001", "## IG002", 1);
        let told = fresh(&sources);
        assert_eq!((told.len(), told[0].line), (1, line.expect("it is there") + 1));
    }
}

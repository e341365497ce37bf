//! Owns that a test which a page names is there: `path::name` in code marks, for a claim without its test is
//! a promise.
//!
//! Does not own what the tests show.

use super::{Breach, Source};

/// The pages whose claims have tests.
const PAGES: &[&str] = &["docs/reliability.md", "docs/threat-model.md"];

/// Every test that is named exists.
pub(super) fn exist(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for page in sources.iter().filter(|source| PAGES.contains(&source.name.as_str())) {
        for (index, line) in page.text.lines().enumerate() {
            for marked in line.split('`').skip(1).step_by(2) {
                let Some((path, name)) = marked.split_once("::") else { continue };
                if !path.ends_with(".rs") && !path.ends_with(".py") {
                    continue;
                }
                let source = sources.iter().find(|source| source.name == path);
                let is_there = source.is_some_and(|source| {
                    let defined = [format!("def {name}("), format!("fn {name}(")];
                    // A macro makes tests of the names that it is given.
                    let is_given = path.ends_with("seeds.rs") && source.text.contains(name);
                    is_given || defined.iter().any(|text| source.text.contains(text))
                });
                if !is_there {
                    breaches.push(page.breach(index + 1, format!("there is no test {marked}")));
                }
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_is_not_there_is_told() {
        let page = "`tests/a.py::test_b` and `tests/a.py::test_c`\n`a::b`\n";
        let sources = [
            Source::new("docs/reliability.md", page),
            Source::new("tests/a.py", "def test_b() -> None: ...\n"),
        ];
        let told: Vec<String> = exist(&sources).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["docs/reliability.md:1: there is no test tests/a.py::test_c"]);
    }
}

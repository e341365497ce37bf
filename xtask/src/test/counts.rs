//! Owns counting tests: what cargo's and pytest's reports say passed, failed and was skipped.
//!
//! Does not own running them.

use anyhow::{Context, Result};

/// How many tests did what, which failed, and which were skipped for which reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
    pub(crate) skipped_tests: Vec<String>,
    pub(crate) failed_tests: Vec<String>,
}

impl Counts {
    /// Adds what another count has seen.
    pub(crate) fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.skipped_tests.extend(other.skipped_tests);
        self.failed_tests.extend(other.failed_tests);
    }

    /// Reads a line of `cargo test`: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub(crate) fn cargo_line(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        if let (Some(name), Some("---"), Some("FAILED")) =
            (words.next(), words.next(), words.next())
        {
            self.failed_tests.push(name.into());
        }
        let Some(result) = line.trim().strip_prefix("test result: ") else { return };
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(word)) = (words.next(), words.next()) else { continue };
            let Ok(number) = number.parse::<usize>() else { continue };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }

    /// Reads pytest's JUnit report.
    pub(crate) fn pytest_report(&mut self, xml: &str) -> Result<()> {
        let report = roxmltree::Document::parse(xml).context("pytest's report is not XML")?;
        for case in report.descendants().filter(|node| node.has_tag_name("testcase")) {
            let place = case.attribute("classname").unwrap_or_default();
            let name = format!("{place}::{}", case.attribute("name").unwrap_or_default());
            let outcome = |tag| case.children().find(|child| child.has_tag_name(tag));
            if outcome("failure").or(outcome("error")).is_some() {
                self.failed += 1;
                self.failed_tests.push(name);
            } else if let Some(skipped) = outcome("skipped") {
                self.skipped += 1;
                let reason = skipped.attribute("message").unwrap_or("no reason given");
                self.skipped_tests.push(format!("{name}: {reason}"));
            } else {
                self.passed += 1;
            }
        }
        Ok(())
    }

    /// Notes tests that were not run at all.
    pub(crate) fn skip(&mut self, what: &str, why: &str) {
        self.skipped += 1;
        self.skipped_tests.push(format!("{what}: {why}"));
    }

    /// The line that ends the chore.
    pub(crate) fn line(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_reports_are_summed() {
        let mut counts = Counts::default();
        counts.cargo_line("running 4 tests\n");
        counts.cargo_line("tidy::tests::the_house_is_tidy --- FAILED\n");
        counts.cargo_line(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; \
             finished in 0.02s\n",
        );
        counts
            .pytest_report(
                r#"<testsuites><testsuite tests="4">
                   <testcase classname="tests.test_a" name="test_good" time="1"/>
                   <testcase classname="tests.test_a" name="test_bad"><failure message="x"/></testcase>
                   <testcase classname="tests.test_a" name="test_set_up"><error message="x"/></testcase>
                   <testcase classname="tests.test_a" name="test_nginx">
                     <skipped type="pytest.skip" message="nginx is missing"/></testcase>
                   </testsuite></testsuites>"#,
            )
            .expect("a report");
        assert_eq!(counts.line(), "4 passed, 2 failed, 2 skipped");
        let failed = ["tidy::tests::the_house_is_tidy", "tests.test_a::test_bad"];
        assert_eq!(counts.failed_tests[..2], failed);
        assert_eq!(counts.skipped_tests, ["tests.test_a::test_nginx: nginx is missing"]);
    }
}

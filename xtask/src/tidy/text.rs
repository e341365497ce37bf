//! Owns words that no committed text may hold: promises, naps, others' paths.
//!
//! Does not own where words of code belong: see `places`.

use super::{Allowed, Breach, Source, code};

/// Files that must name the words they look for.
const SELF: &str = "xtask/src/tidy";

/// A test that sleeps is slow when it passes and wrong when the machine is slow.
const SLEEPERS: &[Allowed] = &[Allowed {
    path: "tests/support/waiting.py",
    reason: "the one place that waits: it looks, pauses and looks again, until a deadline",
}];

/// Registries are reached through `pip` and `cargo`, with whatever mirror the machine has; paths
/// of one machine mean nothing on another.
const FOREIGN: &[&str] = &[
    concat!("py", "pi.org"),
    concat!("crates", ".io"),
    concat!("npm", "js"),
    concat!("debian", ".org"),
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tmp/", "target"),
];

/// Where foreign names may stand.
const FOREIGN_ALLOWED: &[Allowed] =
    &[Allowed { path: "Cargo.lock", reason: "cargo writes where each crate came from" }];

/// Nothing is left unfinished, and what is wrong on purpose says why.
pub(super) fn unfinished(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources.iter().filter(|source| !source.is_under(SELF)) {
        for name in ["todo!", "dbg!", "unimplemented!"] {
            let message = format!("`{name}` is not for commits");
            breaches.extend(
                source.lines_where(&source.code, &message, |line| code::has_word(line, name)),
            );
        }
        if !(source.is_rust() || source.is_python()) {
            continue;
        }
        let message = "do it now, or open an issue and say FIXME with its link";
        breaches.extend(source.lines_where(&source.text, message, |l| code::has_word(l, "TODO")));
        let message = "FIXME wants a sentence: what should be, instead of what is";
        breaches.extend(source.lines_where(&source.text, message, |line| {
            line.split_once("FIXME").is_some_and(|(_, rest)| {
                rest.trim_matches(|c: char| !c.is_alphanumeric()).split(' ').count() < 2
            })
        }));
    }
    breaches
}

/// Tests wait for what they want; they do not sleep.
pub(super) fn sleeping(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources {
        let in_tests = source.is_under("tests")
            || source.name.contains("/tests/")
            || source.name.ends_with("_tests.rs");
        if !in_tests || Allowed::holds(SLEEPERS, source) {
            continue;
        }
        let message = "a test does not sleep: it waits for what it wants, with a deadline";
        let sleeps = |line: &str| line.contains("thread::sleep") || line.contains("time.sleep(");
        if source.is_rust() || source.is_python() {
            breaches.extend(source.lines_where(&source.text, message, sleeps));
        }
    }
    breaches
}

/// No registry's host and no path of one machine.
pub(super) fn foreign(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources {
        if source.is_under(SELF) || Allowed::holds(FOREIGN_ALLOWED, source) {
            continue;
        }
        for name in FOREIGN {
            let message = format!("`{name}` is a registry's host or one machine's path");
            breaches.extend(source.lines_where(&source.text, &message, |line| line.contains(name)));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(breaches: &[Breach]) -> Vec<usize> {
        breaches.iter().map(|breach| breach.line).collect()
    }

    #[test]
    fn unfinished_work_is_told() {
        let text = "// TODO\nfoo(todo!());\n// FIXME\n// FIXME: should be 7, see issue 3\n";
        assert_eq!(lines(&unfinished(&[Source::new("crates/a/src/a.rs", text)])), [2, 1, 3]);
    }

    #[test]
    fn only_tests_may_not_sleep() {
        let text = "import time\ntime.sleep(1)\n";
        assert_eq!(lines(&sleeping(&[Source::new("tests/test_a.py", text)])), [2]);
        assert!(sleeping(&[Source::new("examples/flask/app.py", text)]).is_empty());
    }

    #[test]
    fn registries_and_machine_paths_are_told() {
        let text = concat!("good\nhttps://py", "pi.org/simple\ncd /wo", "rk/main\n");
        assert_eq!(lines(&foreign(&[Source::new("README.md", text)])), [2, 3]);
        assert!(foreign(&[Source::new("Cargo.lock", text)]).is_empty());
    }
}

//! Owns which words of Rust stand where: `unsafe`, PyO3, the async runtime, printing, exiting.
//!
//! Does not own comments and texts: there every word may stand.

use super::{Breach, Source, code};

/// Words, and the only places where code may hold them.
struct Place {
    words: &'static [&'static str],
    /// Files, or folders with all they hold.
    only_in: &'static [&'static str],
    /// Also in tests: a program that a test starts is a program.
    in_tests: bool,
    why: &'static str,
}

const PLACES: &[Place] = &[
    Place {
        words: &["unsafe"],
        only_in: &["crates/platform", "crates/python/src/raw.rs"],
        in_tests: false,
        why: "unsafe lives in crates/platform and crates/python/src/raw.rs, behind safe signatures",
    },
    Place {
        words: &["pyo3", "pyo3_build_config"],
        only_in: &["crates/python"],
        in_tests: false,
        why: "only crates/python names PyO3: rules are tested without an interpreter",
    },
    Place {
        words: &["tokio", "hyper", "hyper_util", "http_body_util"],
        only_in: &["crates/front/src/runtime.rs"],
        in_tests: false,
        why: "HTTP libraries and runtimes are named in crates/front/src/runtime.rs only",
    },
    Place {
        words: &["rustls", "tokio_rustls"],
        only_in: &["crates/front/src/tls.rs", "crates/deploy/src/feed/http.rs"],
        in_tests: false,
        why: "the TLS library is named by one file that serves and one that asks",
    },
    Place {
        words: &["ureq"],
        only_in: &["crates/deploy/src/feed/http.rs"],
        in_tests: false,
        why: "the HTTP client is named in crates/deploy/src/feed/http.rs only",
    },
    Place {
        words: &["rcgen"],
        only_in: &["crates/front/src/certificate.rs"],
        in_tests: false,
        why: "certificates are made in crates/front/src/certificate.rs only",
    },
    Place {
        words: &["fancy_regex"],
        only_in: &[
            "crates/iis/src/pattern.rs",
            "crates/iis/src/pattern",
            "crates/deploy/src/package/pattern.rs",
        ],
        in_tests: false,
        why: "the engine of patterns is behind iis::pattern and deploy's package::pattern",
    },
    Place {
        words: &["println!", "print!", "eprintln!", "eprint!", "process::exit"],
        only_in: &["crates/cli", "xtask"],
        in_tests: true,
        why: "only crates/cli prints and exits: return it, or log it",
    },
    Place {
        words: &["anyhow"],
        only_in: &["crates/cli", "xtask"],
        in_tests: false,
        why: "libraries have an error type of their own; anyhow is for crates/cli",
    },
];

/// Every word in its place.
pub(super) fn words(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        for place in PLACES {
            let allowed = place.only_in.iter().any(|path| source.is_under(path));
            if allowed || place.in_tests && source.name.contains("/tests/") {
                continue;
            }
            for word in place.words {
                let message = format!("`{word}`: {}", place.why);
                let has = |line: &str| code::has_word(line, word);
                breaches.extend(source.lines_where(&source.code, &message, has));
            }
        }
    }
    breaches
}

/// `fastcgi` does no I/O and reads no clock: the compiler proves it, because it has no `std`.
pub(super) fn no_std(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources.iter().filter(|source| source.is_under("crates/fastcgi/src")) {
        if source.file_name() == "lib.rs" && !source.code.contains("#![no_std]") {
            breaches.push(source.breach(1, "crates/fastcgi must be `#![no_std]`"));
        }
        let message = "crates/fastcgi names no `std`: take it from `core` or `alloc`";
        breaches.extend(source.lines_where(&source.code, message, |l| code::has_word(l, "std")));
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_out_of_place_is_told_unless_it_is_in_a_comment() {
        let text = "//! unsafe\nuse tokio::net; // println!\nunsafe {}\nprintln!(\"hyper\");\n";
        let told =
            |name| words(&[Source::new(name, text)]).iter().map(|b| b.line).collect::<Vec<_>>();
        assert_eq!(told("crates/gate/src/a.rs"), [3, 2, 4]);
        assert_eq!(told("crates/platform/src/a.rs"), [2, 4]);
        assert_eq!(told("crates/front/src/runtime.rs"), [3, 4]);
        assert_eq!(told("crates/cli/src/main.rs"), [3, 2]);
    }

    #[test]
    fn fastcgi_has_no_std() {
        let sources = [Source::new("crates/fastcgi/src/lib.rs", "use std::io;\nuse core::fmt;\n")];
        let lines: Vec<usize> = no_std(&sources).iter().map(|breach| breach.line).collect();
        assert_eq!(lines, [1, 1]);
    }
}

//! Owns the bounded form of fuzzing: every property over its kept seeds, then over mutations of them for a
//! few seconds (`IISGATE_FUZZ_SECONDS`), on the ordinary compiler.
//!
//! Does not own the search for new ones, which wants coverage: `cargo xtask fuzz`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use properties::{ALL, Property};

/// How long each property is tried. All together they stay far below a minute on two cores.
const SECONDS_DEFAULT: f64 = 3.0;
/// The longest input that mutation grows.
const BYTES_MAX: usize = 16 * 1024;
/// What formats are made of: a mutation puts one in.
const WORDS: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b":",
    b"%2e%2e/",
    b"%00",
    b"\\",
    b"Content-Length: 5\r\n",
    b"\0",
    b"\xff",
    b"Transfer-Encoding: chunked\r\n",
    b"HTTP/1.1\r\n",
    b"\x80\0\0\0",
    b"\x7f\xff\xff\xff",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"&#x",
    b"\"",
    b"<location path=\".\">",
    b"Status: 200\r\n",
    b"\x01\x01\0\x01\0\x08\0\0\0\x01\x01\0\0\0\0\0",
    b"\x01\x04\0\x01\0\0\0\0",
    b"\x01\x05\0\x01\0\0\0\0",
    b"\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0",
    b"\x01\x09\0\0\0\0\0\0",
];

/// Marsaglia's xorshift: the same mutations on every run.
struct Choices(u64);

impl Choices {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn seeds(property: &Property) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seeds").join(property.name);
    let entries = std::fs::read_dir(&folder).expect("every property has seeds");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a seed").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no seeds in {}", folder.display());
    files.iter().map(|file| std::fs::read(file).expect("a seed")).collect()
}

fn mutated(choices: &mut Choices, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[choices.below(seeds.len())].clone();
    for _ in 0..=choices.below(6) {
        let at = choices.below(bytes.len() + 1);
        let end = (at + 1 + choices.below(16)).min(bytes.len());
        match choices.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << choices.below(8),
            1 if at < bytes.len() => bytes[at] = choices.below(256) as u8,
            2 if at < end => drop(bytes.drain(at..end)),
            3 if at < end => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let other = &seeds[choices.below(seeds.len())];
                let from = choices.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            5 => bytes.truncate(at),
            _ => {
                let word = WORDS[choices.below(WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
        }
        bytes.truncate(BYTES_MAX);
    }
    bytes
}

fn holds(property: &Property, bytes: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| (property.holds)(bytes))).is_err() {
        let name = property.name;
        panic!("`{name}` does not hold (keep it in fuzz/seeds/{name}): {}", bytes.escape_ascii());
    }
}

fn tried(name: &str) {
    let property = ALL.iter().find(|property| property.name == name).expect("it is in the table");
    let seeds = seeds(property);
    holds(property, b"");
    for seed in &seeds {
        holds(property, seed);
    }
    let told = std::env::var("IISGATE_FUZZ_SECONDS").ok().and_then(|told| told.parse().ok());
    let time = Duration::from_secs_f64(told.unwrap_or(SECONDS_DEFAULT));
    let (began, mut choices) = (Instant::now(), Choices(0x9E37_79B9_7F4A_7C15));
    while began.elapsed() < time {
        holds(property, &mutated(&mut choices, &seeds));
    }
}

macro_rules! properties {
    ($($name:ident),*) => {
        $(#[test]
        fn $name() {
            tried(stringify!($name));
        })*

        #[test]
        fn none_is_forgotten() {
            let tried = [$(stringify!($name)),*];
            assert_eq!(ALL.iter().map(|property| property.name).collect::<Vec<_>>(), tried);
            let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz_targets");
            for name in tried {
                assert!(targets.join(name).with_extension("rs").is_file(), "{name} has no target");
            }
        }
    };
}

properties!(
    records,
    name_values,
    heads,
    operations,
    recordings,
    requests,
    configuration,
    xml,
    options,
    packages
);

//! Owns the target `packages`: what must hold is told by the first lines of `properties/src/packages.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::check("packages", bytes));

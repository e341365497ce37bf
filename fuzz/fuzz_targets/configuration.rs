//! Owns the target `configuration`: what must hold is told by the first lines of `properties/src/configuration.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::check("configuration", bytes));

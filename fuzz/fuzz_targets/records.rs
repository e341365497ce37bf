//! Owns the target `records`: what must hold is told by the first lines of `properties/src/records.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::check("records", bytes));

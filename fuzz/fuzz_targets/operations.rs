//! Owns the target `operations`: what must hold is told by the first lines of `properties/src/operations.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::check("operations", bytes));

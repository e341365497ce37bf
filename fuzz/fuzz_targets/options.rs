//! Owns the target `options`: what must hold is told by the first lines of `properties/src/options.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::check("options", bytes));

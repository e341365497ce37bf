//! Owns the target `name_values`: what must hold is told by the first lines of `properties/src/name_values.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::check("name_values", bytes));

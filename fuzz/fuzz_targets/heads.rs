//! Owns the target `heads`: what must hold is told by the first lines of `properties/src/heads.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::check("heads", bytes));

//! Owns the target `recordings`: what must hold is told by the first lines of `properties/src/recordings.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::check("recordings", bytes));

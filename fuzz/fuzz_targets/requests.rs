//! Owns the target `requests`: what must hold is told by the first lines of `properties/src/requests.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::check("requests", bytes));

//! Owns the target `xml`: what must hold is told by the first lines of `properties/src/xml_documents.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::check("xml", bytes));

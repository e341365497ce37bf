//! Owns the properties: one function for each parser and state machine, which takes any bytes and panics
//! when what its first line says does not hold.
//!
//! Does not own where the bytes come from: `fuzz_targets` takes libFuzzer's, `tests/seeds.rs` mutates the
//! kept ones.

mod configuration;
mod heads;
mod name_values;
mod operations;
mod options;
mod packages;
mod recordings;
mod records;
mod requests;
mod taker;
mod xml_documents;

/// A property: a name, which is also that of its folder below `fuzz/seeds`, and what must hold.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Panics when it does not hold.
    pub holds: fn(&[u8]),
}

const fn property(name: &'static str, holds: fn(&[u8])) -> Property {
    Property { name, holds }
}

/// All there are.
pub const ALL: &[Property] = &[
    property("records", records::hold),
    property("name_values", name_values::hold),
    property("heads", heads::hold),
    property("operations", operations::hold),
    property("recordings", recordings::hold),
    property("requests", requests::hold),
    property("configuration", configuration::hold),
    property("xml", xml_documents::hold),
    property("options", options::hold),
    property("packages", packages::hold),
];

/// Checks the property of that name.
///
/// # Panics
/// When it does not hold, or there is none of that name.
pub fn check(name: &str, bytes: &[u8]) {
    let property = ALL.iter().find(|property| property.name == name);
    (property.expect("a property of that name").holds)(bytes);
}

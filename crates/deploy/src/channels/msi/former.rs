//! Owns what is remembered of an installation, so that the next version finds the site: where it is in
//! the registry, and the tables that write it and look it up.
//!
//! Does not own when that happens (`sequences`) nor what follows from it (the actions in `tables`).

use ::msi::{Category, Column};

use super::codes::Codes;
use super::tables::{Table, key, number, text};

/// What is remembered, and the property that has it in the next installation. That one is not among
/// `SecureCustomProperties`: nobody but an administrator can say it.
const REMEMBERED: [(&str, &str); 2] = [("SITE", "FORMERSITE"), ("SITEDIR", "FORMERSITEDIR")];

/// `HKEY_LOCAL_MACHINE`, in which only administrators write.
const MACHINE: i32 = 2;

/// A value as it is (2), as programs of 64 bits see it (16).
const RAW_VALUE_64_BIT: i32 = 2 + 16;

/// The component to which the values belong: they go with it.
const COMPONENT: &str = "site_zip";

/// The tables.
pub(super) fn tables(codes: &Codes) -> [Table; 3] {
    // All versions have this code. Without braces, which mean something in formatted texts.
    let place = format!("Software\\iisgate\\Msi\\{}", codes.upgrade);
    let root = || Column::build("Root").int16();
    let path = || Column::build("Key").category(Category::RegPath).string(255);
    let name = || Column::build("Name").nullable().formatted_string(255);
    [
        Table {
            name: "Registry",
            columns: vec![
                key("Registry"),
                root(),
                path(),
                name(),
                Column::build("Value").nullable().formatted_string(0),
                Column::build("Component_").id_string(72),
            ],
            rows: REMEMBERED
                .iter()
                .map(|(property, former)| {
                    let value = format!("[{property}]");
                    let (at, name) = (text(&*place), text(*property));
                    vec![text(*former), number(MACHINE), at, name, text(value), text(COMPONENT)]
                })
                .collect(),
        },
        Table {
            name: "RegLocator",
            columns: vec![
                key("Signature_"),
                root(),
                path(),
                name(),
                Column::build("Type").nullable().int16(),
            ],
            rows: REMEMBERED
                .iter()
                .map(|(property, former)| {
                    let (at, name) = (text(&*place), text(*property));
                    vec![text(*former), number(MACHINE), at, name, number(RAW_VALUE_64_BIT)]
                })
                .collect(),
        },
        Table {
            name: "AppSearch",
            columns: vec![key("Property"), key("Signature_")],
            rows: REMEMBERED.iter().map(|(_, former)| vec![text(*former), text(*former)]).collect(),
        },
    ]
}

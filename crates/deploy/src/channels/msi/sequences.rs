//! Owns when what happens: the order of Windows Installer's actions and of ours.
//!
//! Does not own what our actions do (`tables`). Source: Microsoft's «Suggested InstallExecuteSequence».
//!
//! Once the product is installed, anybody may repair it (`msiexec /fa`), and say the properties that the
//! system's half hears. So only an installation (`NOT Installed`) runs our program and writes down where
//! the site is, and what was written is looked up by the system's half alone: not in `SHOW`.

use ::msi::{Category, Column, Value};

use super::tables::{Table, key, number, text};

/// When what happens: action, condition, number.
const EXECUTE: &[(&str, Option<&str>, i32)] = &[
    ("FindRelatedProducts", None, 25),
    ("NewerFound", Some("NEWERFOUND"), 30),
    ("AppSearch", None, 50),
    ("ValidateProductID", None, 700),
    ("CostInitialize", None, 800),
    ("FileCost", None, 900),
    ("CostFinalize", None, 1000),
    ("KeepSite", Some("NOT SITE AND FORMERSITE"), 1080),
    ("KeepSiteDir", Some("NOT SITEDIR AND FORMERSITEDIR"), 1090),
    ("SetSiteDir", Some("NOT SITEDIR"), 1100),
    ("InstallValidate", None, 1400),
    ("InstallInitialize", None, 1500),
    ("RemoveExistingProducts", None, 1510),
    ("ProcessComponents", None, 1600),
    ("UnpublishFeatures", None, 1800),
    ("RemoveRegistryValues", None, 2600),
    ("RemoveFiles", None, 3500),
    ("InstallFiles", None, 4000),
    ("InstallSite", Some("NOT Installed AND NOT SITE"), 4100),
    ("InstallSiteInIis", Some("NOT Installed AND SITE"), 4110),
    ("WriteRegistryValues", Some("NOT Installed"), 5000),
    ("RegisterUser", None, 6000),
    ("RegisterProduct", None, 6100),
    ("PublishFeatures", None, 6300),
    ("PublishProduct", None, 6400),
    ("InstallFinalize", None, 6600),
];

/// The same for what is shown: no dialogues, the execution alone.
const SHOW: &[(&str, Option<&str>, i32)] = &[
    ("FindRelatedProducts", None, 25),
    ("NewerFound", Some("NEWERFOUND"), 30),
    ("CostInitialize", None, 800),
    ("FileCost", None, 900),
    ("CostFinalize", None, 1000),
    ("ExecuteAction", None, 1300),
];

/// Unpacking for administrators (`msiexec /a`).
const UNPACK: &[(&str, Option<&str>, i32)] = &[
    ("CostInitialize", None, 800),
    ("FileCost", None, 900),
    ("CostFinalize", None, 1000),
    ("InstallValidate", None, 1400),
    ("InstallInitialize", None, 1500),
    ("InstallAdminPackage", None, 3900),
    ("InstallFiles", None, 4000),
    ("InstallFinalize", None, 6600),
];

/// The tables of sequences.
pub(super) fn sequences() -> [Table; 3] {
    [
        ("InstallExecuteSequence", EXECUTE),
        ("InstallUISequence", SHOW),
        ("AdminExecuteSequence", UNPACK),
    ]
    .map(|(name, actions)| Table {
        name,
        columns: vec![
            key("Action"),
            Column::build("Condition").nullable().category(Category::Condition).string(255),
            Column::build("Sequence").nullable().int16(),
        ],
        rows: actions
            .iter()
            .map(|(action, condition, sequence)| {
                vec![text(*action), condition.map_or(Value::Null, text), number(*sequence)]
            })
            .collect(),
    })
}

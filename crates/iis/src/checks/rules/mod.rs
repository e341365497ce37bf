//! Owns the rules, a file for each thing that they look at.
//!
//! Does not run them.

pub(super) mod answers;
pub(super) mod app_pools;
pub(super) mod filtering;
pub(super) mod leftovers;
pub(super) mod mappings;
pub(super) mod pools;
pub(super) mod processors;
pub(super) mod project;
pub(super) mod pythons;
pub(super) mod reading;
pub(super) mod secrets;
pub(super) mod served;
pub(super) mod statics;
pub(super) mod structure;
pub(super) mod values;
pub(super) mod variables;

/// Microsoft's reference of the configuration, up to the section's name.
macro_rules! reference {
    ($page:literal) => {
        concat!("https://learn.microsoft.com/iis/configuration/", $page)
    };
}
pub(super) use reference;

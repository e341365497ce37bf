//! Owns the rules, a file for each thing that they look at.
//!
//! Does not run them.

pub(super) mod commands;
pub(super) mod databases;
pub(super) mod entries;
pub(super) mod files;
pub(super) mod manifest;
pub(super) mod options;
pub(super) mod parameters;
pub(super) mod reading;
pub(super) mod site;
pub(super) mod zip;

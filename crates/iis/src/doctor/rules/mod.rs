//! Owns the rules about machines, a file for each thing that they look at.
//!
//! Does not run them.

pub(super) mod access;
pub(super) mod entries;
pub(super) mod iis;
pub(super) mod imports;
pub(super) mod pool;
pub(super) mod python;
pub(super) mod recent;
pub(super) mod surroundings;

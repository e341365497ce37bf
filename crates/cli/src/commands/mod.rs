//! Owns the commands, one file each.

pub(crate) mod fcgi;

//! Owns the commands, one file each.

mod log_follower;

mod site;

pub(crate) mod explain;

pub(crate) mod fcgi;

pub(crate) mod keep;

pub(crate) mod replay;

pub(crate) mod request;

pub(crate) mod serve;

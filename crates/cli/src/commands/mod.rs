//! Owns the commands, one file each.

mod console_log;

mod log_entry;

mod log_follower;

mod planned;

mod site;

pub(crate) mod check;

pub(crate) mod config;

pub(crate) mod debug;

pub(crate) mod doctor;

pub(crate) mod explain;

pub(crate) mod fcgi;

pub(crate) mod feed;

pub(crate) mod init;

pub(crate) mod keep;

pub(crate) mod iis;

pub(crate) mod logs;

pub(crate) mod package;

pub(crate) mod status;

pub(crate) mod replay;

pub(crate) mod request;

pub(crate) mod serve;
mod serve_lines;

pub(crate) mod service;

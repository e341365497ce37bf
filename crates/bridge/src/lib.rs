//! Owns the application side without Python: what the params of a request mean (environ names,
//! paths, scheme) and what an app's answer must be (status, headers, body length).
//!
//! Knows no pipe, no Python and no web server's process: bytes in, bytes and verdicts out.

pub mod limits;

mod names;

mod name_table;

mod ansi;

mod iis_path;

mod paths;

mod head;

mod body;

pub use ansi::Ansi;
pub use body::{BodyRule, Budget};
pub use head::{Head, HeadError};
pub use name_table::NameTable;
pub use names::{Name, Special, classify};
pub use paths::{PathRules, Paths, SpecialValues, is_https, is_iis};

//! Owns shipping: Web Deploy packages (`package`), installing them (`install`), WebPI feeds (`feed`),
//! the living channels (`channels`).
//!
//! Does not own how IIS is configured (`iis`), nor asking and printing (`cli`).

pub mod channels;
pub mod feed;
pub mod install;
pub mod package;

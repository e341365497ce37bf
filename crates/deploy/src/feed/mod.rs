//! Owns WebPI feeds: reading and writing them, making one of packages, judging one, installing from one.
//!
//! Does not own packages (`package`), nor how one is installed (`install`): who installs from a feed is
//! handed that as a function.
//!
//! Microsoft switched its own feed off in 2022 and retired the reader; the format lives on here, and
//! for old estates.

pub mod cache;
pub mod digest;
pub mod discovery;
pub mod fetch;
pub mod install;
pub mod limits;
pub mod location;
pub mod make;
pub mod model;
pub mod resolve;
pub mod verify;

mod error;
mod http;
mod read;
mod this_machine;
mod write;

#[cfg(test)]
mod tests;

pub use digest::Digests;
pub use error::Error;
pub use http::Http;
pub use location::Location;
pub use model::Feed;
pub use read::{Reading, load, read};
pub use this_machine::ThisMachine;
pub use write::write;

//! Owns the tests of packages as a whole: real samples, broken packages, building and verifying.
//!
//! Does not own installing them.

mod broken;
mod building;
mod options;
mod reading;
mod samples;
mod support;
mod verifying;

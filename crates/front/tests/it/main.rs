//! Owns whole journeys through the stand-in: real processes, real sockets, no Python. The FastCGI
//! application is this very test program, started a second time (see `application`).
//!
//! Does not test rules that have a home of their own: pool, mapping, variables. On Windows the
//! journeys are those of `tests/windows`.
#![cfg(unix)]

mod application;
mod client;
mod conduct;
mod failures;
mod journeys;
mod processes;
mod server;
mod static_files;

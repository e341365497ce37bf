//! Owns what a web server starts: finding the interpreter, keeping the workers, handing the pipe
//! over, and saying why Python did not start.
//!
//! Links no Python and parses no flags.

pub mod control;

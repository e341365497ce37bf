//! Owns for whom a command prints.
//!
//! Does not own printing (`printer`).

/// For whom something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OutputForm {
    /// For people
    Text,
    /// For programs
    Json,
}

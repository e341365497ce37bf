//! Owns how well Rust code is made before it is run or shipped.
//!
//! Does not own calling cargo: each chore does.

use std::process::Command;

/// How release builds are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// As users get it: as `Cargo.toml` says.
    Shipped,
    /// For tests and a first look, in half of the time.
    Quick,
}

impl Build {
    /// Tells cargo, or what calls it.
    pub(crate) fn tell(self, command: &mut Command) {
        if self == Build::Quick {
            command.env("CARGO_PROFILE_RELEASE_LTO", "off");
            command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
            command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        }
    }
}

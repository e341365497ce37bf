//! Owns how well Rust code is made before it is run or shipped.
//!
//! Does not own calling cargo: each chore does.

use std::process::Command;

/// Which of `Cargo.toml`'s profiles a build is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// As users get it.
    Shipped,
    /// For tests and a first look: what `cargo test` has built is not built again.
    Quick,
}

impl Build {
    /// The name of the profile, for `cargo build --profile`.
    pub(crate) fn profile(self) -> &'static str {
        match self {
            Build::Shipped => "release",
            Build::Quick => "dev",
        }
    }

    /// The folder below the target folder that cargo keeps the profile's results in.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Build::Shipped => "release",
            Build::Quick => "debug",
        }
    }

    /// Tells what builds a Python package.
    pub(crate) fn tell(self, pip: &mut Command) {
        pip.env("SETUPTOOLS_RUST_CARGO_PROFILE", self.profile());
    }
}

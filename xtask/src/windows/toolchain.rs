//! Owns finding a Rust compiler that can build for Windows.
//!
//! Does not own the building.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// What a cross-build builds for.
pub(super) const TARGET: &str = "x86_64-pc-windows-gnu";

/// Where Debian's `rustc-web` lies, which a toolchain of rustup hides in `PATH`.
const OF_DEBIAN: &str = "/usr/bin/rustc";

/// How the standard library for Windows is come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StandardLibrary {
    /// It came with the compiler.
    Installed,
    /// It is built from the sources beside the compiler.
    Built,
}

/// A compiler that can build for Windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Toolchain {
    pub(super) rustc: PathBuf,
    pub(super) standard_library: StandardLibrary,
}

impl Toolchain {
    /// The usual compiler if it knows Windows, else one that can build the standard library.
    pub(super) fn find() -> Result<Self> {
        let mut candidates = Vec::new();
        for rustc in [Path::new("rustc"), Path::new(OF_DEBIAN)] {
            let sysroot = process::output(Command::new(rustc).args(["--print", "sysroot"]));
            if let Ok(sysroot) = sysroot {
                candidates.push((rustc.to_owned(), PathBuf::from(sysroot.trim())));
            }
        }
        choose(&candidates).ok_or_else(|| {
            anyhow::anyhow!(
                "no Rust compiler here can build for Windows; run `rustup target add {TARGET}`, \
                 or on Debian `apt-get install rustc-web rust-web-src`"
            )
        })
    }

    /// Clippy of the same version: its results fit no other compiler's libraries.
    pub(super) fn clippy(&self) -> Result<PathBuf> {
        let beside = self.rustc.with_file_name("cargo-clippy");
        if !process::exists(&beside.to_string_lossy()) {
            bail!(
                "there is no cargo-clippy beside {}; run `rustup component add clippy`, \
                 or on Debian `apt-get install rust-web-clippy`",
                self.rustc.display()
            );
        }
        Ok(beside)
    }
}

/// Whether this machine can compile Rust for Windows.
pub(crate) fn is_there() -> bool {
    cfg!(windows) || Toolchain::find().is_ok()
}

/// Whether this machine can lint Rust for Windows.
pub(crate) fn has_clippy() -> bool {
    cfg!(windows) || Toolchain::find().is_ok_and(|toolchain| toolchain.clippy().is_ok())
}

/// Of compilers and their folders, the first with the finished library, else with its sources.
fn choose(candidates: &[(PathBuf, PathBuf)]) -> Option<Toolchain> {
    let have = |file: &str, standard_library| {
        let found = candidates.iter().find(|(_, sysroot)| sysroot.join(file).exists());
        found.map(|(rustc, _)| Toolchain { rustc: rustc.clone(), standard_library })
    };
    have(&format!("lib/rustlib/{TARGET}/lib"), StandardLibrary::Installed).or_else(|| {
        // The vendored crates: without them the sources' dependencies may not be at hand.
        have("lib/rustlib/src/rust/library/Cargo.lock", StandardLibrary::Built)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_finished_library_is_preferred_to_building_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let sysroot = |name: &str| dir.path().join(name);
        let candidates =
            ["plain", "sources", "finished"].map(|name| (PathBuf::from(name), sysroot(name)));
        fs::create_dir_all(sysroot("sources/lib/rustlib/src/rust/library")).expect("made");
        fs::write(sysroot("sources/lib/rustlib/src/rust/library/Cargo.lock"), "").expect("made");
        assert_eq!(choose(&candidates[..1]), None);
        let check = |rustc: &str, standard_library| {
            let rustc = PathBuf::from(rustc);
            assert_eq!(choose(&candidates), Some(Toolchain { rustc, standard_library }));
        };
        check("sources", StandardLibrary::Built);
        fs::create_dir_all(sysroot("finished/lib/rustlib/x86_64-pc-windows-gnu/lib"))
            .expect("made");
        check("finished", StandardLibrary::Installed);
    }
}

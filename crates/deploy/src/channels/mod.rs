//! Owns the living channels that a site can be shipped through: Windows Installer (`msi`) and winget.
//!
//! Does not own the package that they carry (`package`).

pub mod about;
pub mod msi;
pub mod winget;

/// Why a site cannot be shipped through a channel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What the channel does not take.
    #[error("{what}: {message}")]
    Refused {
        /// Which value.
        what: &'static str,
        /// What is wrong with it, and what mends it.
        message: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    fn refused(what: &'static str, message: impl Into<String>) -> Self {
        Error::Refused { what, message: message.into() }
    }

    fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    }
}

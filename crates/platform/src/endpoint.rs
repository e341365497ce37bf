//! Owns the names of places to listen at: `unix:PATH`, `tcp:HOST:PORT`.
//!
//! Does not own the listening sockets (`listener`, each system's own).

use crate::system::listener::Listener;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A Unix socket at a path.
    Unix(PathBuf),
    /// A TCP address, `HOST:PORT`.
    Tcp(String),
}

/// Why a word is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseEndpointError(String);

impl fmt::Display for ParseEndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an endpoint: {}: expected unix:PATH or tcp:HOST:PORT", self.0)
    }
}

impl std::error::Error for ParseEndpointError {}

impl FromStr for Endpoint {
    type Err = ParseEndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseEndpointError(text.to_owned());
        match text.split_once(':').ok_or_else(error)? {
            ("unix", path) if !path.is_empty() => Ok(Self::Unix(path.into())),
            ("tcp", address) => {
                let (host, port) = address.rsplit_once(':').ok_or_else(error)?;
                port.parse::<u16>().map_err(|_| error())?;
                if host.is_empty() { Err(error()) } else { Ok(Self::Tcp(address.to_owned())) }
            }
            _ => Err(error()),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
        }
    }
}

impl Endpoint {
    /// Listens. A dead socket file in the way is replaced, a living one is respected.
    ///
    /// # Errors
    /// `AddrInUse` when another process listens there; `Unsupported` for a Unix socket on Windows;
    /// as the system's otherwise.
    pub fn listen(&self) -> io::Result<Listener> {
        match self {
            Self::Tcp(address) => Listener::try_from(std::net::TcpListener::bind(address)?),
            Self::Unix(path) => Listener::at_path(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_read_and_print_alike() {
        for text in ["unix:/run/a b.sock", "tcp:127.0.0.1:9000", "tcp:[::1]:0"] {
            assert_eq!(text.parse::<Endpoint>().expect("an endpoint").to_string(), text);
        }
        for text in ["", "unix:", "tcp:9000", "tcp:host:x", "tcp::1", "pipe:x", "/run/x.sock"] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }
}

//! Owns the choice of TLS library, and what a secure connection is: the only file that names it.
//!
//! Does not own certificates (`certificate` does), nor what is served over the connection.

use std::io;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{CipherSuite, ServerConfig, crypto, version};

use crate::certificate::CertificateFiles;
use crate::error::Error;
use crate::runtime::TcpStream;

/// A connection over which HTTP is spoken in secret.
pub(crate) type TlsStream = tokio_rustls::server::TlsStream<TcpStream>;

/// Makes secure connections of connections.
#[derive(Clone)]
pub(crate) struct Acceptor(tokio_rustls::TlsAcceptor);

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Acceptor")
    }
}

impl Acceptor {
    /// Reads a certificate and its key.
    ///
    /// # Errors
    /// When a file cannot be read, holds none, or the two do not belong together.
    pub(crate) fn new(files: &CertificateFiles) -> Result<Self, Error> {
        let refused = |path: &std::path::Path, why: String| {
            Error::Certificate(format!("{}: {why}", path.display()))
        };
        let chain = CertificateDer::pem_file_iter(&files.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| refused(&files.certificate, error.to_string()))?;
        if chain.is_empty() {
            return Err(refused(&files.certificate, "no BEGIN CERTIFICATE in it".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_file(&files.key)
            .map_err(|error| refused(&files.key, error.to_string()))?;
        let provider = Arc::new(crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(|error| Error::Certificate(error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| refused(&files.certificate, error.to_string()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Acceptor(Arc::new(config).into()))
    }

    /// Shakes hands with a client.
    ///
    /// # Errors
    /// When it does not, or trusts the certificate not.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream> {
        self.0.accept(stream).await
    }
}

/// How many bits the key of a connection's cipher has.
pub(crate) fn cipher_bits(stream: &TlsStream) -> u16 {
    let suite = stream.get_ref().1.negotiated_cipher_suite().map(|suite| suite.suite());
    match suite {
        Some(
            CipherSuite::TLS13_AES_128_GCM_SHA256
            | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ) => 128,
        _ => 256,
    }
}

#[cfg(test)]
mod tests {
    use super::Acceptor;
    use crate::certificate::CertificateFiles;

    #[test]
    fn what_is_no_certificate_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let files = CertificateFiles {
            certificate: folder.path().join("a.pem"),
            key: folder.path().join("a.key"),
        };
        assert!(Acceptor::new(&files).unwrap_err().to_string().contains("a.pem"));
        std::fs::write(&files.certificate, "nothing").unwrap();
        assert!(Acceptor::new(&files).unwrap_err().to_string().contains("no BEGIN CERTIFICATE"));
    }
}

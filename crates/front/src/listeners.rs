//! Owns the addresses that are listened at, for HTTP and for HTTPS, and the connections that come.
//!
//! Does not say what is answered (`respond` does), nor make certificates.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::certificate::{self, CertificateFiles};
use crate::error::Error;
use crate::respond::Front;
use crate::runtime::{TcpListener, TcpStream, accepted, select, serve_connection, timeout, watch};
use crate::settings::{HOST_DEFAULT, PORT_DEFAULT};
use crate::tls::{Acceptor, cipher_bits};

/// How long a client may take to shake hands; HTTP.sys gives as long to send a head.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(120);

/// Where a site is listened at; at least one of both.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) http: Option<TcpListener>,
    pub(crate) https: Option<Secure>,
}

/// Where it is listened for HTTPS.
#[derive(Debug)]
pub(crate) struct Secure {
    listener: TcpListener,
    acceptor: Acceptor,
    pub(crate) files: CertificateFiles,
    /// It is the development certificate.
    pub(crate) is_ours: bool,
}

impl Listeners {
    /// Takes the addresses that settings and bindings name.
    pub(crate) async fn open(front: &Front) -> Result<Self, Error> {
        let (settings, site) = (&front.settings, &front.site);
        let host = |binding: &Option<(String, u16)>| {
            let of_binding = binding.as_ref().map(|(host, _)| host.clone());
            settings.host.clone().or(of_binding).unwrap_or_else(|| HOST_DEFAULT.to_owned())
        };
        let port_of = |binding: &Option<(String, u16)>| binding.as_ref().map(|(_, port)| *port);
        let https_port = settings.https_port.or(port_of(&site.https_binding));
        let http_port = settings.port.or(port_of(&site.binding));
        // A site whose bindings are all for HTTPS has no other address.
        let http_port = match (http_port, &site.https_binding) {
            (None, Some(_)) => None,
            (port, _) => Some(port.unwrap_or(PORT_DEFAULT)),
        };
        let http = match http_port {
            Some(port) => Some(listen(&host(&site.binding), port).await?),
            None => None,
        };
        let https = match https_port {
            Some(port) => {
                let listener = listen(&host(&site.https_binding), port).await?;
                Some(Secure::new(front, listener)?)
            }
            None => None,
        };
        Ok(Listeners { http, https })
    }

    /// The next connection; may be dropped and asked again.
    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, Option<Acceptor>)> {
        let secure = self.https.as_ref();
        select! {
            Some(taken) = take(self.http.as_ref()) => Ok((taken?, None)),
            Some(taken) = take(secure.map(|secure| &secure.listener)) => {
                Ok((taken?, secure.map(|secure| secure.acceptor.clone())))
            }
            else => std::future::pending().await,
        }
    }

    /// The addresses for HTTP and for HTTPS.
    pub(crate) fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        let at = |listener: &TcpListener| listener.local_addr().ok();
        let secure = self.https.as_ref().map(|secure| &secure.listener);
        (self.http.as_ref().and_then(at), secure.and_then(at))
    }
}

impl Secure {
    fn new(front: &Front, listener: TcpListener) -> Result<Self, Error> {
        let given = front.settings.certificate.clone();
        let is_ours = given.is_none();
        let files = match given {
            Some(files) => files,
            None => certificate::development(&front.site.binding_hosts)?,
        };
        Ok(Secure { listener, acceptor: Acceptor::new(&files)?, files, is_ours })
    }
}

async fn listen(host: &str, port: u16) -> Result<TcpListener, Error> {
    let refused = |source| Error::Listen { address: format!("{host}:{port}"), source };
    TcpListener::bind((host, port)).await.map_err(refused)
}

async fn take(listener: Option<&TcpListener>) -> Option<io::Result<TcpStream>> {
    Some(listener?.accept().await.map(|(stream, _)| stream))
}

/// Serves what a connection asks, until it ends.
pub(crate) async fn converse(
    front: Arc<Front>,
    stream: TcpStream,
    acceptor: Option<Acceptor>,
    stop: watch::Receiver<bool>,
) {
    let Some(mut peers) = accepted(&stream) else { return };
    let service = move |request, peers| {
        let front = Arc::clone(&front);
        async move { front.respond(request, peers).await }
    };
    let Some(acceptor) = acceptor else {
        return serve_connection(stream, peers, stop, service).await;
    };
    match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => {
            peers.cipher_bits = Some(cipher_bits(&stream));
            serve_connection(stream, peers, stop, service).await;
        }
        Ok(Err(error)) => log::debug!("no handshake with {}: {error}", peers.remote),
        Err(_) => log::debug!("no handshake with {}: it took too long", peers.remote),
    }
}

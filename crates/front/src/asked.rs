//! Owns what modules look at of a request: its head, both ends of its connection, its decoded path.
//!
//! Does not own its body, which only who executes it gets.

use std::sync::Arc;

use crate::runtime::{Method, Parts, Peers, Request, header};
use crate::url::UrlPath;

/// A request's head as the modules need it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) parts: Parts,
    pub(crate) peers: Peers,
    pub(crate) path: UrlPath,
    /// Path and query as the client sent them, where URL Rewrite has put others in their place.
    pub(crate) rewritten_from: Option<String>,
    /// Who signed on, as `DOMAIN\user`; `None` for everyone else.
    pub(crate) user: Option<Arc<str>>,
}

impl Asked {
    /// Path and query as the client sent them.
    pub(crate) fn request_uri(&self) -> &str {
        let uri = || self.parts.uri.path_and_query().map_or("/", |uri| uri.as_str());
        self.rewritten_from.as_deref().unwrap_or_else(uri)
    }

    /// The same request, for another path.
    pub(crate) fn again(&self, path: UrlPath) -> Asked {
        let rewritten_from = self.rewritten_from.clone();
        let (parts, user) = (self.parts.clone(), self.user.clone());
        Asked { parts, peers: self.peers, path, rewritten_from, user }
    }

    /// Host and port that the client named, else those that it reached.
    pub(crate) fn host(&self) -> String {
        let named = self.parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let named = named.or(self.parts.uri.authority().map(|authority| authority.as_str()));
        named.map_or_else(|| self.peers.local.to_string(), str::to_owned)
    }

    /// `http` or `https`.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.peers.cipher_bits.is_some() { "https" } else { "http" }
    }

    /// The same client's request for another URL of the site, as a server asks itself: without a
    /// body.
    pub(crate) fn instead(&self, path_and_query: &str) -> Option<Asked> {
        let mut builder = Request::builder().uri(path_and_query).version(self.parts.version);
        let is_head = self.parts.method == Method::HEAD;
        builder = builder.method(if is_head { Method::HEAD } else { Method::GET });
        let (mut parts, ()) = builder.body(()).ok()?.into_parts();
        parts.headers = self.parts.headers.clone();
        let of_the_body = [
            header::CONTENT_LENGTH,
            header::CONTENT_TYPE,
            header::TRANSFER_ENCODING,
            header::RANGE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            header::IF_MODIFIED_SINCE,
            header::IF_UNMODIFIED_SINCE,
        ];
        for name in of_the_body {
            parts.headers.remove(name);
        }
        let path = UrlPath::decode(parts.uri.path())?;
        Some(Asked {
            parts,
            peers: self.peers,
            path,
            rewritten_from: None,
            user: self.user.clone(),
        })
    }
}

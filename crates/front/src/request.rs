//! Owns one request through the whole stack without a socket.
//!
//! Does not print the response: it hands it over as it comes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use crate::error::Error;
use crate::respond::{Front, Hooks};
use crate::runtime::{
    HeaderName, HeaderValue, Method, Peers, Request, Uri, header, run, whole_body,
};
use crate::settings::{Note, PORT_DEFAULT, Settings};

/// A request to send.
#[derive(Debug, Clone, Default)]
pub struct OneRequest {
    /// The method.
    pub method: String,
    /// A path with a query, or a whole URL, whose host and port the application will see.
    pub url: String,
    /// Headers in the order in which they are sent.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The head of the response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseHead {
    /// The status.
    pub status: u16,
    /// The words behind it.
    pub reason: String,
    /// Lower-case names with values, repeated ones apart.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// Who is told of the response as it comes.
pub trait ResponseSink {
    /// Gets what should be known about the configuration, before anything else.
    fn notes(&mut self, notes: &[Note]);
    /// Gets the head.
    ///
    /// # Errors
    /// When it cannot be passed on; the request ends then.
    fn head(&mut self, head: &ResponseHead) -> io::Result<()>;
    /// Gets a piece of the body.
    ///
    /// # Errors
    /// When it cannot be passed on; the request ends then.
    fn body(&mut self, piece: &[u8]) -> io::Result<()>;
}

/// Sends one request to a site that is started for it and ended after it.
///
/// # Errors
/// When the configuration cannot be understood, the request is none, the response breaks off, or
/// the sink fails.
pub fn request(
    settings: Settings,
    hooks: Hooks,
    request: &OneRequest,
    sink: &mut dyn ResponseSink,
) -> Result<(), Error> {
    let is_secure = request.url.to_ascii_lowercase().starts_with("https:");
    let (request, port) = build(request)?;
    let front = Front::load(settings, hooks)?;
    sink.notes(&front.notes());
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let peers = Peers { local: at(port), remote: at(0), cipher_bits: is_secure.then_some(256) };
    let conversation = async {
        let response = front.respond(request, peers).await;
        let result = pass_on(response, sink).await;
        front.shut_down().await;
        result
    };
    let what = "cannot start the runtime";
    run(conversation).map_err(|source| Error::Io { what, source })?
}

async fn pass_on(
    response: crate::runtime::Response<crate::body::Body>,
    sink: &mut dyn ResponseSink,
) -> Result<(), Error> {
    let written = |source| Error::Io { what: "cannot pass the response on", source };
    let reason = crate::runtime::reason(&response);
    let (parts, mut body) = response.into_parts();
    let owned = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), value.as_bytes().to_vec())
    };
    let headers = parts.headers.iter().map(owned).collect();
    sink.head(&ResponseHead { status: parts.status.as_u16(), reason, headers }).map_err(written)?;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|truncated| Error::Truncated(truncated.to_string()))?;
        sink.body(&piece).map_err(written)?;
    }
    Ok(())
}

/// Makes an HTTP request, and the port that it goes to.
fn build(request: &OneRequest) -> Result<(Request<crate::runtime::RequestBody>, u16), Error> {
    let usage = |what: String| Error::UsageRequest(what);
    let uri: Uri = request.url.parse().map_err(|e| usage(format!("{}: {e}", request.url)))?;
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|e| usage(format!("{}: {e}", request.method)))?;
    let usual = match uri.scheme_str() {
        Some("https") => 443,
        Some(_) => 80,
        None => PORT_DEFAULT,
    };
    let port = uri.port_u16().unwrap_or(usual);
    let host = uri.authority().map_or(format!("localhost:{port}"), ToString::to_string);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut built = Request::builder().method(method).uri(path);
    for (name, value) in &request.headers {
        built = built.header(name.as_str(), value.as_slice());
    }
    let has_length = !request.body.is_empty();
    if has_length {
        built = built.header(header::CONTENT_LENGTH, request.body.len());
    }
    let body = whole_body(request.body.clone());
    let mut built = built.body(body).map_err(|e| usage(e.to_string()))?;
    let host = HeaderValue::from_str(&host).map_err(|e| usage(e.to_string()))?;
    built.headers_mut().entry(header::HOST).or_insert(host);
    Ok((built, port))
}

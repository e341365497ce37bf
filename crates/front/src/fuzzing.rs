//! Owns the door by which fuzzing reaches what reads a request: a connection of bytes, and what each module
//! would see of the requests on it.
//!
//! Does not own what must hold of it (`fuzz/properties`), and answers nothing of a site's.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use iis::Inheritance;
use iis::request_filtering::RequestFiltering;

use crate::body::Body;
use crate::runtime::{
    Peers, Request, RequestBody, Response, StatusCode, Version, answers, header, next_bytes,
};
use crate::server_variables::{self, Inputs, host_name};
use crate::url::UrlPath;
use crate::{filtering, framing, host_names, windows_names};

/// A request that no module has refused.
#[derive(Debug)]
pub struct Seen {
    /// The decoded path.
    pub path: Vec<u8>,
    /// The server variables, as an application would get them.
    pub variables: Vec<(Cow<'static, str>, Vec<u8>)>,
    /// How much body came.
    pub body_bytes: u64,
    /// Whether it came to its end.
    pub is_body_whole: bool,
    /// Whether Windows could have files of that path.
    pub is_possible: bool,
}

impl Seen {
    /// A variable's value; empty if there is none.
    pub fn variable(&self, name: &str) -> &[u8] {
        self.variables.iter().find(|(other, _)| other == name).map_or(&[], |(_, value)| value)
    }
}

/// What came of a connection.
#[derive(Debug)]
pub struct Conversation {
    /// Requests in their order.
    pub requests: Vec<Seen>,
    /// How many there were, also those that were refused.
    pub count: usize,
    /// The bytes that the client got.
    pub answered: Vec<u8>,
}

/// Serves a connection on which these bytes come, and then its end.
pub fn conversation(bytes: &[u8]) -> Conversation {
    thread_local! {
        static RULES: RequestFiltering =
            Inheritance::defaults().request_filtering().expect("the shipped defaults are right");
    }
    let at = |octets: [u8; 4], port| SocketAddr::new(IpAddr::V4(Ipv4Addr::from(octets)), port);
    let peers =
        Peers { local: at([192, 0, 2, 2], 80), remote: at([192, 0, 2, 1], 999), cipher_bits: None };
    let (requests, count) = (RefCell::new(Vec::new()), Cell::new(0));
    let answered = answers(bytes, peers, async |request, peers| {
        count.set(count.get() + 1);
        let (status, seen) = look(request, peers).await;
        requests.borrow_mut().extend(seen);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        response
    });
    return Conversation { requests: requests.into_inner(), count: count.get(), answered };

    async fn look(request: Request<RequestBody>, peers: Peers) -> (StatusCode, Option<Seen>) {
        let (parts, mut body) = request.into_parts();
        let is_owed = framing::check(&parts).is_err() || host_names::check(&[], &parts).is_err();
        let Some(path) = UrlPath::decode(parts.uri.path()).filter(|_| !is_owed) else {
            return (StatusCode::BAD_REQUEST, None);
        };
        let look = filtering::Look {
            method: parts.method.as_str(),
            raw_path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            path: &path.text(),
            headers: &parts.headers,
        };
        if RULES.with(|rules| filtering::check(rules, &look)).is_err() {
            return (StatusCode::NOT_FOUND, None);
        }
        let headers: Vec<(&str, &[u8])> =
            parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let variables = server_variables::build(&Inputs {
            site_name: "Site",
            site_id: 1,
            application_path: "/",
            application_root: Path::new("/srv"),
            method: parts.method.as_str(),
            request_uri: parts.uri.path_and_query().map_or("/", |uri| uri.as_str()),
            query: parts.uri.query().unwrap_or_default(),
            path: path.as_bytes(),
            path_info_len: 0,
            allow_path_info: false,
            is_ansi: false,
            physical_path: Path::new("/srv/x"),
            protocol: if parts.version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" },
            headers: &headers,
            server_name: host.map_or("", host_name),
            local: peers.local,
            remote: peers.remote,
            secure: None,
            user: "",
        });
        let (mut body_bytes, mut is_body_whole) = (0, true);
        while let Some(piece) = next_bytes(&mut body).await {
            match piece {
                Ok(piece) => body_bytes += piece.len() as u64,
                Err(_) => {
                    is_body_whole = false;
                    break;
                }
            }
        }
        let is_possible = !windows_names::has_impossible(&path.text());
        let path = path.as_bytes().to_vec();
        let seen = Seen { path, variables, body_bytes, is_body_whole, is_possible };
        (StatusCode::NO_CONTENT, Some(seen))
    }
}

//! Owns the headers that every response gets: who answers, and what `<httpProtocol>` adds.
//!
//! Does not own headers that say something about a body.

use crate::answer::{Answer, SERVER};
use crate::folders::Folder;
use crate::runtime::{HeaderMap, HeaderName, HeaderValue, header};

/// Says who answers where no configuration could.
pub(crate) fn with_server(mut answer: Answer) -> Answer {
    answer.response.headers_mut().entry(header::SERVER).or_insert(SERVER);
    answer
}

/// Puts on a response what the configuration says for every one.
pub(crate) fn add_headers(headers: &mut HeaderMap, folder: &Folder) {
    if !folder.filtering.removes_server_header {
        headers.entry(header::SERVER).or_insert(SERVER);
    }
    append(headers, &folder.protocol.custom_headers);
    if !folder.protocol.keeps_alive {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

/// Adds headers beside those of the same name that are there, as IIS does.
pub(crate) fn append(headers: &mut HeaderMap, pairs: &[(String, String)]) {
    for (name, value) in pairs {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => drop(headers.append(name, value)),
            _ => log::warn!("not a header that HTTP can carry: {name}"),
        }
    }
}

//! Owns the refusal of requests that two servers could read in two ways: what one takes for a body, another
//! takes for the next request.
//!
//! Does not own what the HTTP library sees to: it refuses lengths that are no numbers or that differ and
//! chunks that are malformed, and of a request with a length and a coding it believes the coding and takes no
//! other from that connection.

use crate::answer::Refused;
use crate::runtime::{Parts, header};

/// Refuses it. Its connection is to end with the answer.
pub(crate) fn check(parts: &Parts) -> Result<(), Refused> {
    let mut codings = parts.headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_chunked =
        codings.next().is_none_or(|told| told.as_bytes().eq_ignore_ascii_case(b"chunked"));
    let why = if !is_chunked || codings.next().is_some() {
        "Its Transfer-Encoding is another than chunked, which nobody here undoes."
    } else if parts.headers.get_all(header::HOST).iter().count() > 1 {
        "It has more than one Host header."
    } else {
        return Ok(());
    };
    Err(Refused::new(400, 0, "Bad request", parts.uri.path()).lead(why))
}

//! Owns which requests are a site's by the host that they name, as HTTP.sys sorts them by bindings.
//!
//! Does not own addresses and ports: what is listened at is ours.

use crate::answer::Refused;
use crate::runtime::{Parts, Version, header};
use crate::server_variables::host_name;

/// Refuses what HTTP.sys would not hand to the site: another host's requests, and those of HTTP/1.1
/// that name none. `names` are in lower case; none of them means any.
pub(crate) fn check(names: &[String], parts: &Parts) -> Result<(), Refused> {
    let named = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let named = parts.uri.authority().map(|authority| authority.as_str()).or(named);
    let host = named.map(|named| host_name(named).to_lowercase()).unwrap_or_default();
    let is_owed = parts.version == Version::HTTP_11;
    let is_ours = if names.is_empty() {
        !host.is_empty() || !is_owed
    } else {
        names.iter().any(|name| matches(name, &host))
    };
    if is_ours {
        return Ok(());
    }
    let refused = Refused::new(400, 0, "Invalid host name", parts.uri.path());
    Err(if names.is_empty() {
        refused.lead("HTTP/1.1 requires a Host header.")
    } else {
        refused
            .lead("No binding of the site has this host name; HTTP.sys answers so before IIS sees it.")
            .fact("Host", named.unwrap_or("(none)"))
            .fact("Bindings", names.join(", "))
            .hint("Ask by a name of a binding, or start with --host to answer for every name")
    })
}

/// Whether a binding's host name, which may begin with `*.`, means a host.
fn matches(name: &str, host: &str) -> bool {
    match name.strip_prefix('*') {
        Some(domain) => host.len() > domain.len() && host.ends_with(domain),
        None => name == host,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn names() {
        for (name, host, expected) in [
            ("shop.example", "shop.example", true),
            ("shop.example", "www.shop.example", false),
            ("*.shop.example", "www.shop.example", true),
            ("*.shop.example", "a.b.shop.example", true),
            ("*.shop.example", "shop.example", false),
            ("localhost", "", false),
        ] {
            assert_eq!(matches(name, host), expected, "{name} {host}");
        }
    }
}

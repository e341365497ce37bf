//! Owns HTTP: the client, its bounds on time, and what its refusals mean.
//!
//! Does not own what is fetched. TLS certificates are judged by the system's own store, so that a
//! company's own authority counts; proxies are those of the environment.

use std::io::Write;
use std::sync::Arc;

use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::error::Error;
use super::fetch::{Fetch, copy_bounded, failed, fetch_file};
use super::limits::{ANSWER_TIMEOUT, DOWNLOAD_TIMEOUT, REDIRECTS_MAX};
use super::location::Location;

/// Reads from the web and from files.
#[derive(Debug)]
pub struct Http {
    agent: Agent,
}

impl Default for Http {
    fn default() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .user_agent(concat!("iisgate/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(ANSWER_TIMEOUT))
            .timeout_recv_response(Some(ANSWER_TIMEOUT))
            .timeout_global(Some(DOWNLOAD_TIMEOUT))
            .max_redirects(REDIRECTS_MAX)
            .build();
        Http { agent: config.into() }
    }
}

impl Fetch for Http {
    fn fetch(&mut self, place: &Location, at_most: u64, out: &mut dyn Write) -> Result<(), Error> {
        let url = match place {
            Location::File(path) => return fetch_file(path, at_most, out),
            Location::Web(url) => url,
        };
        let answer = self.agent.get(url).call().map_err(|error| told(place, &error))?;
        let (_, body): (_, Body) = answer.into_parts();
        if body.content_length().is_some_and(|length| length > at_most) {
            return Err(failed(place, format!("it is larger than {at_most} bytes")));
        }
        copy_bounded(place, &mut body.into_reader(), at_most, out)
    }

    fn reach(&mut self, place: &Location) -> Result<(), Error> {
        match place {
            Location::File(path) => std::fs::metadata(path).map(|_| ()).map_err(Error::io(path)),
            Location::Web(url) => {
                let answer = self.agent.head(url).call();
                answer.map(|_| ()).map_err(|error| told(place, &error))
            }
        }
    }
}

/// What an error means to whoever asked.
fn told(place: &Location, error: &ureq::Error) -> Error {
    let message = match error {
        ureq::Error::StatusCode(404 | 410) => {
            "the server says that there is no such file".to_owned()
        }
        ureq::Error::StatusCode(401 | 403) => "the server does not let us have it".to_owned(),
        ureq::Error::StatusCode(status) => format!("the server answered {status}"),
        ureq::Error::Timeout(_) => "the server took too long".to_owned(),
        ureq::Error::HostNotFound => "there is no server of that name".to_owned(),
        ureq::Error::TooManyRedirects => {
            format!("it was sent elsewhere more than {REDIRECTS_MAX} times")
        }
        other => other.to_string(),
    };
    failed(place, message)
}

//! Owns the web-server side: the stand-in for IIS. The same `web.config`, the same process rules,
//! HTTP/1.1 in front and FastCGI behind.
//!
//! Does not print, parse flags or know Python, and never imports `bridge`: the two meet on the wire
//! only, so that neither relies on the other's mistakes.

mod access;
mod ansi;
mod answer;
mod asked;
mod body;
mod certificate;
mod conditional;
mod conduct;
mod directory;
mod error;
mod exchange;
mod failure;
mod fastcgi_module;
mod file_state;
mod filtering;
mod folders;
mod framing;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod host_names;
mod http;
mod http_errors;
mod instance;
mod launch;
mod listeners;
mod listing;
mod mapping;
mod notes;
mod pattern;
mod pieces;
pub mod pool;
mod range;
mod redirect;
mod reply;
mod request;
mod respond;
mod response_headers;
mod rewrite;
mod rewrite_variables;
mod runtime;
mod sending;
mod server_variables;
mod settings;
mod sign_on;
mod site;
mod static_files;
mod supervisor;
mod tap;
mod tls;
mod unwanted;
mod url;
mod ways;
mod windows_names;

pub use access::{AccessHook, AccessRecord};
pub use certificate::CertificateFiles;
pub use conduct::{ClientGone, Conduct, Cut, Manner};
pub use error::Error;
pub use http::{Banner, Control, Https, serve};
pub use request::{OneRequest, ResponseHead, ResponseSink, request};
pub use respond::Hooks;
pub use settings::{
    HOST_DEFAULT, HTTPS_PORT_DEFAULT, Note, NoteKind, PORT_DEFAULT, Settings, SiteSource,
};
pub use tap::{Direction, TapHook, TappedRecord};
pub use ways::{WAYS, Way};

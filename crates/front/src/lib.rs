//! Owns the web-server side: the stand-in for IIS. The same `web.config`, the same process rules,
//! HTTP/1.1 in front and FastCGI behind.
//!
//! Does not print, parse flags or know Python, and never imports `bridge`: the two meet on the wire
//! only, so that neither relies on the other's mistakes.

mod access;
mod answer;
mod body;
mod error;
mod exchange;
mod failure;
mod fastcgi_module;
mod http;
mod instance;
mod launch;
mod mapping;
mod notes;
mod pattern;
pub mod pool;
mod range;
mod reply;
mod request;
mod respond;
mod runtime;
mod server_variables;
mod settings;
mod site;
mod static_files;
mod supervisor;
mod tap;
mod url;

pub use access::{AccessHook, AccessRecord};
pub use error::Error;
pub use http::{Banner, Control, serve};
pub use request::{OneRequest, ResponseHead, ResponseSink, request};
pub use respond::Hooks;
pub use settings::{Cut, HOST_DEFAULT, Note, NoteKind, PORT_DEFAULT, Settings, SiteSource};
pub use tap::{Direction, TapHook, TappedRecord};

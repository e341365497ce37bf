//! Owns the web-server side: the stand-in for IIS. The same `web.config`, the same process rules,
//! HTTP/1.1 in front and FastCGI behind.
//!
//! Does not print, parse flags or know Python, and never imports `bridge`: the two meet on the wire
//! only, so that neither relies on the other's mistakes.

mod access;
mod ansi;
mod answer;
mod body;
mod conduct;
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
mod pieces;
pub mod pool;
mod range;
mod reply;
mod request;
mod respond;
mod runtime;
mod sending;
mod server_variables;
mod settings;
mod site;
mod static_files;
mod supervisor;
mod tap;
mod url;
mod ways;

pub use access::{AccessHook, AccessRecord};
pub use conduct::{ClientGone, Conduct, Cut, Manner};
pub use error::Error;
pub use http::{Banner, Control, serve};
pub use request::{OneRequest, ResponseHead, ResponseSink, request};
pub use respond::Hooks;
pub use settings::{HOST_DEFAULT, Note, NoteKind, PORT_DEFAULT, Settings, SiteSource};
pub use tap::{Direction, TapHook, TappedRecord};
pub use ways::{WAYS, Way};

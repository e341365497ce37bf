//! Owns FastCGI 1.0 for both sides of a connection: bytes in, [`Event`]s out; calls in, bytes out.
//!
//! Does not own sockets, pipes, clocks, threads or HTTP: the crate is `no_std` and the compiler
//! proves it. Section numbers in the docs are those of the FastCGI Specification 1.0 (1996).
//!
//! ```
//! use fastcgi::*;
//!
//! let mut web_server = Connection::new(Side::WebServer);
//! let mut application = Connection::new(Side::Application);
//! let id = RequestId::new(1).expect("not the management id");
//!
//! let mut wire = Vec::new();
//! web_server.begin_request(id, Role::Responder, true, &mut wire)?;
//! web_server.params(id, [(&b"REQUEST_METHOD"[..], &b"GET"[..])], &mut wire)?;
//! web_server.end_stdin(id, &mut wire)?;
//!
//! application.receive(&wire);
//! match application.poll_event()? {
//!     Some(Event::Request { params, .. }) => {
//!         let pairs: Result<Vec<_>, Error> = params.pairs().collect();
//!         assert_eq!(pairs?, [(&b"REQUEST_METHOD"[..], &b"GET"[..])]);
//!     }
//!     other => panic!("expected the request, got {other:?}"),
//! }
//! # Ok::<(), Error>(())
//! ```
#![no_std]
#![warn(missing_docs)]

extern crate alloc;

pub mod limits;

mod record;

mod name_value;

mod state;

mod event;

mod input;

mod connection;

mod stream;

mod control;

mod send;

mod frame;

pub mod cgi_head;

mod error;

pub use connection::Connection;
pub use error::{Error, Result};
pub use event::{Event, Params, Side};
pub use frame::{EndOfResponse, Frames, Padding};
pub use name_value::{Pairs, encode_pair, encoded_pair_len, pairs};
pub use record::{
    BeginRequest, EndRequest, HEADER_LEN, ProtocolStatus, RecordHeader, RecordType, RequestId,
    Role, VERSION_1,
};

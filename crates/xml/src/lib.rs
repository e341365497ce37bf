//! Owns XML files that people wrote: parse, edit, print. Every byte that was not asked to change stays
//! as it is: byte order mark, encoding, line ends, comments, order of attributes, quotes, indentation.
//!
//! Does not own what any element means, nor files: bytes in, bytes out. The crate is `no_std`.
//! Document type declarations are refused, so there are no entities to expand but the five that XML
//! has; namespaces are not looked at.
//!
//! ```
//! use xml::{Document, NewElement, Place};
//!
//! let mut document = Document::parse(b"<a>\r\n\t<b x='1'/><!-- why -->\r\n</a>")?;
//! let b = document.root().child("b").expect("it is there").id();
//! document.set_attribute(b, "x", "it's 2")?;
//! document.insert(document.root().id(), Place::End, &NewElement::new("c").attribute("y", "3"))?;
//! assert_eq!(
//!     document.to_bytes(),
//!     b"<a>\r\n\t<b x='it&apos;s 2'/><!-- why -->\r\n\t<c y=\"3\" />\r\n</a>"
//! );
//! # Ok::<(), xml::Error>(())
//! ```
//!
//! # How it works
//!
//! A [`Document`] is its text and a list of where the elements and attributes stand in it. An edit
//! replaces some bytes of the text and reads all of it again: what is in memory is what a reader of the
//! file will see, and an edit that would break the file is refused and undone.
#![no_std]
#![warn(missing_docs)]

extern crate alloc;

pub mod limits;

mod characters;

mod encoding;

mod error;

mod scanner;

mod references;

mod tree;

mod document;

mod element;

mod new_element;

mod layout;

mod edit;

pub use document::{Document, ElementId};
pub use edit::Place;
pub use element::{Attribute, Element};
pub use encoding::{Charset, Encoding};
pub use error::{Error, Position};
pub use new_element::NewElement;

/// What this crate's functions return.
pub type Result<T> = core::result::Result<T, Error>;

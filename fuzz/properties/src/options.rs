//! Owns the invariant: a .NET object stream is options that are the same when written and read again, or is
//! refused with its place; no count in it is believed.
//!
//! Does not own base64 and gzip around it.

use deploy::package::options::{OptionsError, ProviderOptions, decode_stream, encode_stream};

pub(crate) fn hold(bytes: &[u8]) {
    match decode_stream(bytes) {
        Ok(options) => {
            let again = decode_stream(&encode_stream(&options)).expect("what we wrote");
            assert_eq!(again, options);
        }
        Err(OptionsError::Stream { at, message }) => {
            assert!(at <= bytes.len() && !message.is_empty());
        }
        Err(_) => {}
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = ProviderOptions::of_value(text);
    }
}

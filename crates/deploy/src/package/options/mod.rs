//! Owns the value of `MSDeploy.MSDeployProviderOptions`: a provider's name, path and settings, as Web
//! Deploy keeps them in a package. It is base64 of gzip of a .NET object stream.
//!
//! Does not own the object stream (`nrbf`), nor what the settings do (`run_command` and Web Deploy).

mod nrbf;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{alphabet, engine::DecodePaddingMode};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{Read, Write};

pub use nrbf::{decode as decode_stream, encode as encode_stream};

/// The most bytes of a value as it stands in the file. Real ones have 500.
pub const VALUE_BYTES_MAX: usize = 256 * 1024;

/// The most bytes of an unpacked stream. A command of the longest length that Windows takes has 64 KB.
pub const STREAM_BYTES_MAX: usize = 1024 * 1024;

/// What a value holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderOptions {
    /// The provider, such as `runCommand`.
    pub provider: String,
    /// Its path; for a command, the command line, its variables expanded where it was made.
    pub path: String,
    /// Its settings in the order of the stream. Values are texts, also those of numbers.
    pub settings: Vec<(String, String)>,
}

impl ProviderOptions {
    /// Options without settings.
    pub fn new(provider: &str, path: &str) -> Self {
        Self { provider: provider.to_owned(), path: path.to_owned(), settings: Vec::new() }
    }

    /// A setting's value; case does not count.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let mut settings = self.settings.iter();
        settings.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// The value as it stands in a manifest. The same options give the same text everywhere.
    pub fn to_value(&self) -> String {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&encode_stream(self)).expect("writing to memory does not fail");
        STANDARD.encode(gzip.finish().expect("writing to memory does not fail"))
    }

    /// Reads a value.
    ///
    /// # Errors
    /// As [`decode`].
    pub fn of_value(value: &str) -> Result<Self, OptionsError> {
        if value.len() > VALUE_BYTES_MAX {
            return Err(OptionsError::TooLarge(VALUE_BYTES_MAX));
        }
        // Line ends come of editors that wrap attributes.
        let bytes: Vec<u8> = value.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let config = GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        let lenient = GeneralPurpose::new(&alphabet::STANDARD, config);
        decode(&lenient.decode(bytes).map_err(|error| OptionsError::Base64(error.to_string()))?)
    }
}

/// Why a value cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// It is no base64.
    #[error("no base64: {0}")]
    Base64(String),
    /// It is no gzip, or its end is missing.
    #[error("no gzip: {0}")]
    Gzip(String),
    /// It is larger than options ever are: a bomb.
    #[error("larger than {0} bytes, which options never are")]
    TooLarge(usize),
    /// The stream within is none of provider options.
    #[error("no stream of provider options: {message} at byte {at}")]
    Stream {
        /// Where, from the stream's begin.
        at: usize,
        /// What is wrong there.
        message: String,
    },
}

/// Reads gzip of a stream: what a value is when its base64 is undone. Any bytes may be given.
///
/// # Errors
/// When it is no gzip, unpacks to more than [`STREAM_BYTES_MAX`], or is no stream of provider options.
pub fn decode(gzip: &[u8]) -> Result<ProviderOptions, OptionsError> {
    decode_stream(&unpack(gzip)?)
}

/// Undoes gzip, within the bound.
///
/// # Errors
/// When it is no gzip, or too large.
pub fn unpack(gzip: &[u8]) -> Result<Vec<u8>, OptionsError> {
    let mut stream = Vec::new();
    let mut limited = GzDecoder::new(gzip).take(STREAM_BYTES_MAX as u64 + 1);
    limited.read_to_end(&mut stream).map_err(|error| OptionsError::Gzip(error.to_string()))?;
    if stream.len() > STREAM_BYTES_MAX {
        return Err(OptionsError::TooLarge(STREAM_BYTES_MAX));
    }
    Ok(stream)
}

//! Owns how response bytes are cut into records without copying them: headers made here, contents
//! by reference, so that a whole small response leaves in one vectored write.
//!
//! Does not own state checks (`send`) or the write itself.

use crate::limits::CONTENT_BYTES_SENT;
use crate::record::{EndRequest, HEADER_LEN, RecordHeader, RecordType, RequestId};
use alloc::vec::Vec;

/// Whether records are padded to a multiple of eight bytes (§3.3 recommends it; IIS, PHP and nginx
/// accept both).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// None: fewer bytes.
    #[default]
    None,
    /// To the next multiple of eight.
    Align8,
}

impl Padding {
    /// Padding bytes for a content of that size.
    pub(crate) const fn of(self, content: usize) -> u8 {
        match self {
            Self::None => 0,
            Self::Align8 => (content.wrapping_neg() & 7) as u8,
        }
    }
}

/// Bytes of padding records, by reference.
pub(crate) static ZEROES: [u8; 8] = [0; 8];

/// The 24 bytes that end a response: the empty STDOUT record and END_REQUEST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndOfResponse([u8; 24]);

impl EndOfResponse {
    /// Makes them.
    pub fn new(id: RequestId, end: EndRequest) -> Self {
        let mut bytes = [0; 24];
        let stdout = RecordHeader::new(RecordType::Stdout, id.get(), 0).encode();
        let header = RecordHeader::new(RecordType::EndRequest, id.get(), 8).encode();
        bytes[..8].copy_from_slice(&stdout);
        bytes[8..16].copy_from_slice(&header);
        bytes[16..].copy_from_slice(&end.encode());
        Self(bytes)
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The record headers for one run of content; reused from write to write.
#[derive(Debug, Default)]
pub struct Frames {
    headers: Vec<([u8; HEADER_LEN], u8)>,
}

impl Frames {
    /// Plans STDOUT records for `total` bytes of content.
    pub fn plan(&mut self, id: RequestId, total: usize, padding: Padding) {
        self.headers.clear();
        let mut left = total;
        while left > 0 {
            let content = left.min(CONTENT_BYTES_SENT);
            let pad = padding.of(content);
            let mut header = RecordHeader::new(RecordType::Stdout, id.get(), content as u16);
            header.padding_length = pad;
            self.headers.push((header.encode(), pad));
            left -= content;
        }
    }

    /// Gives each piece of the planned records to `emit`, in order: headers, slices of `parts`
    /// (whose sizes must add up to the planned total), padding. No piece is empty.
    pub fn emit<'a>(&'a self, parts: &[&'a [u8]], mut emit: impl FnMut(&'a [u8])) {
        let mut parts = parts.iter().copied().filter(|part| !part.is_empty());
        let mut part: &[u8] = &[];
        for (header, pad) in &self.headers {
            emit(header);
            let mut left = usize::from(u16::from_be_bytes([header[4], header[5]]));
            while left > 0 {
                if part.is_empty() {
                    part = parts.next().expect("the parts are as long as was planned");
                }
                let (now, later) = part.split_at(left.min(part.len()));
                emit(now);
                left -= now.len();
                part = later;
            }
            if *pad > 0 {
                emit(&ZEROES[..usize::from(*pad)]);
            }
        }
    }
}

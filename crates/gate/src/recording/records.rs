//! Owns cutting a recorded direction into records.
//!
//! Does not check what follows what: a recording shows what passed, right or wrong.

use fastcgi::{HEADER_LEN, RecordHeader, VERSION_1};

/// A whole record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// Its place in the direction's stream.
    pub(super) at: u64,
    pub(super) header: RecordHeader,
    /// Without padding.
    pub(super) content: &'a [u8],
}

/// What was found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'a> {
    Record(Record<'a>),
    /// Where the next record should begin stands something else; what follows is not looked at.
    NotFastCgi(u8),
}

/// Cuts one direction; holds a record until it is whole.
#[derive(Debug, Default)]
pub(super) struct Records {
    gathered: Vec<u8>,
    at: u64,
    is_lost: bool,
}

impl Records {
    /// Sees bytes pass.
    pub(super) fn pass(&mut self, bytes: &[u8], mut each: impl FnMut(Found<'_>)) {
        if self.is_lost {
            return;
        }
        self.gathered.extend_from_slice(bytes);
        let mut rest = self.gathered.as_slice();
        while let Some(first) = rest.first() {
            if *first != VERSION_1 {
                each(Found::NotFastCgi(*first));
                self.is_lost = true;
                rest = &[];
                break;
            }
            let Some(header) = rest.first_chunk::<HEADER_LEN>() else { break };
            let header = RecordHeader::decode(*header);
            let end = HEADER_LEN + usize::from(header.content_length);
            let whole = end + usize::from(header.padding_length);
            if rest.len() < whole {
                break;
            }
            each(Found::Record(Record { at: self.at, header, content: &rest[HEADER_LEN..end] }));
            self.at += whole as u64;
            rest = &rest[whole..];
        }
        let passed = self.gathered.len() - rest.len();
        self.gathered.drain(..passed);
    }

    /// Bytes of a record that is not whole.
    pub(super) fn unfinished(&self) -> usize {
        self.gathered.len()
    }
}

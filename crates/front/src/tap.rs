//! Owns the view on the records that pass between the front and an instance.
//!
//! Does not check them: the protocol core does. It only finds their borders, so that someone can
//! watch (`iisgate request -v`).

use std::fmt;
use std::sync::Arc;

use fastcgi::{HEADER_LEN, RecordHeader};

/// Which way a record went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the instance.
    Sent,
    /// From the instance.
    Received,
}

/// A record that passed.
#[derive(Debug, Clone, Copy)]
pub struct TappedRecord<'a> {
    /// Which way.
    pub direction: Direction,
    /// The instance's process id.
    pub instance: u32,
    /// Its header.
    pub header: RecordHeader,
    /// Its content, without padding.
    pub content: &'a [u8],
}

/// What is called for each record.
pub type TapHook = Arc<dyn Fn(&TappedRecord<'_>) + Send + Sync>;

/// Cuts one direction of a connection into records. Without a hook it does nothing.
pub(crate) struct Tap {
    hook: Option<TapHook>,
    direction: Direction,
    instance: u32,
    gathered: Vec<u8>,
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap").field("direction", &self.direction).finish_non_exhaustive()
    }
}

impl Tap {
    pub(crate) fn new(hook: Option<TapHook>, direction: Direction, instance: u32) -> Self {
        Tap { hook, direction, instance, gathered: Vec::new() }
    }

    /// Sees bytes pass. At most one record (64 KiB) is held back until it is whole.
    pub(crate) fn pass(&mut self, bytes: &[u8]) {
        let Some(hook) = &self.hook else { return };
        self.gathered.extend_from_slice(bytes);
        let mut rest = self.gathered.as_slice();
        while let Some(head) = rest.first_chunk::<HEADER_LEN>() {
            let header = RecordHeader::decode(*head);
            let content = usize::from(header.content_length);
            let whole = HEADER_LEN + content + usize::from(header.padding_length);
            if rest.len() < whole {
                break;
            }
            let content = &rest[HEADER_LEN..HEADER_LEN + content];
            let (direction, instance) = (self.direction, self.instance);
            hook(&TappedRecord { direction, instance, header, content });
            rest = &rest[whole..];
        }
        let passed = self.gathered.len() - rest.len();
        self.gathered.drain(..passed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::{Direction, Tap};

    #[test]
    fn records_are_found_however_they_arrive() {
        let stream = [
            b"\x01\x06\x00\x01\x00\x03\x05\x00abc\0\0\0\0\0".as_slice(),
            b"\x01\x06\x00\x01\x00\x00\x00\x00",
        ]
        .concat();
        for size in [1, 7, 9, stream.len()] {
            let seen = Arc::new(Mutex::new(Vec::new()));
            let sink = Arc::clone(&seen);
            let hook = move |record: &super::TappedRecord<'_>| {
                sink.lock().unwrap().push(record.content.to_vec());
            };
            let mut tap = Tap::new(Some(Arc::new(hook)), Direction::Received, 1);
            stream.chunks(size).for_each(|piece| tap.pass(piece));
            assert_eq!(*seen.lock().unwrap(), [b"abc".to_vec(), Vec::new()]);
        }
    }
}

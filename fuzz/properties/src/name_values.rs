//! Owns the invariant: pairs that can be read are the same when written and read again, and none reaches
//! beyond its stream.
//!
//! Does not own how a stream is gathered (`records`).

use fastcgi::{encode_pair, encoded_pair_len, pairs};

pub(crate) fn hold(stream: &[u8]) {
    let (mut read, mut errors, mut size) = (Vec::new(), 0, 0);
    for pair in pairs(stream) {
        assert_eq!(errors, 0, "an error is the last");
        match pair {
            Ok((name, value)) => {
                size += name.len() + value.len() + 2;
                assert!(size <= stream.len(), "more than there is");
                read.push((name, value));
            }
            Err(_) => errors += 1,
        }
    }
    let (mut written, mut expected) = (Vec::new(), 0);
    for (name, value) in &read {
        encode_pair(name, value, &mut written);
        expected += encoded_pair_len(name, value);
    }
    assert_eq!(written.len(), expected);
    let again: Result<Vec<_>, _> = pairs(&written).collect();
    assert_eq!(again.as_deref(), Ok(&read[..]));
    let names: Vec<_> = read.iter().map(|(name, _)| name).collect();
    for name in names.iter().take(8) {
        let first = read.iter().find(|(other, _)| other == *name).map(|(_, value)| *value);
        assert_eq!(fastcgi::Params::new(&written).get(name), first);
    }
}

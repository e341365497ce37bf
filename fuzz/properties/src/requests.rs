//! Owns the invariant: of whatever bytes come down a connection, each request that reaches a module has one
//! length, a path within the site, and server variables that no header can forge, and no answer is split.
//!
//! Does not own which requests are refused (`tests/serve/test_serve_smuggling.py`).

use std::collections::HashSet;

use front::fuzzing::{Seen, conversation};

/// Variables that the client's headers must not be able to set.
const OURS: [&str; 6] =
    ["REMOTE_ADDR", "REMOTE_USER", "HTTPS", "PATH_INFO", "SERVER_PORT", "REQUEST_METHOD"];

pub(crate) fn hold(bytes: &[u8]) {
    let conversation = conversation(bytes);
    for seen in &conversation.requests {
        path(&seen.path);
        variables(seen);
        lengths(seen);
    }
    let answers = conversation.answered.split(|byte| *byte == b'\n');
    let statuses = answers.filter(|line| line.starts_with(b"HTTP/1.")).count();
    // The last may be the server's own, of what was no request.
    assert!(statuses <= conversation.count + 1, "{statuses} answers");
    assert!(conversation.answered.is_empty() || conversation.answered.starts_with(b"HTTP/1."));
}

fn path(path: &[u8]) {
    assert_eq!(path.first(), Some(&b'/'));
    assert!(!path.iter().any(|byte| byte.is_ascii_control() || *byte == b'\\'));
    assert!(!path.split(|byte| *byte == b'/').any(|segment| matches!(segment, b"." | b"..")));
}

fn variables(seen: &Seen) {
    let mut names = HashSet::new();
    for (name, value) in &seen.variables {
        assert!(names.insert(&**name), "{name} twice");
        assert!(!name.is_empty() && !name.contains(|c: char| c.is_ascii_lowercase() || c == '='));
        assert!(!value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')), "{name}");
    }
    for name in OURS {
        assert!(names.contains(name), "{name} is missing");
    }
    assert_eq!(seen.variable("REMOTE_ADDR"), b"192.0.2.1");
    assert_eq!(seen.variable("PATH_INFO"), seen.path);
}

fn lengths(seen: &Seen) {
    let told = seen.variable("CONTENT_LENGTH");
    if seen.variable("HTTP_TRANSFER_ENCODING").is_empty() {
        let told: u64 = std::str::from_utf8(told).expect("text").parse().expect("a number");
        assert!(seen.body_bytes <= told, "{} of {told}", seen.body_bytes);
        assert!(seen.body_bytes == told || !seen.is_body_whole);
    } else {
        assert!(told.is_empty(), "two lengths");
    }
}

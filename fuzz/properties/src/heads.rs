//! Owns the invariant: a response head is read the same however it is cut, no header of it can begin a
//! second one, and printed again it reads the same.
//!
//! Does not own what the web server makes of it.

use fastcgi::Error;
use fastcgi::cgi_head::{Head, is_token_byte, parse};
use fastcgi::limits::{HEAD_BYTES_MAX, HEAD_LINES_MAX};

pub(crate) fn hold(bytes: &[u8]) {
    let Ok(read) = parse(bytes) else { return };
    let Some(head) = read else {
        // Nothing before it was complete, either.
        assert!(bytes.len() < 64 || matches!(parse(&bytes[..bytes.len() / 2]), Ok(None)));
        return;
    };
    assert!((1..=HEAD_BYTES_MAX + 1).contains(&head.length) && head.length <= bytes.len());
    assert!((100..=999).contains(&head.status) && head.headers.len() < HEAD_LINES_MAX);
    assert_eq!(parse(&bytes[..head.length - 1]), Ok(None), "complete before its blank line");
    assert_eq!(parse(&bytes[..head.length]).as_ref(), Ok(&Some(copied(&head))));
    for (name, value) in &head.headers {
        assert!(!name.is_empty() && name.iter().copied().all(is_token_byte));
        assert!(!value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')));
    }
    let printed = print(&head);
    // A head at a limit may have had no line for its status, which is printed.
    if head.headers.len() + 1 >= HEAD_LINES_MAX || printed.len() > HEAD_BYTES_MAX {
        assert!(matches!(parse(&printed), Ok(Some(_)) | Err(Error::PeerLimit { .. })));
        return;
    }
    let again = parse(&printed).expect("well formed").expect("complete");
    assert_eq!((again.status, again.reason), (head.status, head.reason));
    assert_eq!((&again.headers, again.length), (&head.headers, printed.len()));
}

fn copied<'a>(head: &Head<'a>) -> Head<'a> {
    let Head { status, reason, length, .. } = *head;
    Head { status, reason, headers: head.headers.clone(), length }
}

fn print(head: &Head<'_>) -> Vec<u8> {
    let mut text = format!("Status: {} ", head.status).into_bytes();
    text.extend_from_slice(head.reason);
    text.extend_from_slice(b"\r\n");
    for (name, value) in &head.headers {
        text.extend([name, &b": "[..], value, b"\r\n"].concat());
    }
    text.extend_from_slice(b"\r\n");
    text
}

//! Owns the bodies that nobody wants: a request that was refused at once, or answered early, is
//! still being sent, and many clients read the answer only when they are through.
//!
//! Does not own when that is so.

use std::time::Duration;

use crate::runtime::{HttpBody, RequestBody, next_bytes, spawn, timeout};

/// Bytes that are read: a little more than IIS takes by default, `maxAllowedContentLength`.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// How long they are waited for.
const WAIT: Duration = Duration::from_secs(10);

/// Reads a body and throws it away, beside the answer. Beyond the bounds the connection breaks.
pub(crate) fn drain(mut body: RequestBody) {
    if body.is_end_stream() {
        return;
    }
    spawn(timeout(WAIT, async move {
        let mut left = BYTES_MAX;
        while let Some(Ok(piece)) = next_bytes(&mut body).await {
            left = left.saturating_sub(piece.len());
            if left == 0 {
                return;
            }
        }
    }));
}

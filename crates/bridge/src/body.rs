//! Owns what of a response's body may be sent: nothing for HEAD, 204 and 304; no more than the
//! `Content-Length` said.
//!
//! Does not own the bytes.

/// Whether a response has a body at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyRule {
    /// The app's bytes are sent.
    Send,
    /// RFC 9110 §9.3.2, §15.2–§15.4: the app's bytes are thrown away.
    Suppress,
}

impl BodyRule {
    /// The rule for a request's method and a response's status.
    pub fn of(method: &[u8], status: u16) -> Self {
        if method == b"HEAD" || status < 200 || matches!(status, 204 | 304) {
            Self::Suppress
        } else {
            Self::Send
        }
    }
}

/// How many bytes of the body are still to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    left: Option<u64>,
    /// Bytes that the app gave beyond its `Content-Length`, not sent.
    pub excess: u64,
}

impl Budget {
    /// A budget for a `Content-Length`, or without bound.
    pub const fn new(content_length: Option<u64>) -> Self {
        Self { left: content_length, excess: 0 }
    }

    /// Takes a chunk into account and says how many of its bytes may be sent.
    pub fn take(&mut self, chunk: usize) -> usize {
        let Some(left) = &mut self.left else { return chunk };
        let sent = usize::try_from(*left).unwrap_or(usize::MAX).min(chunk);
        *left -= sent as u64;
        self.excess += (chunk - sent) as u64;
        sent
    }

    /// Whether the `Content-Length` has been reached: the response is complete whatever the app
    /// gives yet.
    pub fn is_spent(&self) -> bool {
        self.left == Some(0)
    }

    /// Bytes that are missing if the app gives no more.
    pub fn missing(&self) -> u64 {
        self.left.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_by_method_and_status() {
        for (method, status, expected) in [
            (&b"GET"[..], 200, BodyRule::Send),
            (b"HEAD", 200, BodyRule::Suppress),
            (b"GET", 204, BodyRule::Suppress),
            (b"GET", 304, BodyRule::Suppress),
            (b"GET", 101, BodyRule::Suppress),
            (b"POST", 404, BodyRule::Send),
            (b"head", 200, BodyRule::Send),
        ] {
            assert_eq!(BodyRule::of(method, status), expected);
        }
    }

    #[test]
    fn a_budget_is_kept_to_the_byte() {
        let mut budget = Budget::new(Some(10));
        assert_eq!((budget.take(4), budget.missing()), (4, 6));
        assert_eq!((budget.take(7), budget.excess), (6, 1));
        assert!(budget.is_spent());
        let mut open = Budget::new(None);
        assert_eq!((open.take(1 << 20), open.is_spent(), open.missing()), (1 << 20, false, 0));
        assert!(Budget::new(Some(0)).is_spent());
    }
}

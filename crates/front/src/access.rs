//! Owns the account of each request: what was asked, what was answered, how long it took.
//!
//! Does not format or print it: whoever set the hook does.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One request, told when its response has left or its client has gone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessRecord {
    /// The method.
    pub method: String,
    /// Path and query as the client sent them.
    pub uri: String,
    /// The client's address.
    pub remote: std::net::IpAddr,
    /// The status; `None` when the client went before there was one.
    pub status: Option<u16>,
    /// IIS's sub-status, 0 mostly.
    pub sub_status: u16,
    /// Bytes of the response's body that were handed to the connection.
    pub bytes: u64,
    /// From the request's head to the response's last byte.
    pub duration: Duration,
    /// The process id of the instance that answered.
    pub instance: Option<u32>,
    /// Whether the response left whole.
    pub is_complete: bool,
}

/// What is called for each request.
pub type AccessHook = Arc<dyn Fn(&AccessRecord) + Send + Sync>;

/// Gathers an [`AccessRecord`] and tells it when dropped, so that requests whose client has gone
/// are told, too.
pub(crate) struct Tally {
    started: Instant,
    record: AccessRecord,
    hook: Option<AccessHook>,
    expected: Option<u64>,
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tally").field("record", &self.record).finish_non_exhaustive()
    }
}

impl Tally {
    pub(crate) fn start(
        method: String,
        uri: String,
        remote: std::net::IpAddr,
        hook: Option<AccessHook>,
    ) -> Self {
        let record = AccessRecord {
            method,
            uri,
            remote,
            status: None,
            sub_status: 0,
            bytes: 0,
            duration: Duration::ZERO,
            instance: None,
            is_complete: false,
        };
        Tally { started: Instant::now(), record, hook, expected: None }
    }

    pub(crate) fn answered(&mut self, status: u16, sub_status: u16, instance: Option<u32>) {
        self.record.status = Some(status);
        (self.record.sub_status, self.record.instance) = (sub_status, instance);
    }

    /// Tells how long the body will be: the HTTP library asks for no end behind that.
    pub(crate) fn expect(&mut self, bytes: u64) {
        self.expected = Some(bytes);
        self.sent(0);
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.record.bytes += bytes as u64;
        self.record.is_complete |= self.expected.is_some_and(|all| self.record.bytes >= all);
    }

    /// The body has come to its end, which may be too early.
    pub(crate) fn complete(&mut self) {
        self.record.is_complete = self.expected.is_none_or(|all| self.record.bytes >= all);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.record.duration = self.started.elapsed();
        if let Some(hook) = &self.hook {
            hook(&self.record);
        }
    }
}

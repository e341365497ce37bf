//! Owns the ways in which an instance fails to answer, and the page that each becomes.
//!
//! Does not own failures that come before an instance: those are `answer`'s.

use fastcgi::ProtocolStatus;
use page::Page;

/// Most bytes of STDERR text that are kept and shown. wfastcgi's longest tracebacks take a few KiB.
pub(crate) const STDERR_BYTES_MAX: usize = 64 * 1024;

/// Why there is no response from an instance.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The process ended, or closed its pipe, before the response was complete.
    Exited {
        /// How it ended; `None` when it lives on.
        status: Option<String>,
        /// Bytes of a response that had come.
        received: usize,
    },
    /// It wrote to STDERR, and `stderrMode` makes that the response.
    Stderr(String),
    /// It wrote to STDERR, and `stderrMode` forbids to show it.
    StderrGeneric,
    /// It broke the protocol or sent a malformed head.
    Protocol(String),
    /// It ended the request without a complete head.
    NoHead {
        /// What came instead.
        received: String,
    },
    /// It said that the request failed: appStatus.
    AppStatus(u32),
    /// It would not take the request: protocolStatus.
    Refused(ProtocolStatus),
    /// The way to it could not be opened.
    NotConnected(String),
}

impl Failure {
    /// For the log and for clients that have got half a response.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Failure::Exited { status: Some(status), .. } => {
                format!("the FastCGI process exited unexpectedly: {status}")
            }
            Failure::Exited { status: None, .. } => {
                "the FastCGI process closed its pipe in the middle of the request".to_owned()
            }
            Failure::Stderr(_) | Failure::StderrGeneric => {
                "the FastCGI process wrote to STDERR".to_owned()
            }
            Failure::Protocol(what) => format!("the FastCGI process broke the protocol: {what}"),
            Failure::NoHead { .. } => "the response has no complete head".to_owned(),
            Failure::AppStatus(status) => {
                format!("the FastCGI process ended the request with application status {status}")
            }
            Failure::Refused(status) => {
                format!("the FastCGI process refused the request: {status:?}")
            }
            Failure::NotConnected(why) => format!("the FastCGI process cannot be reached: {why}"),
        }
    }

    /// The page; `None` when STDERR text alone is the body.
    pub(crate) fn page(&self, process_id: u32, program: &str) -> Page {
        let title = match self {
            Failure::Exited { .. } => "The FastCGI process exited unexpectedly",
            Failure::NotConnected(_) => "The FastCGI process cannot be reached",
            Failure::Protocol(_) | Failure::NoHead { .. } => {
                "The FastCGI process sent no valid response"
            }
            Failure::AppStatus(_) | Failure::Refused(_) => {
                "The FastCGI process did not complete the request"
            }
            Failure::Stderr(_) | Failure::StderrGeneric => "The FastCGI process reported an error",
        };
        let page = Page::new("500.0", title)
            .fact("Program", program)
            .fact("Process", process_id.to_string());
        match self {
            Failure::Exited { status, received } => page
                .lead(
                    "The process ended, or closed its pipe, before its response was complete. IIS \
                     shows the same page, and starts a new process for the next request.",
                )
                .fact("Exit", status.clone().unwrap_or_else(|| "it is still running".to_owned()))
                .fact("Response bytes received", received.to_string())
                .hint("What it printed before it ended stands in the console of iisgate serve"),
            Failure::NoHead { received } => page
                .lead("The request was ended before a complete response head had come.")
                .block("What came", received.clone()),
            other => page.lead(other.sentence()),
        }
    }
}

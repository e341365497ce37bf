//! Owns the ways in which an instance fails to answer, and the page that each becomes: IIS's title
//! and error code, and what on the application's side stands behind it.
//!
//! Does not own failures that come before an instance: those are `fastcgi_module`'s.

mod exit;

use std::io;

use fastcgi::ProtocolStatus;
use page::Page;

use crate::instance::Ended;
use crate::launch::Program;
use crate::pool::Limit;

/// Most bytes of STDERR text that are kept and shown. wfastcgi's longest tracebacks take a few KiB.
pub(crate) const STDERR_BYTES_MAX: usize = 64 * 1024;

/// `WAIT_TIMEOUT` as an HRESULT: what IIS shows for both limits of time.
const TIMED_OUT: u32 = 0x8007_0102;
/// `ERROR_INVALID_DATA` as an HRESULT.
const INVALID_DATA: u32 = 0x8007_000D;
/// `ERROR_BROKEN_PIPE` as an HRESULT.
const BROKEN_PIPE: u32 = 0x8007_006D;

/// How far an exchange had come when it failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// All of the request had been taken by the pipe.
    pub(crate) is_sent: bool,
    /// Bytes of a response that had come.
    pub(crate) received: usize,
}

/// Why there is no response from an instance.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The process ended, or closed its pipe, before the response was complete.
    Exited {
        /// How it ended; `None` when it lives on.
        ended: Option<Ended>,
        /// How far the request had come.
        progress: Progress,
    },
    /// It took too long.
    TimedOut {
        /// For which limit.
        limit: Limit,
        /// How far the request had come.
        progress: Progress,
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
            Failure::Exited { ended: Some(ended), .. } => {
                format!("the FastCGI process exited unexpectedly: {}", ended.told)
            }
            Failure::Exited { ended: None, .. } => {
                "the FastCGI process closed its pipe in the middle of the request".to_owned()
            }
            Failure::TimedOut { limit: Limit::Activity, .. } => {
                "the FastCGI process exceeded configured activity timeout".to_owned()
            }
            Failure::TimedOut { limit: Limit::Request, .. } => {
                "the FastCGI process exceeded configured request timeout".to_owned()
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

    fn title(&self) -> &'static str {
        match self {
            Failure::Exited { .. } => "The FastCGI process exited unexpectedly",
            Failure::TimedOut { limit: Limit::Activity, .. } => {
                "The FastCGI process exceeded configured activity timeout"
            }
            Failure::TimedOut { limit: Limit::Request, .. } => {
                "The FastCGI process exceeded configured request timeout"
            }
            Failure::NotConnected(_) => "The FastCGI process cannot be reached",
            Failure::Protocol(_) | Failure::NoHead { .. } => {
                "The FastCGI process sent no valid response"
            }
            Failure::AppStatus(_) | Failure::Refused(_) => {
                "The FastCGI process did not complete the request"
            }
            Failure::Stderr(_) | Failure::StderrGeneric => "The FastCGI process reported an error",
        }
    }

    /// What IIS shows as the error code, where that is known.
    fn error_code(&self) -> Option<u32> {
        match self {
            // The process's own exit status.
            Failure::Exited { ended: Some(ended), .. } => ended.code.map(i32::cast_unsigned),
            Failure::Exited { ended: None, .. } | Failure::NotConnected(_) => Some(BROKEN_PIPE),
            Failure::TimedOut { .. } => Some(TIMED_OUT),
            Failure::Protocol(_) | Failure::NoHead { .. } => Some(INVALID_DATA),
            _ => None,
        }
    }

    /// The page; STDERR text that is the body is the caller's.
    pub(crate) fn page(&self, process_id: u32, program: &Program) -> Page {
        let mut page = Page::new("500.0", self.title())
            .fact("Program", program.executable.to_string_lossy())
            .fact("Process", process_id.to_string());
        if let Some(code) = self.error_code() {
            page = page.fact("Error code", hexadecimal(code));
        }
        match self {
            Failure::Exited { ended, progress } => {
                let exit = ended.as_ref().map(|ended| ended.told.clone());
                let page = page
                    .lead(
                        "The process ended, or closed its pipe, before its response was complete. \
                         IIS shows the same page, and starts a new process for the next request.",
                    )
                    .fact("Exit", exit.unwrap_or_else(|| "it is still running".to_owned()))
                    .fact("Response bytes received", progress.received.to_string())
                    .hint("What it printed before it ended stands in the console of iisgate serve");
                match ended {
                    Some(ended) => page.lead(exit::cause(ended)),
                    None => page,
                }
            }
            Failure::TimedOut { limit, progress } => timed_out(page, *limit, *progress, program),
            Failure::NoHead { received } => page
                .lead("The request was ended before a complete response head had come.")
                .block("What came", received.clone()),
            Failure::Protocol(_) => page.lead(self.sentence()).lead(
                "Something other than FastCGI records came through the pipe, or a response head \
                 that is none. A program that prints to its descriptor 0, or was not made for \
                 FastCGI, does that.",
            ),
            Failure::StderrGeneric => page.lead(self.sentence()).hint(
                "What it wrote is not shown, because stderrMode of the FastCGI application forbids \
                 it; stderrMode=\"ReturnStdErrIn500\" shows it",
            ),
            other => page.lead(other.sentence()),
        }
    }
}

/// The page of a request that took too long.
fn timed_out(page: Page, limit: Limit, progress: Progress, program: &Program) -> Page {
    let application = &program.application;
    let (name, secs) = match limit {
        Limit::Activity => ("activityTimeout", application.activity_timeout_secs),
        Limit::Request => ("requestTimeout", application.request_timeout_secs),
    };
    let what = match limit {
        Limit::Activity => format!("For {secs} seconds nothing came from the application."),
        Limit::Request => format!("The request was not answered within {secs} seconds."),
    };
    let cause = if !progress.is_sent {
        "It has not even read the whole request: it is still starting, or reads its input more \
         slowly than that."
    } else if progress.received == 0 {
        "It has sent nothing at all: it is still starting (imports, opening a database), or waits \
         for something: a lock, another server, input that never comes, a debugger."
    } else if limit == Limit::Activity {
        "It began its response and then fell silent: it waits for something, or is computing."
    } else {
        "It began its response and was still sending it."
    };
    let place = application.place.as_ref().map(ToString::to_string);
    let page = page
        .lead(what)
        .lead("IIS shows the same page, and ends the process together with what it was doing.")
        .lead(cause)
        .fact(name, format!("{secs} s"))
        .fact("Request sent", if progress.is_sent { "whole" } else { "in part" })
        .fact("Response bytes received", progress.received.to_string());
    let page = match place {
        Some(place) => page.fact("Configured in", place),
        None => page,
    };
    page.hint(format!(
        "Raise {name} of the <fastCgi><application>, and keep the order \
         idleTimeout > requestTimeout > activityTimeout"
    ))
}

/// An error code as IIS writes it.
pub(crate) fn hexadecimal(code: u32) -> String {
    format!("0x{code:08x}")
}

/// An error of the system as the HRESULT that Windows has for it.
pub(crate) fn error_code(error: &io::Error) -> Option<u32> {
    const WIN32: u32 = 0x8007_0000;
    let raw = error.raw_os_error().and_then(|code| u16::try_from(code).ok());
    if let Some(code) = raw.filter(|_| cfg!(windows)) {
        return Some(WIN32 | u32::from(code));
    }
    let code = match error.kind() {
        io::ErrorKind::NotFound => 2,
        io::ErrorKind::PermissionDenied => 5,
        io::ErrorKind::OutOfMemory => 8,
        io::ErrorKind::NotADirectory => 267,
        _ => return None,
    };
    Some(WIN32 | code)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{Failure, Progress, error_code, hexadecimal};
    use crate::instance::Ended;
    use crate::pool::Limit;

    #[test]
    fn error_codes_are_those_of_iis() {
        let ended = |code| Some(Ended { told: String::new(), code });
        let progress = Progress::default();
        for (failure, expected) in [
            (Failure::TimedOut { limit: Limit::Activity, progress }, Some("0x80070102")),
            (Failure::TimedOut { limit: Limit::Request, progress }, Some("0x80070102")),
            (Failure::Exited { ended: ended(Some(255)), progress }, Some("0x000000ff")),
            (Failure::Exited { ended: ended(Some(-1_073_741_819)), progress }, Some("0xc0000005")),
            (Failure::Exited { ended: ended(None), progress }, None),
            (Failure::Exited { ended: None, progress }, Some("0x8007006d")),
            (Failure::Protocol(String::new()), Some("0x8007000d")),
            (Failure::StderrGeneric, None),
        ] {
            let code = failure.error_code().map(hexadecimal);
            assert_eq!(code.as_deref(), expected, "{}", failure.sentence());
        }
    }

    #[test]
    fn errors_of_the_system_have_the_codes_of_windows() {
        let code = |kind: io::ErrorKind| error_code(&kind.into()).map(hexadecimal);
        assert_eq!(code(io::ErrorKind::NotFound).as_deref(), Some("0x80070002"));
        assert_eq!(code(io::ErrorKind::PermissionDenied).as_deref(), Some("0x80070005"));
        assert_eq!(code(io::ErrorKind::Other), None);
    }
}

//! Owns the checks whether a helper is ready: port, file, line.
//!
//! Does not own how long that may take (`tending`).

use super::definition::Definition;
use super::limits::CONNECT_TIMEOUT;
use crate::control::StartFailure;
use iis::project_helpers::{Restart, Start};
use std::net::{TcpStream, ToSocketAddrs};

/// Whether all checks hold; `is_line_seen` tells of the line.
pub(super) fn is_ready(definition: &Definition, is_line_seen: bool) -> bool {
    if is_task(definition) {
        return false;
    }
    let has_line = definition.ready_line.is_none() || is_line_seen;
    let has_file = definition.ready_file.as_ref().is_none_or(|file| file.exists());
    has_line && has_file && definition.ready_port.as_deref().is_none_or(accepts)
}

/// Whether its end, with success, is what is waited for: nothing else says when it is ready, and it is
/// not started again.
pub(super) fn is_task(definition: &Definition) -> bool {
    let Definition { restart, start, ready_line, .. } = definition;
    let is_checked = is_checked(definition) || ready_line.is_some();
    *restart == Restart::Never && *start == Start::WithApp && !is_checked
}

/// Whether a port or a file tells from outside that it is ready.
fn is_checked(definition: &Definition) -> bool {
    definition.ready_port.is_some() || definition.ready_file.is_some()
}

/// Whether it tells by itself that it is ready, and is.
pub(super) fn is_checked_and_ready(definition: &Definition) -> bool {
    is_checked(definition) && is_ready(definition, true)
}

/// What is not as it should be, in words.
pub(super) fn missing(definition: &Definition, is_line_seen: bool) -> String {
    if definition.ready_line.is_some() && !is_line_seen {
        let line = definition.ready_line.as_deref().unwrap_or_default();
        return format!("it has not printed «{line}»");
    }
    match (&definition.ready_file, &definition.ready_port) {
        (Some(file), _) if !file.exists() => format!("there is no {}", file.display()),
        (_, Some(port)) => format!("nobody listens at {port}"),
        _ if is_task(definition) => "it has not ended".into(),
        _ => "it is not ready".into(),
    }
}

/// Makes sure that what is waited for is not there already: it would be another's.
///
/// # Errors
/// When somebody listens at the port.
pub(super) fn clear(definition: &Definition) -> Result<(), StartFailure> {
    debug_assert!(definition.start == Start::WithApp, "a service is there already");
    if let Some(port) = definition.ready_port.as_deref().filter(|port| accepts(port)) {
        let name = &definition.name;
        return Err(super::unready(
            format!("helper {name} is not started: another process listens at {port} already"),
            "end that process, or give the helper another port; if it runs by itself: start = \"service\"",
        ));
    }
    if let Some(file) = definition.ready_file.as_ref().filter(|file| file.is_file()) {
        // What the last run left says nothing about this one.
        let _ = std::fs::remove_file(file);
    }
    Ok(())
}

fn accepts(port: &str) -> bool {
    let Ok(addresses) = port.to_socket_addrs() else { return false };
    addresses.into_iter().any(|a| TcpStream::connect_timeout(&a, CONNECT_TIMEOUT).is_ok())
}

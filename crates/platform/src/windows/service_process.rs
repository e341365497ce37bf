//! Owns being a Windows service: the system's orders come in, what we tell goes out.
//!
//! Does not own what the service does, nor making one (`service`).

use super::service::system;
use super::{check, is};
use crate::service::{Phase, Reporter};
use std::ffi::OsString;
use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use windows_service::service::{
    ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{
    ServiceControlHandlerResult, ServiceStatusHandle, register,
};
use windows_service::{define_windows_service, service_dispatcher};
use windows_sys::Win32::Foundation::ERROR_FAILED_SERVICE_CONTROLLER_CONNECT;
use windows_sys::Win32::System::Console::AllocConsole;

/// Until when the next word of ours comes, at the latest. (We say one each second; a busy machine
/// may take longer.)
const WAIT_HINT: Duration = Duration::from_secs(20);

type Serve = Box<dyn FnOnce(&dyn Reporter, Receiver<()>) -> u32 + Send>;

/// What the service is to do: the system calls a plain function, in a thread of its own.
static SERVE: Mutex<Option<(String, Serve)>> = Mutex::new(None);

define_windows_service!(service_main, run);

/// Runs as a service, if the system started this process as one; gives `false` if not. `serve` is
/// told to end by a message, and gives the exit code: 0 for in order.
///
/// # Errors
/// As `StartServiceCtrlDispatcher`.
pub fn dispatch(
    name: &str,
    serve: impl FnOnce(&dyn Reporter, Receiver<()>) -> u32 + Send + 'static,
) -> io::Result<bool> {
    let serve: Serve = Box::new(serve);
    *SERVE.lock().unwrap_or_else(PoisonError::into_inner) = Some((name.to_owned(), serve));
    match service_dispatcher::start(name, service_main).map_err(system) {
        Ok(()) => Ok(true),
        Err(error) if is(&error, ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) => Ok(false),
        Err(error) => Err(error),
    }
}

fn run(_arguments: Vec<OsString>) {
    let taken = SERVE.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some((name, serve)) = taken else { return };
    let (sender, orders) = channel();
    let obey = move |control| match control {
        ServiceControl::Stop | ServiceControl::Preshutdown => {
            // Who has ended already needs not be told.
            let _ = sender.send(());
            ServiceControlHandlerResult::NoError
        }
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        _ => ServiceControlHandlerResult::NotImplemented,
    };
    let handle = match register(&name, obey).map_err(system) {
        Ok(handle) => handle,
        Err(error) => {
            log::error!("service {name}: the system takes no answers: {error}");
            return;
        }
    };
    let handle = Handle(handle);
    handle.report(Phase::Starting(1));
    have_console();
    let code = serve(&handle, orders);
    handle.tell(ServiceState::Stopped, 0, code);
}

/// Gives this process a console without a window that anybody sees: what it starts can then be told
/// to end by Ctrl+Break, which passes along a console only.
fn have_console() {
    // SAFETY: the call takes nothing.
    if let Err(error) = check(unsafe { AllocConsole() }) {
        log::debug!("there is no console: {error}");
    }
}

struct Handle(ServiceStatusHandle);

impl Handle {
    fn tell(&self, state: ServiceState, checkpoint: u32, code: u32) {
        let is_pending = matches!(state, ServiceState::StartPending | ServiceState::StopPending);
        let controls_accepted = if state == ServiceState::Stopped {
            ServiceControlAccept::empty()
        } else {
            // Also while it starts: a database that reads its log for minutes must be stoppable.
            ServiceControlAccept::STOP | ServiceControlAccept::PRESHUTDOWN
        };
        let exit_code = if code == 0 {
            ServiceExitCode::NO_ERROR
        } else {
            ServiceExitCode::ServiceSpecific(code)
        };
        let told = self.0.set_service_status(ServiceStatus {
            service_type: ServiceType::OWN_PROCESS,
            current_state: state,
            controls_accepted,
            exit_code,
            checkpoint,
            wait_hint: if is_pending { WAIT_HINT } else { Duration::ZERO },
            process_id: None,
        });
        if let Err(error) = told {
            log::error!("the system is not told that the service is {state:?}: {}", system(error));
        }
    }
}

impl Reporter for Handle {
    fn report(&self, phase: Phase) {
        match phase {
            Phase::Starting(checkpoint) => self.tell(ServiceState::StartPending, checkpoint, 0),
            Phase::Running => self.tell(ServiceState::Running, 0, 0),
            Phase::Stopping(checkpoint) => self.tell(ServiceState::StopPending, checkpoint, 0),
        }
    }
}

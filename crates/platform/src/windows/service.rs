//! Owns making, removing, starting, stopping and asking Windows services.
//!
//! Does not own being one (`service_process`).

use super::is;
use crate::service::{Definition, Report, State};
use std::io;
use std::time::Duration;
use windows_service::service::{
    Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceDependency,
    ServiceErrorControl, ServiceExitCode, ServiceFailureActions, ServiceFailureResetPeriod,
    ServiceInfo, ServiceStartType, ServiceState, ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_sys::Win32::Foundation::{
    ERROR_SERVICE_ALREADY_RUNNING, ERROR_SERVICE_DOES_NOT_EXIST, ERROR_SERVICE_MARKED_FOR_DELETE,
    ERROR_SERVICE_NOT_ACTIVE,
};

pub use super::service_process::dispatch;

/// Who keeps services that we can make.
pub const MANAGER: Option<&str> = Some("Windows' service control manager");

/// The system's own error, where there is one.
pub(super) fn system(error: windows_service::Error) -> io::Error {
    match error {
        windows_service::Error::Winapi(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidInput, other),
    }
}

fn manager(access: ServiceManagerAccess) -> io::Result<ServiceManager> {
    ServiceManager::local_computer(None::<&str>, access).map_err(system)
}

/// Opens a service; `None` when there is none of that name.
fn open(name: &str, access: ServiceAccess) -> io::Result<Option<Service>> {
    let opened = manager(ServiceManagerAccess::CONNECT)?.open_service(name, access);
    match opened.map_err(system) {
        Ok(service) => Ok(Some(service)),
        Err(error) if is(&error, ERROR_SERVICE_DOES_NOT_EXIST) => Ok(None),
        Err(error) => Err(error),
    }
}

fn existing(name: &str, access: ServiceAccess) -> io::Result<Service> {
    let absent = || io::Error::from_raw_os_error(ERROR_SERVICE_DOES_NOT_EXIST as i32);
    open(name, access)?.ok_or_else(absent)
}

/// Finds out whether services may be made.
///
/// # Errors
/// `PermissionDenied` when this process is not elevated.
pub fn require_manager() -> io::Result<()> {
    manager(ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE).map(drop)
}

/// Makes a service: automatic, delayed, started again when it fails in whatever way. One that cannot
/// be made whole is removed again.
///
/// # Errors
/// `PermissionDenied` when this process is not elevated; as `CreateService` otherwise.
pub fn create(definition: &Definition) -> io::Result<()> {
    let info = ServiceInfo {
        name: definition.name.clone().into(),
        display_name: definition.display_name.clone().into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: definition.program.clone(),
        launch_arguments: definition.arguments.iter().map(Into::into).collect(),
        dependencies: definition
            .depends
            .iter()
            .map(|name| ServiceDependency::Service(name.into()))
            .collect(),
        account_name: Some(definition.account.clone().into()),
        account_password: definition.password.clone().map(Into::into),
    };
    let manager = manager(ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE)?;
    // A failure action that starts it asks for the right to start it.
    let access = ServiceAccess::CHANGE_CONFIG | ServiceAccess::START | ServiceAccess::DELETE;
    let service = manager.create_service(&info, access).map_err(system)?;
    complete(&service, definition).inspect_err(|_| {
        // What failed is told; that this fails, too, would hide it.
        let _ = service.delete();
    })
}

fn complete(service: &Service, definition: &Definition) -> io::Result<()> {
    service.set_description(&definition.description).map_err(system)?;
    if !definition.pauses.is_empty() {
        let again = |delay: &Duration| ServiceAction {
            action_type: ServiceActionType::Restart,
            delay: *delay,
        };
        let actions = ServiceFailureActions {
            reset_period: ServiceFailureResetPeriod::After(definition.forgiven_after),
            reboot_msg: None,
            command: None,
            actions: Some(definition.pauses.iter().map(again).collect()),
        };
        service.update_failure_actions(actions).map_err(system)?;
    }
    // Wine 8 does not know these three: they are told, not failed.
    for (what, done) in [
        ("a delayed start", service.set_delayed_auto_start(true)),
        ("recovery after an exit code", service.set_failure_actions_on_non_crash_failures(true)),
        ("its time at shutdown", service.set_preshutdown_timeout(definition.shutdown_timeout)),
    ] {
        if let Err(error) = done {
            let error = system(error);
            log::warn!("service {}: {what} cannot be set: {error}", definition.name);
        }
    }
    Ok(())
}

/// Removes a service; one that runs goes when it has stopped.
///
/// # Errors
/// `PermissionDenied` when this process is not elevated.
pub fn remove(name: &str) -> io::Result<()> {
    let deleted = existing(name, ServiceAccess::DELETE)?.delete().map_err(system);
    deleted.or_else(|error| fine(error, ERROR_SERVICE_MARKED_FOR_DELETE))
}

/// Tells a service to start; does not wait until it runs. That it runs already is fine.
///
/// # Errors
/// `PermissionDenied` when this process is not elevated.
pub fn start(name: &str) -> io::Result<()> {
    let started = existing(name, ServiceAccess::START)?.start::<&str>(&[]).map_err(system);
    started.or_else(|error| fine(error, ERROR_SERVICE_ALREADY_RUNNING))
}

/// Tells a service to stop; does not wait until it has. That it does not run is fine.
///
/// # Errors
/// `PermissionDenied` when this process is not elevated.
pub fn stop(name: &str) -> io::Result<()> {
    let stopped = existing(name, ServiceAccess::STOP)?.stop().map(drop).map_err(system);
    stopped.or_else(|error| fine(error, ERROR_SERVICE_NOT_ACTIVE))
}

fn fine(error: io::Error, code: u32) -> io::Result<()> {
    if is(&error, code) { Ok(()) } else { Err(error) }
}

/// Asks how a service stands; `None` when there is none of that name.
///
/// # Errors
/// When the system does not tell us.
pub fn query(name: &str) -> io::Result<Option<Report>> {
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::QUERY_CONFIG;
    let Some(service) = open(name, access)? else { return Ok(None) };
    let status = service.query_status().map_err(system)?;
    let config = service.query_config().map_err(system)?;
    let state = match status.current_state {
        ServiceState::Stopped => State::Stopped,
        ServiceState::StartPending | ServiceState::ContinuePending => State::Starting,
        ServiceState::Running => State::Running,
        ServiceState::StopPending => State::Stopping,
        ServiceState::PausePending | ServiceState::Paused => State::Paused,
    };
    let exit_code = match status.exit_code {
        ServiceExitCode::Win32(code) | ServiceExitCode::ServiceSpecific(code) => code,
    };
    Ok(Some(Report {
        state,
        process: status.process_id.filter(|id| *id != 0),
        exit_code,
        command: config.executable_path.to_string_lossy().into_owned(),
        account: config.account_name.unwrap_or_default().to_string_lossy().into_owned(),
    }))
}

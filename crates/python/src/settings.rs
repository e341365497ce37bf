//! Owns what Python code asks of the site's configuration files.
//!
//! Does not read them: `iis` does.

use gate::debug::Session;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::HashMap;
use std::path::PathBuf;

/// What `web.config` (`appSettings`) and `pyproject.toml` (`[tool.iisgate]`) of a folder say:
/// `{"app_settings": {...}, "target": str | None, "script_name": str | None,
/// "working_directory": str | None, "ansi_code_page": int | None, "environment": {...}}`, and the
/// limits under their keys.
#[pyfunction]
pub(crate) fn site_settings(py: Python<'_>, directory: PathBuf) -> PyResult<Bound<'_, PyDict>> {
    let site =
        iis::Site::load(&directory).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let settings = PyDict::new(py);
    let app_settings = PyDict::new(py);
    for setting in site.app_settings.iter() {
        app_settings.set_item(&setting.key, &setting.value)?;
    }
    settings.set_item("app_settings", app_settings)?;
    settings.set_item("target", &site.project.target)?;
    settings.set_item("script_name", &site.project.script_name)?;
    settings.set_item("working_directory", &site.project.working_directory)?;
    let ansi_code_page = site.project.ansi_code_page.map(iis::CodePage::number);
    settings.set_item("ansi_code_page", ansi_code_page)?;
    let project = &site.project;
    settings.set_item("timeout", project.timeout_secs)?;
    settings.set_item("max_requests", project.max_requests)?;
    settings.set_item("max_memory", project.max_memory_mib)?;
    settings.set_item("max_age", project.max_age_secs)?;
    settings.set_item("warm_up", &project.warm_up)?;
    settings.set_item("reload", project.reload)?;
    settings.set_item("reload_include", &project.reload_include)?;
    settings.set_item("reload_exclude", &project.reload_exclude)?;
    let environment = PyDict::new(py);
    for (name, value) in &site.project.env {
        environment.set_item(name, value)?;
    }
    settings.set_item("environment", environment)?;
    Ok(settings)
}

/// What tells one state of a folder's configuration files from another.
#[pyfunction]
pub(crate) fn configuration_stamp(py: Python<'_>, directory: PathBuf) -> String {
    py.detach(|| iis::site::stamp(&directory))
}

/// The debug mode of a site, as `iisgate debug on` wrote it: `(session, seconds left, debugger's port)`
/// if one is on, and `(port, token)` to tell what becomes of us.
#[pyfunction]
#[expect(clippy::type_complexity, reason = "told in iisgate/_native.pyi")]
pub(crate) fn debug_mode(
    directory: PathBuf,
) -> (Option<(String, f64, Option<u16>)>, Option<(u16, String)>) {
    let session = Session::of(&directory).and_then(|session| {
        Some((session.to_string(), session.left()?.as_secs_f64(), session.debugger))
    });
    (session, gate::debug::notice_of(&directory))
}

/// Bytes of memory that this process holds.
#[pyfunction]
pub(crate) fn memory() -> std::io::Result<u64> {
    platform::memory::resident_bytes()
}

/// Replaces `%NAME%` as Windows does: case does not matter, unknown names stay as they are.
#[pyfunction]
pub(crate) fn expand(text: &str, variables: HashMap<String, String>) -> String {
    iis::expand::environment_variables(text, |name| {
        let folded = || variables.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        variables.get(name).or_else(|| folded().map(|(_, value)| value)).cloned()
    })
}

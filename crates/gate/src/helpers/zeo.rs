//! Owns the preset `zeo`: how ZEO is started, where it listens, which files it leaves behind.
//!
//! Does not own its configuration: that stays in its own file, `zeo.conf`.

use super::definition::{Definition, PYTHON};
use crate::control::StartFailure;
use iis::project_helpers::{Helper, Start};
use std::path::{Path, PathBuf};

/// Where the configuration is, if nothing is said.
const CONFIGS: [&str; 2] = ["zeo.conf", "etc/zeo.conf"];

/// What ZEO, its monitor (zdaemon) and its storages write, in the folder that it works in and in
/// Zope's `var`. Files of these names that hold no process id are left alone.
const STALE_FILES: [&str; 6] =
    ["ZEO.pid", "zeo.zdsock", "var/*.zdsock", "var/*.pid", "var/*.lock", "var/log/*.pid"];

/// ZEO's configuration: where it is, or else where it should be.
fn config(helper: &Helper, site: &Path) -> Result<PathBuf, PathBuf> {
    let named = helper.config.as_deref();
    let candidates = named.map_or_else(|| CONFIGS.to_vec(), |named| vec![named]);
    let mut paths = candidates.iter().map(|name| site.join(name));
    let found = paths.clone().find(|path| path.is_file());
    found.ok_or_else(|| paths.next().unwrap_or_default())
}

/// What starts ZEO; nothing if somebody else does.
///
/// # Errors
/// When there is no `zeo.conf`.
pub(super) fn command(helper: &Helper, site: &Path) -> Result<Vec<String>, StartFailure> {
    if helper.start == Start::Service {
        return Ok(Vec::new());
    }
    let config = config(helper, site).map_err(|path| {
        let title = format!("ZEO has no configuration: there is no {}", path.display());
        let hint = format!("write it, or name it: [tool.iisgate.helpers.{}] config", helper.name);
        super::unready(title, hint)
    })?;
    let config = config.to_string_lossy();
    Ok([PYTHON, "-m", "ZEO.runzeo", "-C", &*config].map(str::to_owned).into())
}

/// Fills in what else the site's `pyproject.toml` leaves to the preset.
///
/// # Errors
/// When `zeo.conf` does not tell where ZEO listens.
pub(super) fn complete(
    definition: &mut Definition,
    helper: &Helper,
    site: &Path,
) -> Result<(), StartFailure> {
    let config = config(helper, site).ok();
    let is_started = definition.start == Start::WithApp;
    let is_checked = definition.ready_port.is_some()
        || definition.ready_file.is_some()
        || definition.ready_line.is_some();
    if let (false, Some(config)) = (is_checked, &config) {
        let text = std::fs::read_to_string(config).unwrap_or_default();
        match address(&text) {
            Some(Address::Port(port)) => definition.ready_port = Some(port),
            Some(Address::File(file)) => {
                definition.ready_file = Some(definition.working_directory.join(file));
            }
            None => {
                let title = format!("{} does not tell where ZEO listens", config.display());
                let name = &helper.name;
                let hint = format!(
                    "write `address 127.0.0.1:8100` in its <zeo>, or name the port: \
                     [tool.iisgate.helpers.{name}] ready-port"
                );
                return Err(super::unready(title, hint));
            }
        }
    }
    if definition.stale_files.is_empty() && is_started {
        definition.stale_files = STALE_FILES.map(str::to_owned).into();
    }
    Ok(())
}

/// Where ZEO listens.
#[derive(Debug, PartialEq, Eq)]
enum Address {
    Port(String),
    File(String),
}

/// The `address` of the section `<zeo>`; `None` if there is none, or it is made of variables.
fn address(text: &str) -> Option<Address> {
    let lines = text.lines().map(str::trim);
    let section = lines.skip_while(|line| !line.eq_ignore_ascii_case("<zeo>"));
    let mut lines = section.take_while(|line| !line.eq_ignore_ascii_case("</zeo>"));
    let value = lines.find_map(|line| {
        let (name, value) = line.split_once(char::is_whitespace)?;
        name.eq_ignore_ascii_case("address").then(|| value.trim())
    })?;
    if value.contains('$') {
        return None;
    }
    let is_port = |text: &str| text.parse::<u16>().is_ok_and(|port| port != 0);
    match value.rsplit_once(':') {
        None if is_port(value) => Some(Address::Port(format!("127.0.0.1:{value}"))),
        Some(("" | "*" | "0.0.0.0", port)) if is_port(port) => {
            Some(Address::Port(format!("127.0.0.1:{port}")))
        }
        Some((_, port)) if is_port(port) => Some(Address::Port(value.to_owned())),
        _ => Some(Address::File(value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_zeo_listens() {
        let port = |text: &str| Some(Address::Port(text.to_owned()));
        for (line, expected) in [
            ("address 127.0.0.1:8100", port("127.0.0.1:8100")),
            ("  ADDRESS  db:8100  ", port("db:8100")),
            ("address 8100", port("127.0.0.1:8100")),
            ("address *:8100", port("127.0.0.1:8100")),
            ("address :8100", port("127.0.0.1:8100")),
            ("address var/zeo.sock", Some(Address::File("var/zeo.sock".into()))),
            ("address $HOST:8100", None),
            ("# address 8100", None),
            ("", None),
        ] {
            let text = format!("%define A 1\n<zeo>\n{line}\n</zeo>\n<filestorage 1>\naddress 1\n");
            assert_eq!(address(&text), expected, "{line}");
        }
        assert_eq!(address("address 8100\n"), None);
    }
}

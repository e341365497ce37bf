//! Owns asking this machine what it has.
//!
//! Does not own what that means (`discovery`). The registry is read by Windows' own `reg.exe`, in both
//! of its views; elsewhere there is none.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use platform::bounded;

use super::discovery::Machine;
use super::limits::REGISTRY_TIMEOUT;

/// The views of the registry: programs of 64 bits, and of 32.
const VIEWS: [&str; 2] = ["/reg:64", "/reg:32"];

/// The machine that this program runs on.
#[derive(Debug, Default, Clone, Copy)]
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn registry(&self, key: &str, name: Option<&str>) -> Option<String> {
        if !cfg!(windows) {
            return None;
        }
        VIEWS.iter().find_map(|view| {
            let mut query = Command::new("reg.exe");
            query.args(["query", key]);
            if let Some(name) = name {
                query.args(["/v", name]);
            }
            query.arg(view);
            let told = answer(query, REGISTRY_TIMEOUT)?;
            name.map_or(Some(String::new()), |name| value(&told, name))
        })
    }

    fn has_file(&self, path: &str) -> bool {
        Path::new(path).exists()
    }

    fn variable(&self, name: &str) -> Option<String> {
        iis::expand::from_process(name)
    }
}

/// What a program says that succeeds. One that does not end counts as one that knows nothing: what it
/// was asked for is taken for missing.
fn answer(query: Command, time: Duration) -> Option<String> {
    let shown = format!("{query:?}");
    let done = bounded::run(query, time).ok()?;
    if done.status.is_none() {
        log::warn!("{shown} did not end within {time:?} and was stopped: counts as not found");
    }
    done.status?.success().then(|| done.output().into_owned())
}

/// The value that `reg query` tells: `    Name    REG_SZ    data`.
fn value(told: &str, name: &str) -> Option<String> {
    let rest = told.lines().map(str::trim).find_map(|line| {
        let head = line.get(..name.len())?;
        head.eq_ignore_ascii_case(name).then(|| line[name.len()..].trim_start())
    })?;
    let (kind, data) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let data = data.trim();
    if kind != "REG_DWORD" {
        return Some(data.to_owned());
    }
    let number = u32::from_str_radix(data.strip_prefix("0x")?, 16).ok()?;
    Some(number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn who_does_not_answer_in_time_knows_nothing() {
        let ask = |script: &str, time| {
            let mut shell = Command::new("sh");
            shell.args(["-c", script]);
            answer(shell, Duration::from_millis(time))
        };
        assert_eq!(ask("echo here", 60_000).as_deref(), Some("here\n"));
        assert_eq!(ask("echo here; exit 1", 60_000), None);
        assert_eq!(ask("echo here; exec sleep 60", 300), None);
    }

    #[test]
    fn what_reg_says_is_understood() {
        let told = "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\X\r\n    Version    REG_SZ    1.0 beta\r\n    \
                    CGI    REG_DWORD    0x1\r\n    Empty    REG_SZ    \r\n";
        for (name, expected) in
            [("version", Some("1.0 beta")), ("CGI", Some("1")), ("Empty", Some("")), ("No", None)]
        {
            assert_eq!(value(told, name).as_deref(), expected, "{name}");
        }
    }
}

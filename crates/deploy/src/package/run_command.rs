//! Owns what a `runCommand` does on the server: its command line, how long it may take, which codes
//! mean success.
//!
//! Does not own running it.

use std::time::Duration;

use super::manifest::Provider;
use super::options::ProviderOptions;

/// Web Deploy's own default: it looks five times …
pub(crate) const WAIT_ATTEMPTS_DEFAULT: u32 = 5;
/// … once a second.
pub(crate) const WAIT_INTERVAL_MS_DEFAULT: u32 = 1000;

/// A command and its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCommand {
    /// The command line, before parameters.
    pub command: String,
    /// Milliseconds between two looks at the process.
    pub wait_interval_ms: u32,
    /// How many looks there are before Web Deploy gives up and ends it.
    pub wait_attempts: u32,
    /// The codes that mean success; empty: all do.
    pub success_codes: Vec<i64>,
    /// Whether the program is started itself, not by `cmd.exe /c`.
    pub is_without_shell: bool,
    /// Whether its children live on when it has ended.
    pub is_without_job: bool,
}

impl RunCommand {
    /// What a provider says. Settings that are no numbers count as if they were not there.
    pub fn of(provider: &Provider) -> Self {
        let number = |name: &str, default: u32| {
            provider.setting(name).and_then(|text| text.trim().parse().ok()).unwrap_or(default)
        };
        let flag = |name: &str| {
            provider.setting(name).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
        };
        let codes = provider.setting("successReturnCodes").unwrap_or_default();
        Self {
            command: provider.path.clone(),
            wait_interval_ms: number("waitInterval", WAIT_INTERVAL_MS_DEFAULT),
            wait_attempts: number("waitAttempts", WAIT_ATTEMPTS_DEFAULT),
            success_codes: codes.split(';').filter_map(code).collect(),
            is_without_shell: flag("dontUseCommandExe"),
            is_without_job: flag("dontUseJobObject"),
        }
    }

    /// How long Web Deploy waits for it.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.wait_interval_ms) * u64::from(self.wait_attempts))
    }

    /// Whether this code means success.
    pub fn is_success(&self, code: i64) -> bool {
        // -1 and 0xFFFFFFFF are the same code.
        let same = |known: &i64| *known as u32 == code as u32;
        self.success_codes.is_empty() || self.success_codes.iter().any(same)
    }

    /// The provider that runs it.
    pub fn provider(&self) -> Provider {
        let mut options = ProviderOptions::new("runCommand", &self.command);
        let mut set = |name: &str, value: String| options.settings.push((name.to_owned(), value));
        set("waitInterval", self.wait_interval_ms.to_string());
        set("waitAttempts", self.wait_attempts.to_string());
        if !self.success_codes.is_empty() {
            let codes: Vec<String> =
                self.success_codes.iter().map(|c| format!("0x{c:x}")).collect();
            set("successReturnCodes", codes.join(";"));
        }
        for (name, is_set) in [
            ("dontUseCommandExe", self.is_without_shell),
            ("dontUseJobObject", self.is_without_job),
        ] {
            if is_set {
                set(name, "true".to_owned());
            }
        }
        Provider::new("runCommand", &self.command).options(options)
    }
}

/// A code, in hex with `0x` or decimal.
pub(super) fn code(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.get(..2).filter(|start| start.eq_ignore_ascii_case("0x")) {
        Some(_) => i64::from_str_radix(&text[2..], 16).ok(),
        None => text.parse().ok(),
    }
}

//! Owns rules about commands that a package runs.
//!
//! Does not own how their settings are kept (`options`).

use super::super::rule::{Hit, Rule, error, warning};
use super::super::subject::Subject;
use crate::package::run_command::{self, RunCommand};

/// Nothing that installs anything is done in this time.
const SECS_FEW: u64 = 30;

/// What Web Deploy knows of a command.
const SETTINGS: &[&str] = &[
    "waitInterval",
    "waitAttempts",
    "successReturnCodes",
    "dontUseCommandExe",
    "dontUseJobObject",
];

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["package-command-settings-ignored", "Settings of a command stand where Web Deploy does not look",
        "In a package's Manifest.xml, Web Deploy ignores a runCommand's attributes; it reads MSDeploy.MSDeployProviderOptions alone, so that the command gets the defaults: it is ended after five seconds, and any code is success.",
        "Build the package with `iisgate package build`, which writes the options."], ignored),
    warning(["package-command-time", "A command gets little time",
        "Web Deploy looks waitAttempts times, every waitInterval milliseconds, and then ends the command and all that it has started. The defaults make five seconds.",
        "Give it time in [tool.iisgate.package]: after = [{ run = \"…\", timeout = 600 }]."], time),
    warning(["package-command-codes", "A command cannot fail",
        "Without successReturnCodes every code is success for Web Deploy: the installation goes on after a command that failed.",
        "Name the codes: success-codes = [0]."], codes),
    error(["package-command-setting-wrong", "A command's setting has a value that is none",
        "Numbers and true or false are texts in the options; what is neither stops Web Deploy or counts as the default.",
        "Correct the value and build again."], wrong),
];

fn commands<'a>(subject: &Subject<'a>) -> impl Iterator<Item = &'a crate::package::Provider> {
    subject.providers().filter(|provider| provider.is("runCommand"))
}

fn ignored(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for provider in commands(subject).filter(|_| subject.is_gallery()) {
        for (name, _) in &provider.attributes {
            if SETTINGS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                let message = format!("{name} has no effect here");
                hits.push(Hit::near(provider.place.as_ref(), message));
            }
        }
    }
    hits
}

fn time(subject: &Subject<'_>) -> Vec<Hit> {
    let short = |provider: &&crate::package::Provider| {
        RunCommand::of(provider).timeout().as_secs() < SECS_FEW
    };
    let hit = |provider: &crate::package::Provider| {
        let secs = RunCommand::of(provider).timeout().as_secs_f64();
        Hit::near(provider.place.as_ref(), format!("the command is ended after {secs} s"))
    };
    commands(subject).filter(short).map(hit).collect()
}

fn codes(subject: &Subject<'_>) -> Vec<Hit> {
    let any = commands(subject).filter(|p| p.setting("successReturnCodes").is_none());
    any.map(|p| Hit::near(p.place.as_ref(), "every code of the command is success")).collect()
}

fn wrong(subject: &Subject<'_>) -> Vec<Hit> {
    let is_number = |text: &str| text.trim().parse::<u32>().is_ok();
    let is_flag = |text: &str| ["true", "false"].contains(&&*text.trim().to_ascii_lowercase());
    let are_codes = |text: &str| text.split(';').all(|code| run_command::code(code).is_some());
    let mut hits = Vec::new();
    for provider in commands(subject) {
        for name in SETTINGS {
            let Some(value) = provider.setting(name) else { continue };
            let is_right = match *name {
                "successReturnCodes" => are_codes(value),
                "waitInterval" | "waitAttempts" => is_number(value),
                _ => is_flag(value),
            };
            if !is_right {
                let message = format!("{name} cannot be {value:?}");
                hits.push(Hit::near(provider.place.as_ref(), message));
            }
        }
    }
    hits
}

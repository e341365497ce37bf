//! Owns telling beforehand what an installation would do.
//!
//! Does not do it.

use super::commands::is_post_install;
use super::content::{Content, Wish};
use super::environment::Environment;
use super::folder::Target;
use super::installer::Settings;
use super::{Error, Step};

/// Lines for the user.
///
/// # Errors
/// When `releases.toml` cannot be read, or a parameter cannot be put in.
pub fn plan(
    target: &Target,
    content: &Content<'_>,
    settings: &Settings,
) -> Result<Vec<String>, Error> {
    let state = target.state()?;
    let folder = target.release(state.next);
    let mut lines = Vec::new();
    let mut line = |word: &str, text: String| lines.push(format!("{word:<12} {text}"));
    line("package", content.name());
    for (name, value) in content.shown_values() {
        line("parameter", format!("{name} = {value}"));
    }
    if let Some(unfinished) = &state.unfinished {
        let number = unfinished.release.number;
        let what = if unfinished.step < Step::Switch { "removed" } else { "completed" };
        line("cut off", format!("release {number} was under way: it is {what} first"));
    }
    line("files", folder.display().to_string());
    line(
        "environment",
        match &settings.environment {
            Environment::Existing(path) => format!("{}, as it is", path.display()),
            Environment::Make { python: Some(python), .. } => {
                format!("new, by {}", python.display())
            }
            Environment::Make { python: None, .. } => "new".to_owned(),
        },
    );
    line("data", target.data().display().to_string());
    for wish in content.wishes()? {
        match wish {
            Wish::Command(command) if is_post_install(&command.command) => {
                line("hooks", "what the framework wants done after new code has come".to_owned());
            }
            Wish::Before(command) => line("command", format!("{} (before)", command.command)),
            Wish::Command(command) => line("command", command.command),
            Wish::Rights { path, access, .. } => line("right", format!("{access} on ./{path}")),
            Wish::Alias { from, to } => line("copy", format!("{from} to {to}")),
        }
    }
    line("health", format!("GET {}", settings.health.path));
    match settings.server.as_ref().or(state.server.as_ref()) {
        Some(server) => {
            let (site, app) = (&server.site, server.app.trim_end_matches('/'));
            line("switch", format!("{site}{app} in {}", server.config.display()));
        }
        None => {
            line("switch", format!("live in {}", target.folder().join("releases.toml").display()))
        }
    }
    line("keep", format!("{} releases", settings.keep));
    let secrets = content.secrets();
    Ok(lines.iter().map(|line| secrets.mask(line)).collect())
}

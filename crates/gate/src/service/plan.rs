//! Owns what is to be made for a helper's service, as a value that can be printed before it is done.
//!
//! Changes nothing (`control`).

use super::subject::Subject;
use super::trouble::Trouble;
use crate::helpers::Recipe;
use crate::interpreter;
use crate::plan::log_places;
use crate::settings::Settings;
use iis::project_helpers::Restart;
use platform::service::{Definition, command_line};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pauses before the system starts a service again: growing, so that a machine with a broken helper
/// has time for others. The last one counts from then on.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(5), Duration::from_secs(30), Duration::from_secs(120)];

/// After a day without failure the next one is the first again.
const FORGIVEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// What must be done beside stopping the helper before the machine goes down.
const SHUTDOWN_SLACK: Duration = Duration::from_secs(5);

/// What to type for the system's own accounts, which need no right to be granted by us.
const SYSTEM_ACCOUNTS: [&str; 2] = ["LocalSystem", r"NT AUTHORITY\SYSTEM"];

/// What was wished for beside the helper.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// The interpreter.
    pub python: Option<PathBuf>,
    /// The log file.
    pub log: Option<PathBuf>,
    /// The account.
    pub account: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// Folders that it may write to.
    pub writable: Vec<PathBuf>,
}

/// A right on a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) folder: PathBuf,
    /// As icacls has it: `M` to modify, `RX` to read.
    pub(super) right: &'static str,
    pub(super) account: String,
}

impl Grant {
    pub(super) fn arguments(&self) -> [String; 3] {
        let folder = self.folder.display().to_string();
        [folder, "/grant".into(), format!("{}:(OI)(CI){}", self.account, self.right)]
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&command_line(Path::new("icacls"), &self.arguments()))
    }
}

/// All that is made for a service.
#[derive(Clone, Debug)]
pub struct ServicePlan {
    pub(super) definition: Definition,
    pub(super) grants: Vec<Grant>,
    pub(super) log: PathBuf,
    working_directory: PathBuf,
    stop_timeout: Duration,
}

impl ServicePlan {
    /// Makes the plan. `program` is this program.
    ///
    /// # Errors
    /// When the helper has no command, or no Python is found for it.
    pub fn new(subject: &Subject, wishes: Wishes, program: &Path) -> Result<Self, Trouble> {
        let Subject { site, service, helper, files } = subject;
        let settings = Settings { python: wishes.python, ..Settings::default() };
        let python = interpreter::find(&settings, &files.project, site)?.python;
        let recipe = recipe(subject, &python)?;
        let log = wishes.log.or_else(|| log_places(site).into_iter().next());
        let log = log.unwrap_or_else(|| site.join("logs").join("iisgate.log"));
        let text = |path: &Path| path.display().to_string();
        let mut arguments = vec!["service".into(), "run".into(), helper.name.clone()];
        for (flag, value) in [
            ("--site", text(site)),
            ("--service-name", service.clone()),
            ("--python", text(&python)),
            ("--log", text(&log)),
        ] {
            arguments.extend([flag.to_owned(), value]);
        }
        // An account of its own, without a password: what it may write, no other service may.
        let account = wishes.account.unwrap_or_else(|| format!(r"NT SERVICE\{service}"));
        let grant = |folder: &Path, right| Grant {
            folder: folder.to_owned(),
            right,
            account: account.clone(),
        };
        let mut grants = Vec::new();
        if !SYSTEM_ACCOUNTS.iter().any(|system| system.eq_ignore_ascii_case(&account)) {
            grants.push(grant(site, "RX"));
            grants.extend(log.parent().map(|folder| grant(folder, "M")));
            grants.extend(wishes.writable.iter().map(|folder| grant(folder, "M")));
        }
        let name = site.file_name().unwrap_or_default().to_string_lossy();
        let is_restarted = helper.restart != Restart::Never;
        let definition = Definition {
            name: service.clone(),
            display_name: format!("{} of {name} (iisgate)", helper.name),
            description: format!(
                "Runs the helper {} of the site {}, as its pyproject.toml says.",
                helper.name,
                site.display()
            ),
            program: program.to_owned(),
            arguments,
            account,
            password: wishes.password,
            depends: subject.depends(),
            pauses: if is_restarted { PAUSES.to_vec() } else { Vec::new() },
            forgiven_after: FORGIVEN_AFTER,
            // Once to end, once more to die.
            shutdown_timeout: recipe.stop_timeout * 2 + SHUTDOWN_SLACK,
        };
        Ok(Self {
            definition,
            grants,
            log,
            working_directory: recipe.working_directory,
            stop_timeout: recipe.stop_timeout,
        })
    }

    /// What is to be said once it is made.
    pub fn advice(&self) -> Vec<String> {
        let folder = &self.working_directory;
        let is_writable = |grant: &Grant| grant.right == "M" && folder.starts_with(&grant.folder);
        if self.grants.is_empty() || self.grants.iter().any(is_writable) {
            return Vec::new();
        }
        let account = self.definition.account.clone();
        let grant = Grant { folder: folder.clone(), right: "M", account };
        vec![format!(
            "where it writes, {} must be allowed to; if that is the folder it works in:\n  {grant}",
            self.definition.account
        )]
    }
}

/// The helper as it is started.
pub(super) fn recipe(subject: &Subject, python: &Path) -> Result<Recipe, Trouble> {
    let recipe = Recipe::of(&subject.helper, &subject.files, python)?;
    if recipe.command.is_empty() {
        let (name, service) = (&subject.helper.name, &subject.service);
        return Err(Trouble::asked(
            format!("helper {name} has no command: its service {service} is someone else's"),
            format!("say what it runs: command = [...] in [tool.iisgate.helpers.{name}]"),
        ));
    }
    Ok(recipe)
}

fn seconds(time: &Duration) -> String {
    format!("{} s", time.as_secs())
}

impl fmt::Display for ServicePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Definition { pauses, depends, account, .. } = &self.definition;
        let pauses: Vec<_> = pauses.iter().map(seconds).collect();
        let recovery = if pauses.is_empty() {
            "none: restart = \"never\"".into()
        } else {
            let days = self.definition.forgiven_after.as_secs() / (24 * 60 * 60);
            format!(
                "started again after {}, also when it ends with a failure; forgiven after {days} day",
                pauses.join(", ")
            )
        };
        let depends = if depends.is_empty() { "nothing".into() } else { depends.join(", ") };
        let stop = seconds(&self.stop_timeout);
        let mut lines = vec![
            ("service", self.definition.name.clone()),
            ("shown as", self.definition.display_name.clone()),
            ("description", self.definition.description.clone()),
            ("command", command_line(&self.definition.program, &self.definition.arguments)),
            ("account", account.clone()),
            ("start", "automatic (delayed)".into()),
            ("depends on", depends),
            ("recovery", recovery),
            ("stop", format!("told to end; killed after {stop}")),
            ("log", self.log.display().to_string()),
        ];
        lines.extend(self.grants.iter().map(|grant| ("right", grant.to_string())));
        lines.iter().try_for_each(|(name, value)| writeln!(f, "{name:<12} {value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::subject::tests::site;
    use super::*;

    #[test]
    fn the_plan_says_what_is_made() {
        let text = "[tool.iisgate.helpers.queue]\ncommand = ['run', 'it']\nworking-directory = 'var'\n\
                    depends = ['Tcpip']\nstop-timeout = 7\n";
        let (_folder, path) = site(text);
        let python = path.join("python");
        std::fs::write(&python, "").expect("written");
        let subject = Subject::load(&path, "queue", Some("shop-queue")).expect("there");
        let log = path.join("logs").join("a.log");
        let wishes = Wishes { python: Some(python), log: Some(log), ..Wishes::default() };
        let make = |wishes| {
            let program = Path::new("/my tools/iisgate");
            ServicePlan::new(&subject, wishes, program).expect("whole")
        };
        let plan = make(wishes.clone());
        let told = plan.to_string().replace(&*path.to_string_lossy(), "SITE").replace('\\', "/");
        assert_eq!(
            told,
            "\
service      shop-queue
shown as     queue of my shop (iisgate)
description  Runs the helper queue of the site SITE, as its pyproject.toml says.
command      \"/my tools/iisgate\" service run queue --site \"SITE\" --service-name shop-queue \
             --python \"SITE/python\" --log \"SITE/logs/a.log\"
account      NT SERVICE/shop-queue
start        automatic (delayed)
depends on   Tcpip
recovery     started again after 5 s, 30 s, 120 s, also when it ends with a failure; \
             forgiven after 1 day
stop         told to end; killed after 7 s
log          SITE/logs/a.log
right        icacls \"SITE\" /grant \"NT SERVICE/shop-queue:(OI)(CI)RX\"
right        icacls \"SITE/logs\" /grant \"NT SERVICE/shop-queue:(OI)(CI)M\"
"
        );
        assert!(plan.advice()[0].contains("var"), "{:?}", plan.advice());
        let writable = vec![path.join("var")];
        assert_eq!(make(Wishes { writable, ..wishes.clone() }).advice(), [""; 0]);
        let account = Some("localsystem".into());
        assert_eq!(make(Wishes { account, ..wishes }).grants, []);
    }

    #[test]
    fn who_is_no_program_of_ours_is_not_made_a_service() {
        let (_folder, path) =
            site("[tool.iisgate.helpers.db]\nstart = 'service'\nrestart = 'never'\n");
        let subject = Subject::load(&path, "db", None).expect("there");
        let told = recipe(&subject, Path::new("python")).expect_err("it has no command");
        assert!(told.to_string().contains("someone else's"), "{told}");
    }
}

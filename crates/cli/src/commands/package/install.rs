//! Owns `iisgate package install`: parameters asked for, the plan shown, the installation watched.
//!
//! Does not own the installation (`deploy::install`).

use super::asking;
use super::progress::Progress;
use super::spot;
use crate::Exit;
use crate::args::{EnvironmentArgs, HealthArgs, PackageInstallArgs};
use crate::commands::planned::{self, Answer};
use crate::printer::Printer;
use anyhow::Context;
use deploy::install::{
    Binding, Content, Environment, Error, Health, Outcome, Settings, State, Step, Target, install,
};
use deploy::package::{Package, parameters};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &PackageInstallArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let package = match Package::open(&args.file) {
        Ok(package) => package,
        Err(error) => {
            printer.error(&format!("{}: {error}", error.code()));
            return Ok(Exit::Trouble);
        }
    };
    let mut given = BTreeMap::new();
    if let Some(file) = &args.set_file {
        let bytes =
            std::fs::read(file).with_context(|| format!("--set-file {}", file.display()))?;
        match parameters::read_set_file(file, &bytes) {
            Ok(values) => given = values,
            Err(error) => return Ok(trouble(printer, &error.to_string(), None)),
        }
    }
    given.extend(args.set.iter().cloned());
    if let Some(site) = &args.spot.site
        && let Some(parameter) = package.parameters().tagged("iisApp")
    {
        given
            .entry(parameter.name.clone())
            .or_insert_with(|| site.trim_end_matches('/').to_owned());
    }
    if !args.consent.yes && !args.consent.dry_run {
        asking::ask(package.parameters(), &mut given, printer)?;
    }
    let values = match package.parameters().resolve(&given) {
        Ok(values) => values,
        Err(error) => return Ok(trouble(printer, &error.to_string(), None)),
    };
    if args.with_msdeploy {
        return super::msdeploy::run_it(args, &package, &values, printer);
    }
    let server = match spot::binding(&args.spot) {
        Ok(server) => server,
        Err(error) => return Ok(told(printer, &error)),
    };
    let target = match folder(args, server.as_ref()) {
        Ok(folder) => Target::new(&folder)?,
        Err(error) => return Ok(told(printer, &error)),
    };
    let content = match Content::new(&package, &values) {
        Ok(content) => content,
        Err(error) => return Ok(told(printer, &error)),
    };
    let settings = Settings {
        environment: environment(&args.environment),
        program: planned::program()?,
        health: health(&args.health)?,
        keep: usize::from(args.keep),
        server,
        product: args.product.clone(),
    };
    let lines = match deploy::install::plan(&target, &content, &settings) {
        Ok(lines) => lines,
        Err(error) => return Ok(told(printer, &error)),
    };
    printer.say(lines.join("\n"));
    match planned::ask(args.consent, printer)? {
        Answer::Yes => {}
        Answer::Shown => return Ok(Exit::Done),
        Answer::No => return Ok(Exit::Trouble),
    }
    let mut progress = Progress::new(printer, target.log()).without(content.secrets());
    let result = install(&target, &content, &settings, &mut progress);
    progress.finish();
    Ok(done(&target, result, printer))
}

/// Says how it ended.
pub(super) fn done(target: &Target, result: Result<Outcome, Error>, printer: &Printer) -> Exit {
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(error) => {
            let exit = told(printer, &error);
            // What cannot be read, the error tells.
            if let Ok(state) = target.state() {
                printer.say(what_is_live(&state, target));
            }
            return exit;
        }
    };
    let number = outcome.release.number;
    if outcome.is_completed {
        printer.say(format!("What was cut off is completed: release {number} is live."));
    } else {
        printer.say(format!("{} {number} of {}", printer.bold("live:"), outcome.release.package));
    }
    printer.say(format!("{} {}", printer.bold("site:"), outcome.site.display()));
    let folder = target.folder().display();
    printer.say(format!("{} iisgate serve \"{folder}\"", printer.bold("try it:")));
    Exit::Done
}

/// What is served after an error.
fn what_is_live(state: &State, target: &Target) -> String {
    let begun = state.unfinished.as_ref().filter(|unfinished| unfinished.step >= Step::Switch);
    if let Some(begun) = begun {
        let (number, folder) = (begun.release.number, target.folder().display());
        let what = if state.live == Some(number) {
            format!("Release {number} is live; tidying up after it is not done.")
        } else {
            format!("The site may lead to release {number} already: the switch is not done.")
        };
        return format!("{what} This does it: iisgate package rollback \"{folder}\" --to {number}");
    }
    match state.live {
        Some(live) => format!("Release {live} is live, as it was before."),
        None => "Nothing is installed.".to_owned(),
    }
}

/// Says what is wrong, and what mends it.
pub(super) fn told(printer: &Printer, error: &Error) -> Exit {
    let exit = match error {
        Error::Refused { .. } | Error::Package(_) => Exit::Trouble,
        _ => Exit::Unable,
    };
    trouble(printer, &error.to_string(), error.hint());
    exit
}

pub(super) fn trouble(printer: &Printer, message: &str, hint: Option<&str>) -> Exit {
    printer.error(message);
    if let Some(hint) = hint {
        printer.say(format!("{} {hint}", printer.bold("hint:")));
    }
    Exit::Trouble
}

/// Where releases go: what is told, else where the site's are, else where the site is.
fn folder(args: &PackageInstallArgs, server: Option<&Binding>) -> Result<PathBuf, Error> {
    match (&args.to, server) {
        (Some(folder), _) => Ok(folder.clone()),
        (None, Some(server)) => server.usual_folder(),
        (None, None) => Ok(PathBuf::from(".")),
    }
}

pub(super) fn environment(args: &EnvironmentArgs) -> Environment {
    match &args.environment {
        Some(path) => Environment::Existing(path.clone()),
        None => Environment::Make {
            python: args.python.clone(),
            sees_system: args.system_site_packages,
        },
    }
}

pub(super) fn health(args: &HealthArgs) -> anyhow::Result<Health> {
    let iisgate = std::env::current_exe().context("this program's own path cannot be had")?;
    let iisgate = dunce::simplified(Path::new(&iisgate)).to_owned();
    Ok(Health { iisgate, path: args.health.clone(), timeout: args.health_timeout })
}

#[cfg(test)]
mod tests {
    use super::*;
    use deploy::install::{Release, Unfinished};

    #[test]
    fn what_is_told_after_an_error_is_what_is_live() {
        let target = Target::new(Path::new("/nowhere/shop")).unwrap();
        for (live, under_way, expected) in [
            (None, None, "Nothing is installed."),
            (Some(1), None, "Release 1 is live, as it was before."),
            // Its release could not be taken away: the next run does it.
            (Some(1), Some(Step::Health), "Release 1 is live, as it was before."),
            (Some(1), Some(Step::Switch), "The site may lead to release 2 already"),
            (Some(2), Some(Step::Tidy), "Release 2 is live; tidying up after it is not done."),
        ] {
            let release = Release { number: 2, ..Release::default() };
            let unfinished =
                under_way.map(|step| Unfinished { step, seeded: Vec::new(), keep: 3, release });
            let state = State { live, unfinished, ..State::default() };
            let told = what_is_live(&state, &target);
            assert!(told.starts_with(expected), "{told}");
            let is_completed = under_way.is_some_and(|step| step >= Step::Switch);
            assert_eq!(told.contains("package rollback"), is_completed, "{told}");
        }
    }
}

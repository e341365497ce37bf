//! Owns `iisgate feed install`: the plan is shown, agreed to, and carried out.
//!
//! Does not own the plan (`deploy::feed::resolve`) nor carrying it out (`deploy::feed::install`).

use super::actor::OnThisMachine;
use super::{list, told};
use crate::Exit;
use crate::args::FeedInstallArgs;
use crate::commands::planned::{self, Answer};
use crate::printer::Printer;
use ::iis::expand::from_process;
use deploy::feed::cache::Cache;
use deploy::feed::install::install;
use deploy::feed::model::{Action, CommandLine};
use deploy::feed::resolve::{Plan, Step, plan};
use deploy::feed::{Http, ThisMachine};

pub(crate) fn run(args: FeedInstallArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let Some(catalog) = list::catalog(&args.feeds, printer) else { return Ok(Exit::Unable) };
    let mut plan = match plan(&catalog, &args.products, &args.language, &ThisMachine) {
        Ok(plan) => plan,
        Err(error) => return Ok(told(&error, printer)),
    };
    for product in &plan.satisfied {
        printer.say(format!("{} {product} is there", printer.bold("found:")));
    }
    let packages = plan.steps.iter().filter(|step| is_package(step)).count();
    let mut actor = OnThisMachine { args: &args, printer, is_several: packages > 1 };
    // What was asked for by name is installed again; what that needs may be there as a site.
    plan.steps.retain(|step| {
        let is_named = args.products.iter().any(|it| it.eq_ignore_ascii_case(&step.entry.product));
        let Some(folder) = (!is_named && is_package(step)).then(|| actor.live(step)).flatten()
        else {
            return true;
        };
        let found = format!("{} {}", printer.bold("found:"), step.entry.product);
        printer.say(format!("{found} {} is live in {}", step.entry.version, folder.display()));
        false
    });
    if plan.steps.is_empty() {
        printer.say("Nothing to do.");
        return Ok(Exit::Done);
    }
    show(&plan, printer);
    if packages > 0 && args.to.is_none() && args.spot.site.is_none() {
        printer.error("nobody said where the site goes");
        let hint = "add --to DIR, a folder for its releases and data, or --site NAME";
        printer.say(format!("{} {hint}", printer.bold("hint:")));
        return Ok(Exit::Trouble);
    }
    match planned::ask(args.consent, printer)? {
        Answer::Yes => {}
        Answer::Shown => return Ok(Exit::Done),
        Answer::No => return Ok(Exit::Trouble),
    }
    let Some(cache) = Cache::ours(from_process) else {
        printer.error("there is no place to keep downloads: neither LOCALAPPDATA nor HOME is set");
        return Ok(Exit::Unable);
    };
    match install(&plan, &cache, &mut Http::default(), &ThisMachine, &mut actor) {
        Ok(()) => {
            let names: Vec<&str> =
                plan.steps.iter().map(|step| step.entry.product.as_str()).collect();
            printer.say(format!("{} {}", printer.bold("installed:"), names.join(", ")));
            Ok(Exit::Done)
        }
        Err(error) => Ok(told(&error, printer)),
    }
}

fn is_package(step: &Step) -> bool {
    matches!(step.installer.action, Some(Action::MsDeploy { .. }))
}

/// What is to be installed, by what, and which licences that means.
fn show(plan: &Plan, printer: &Printer) {
    for (number, step) in plan.steps.iter().enumerate() {
        let entry = &step.entry;
        printer.say(format!("{}. {} {}", number + 1, entry.product, entry.version));
        if let Some(place) = &step.place {
            printer.say(format!("   from {place}"));
        }
        match &step.installer.action {
            Some(Action::Commands(commands)) => {
                for command in commands {
                    printer.say(match command {
                        CommandLine::Program { exe, arguments, .. } => {
                            format!("   runs {exe} {arguments}")
                        }
                        CommandLine::Msi(file) => format!("   runs msiexec /i {file} /qn"),
                    });
                }
            }
            _ => printer.say("   is installed as iisgate package install does it"),
        }
        if let Some(licence) = &step.installer.eula_url {
            printer.say(format!("   its licence: {licence}"));
        }
    }
}

//! Owns `iisgate service`: a helper as a Windows service, made, removed, started, stopped, asked, run.
//!
//! Does not own what that means (`gate::service`).

mod instead;

use crate::Exit;
use crate::args::{AddArgs, NamedArgs, RunArgs, ServiceAction, ServiceArgs};
use crate::printer::Printer;
use anyhow::Context;
use gate::service::{self, Running, ServicePlan, Subject, Trouble, Wishes};
use platform::service::{MANAGER, Report, State};
use std::io::Write as _;
use std::path::PathBuf;

type Outcome = Result<Exit, Trouble>;

pub(crate) fn run(args: ServiceArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let outcome = match args.action {
        ServiceAction::Run(args) => run_helper(args),
        ServiceAction::Add(args) if MANAGER.is_none() => instead::add(args, printer)?,
        ServiceAction::Add(args) => add(args, printer)?,
        ServiceAction::Remove(args) => with(&args, printer, "remove", "removed", service::remove),
        ServiceAction::Start(args) => with(&args, printer, "start", "running", service::start),
        ServiceAction::Stop(args) => with(&args, printer, "stop", "stopped", service::stop),
        ServiceAction::Restart(args) => {
            with(&args, printer, "restart", "running", service::restart)
        }
        ServiceAction::Status(args) => status(&args, printer)?,
    };
    Ok(outcome.unwrap_or_else(|trouble| tell(&trouble, printer)))
}

/// Says why it could not be done.
fn tell(trouble: &Trouble, printer: &Printer) -> Exit {
    let hint = |hint: &str| {
        if !hint.is_empty() {
            printer.say(format!("{} {hint}", printer.bold("hint:")));
        }
    };
    if let Trouble::Site(failure) = trouble {
        printer.failure(failure);
        return Exit::Trouble;
    }
    printer.error(&trouble.to_string());
    match trouble {
        Trouble::Asked { hint: text, .. } => {
            hint(text);
            Exit::Trouble
        }
        Trouble::State { hint: text, .. } => {
            hint(text);
            Exit::Unable
        }
        Trouble::NotElevated => {
            hint(&format!(
                "open a console with «Run as administrator» and type there:\n  {}",
                typed()
            ));
            Exit::Unable
        }
        _ => Exit::Unable,
    }
}

/// What was typed, so that it can be typed elsewhere: with this program's path and this folder.
fn typed() -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("iisgate"));
    let mut words: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let is_site_named = words.iter().any(|word| word == "--site" || word.starts_with("--site="));
    if let (false, Ok(folder)) = (is_site_named, std::env::current_dir()) {
        words.extend(["--site".into(), folder.display().to_string()]);
    }
    platform::service::command_line(&program, &words)
}

fn subject(args: &NamedArgs) -> Result<Subject, Trouble> {
    Subject::load(&args.site, &args.helper, args.service_name.as_deref())
}

/// Does one thing to a service, and says that it is done.
fn with(
    args: &NamedArgs,
    printer: &Printer,
    verb: &str,
    done: &str,
    act: impl FnOnce(&Subject) -> Result<(), Trouble>,
) -> Outcome {
    let subject = subject(args)?;
    if MANAGER.is_none() {
        return Ok(instead::act(&subject, verb, printer));
    }
    act(&subject)?;
    printer.say(format!("service {} is {done}", subject.service));
    Ok(Exit::Done)
}

/// What is meant by the arguments: all paths absolute, for a service starts elsewhere.
fn wishes(args: AddArgs) -> anyhow::Result<Wishes> {
    let absolute = |path: PathBuf| {
        std::path::absolute(&path).with_context(|| format!("not a path: {}", path.display()))
    };
    let password = if args.password_stdin {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).context("no password can be read")?;
        Some(line.trim_end_matches(['\r', '\n']).to_owned())
    } else {
        None
    };
    Ok(Wishes {
        python: args.python.map(absolute).transpose()?,
        log: args.log.map(absolute).transpose()?,
        account: args.account,
        password,
        writable: args.writable.into_iter().map(absolute).collect::<Result<_, _>>()?,
    })
}

fn add(args: AddArgs, printer: &Printer) -> anyhow::Result<Outcome> {
    let is_dry_run = args.dry_run;
    let program = std::env::current_exe().context("this program's own path cannot be had")?;
    let subject = match subject(&args.named) {
        Ok(subject) => subject,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let plan = match ServicePlan::new(&subject, wishes(args)?, &program) {
        Ok(plan) => plan,
        Err(trouble) => return Ok(Err(trouble)),
    };
    if is_dry_run {
        write!(std::io::stdout().lock(), "{plan}")?;
        printer.say(
            "nothing was made: this needs a console with administrator's rights, without --dry-run",
        );
        return Ok(Ok(Exit::Done));
    }
    Ok(service::add(&subject, &plan).map(|undone| {
        printer.say(format!("service {} is made", subject.service));
        for text in undone.iter().chain(&plan.advice()) {
            printer.say(format!("{} {text}", printer.bold("note:")));
        }
        if !subject.is_service() {
            printer.say(format!(
                "{} the app starts this helper, too: write start = \"service\" in \
                 [tool.iisgate.helpers.{}]",
                printer.bold("note:"),
                subject.helper()
            ));
        }
        printer.say(format!(
            "{} iisgate service start {}",
            printer.bold("next:"),
            subject.helper()
        ));
        Exit::Done
    }))
}

fn status(args: &NamedArgs, printer: &Printer) -> anyhow::Result<Outcome> {
    let subject = match subject(args) {
        Ok(subject) => subject,
        Err(trouble) => return Ok(Err(trouble)),
    };
    if MANAGER.is_none() {
        return Ok(Ok(instead::act(&subject, "status", printer)));
    }
    let report = match service::status(&subject) {
        Ok(report) => report,
        Err(trouble) => return Ok(Err(trouble)),
    };
    write!(std::io::stdout().lock(), "{}", shown(&subject, report.as_ref()))?;
    let is_running = report.is_some_and(|report| report.state == State::Running);
    Ok(Ok(if is_running { Exit::Done } else { Exit::Trouble }))
}

fn shown(subject: &Subject, report: Option<&Report>) -> String {
    let mut lines = vec![("service", subject.service.clone())];
    match report {
        None => lines.push(("state", "absent".into())),
        Some(report) => {
            lines.push(("state", report.state.word().into()));
            lines.extend(report.process.map(|id| ("process", id.to_string())));
            if report.state == State::Stopped {
                lines.push(("exit code", report.exit_code.to_string()));
            }
            lines.push(("account", report.account.clone()));
            lines.push(("command", report.command.clone()));
        }
    }
    lines.iter().map(|(name, value)| format!("{name:<12} {value}\n")).collect()
}

fn run_helper(args: RunArgs) -> Outcome {
    let NamedArgs { helper, site, service_name } = args.named;
    let running =
        Running { site, helper, service: service_name, python: args.python, log: args.log };
    let is_fine = service::run(&running)?;
    Ok(if is_fine { Exit::Done } else { Exit::Unable })
}

//! Owns `iisgate config`: what is looked at, which sections, and the exit status.
//!
//! Does not own merging (`iis`), nor how it is shown (`view`).

mod place;

mod view;

use crate::Exit;
use crate::args::{ConfigArgs, ConfigCommand, ConfigShowArgs, OutputForm};
use crate::printer::Printer;
use ::iis::Inheritance;
use ::iis::sections::SECTIONS;
use std::io::Write as _;

pub(crate) fn run(args: ConfigArgs, printer: &Printer) -> anyhow::Result<Exit> {
    match args.command {
        ConfigCommand::Show(args) => show(&args, printer),
    }
}

fn show(args: &ConfigShowArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let looked_at = match place::find(args, printer)? {
        Ok(found) => found,
        Err(message) => {
            printer.error(&message);
            return Ok(Exit::Trouble);
        }
    };
    let chain = &looked_at.way.inheritance;
    let Some(sections) = chosen(args, chain, printer) else { return Ok(Exit::Trouble) };
    looked_at.say(printer);
    let (mut views, mut errors) = (Vec::new(), Vec::new());
    for section in &sections {
        if args.effective {
            match chain.effective(section, args.defaults) {
                Ok(effective) => views.push(view::effective(&effective)),
                Err(error) => errors.push(error),
            }
        } else {
            views.push(view::written(section, chain));
        }
    }
    let text = match args.output {
        OutputForm::Text => view::text(&views, &looked_at.base, args.sections.is_empty()),
        OutputForm::Json => view::json(&views, &errors),
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whom nobody hears any more has nothing to say.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
        written => written?,
    }
    for error in &errors {
        printer.error(&error.to_string());
    }
    if sections.is_empty() {
        printer.say("No web.config on the way and no <location> says anything.");
    }
    if args.sections.is_empty() && !args.all {
        let text = "--section NAME shows all of a section, --all every section";
        printer.say(format!("{} {text}", printer.bold("hint:")));
    }
    Ok(if errors.is_empty() { Exit::Done } else { Exit::Trouble })
}

/// The sections to be shown; `None` when one is asked for that there cannot be.
fn chosen(args: &ConfigShowArgs, chain: &Inheritance, printer: &Printer) -> Option<Vec<String>> {
    if args.sections.is_empty() {
        return Some(chain.section_paths(args.all));
    }
    let there = chain.section_paths(true);
    let mut chosen = Vec::new();
    for name in &args.sections {
        let known = || there.iter().map(String::as_str).chain(SECTIONS.iter().copied());
        // Names are shortened as appcmd's are, which looks at no case either.
        let is_meant = |section: &&str| {
            let short = section.rsplit('/').next().unwrap_or(section);
            section.eq_ignore_ascii_case(name) || short.eq_ignore_ascii_case(name)
        };
        match known().find(is_meant) {
            Some(section) => chosen.push(section.to_owned()),
            None => {
                printer.error(&format!("there is no section {name}"));
                let text = "write it as it stands in the files, such as system.webServer/handlers";
                printer.say(format!("{} {text}", printer.bold("hint:")));
                return None;
            }
        }
    }
    Some(chosen)
}

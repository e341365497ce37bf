//! Owns what is said where there are no Windows services: which command of the system does the same.
//!
//! Does not run it.

use super::{Outcome, subject, wishes};
use crate::Exit;
use crate::args::AddArgs;
use crate::printer::Printer;
use gate::service::{Subject, unit};
use std::io::Write as _;

/// Prints the unit file, or says how to make a service of it.
pub(super) fn add(args: AddArgs, printer: &Printer) -> anyhow::Result<Outcome> {
    let is_dry_run = args.dry_run;
    let subject = match subject(&args.named) {
        Ok(subject) => subject,
        Err(trouble) => return Ok(Err(trouble)),
    };
    let text = match unit(&subject, &wishes(args)?) {
        Ok(text) => text,
        Err(trouble) => return Ok(Err(trouble)),
    };
    if is_dry_run {
        std::io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(Ok(Exit::Done));
    }
    let (helper, service, site) = (subject.helper(), &subject.service, subject.site.display());
    refuse(printer);
    printer.say(format!(
        "{} let systemd run it:\n  iisgate service add {helper} --site \"{site}\" --dry-run > \
         /etc/systemd/system/{service}.service\n  systemctl daemon-reload\n  \
         systemctl enable --now {service}.service",
        printer.bold("hint:")
    ));
    Ok(Ok(Exit::Unable))
}

/// Says which command does the same.
pub(super) fn act(subject: &Subject, verb: &str, printer: &Printer) -> Exit {
    refuse(printer);
    printer.say(format!("{} {}", printer.bold("hint:"), command(verb, &subject.service)));
    Exit::Unable
}

fn refuse(printer: &Printer) {
    printer.error("there are no Windows services on this system");
}

fn command(verb: &str, service: &str) -> String {
    match verb {
        "remove" => format!(
            "systemctl disable --now {service}.service && rm /etc/systemd/system/{service}.service"
        ),
        verb => format!("systemctl {verb} {service}.service"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verb_has_a_command() {
        for (verb, expected) in [
            ("start", "systemctl start shop-zeo.service"),
            ("status", "systemctl status shop-zeo.service"),
            (
                "remove",
                "systemctl disable --now shop-zeo.service && \
                 rm /etc/systemd/system/shop-zeo.service",
            ),
        ] {
            assert_eq!(command(verb, "shop-zeo"), expected);
        }
    }
}

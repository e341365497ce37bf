//! Owns doing what a feed's installers say: running programs, installing packages.
//!
//! Does not own the order (`deploy::feed::install`) nor how a package is installed
//! (`commands::package`).

use crate::Exit;
use crate::args::{ConsentArgs, FeedInstallArgs, PackageInstallArgs};
use crate::commands::package;
use crate::printer::Printer;
use deploy::feed::install::{Actor, Event};
use deploy::feed::limits::INSTALLER_TIMEOUT;
use deploy::feed::location::safe_name;
use deploy::feed::resolve::Step;
use deploy::install::Target;
use platform::bounded;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many releases of a site stay, as `iisgate package install` has it.
const KEPT_RELEASES: u16 = 3;

/// Acts on this machine.
pub(super) struct OnThisMachine<'a> {
    pub(super) args: &'a FeedInstallArgs,
    pub(super) printer: &'a Printer,
    /// Whether several packages come: each gets a folder of its own.
    pub(super) is_several: bool,
}

impl OnThisMachine<'_> {
    /// Where a product's releases go, if that was said.
    fn folder(&self, step: &Step) -> Option<PathBuf> {
        let folder = self.args.to.as_ref()?;
        Some(match self.is_several {
            true => folder.join(safe_name(&step.entry.product)),
            false => folder.clone(),
        })
    }

    /// Where this version of a product is live already.
    pub(super) fn live(&self, step: &Step) -> Option<PathBuf> {
        let folder = self.folder(step)?;
        let state = Target::new(&folder).and_then(|target| target.state()).ok()?;
        let product = state.live_release()?.product.as_ref()?;
        (*product == called(step)).then_some(folder)
    }
}

/// A product with its version.
fn called(step: &Step) -> String {
    format!("{} {}", step.entry.product, step.entry.version)
}

impl Actor for OnThisMachine<'_> {
    fn hear(&mut self, event: Event<'_>) {
        let bold = |word| self.printer.bold(word);
        self.printer.say(match event {
            Event::Downloads { product, place } => {
                format!("{} {product} from {place}", bold("download:"))
            }
            Event::Kept { product, path } => {
                format!("{} {product} is in {}", bold("download:"), path.display())
            }
            Event::Installs { product } => format!("{} {product}", bold("install:")),
            Event::WantsRestart { product } => {
                format!("{} {product} wants Windows to be started again", bold("note:"))
            }
        });
    }

    fn run(&mut self, exe: &str, arguments: &str) -> io::Result<Option<i32>> {
        let mut command = Command::new(exe);
        hand_over(&mut command, arguments);
        let done = bounded::run(command, INSTALLER_TIMEOUT)?;
        // What installers say is talk; standard output is data.
        for text in [done.output(), done.errors()] {
            if !text.trim().is_empty() {
                self.printer.say(text.trim_end());
            }
        }
        Ok(done.status.map(|status| status.code().unwrap_or(-1)))
    }

    fn deploy(&mut self, step: &Step, file: &Path) -> Result<(), String> {
        let to = self.folder(step);
        let args = PackageInstallArgs {
            file: file.to_owned(),
            to,
            spot: self.args.spot.clone(),
            set: self.args.set.clone(),
            set_file: None,
            environment: self.args.environment.clone(),
            health: self.args.health.clone(),
            keep: KEPT_RELEASES,
            with_msdeploy: false,
            consent: ConsentArgs { yes: true, dry_run: false },
            product: Some(called(step)),
        };
        match package::install::run(&args, self.printer) {
            Ok(Exit::Done) => Ok(()),
            Ok(_) => Err("its package is not installed".to_owned()),
            Err(error) => Err(format!("{error:#}")),
        }
    }
}

/// Arguments as they are written: how they are cut into words is the program's own matter on Windows.
#[cfg(windows)]
fn hand_over(command: &mut Command, arguments: &str) {
    use std::os::windows::process::CommandExt;
    command.raw_arg(arguments);
}

/// Elsewhere words are cut at blanks outside of quotes, which are taken away.
#[cfg(not(windows))]
fn hand_over(command: &mut Command, arguments: &str) {
    command.args(words(arguments));
}

#[cfg(any(not(windows), test))]
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), None::<String>, false);
    for c in text.chars() {
        match c {
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !is_quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_cut_at_blanks_outside_of_quotes() {
        for (text, expected) in [
            ("", &[][..]),
            (" /q  /log \"a b\\c.log\" ", &["/q", "/log", "a b\\c.log"]),
            ("X=\"a b\"c \"\"", &["X=a bc", ""]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }
}

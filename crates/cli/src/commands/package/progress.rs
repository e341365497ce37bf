//! Owns showing how far an installation is, and running its programs, with what they say in a log.
//!
//! Does not own the steps (`deploy::install`).

use crate::printer::Printer;
use deploy::install::{Command, Ended, Host, Secrets, Step, run};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a worker may take to end: a grace of 5 s unless the site says another, and Plone's own end.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(40);

/// How often it is asked for meanwhile.
const SETTLE_PAUSE: Duration = Duration::from_millis(100);

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// Who watches: a terminal, or a log alone.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    printer: &'a Printer,
    bar: Option<indicatif::ProgressBar>,
    log: PathBuf,
    step: Option<(Step, Instant)>,
    secrets: Secrets,
}

impl<'a> Progress<'a> {
    pub(super) fn new(printer: &'a Printer, log: PathBuf) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = indicatif::ProgressBar::new_spinner();
            bar.enable_steady_tick(TICK);
            bar
        });
        Self { printer, bar, log, step: None, secrets: Secrets::default() }
    }

    /// Neither shows these nor keeps them in the log.
    pub(super) fn without(self, secrets: Secrets) -> Self {
        Self { secrets, ..self }
    }

    /// The last step is over.
    pub(super) fn finish(&mut self) {
        self.finish_with(None);
    }

    /// The last step is over, or has failed: the log says why, too.
    pub(super) fn finish_with(&mut self, failure: Option<String>) {
        self.tell_step();
        if let Some(failure) = failure {
            self.note(&format!("error: {failure}"));
        }
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn tell_step(&mut self) {
        if let Some((step, since)) = self.step.take() {
            self.line(&format!("{:>6.1} s  {}", since.elapsed().as_secs_f64(), step.words()));
        }
    }

    fn line(&self, text: &str) {
        let masked = self.secrets.mask(text);
        match &self.bar {
            Some(bar) => bar.suspend(|| self.printer.say(masked)),
            None => self.printer.say(masked),
        }
        self.note(text);
    }

    /// In the log; where that cannot be written, what is seen has to do.
    fn note(&self, text: &str) {
        let folder = self.log.parent().is_some_and(Path::is_dir);
        let file =
            folder.then(|| std::fs::File::options().create(true).append(true).open(&self.log));
        if let Some(Ok(mut file)) = file {
            let _ = writeln!(file, "{}", self.secrets.mask(text));
        }
    }
}

impl Host for Progress<'_> {
    fn begin(&mut self, step: Step) {
        self.tell_step();
        self.step = Some((step, Instant::now()));
        if let Some(bar) = &self.bar {
            bar.set_message(step.words());
        }
    }

    fn say(&mut self, line: &str) {
        self.line(&format!("          {line}"));
    }

    fn settle(&mut self, site: &Path) {
        let end = Instant::now() + SETTLE_TIMEOUT;
        let site = dunce::canonicalize(site).unwrap_or_else(|_| site.to_owned());
        let runs = || {
            gate::status::status().is_ok_and(|status| {
                status.workers.iter().any(|worker| worker.site == site)
                    || status.helpers.iter().any(|helpers| helpers.site == site)
            })
        };
        while runs() && Instant::now() < end {
            std::thread::sleep(SETTLE_PAUSE);
        }
    }

    fn run(&mut self, command: &Command) -> std::io::Result<Ended> {
        let ended = run(command)?;
        self.note(&format!("$ {}\n{}", command.shown(), ended.output.trim_end()));
        Ok(ended)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use deploy::package::{Parameter, Parameters};

    #[test]
    fn secret_values_are_not_in_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("install.log");
        let login =
            Parameter { tags: vec!["Password".into()], ..Parameter::new("Login", "geheim") };
        let parameters = Parameters { parameters: vec![login] };
        let values = parameters.resolve(&Default::default()).unwrap();
        let printer = Printer::new();
        let mut progress =
            Progress::new(&printer, log.clone()).without(Secrets::of(&parameters, &values));
        progress.say("echo geheim …");
        let echo = Command::new("echo", Duration::from_secs(60)).arg("it is geheim");
        assert_eq!(progress.run(&echo).unwrap().stdout, b"it is geheim\n");
        progress.finish_with(Some("geheim is wrong".to_owned()));
        let log = std::fs::read_to_string(log).unwrap();
        assert!(!log.contains("geheim") && log.matches("(not shown)").count() == 4, "{log}");
    }
}

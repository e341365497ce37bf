//! Owns the proof that nothing runs before all is judged, and that what runs does so in order.

use std::collections::BTreeMap;
use std::io::Write;

use super::*;
use crate::feed::discovery::tests::Pretended;
use crate::feed::fetch::failed;
use crate::feed::model::{Entry, Installer};

/// A web with some files in it.
#[derive(Debug, Default)]
struct Web {
    files: BTreeMap<String, Vec<u8>>,
    asked: Vec<String>,
}

impl Fetch for Web {
    fn fetch(&mut self, place: &Location, _: u64, out: &mut dyn Write) -> Result<(), Error> {
        self.asked.push(place.to_string());
        let found = self.files.get(&place.to_string());
        let bytes = found.ok_or_else(|| failed(place, "there is no such file"))?;
        out.write_all(bytes).map_err(Error::io(Path::new("out")))
    }

    fn reach(&mut self, _: &Location) -> Result<(), Error> {
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Recording {
    done: Vec<String>,
    status: i32,
    is_late: bool,
    restarts: usize,
}

impl Actor for Recording {
    fn hear(&mut self, event: Event<'_>) {
        self.restarts += usize::from(matches!(event, Event::WantsRestart { .. }));
    }

    fn run(&mut self, exe: &str, arguments: &str) -> io::Result<Option<i32>> {
        self.done.push(format!("{exe} {arguments}"));
        Ok((!self.is_late).then_some(self.status))
    }

    fn deploy(&mut self, step: &Step, package: &Path) -> Result<(), String> {
        assert!(package.is_file());
        self.done.push(format!("deploy {}", step.entry.product));
        Ok(())
    }
}

/// A step whose file has those bytes.
fn step(product: &str, bytes: &[u8], action: Action, web: &mut Web) -> Step {
    let url = format!("https://a/{product}");
    web.files.insert(url.clone(), bytes.to_vec());
    let mut digests = Hashing::new(io::sink());
    digests.write_all(bytes).unwrap();
    let sha1 = Some(digests.finish().sha1);
    let file = InstallerFile { url: url.clone(), sha1, ..InstallerFile::default() };
    Step {
        entry: Entry { product: product.to_owned(), ..Entry::default() },
        installer: Installer {
            file: Some(file),
            action: Some(action),
            logs: vec!["%ProgramFiles%\\log".into()],
            ..Installer::default()
        },
        place: Some(Location::Web(url)),
    }
}

fn program(arguments: &str, ignore: &str) -> Action {
    Action::Commands(vec![CommandLine::Program {
        exe: "%InstallerFile%".into(),
        arguments: arguments.into(),
        ignore_exit_code: Some(ignore.into()),
    }])
}

fn site() -> Action {
    Action::MsDeploy { start_page: None }
}

struct Run {
    web: Web,
    actor: Recording,
    folder: tempfile::TempDir,
}

impl Run {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Run { web: Web::default(), actor: Recording::default(), folder }
    }

    fn install(&mut self, steps: Vec<Step>) -> Result<(), String> {
        let plan = Plan { steps, satisfied: Vec::new() };
        let cache = Cache { folder: self.folder.path().to_owned() };
        let machine = Pretended::default();
        install(&plan, &cache, &mut self.web, &machine, &mut self.actor)
            .map_err(|error| error.to_string())
    }
}

#[test]
fn what_is_downloaded_is_judged_and_run_in_order() {
    let mut run = Run::new();
    let steps = vec![
        step(
            "Runtime",
            b"exe",
            program("/quiet /log \"%ProgramFiles%\\x\"", "false"),
            &mut run.web,
        ),
        step("Site", b"zip", site(), &mut run.web),
    ];
    run.install(steps.clone()).unwrap();
    let installer = run.folder.path().join("installers").join("Runtime").join("Runtime");
    let expected = format!("{} /quiet /log \"C:\\Program Files\\x\"", installer.display());
    assert_eq!(run.actor.done, [expected, "deploy Site".to_owned()]);
    assert_eq!(run.web.asked.len(), 2);
    // What is in the cache and is right is not downloaded again; what was changed there is.
    fs::write(&installer, "changed").unwrap();
    run.install(steps).unwrap();
    assert_eq!(run.web.asked[2..], ["https://a/Runtime"]);
}

#[test]
fn a_wrong_file_stops_it_before_anything_runs() {
    let mut run = Run::new();
    let steps = vec![
        step("Runtime", b"exe", program("/q", "false"), &mut run.web),
        step("Site", b"zip", site(), &mut run.web),
    ];
    run.web.files.insert("https://a/Site".into(), b"another".to_vec());
    let told = run.install(steps.clone()).unwrap_err();
    assert!(
        told.starts_with(
            "Site: https://a/Site is not the file that the feed tells of: its SHA-1 is"
        ),
        "{told}"
    );
    assert_eq!(run.actor.done, Vec::<String>::new());
    let left = run.folder.path().join("installers").join("Site");
    assert_eq!(fs::read_dir(left).unwrap().count(), 0, "nothing wrong is kept");
    run.web.files.remove("https://a/Site");
    assert!(run.install(steps).unwrap_err().contains("there is no such file"));
    assert_eq!(run.actor.done, Vec::<String>::new());
}

#[test]
fn an_installer_that_fails_stops_what_comes_after() {
    let mut run = Run::new();
    run.actor.status = 1603;
    let runtime = step("Runtime", b"exe", program("/q", "false"), &mut run.web);
    let steps = vec![runtime, step("Site", b"zip", site(), &mut run.web)];
    let told = run.install(steps).unwrap_err();
    assert!(
        told.ends_with("/q ended with status 1603; its log is C:\\Program Files\\log"),
        "{told}"
    );
    assert_eq!(run.actor.done.len(), 1);
}

#[test]
fn an_installer_that_does_not_end_is_told_and_stops_what_comes_after() {
    let mut run = Run::new();
    run.actor.is_late = true;
    let runtime = step("Runtime", b"exe", program("/q", "true"), &mut run.web);
    let steps = vec![runtime, step("Site", b"zip", site(), &mut run.web)];
    let told = run.install(steps).unwrap_err();
    assert!(told.contains("/q did not end within 60 minutes and was stopped"), "{told}");
    assert!(told.ends_with("; its log is C:\\Program Files\\log"), "{told}");
    assert_eq!(run.actor.done.len(), 1);
}

#[test]
fn some_statuses_are_no_failures() {
    for (status, ignore, restarts) in [(0, "false", 0), (3010, "false", 1), (5, "true", 0)] {
        let mut run = Run::new();
        run.actor.status = status;
        let steps = vec![step("Runtime", b"exe", program("/q", ignore), &mut run.web)];
        run.install(steps).unwrap();
        assert_eq!(run.actor.restarts, restarts, "{status}");
    }
}

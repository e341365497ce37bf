//! Owns the proof of what becomes of a release whose switch fails.

use super::*;
use crate::install::host::{Command, Ended};
use crate::install::state::Program;

/// A machine whose `appcmd` says that it has done all, and does nothing.
struct Lazy;

impl Host for Lazy {
    fn begin(&mut self, _step: Step) {}

    fn say(&mut self, _line: &str) {}

    fn run(&mut self, _command: &Command) -> std::io::Result<Ended> {
        Ok(Ended { status: Some(0), ..Ended::default() })
    }
}

/// Two releases: the first is `live`, or none is; the second is switched to, which fails. `leads_to` is
/// where the site leads all the time.
fn switched(folder: &Path, live: Option<u32>, leads_to: u32) -> (Target, Error) {
    let target = Target::new(folder).unwrap();
    let config = folder.join("applicationHost.config");
    let path = target.release(leads_to);
    let text = format!(
        r#"<configuration><system.applicationHost><sites><site name="Shop" id="1"><application path="/">
        <virtualDirectory path="/" physicalPath="{}" /></application></site></sites>
        </system.applicationHost><system.webServer><fastCgi /></system.webServer></configuration>"#,
        path.display()
    );
    std::fs::write(&config, text).unwrap();
    for number in [1, 2] {
        let site = target.release(number);
        std::fs::create_dir_all(&site).unwrap();
        std::fs::write(site.join("web.config"), "<configuration />").unwrap();
    }
    let appcmd = Some("appcmd.exe".to_owned());
    let mut host = Lazy;
    let mut run = Run::new(&target, &mut host).unwrap();
    run.state.server = Some(Binding { config, appcmd, site: "Shop".into(), app: "/".into() });
    run.state.release.extend(live.map(|number| Release { number, ..Release::default() }));
    run.state.live = live;
    run.state.next = 3;
    let program = vec![Program { full_path: "iisgate.exe".into(), arguments: "fcgi".into() }];
    let release = Release { number: 2, program, ..Release::default() };
    let notes = target.data().join("var/notes");
    std::fs::create_dir_all(notes.parent().unwrap()).unwrap();
    std::fs::write(notes, "of a visitor").unwrap();
    let seeded = vec!["var".to_owned()];
    run.begin(Unfinished { step: Step::Health, seeded, keep: 3, release }).unwrap();
    let error = run.complete().unwrap_err();
    let error = run.give_up(error);
    (target, error)
}

#[test]
fn a_release_that_is_not_switched_to_goes() {
    let folder = tempfile::tempdir().unwrap();
    let (target, error) = switched(folder.path(), Some(1), 1);
    assert!(error.to_string().starts_with("registering the release failed"), "{error}");
    let state = target.state().unwrap();
    assert_eq!((state.live, state.unfinished), (Some(1), None));
    assert!(!target.release(2).exists());
}

#[test]
fn a_release_that_may_be_served_stays_until_the_switch_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let (target, error) = switched(folder.path(), Some(1), 3);
    assert!(matches!(error, Error::Twice { .. }), "{error}");
    assert!(error.to_string().contains("does not lead to"), "{error}");
    let unfinished = target.state().unwrap().unfinished.unwrap();
    assert_eq!((unfinished.step, unfinished.release.number), (Step::Switch, 2));
    assert!(target.release(2).is_dir() && target.data().join("var/notes").is_file());
    // The next run completes it as soon as the server can be changed.
    let mut host = Lazy;
    let mut run = Run::new(&target, &mut host).unwrap();
    run.recover().unwrap_err();
    assert!(target.release(2).is_dir() && target.data().join("var/notes").is_file());
    let config = run.state.server.as_mut().map(|server| {
        server.appcmd = None;
        server.config.clone()
    });
    let completed = run.recover().unwrap();
    assert_eq!(completed.map(|release| release.number), Some(2));
    assert_eq!((run.state.live, &run.state.unfinished), (Some(2), &None));
    let text = std::fs::read_to_string(config.unwrap()).unwrap();
    assert!(text.contains(&*target.release(2).to_string_lossy()), "{text}");
}

#[test]
fn a_first_release_that_the_site_leads_to_stays_though_its_switch_has_failed() {
    for (leads_to, stays) in [(2, true), (3, false)] {
        let folder = tempfile::tempdir().unwrap();
        let (target, error) = switched(folder.path(), None, leads_to);
        assert!(error.to_string().starts_with("registering the release failed"), "{error}");
        let state = target.state().unwrap();
        assert_eq!(state.unfinished.map(|it| it.step), stays.then_some(Step::Switch));
        assert_eq!(target.release(2).is_dir(), stays);
        assert_eq!(target.data().join("var/notes").is_file(), stays);
    }
}

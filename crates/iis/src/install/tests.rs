//! Owns the tests of `install`: what comes into the server's file, what goes, what appcmd is told.
//!
//! Does not run a server (`tests/serve/test_iis_install.py` does).

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::access::{self, Folders};
use super::appcmd::{Appcmd, Command, Outcome, Run, run_all};
use super::{
    Done, Entry, Installed, Limits, Receipt, Spot, Wanted, Warmed, install, instances, mismatch,
    uninstall, wanted,
};
use crate::editor::Editor;
use crate::{ScriptProcessor, document};

const WEB: &str = r#"<configuration><system.webServer>
<handlers><add name="iisgate" path="*" verb="*" modules="FastCgiModule" scriptProcessor="C:\Program Files\iisgate\iisgate.exe|fcgi app:app" /></handlers>
<modules><remove name="WebDAVModule" /></modules>
</system.webServer></configuration>"#;

fn site() -> Wanted {
    let root = document::decode(Path::new("web.config"), WEB.as_bytes()).unwrap();
    wanted(&Arc::new(root)).unwrap()
}

fn entry(wanted: &Wanted) -> Entry {
    let environment = vec![("IISGATE_DEBUG".to_owned(), "it's <on>".to_owned())];
    Entry { processor: wanted.processor.clone(), limits: Limits::of_instances(16), environment }
}

fn spot(site: &str) -> Spot {
    Spot { site: site.to_owned(), app: "/".to_owned() }
}

fn server(name: &str) -> Editor {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/config");
    Editor::load(&folder.join(name)).unwrap()
}

#[test]
fn what_was_installed_goes_without_a_trace() {
    for (name, at, unlocked) in [
        ("iis10-arr-applicationHost.config", "Default Web Site", 2),
        ("iisexpress-applicationhost.config", "WebSite2", 0),
    ] {
        let (mut editor, wanted, spot) = (server(name), site(), spot(at));
        assert!(mismatch(&editor.root(), &wanted, &spot).unwrap().is_some());
        let done = install(&mut editor, &wanted, &spot, &entry(&wanted)).unwrap();
        assert_eq!((done.has_added_entry, done.unlocked.len()), (true, unlocked), "{name}");
        assert_eq!(mismatch(&editor.root(), &wanted, &spot).unwrap(), None, "{name}");
        let bytes = editor.to_bytes();
        let again = install(&mut editor, &wanted, &spot, &entry(&wanted)).unwrap();
        assert_eq!((again, editor.to_bytes() == bytes), (Done::default(), true), "{name}");
        assert!(uninstall(&mut editor, &wanted.processor, &spot, &done).unwrap());
        assert!(!editor.is_changed(), "{name}");
    }
}

#[test]
fn other_edits_in_between_stay() {
    let (mut editor, wanted, spot) =
        (server("iisexpress-applicationhost.config"), site(), spot("a"));
    let done = install(&mut editor, &wanted, &spot, &entry(&wanted)).unwrap();
    let section = editor.section("system.webServer/fastCgi", None).unwrap();
    let other = [("fullPath", r"C:\php-cgi.exe")];
    editor.add("system.webServer/fastCgi", section, &other, xml::Place::End).unwrap();
    assert!(uninstall(&mut editor, &wanted.processor, &spot, &done).unwrap());
    let text = String::from_utf8(editor.to_bytes()).unwrap();
    assert!(text.contains("php-cgi.exe") && !text.contains("iisgate.exe"));
}

#[test]
fn limits_are_in_their_order() {
    for count in [1, 2, 8, 64, 1000] {
        let limits = Limits::of_instances(instances(count, None).0);
        assert!(limits.clone().warm().idle_timeout_secs > limits.idle_timeout_secs);
        assert!(limits.idle_timeout_secs > limits.request_timeout_secs);
        assert!(limits.request_timeout_secs > limits.activity_timeout_secs);
        assert!((16..=128).contains(&limits.max_instances));
    }
}

#[test]
fn who_locked_a_site_has_to_unlock_it() {
    let mut editor = server("iis10-arr-applicationHost.config");
    let spot = spot("Default Web Site");
    editor.section("system.webServer/handlers", Some("Default Web Site")).unwrap();
    let wanted = site();
    let error = install(&mut editor, &wanted, &spot, &entry(&wanted)).unwrap_err().to_string();
    assert!(error.contains("overrideMode=\"Allow\"") && error.contains("is locked by"), "{error}");
}

#[test]
fn a_site_without_a_handler_of_ours_is_told_what_to_do() {
    let root = document::decode(Path::new("web.config"), b"<configuration/>").unwrap();
    let error = wanted(&Arc::new(root)).unwrap_err().to_string();
    assert!(error.contains("iisgate init"), "{error}");
}

#[test]
fn the_receipt_is_read_as_it_was_written() {
    let installed = |site: &str, has_made_section| Installed {
        spot: spot(site),
        processor: ScriptProcessor::parse(r#"C:\a "b"\x.exe|fcgi x:y"#),
        done: Done {
            has_added_entry: true,
            has_made_section,
            unlocked: vec!["a/b".into()],
            warmed: Some(Warmed {
                pool: "P".into(),
                page: "/?a=1".into(),
                has_added_page: true,
                changed: vec![
                    ("startMode".into(), Some("OnDemand".into())),
                    ("preloadEnabled".into(), None),
                ],
                ..Warmed::default()
            }),
        },
        backup: PathBuf::from(r"C:\x\y.backup-1.config"),
        after: Installed::digest(b""),
    };
    let mut receipt = Receipt { installed: vec![installed("A", true), installed("B", false)] };
    let folder = tempfile::tempdir().unwrap();
    let path = super::receipt_path(&folder.path().join("applicationHost.config"));
    assert_eq!(Receipt::load(&path).unwrap(), Receipt::default());
    std::fs::write(&path, receipt.to_text()).unwrap();
    assert_eq!(Receipt::load(&path).unwrap(), receipt);
    assert!(receipt.take(&spot("a")).is_some() && receipt.take(&spot("a")).is_none());
    assert!(receipt.of(&spot("B")).unwrap().done.has_made_section, "it is B's to remove now");
}

/// appcmd as it answered: each command line, and the answer.
struct Recorded {
    dialogue: Vec<(&'static str, i32, &'static str)>,
    said: Vec<String>,
}

impl Run for Recorded {
    fn run(&mut self, command: &Command) -> io::Result<Outcome> {
        let typed = command.to_string();
        let (expected, status, output) = self.dialogue.remove(0);
        assert_eq!(typed, expected);
        self.said.push(typed);
        Ok(Outcome { status, output: output.to_owned() })
    }
}

#[test]
fn appcmd_is_told_to_the_letter() {
    let wanted = site();
    let done = Done {
        has_added_entry: true,
        has_made_section: false,
        unlocked: vec!["system.webServer/handlers".to_owned()],
        warmed: None,
    };
    let appcmd = Appcmd { program: r"C:\Windows\System32\inetsrv\appcmd.exe".to_owned() };
    let commands = appcmd.install(&entry(&wanted), &done, &spot("My Site"));
    let mut recorded = Recorded {
        dialogue: vec![
            (
                r#"C:\Windows\System32\inetsrv\appcmd.exe set config /section:system.webServer/fastCgi "/+[fullPath='C:\Program Files\iisgate\iisgate.exe',arguments='fcgi app:app',maxInstances='16',idleTimeout='1800',activityTimeout='300',requestTimeout='600',instanceMaxRequests='10000',signalBeforeTerminateSeconds='30']" /commit:apphost"#,
                0,
                "Applied configuration changes to section \"system.webServer/fastCgi\"",
            ),
            (
                r#"C:\Windows\System32\inetsrv\appcmd.exe set config /section:system.webServer/fastCgi "/+[fullPath='C:\Program Files\iisgate\iisgate.exe',arguments='fcgi app:app'].environmentVariables.[name='IISGATE_DEBUG',value='it''s <on>']" /commit:apphost"#,
                0,
                "",
            ),
            (
                r#"C:\Windows\System32\inetsrv\appcmd.exe unlock config "My Site" /section:system.webServer/handlers /commit:apphost"#,
                5,
                "ERROR ( hresult:80070005, message:Access is denied. )",
            ),
        ],
        said: Vec::new(),
    };
    let error = run_all(&commands, &mut recorded).unwrap_err();
    assert!(error.contains("status 5: ERROR ( hresult:80070005"), "{error}");
    assert_eq!(recorded.said.len(), 3);
    let removed: Vec<String> = appcmd
        .uninstall(&ScriptProcessor::parse("C:\\a.exe|-c \"x y\""))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        removed,
        [
            r#"C:\Windows\System32\inetsrv\appcmd.exe set config /section:system.webServer/fastCgi "/-[fullPath='C:\a.exe',arguments='-c \"x y\"']" /commit:apphost"#
        ]
    );
}

#[test]
fn rights_are_granted_to_the_pool() {
    let folders = Folders { read: vec![r"C:\my site".into()], written: vec![r"C:\logs".into()] };
    let commands: Vec<String> = access::commands(r"IIS AppPool\Shop Pool", &folders)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        commands,
        [
            r#"icacls "C:\my site" /grant "IIS AppPool\Shop Pool:(OI)(CI)(RX)""#,
            r#"icacls C:\logs /grant "IIS AppPool\Shop Pool:(OI)(CI)(M)""#,
        ]
    );
}

//! Owns the tests of what `install` asks and tells a machine with IIS besides the entry: warm-up, UTF-8,
//! starting and stopping, identities, how many instances.
//!
//! Does not own the entry (`tests`).

use std::io;
use std::path::Path;

use super::appcmd::{Appcmd, Command, Outcome, Run};
use super::running::{self, Wanted};
use super::{Done, Spot, access, instances, uninstall, utf8, warm_up};
use crate::editor::Editor;
use crate::{ScriptProcessor, sites};

/// Programs of a machine as they answered: what was typed, the exit status, what was printed.
#[derive(Default)]
struct Recorded(Vec<(&'static str, i32, &'static str)>);

impl Run for Recorded {
    fn run(&mut self, command: &Command) -> io::Result<Outcome> {
        let (expected, status, output) = self.0.remove(0);
        assert_eq!(command.to_string(), expected);
        Ok(Outcome { status, output: output.to_owned() })
    }
}

fn appcmd() -> Appcmd {
    Appcmd { program: "appcmd".to_owned() }
}

fn spot(site: &str, app: &str) -> Spot {
    Spot { site: site.to_owned(), app: app.to_owned() }
}

fn typed(commands: &[Command]) -> Vec<String> {
    commands.iter().map(ToString::to_string).collect()
}

fn server(name: &str) -> Editor {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/config");
    Editor::load(&folder.join(name)).unwrap()
}

#[test]
fn what_warms_a_site_goes_without_a_trace() {
    let bare = "<add name=\"DefaultAppPool\" />";
    for written in [
        bare,
        "<add name=\"DefaultAppPool\" startMode=\"OnDemand\"><processModel idleTimeout=\"00:20:00\" /></add>",
        "<add name=\"DefaultAppPool\">\n                <processModel loadUserProfile=\"true\" />\n            </add>",
    ] {
        let text =
            String::from_utf8(server("iis10-arr-applicationHost.config").to_bytes()).unwrap();
        let bytes = text.replace(bare, written).into_bytes();
        let mut editor = Editor::parse(Path::new("applicationHost.config"), bytes).unwrap();
        let (spot, pool) = (spot("Default Web Site", "/"), "DefaultAppPool");
        let warmed = warm_up::prepare(&mut editor, &spot, pool, "/ready?a=1&b=2").unwrap();
        let text = String::from_utf8(editor.to_bytes()).unwrap();
        for part in [
            "startMode=\"AlwaysRunning\"",
            "preloadEnabled=\"true\"",
            "<applicationInitialization doAppInitAfterRestart=\"true\">",
            "<add initializationPage=\"/ready?a=1&amp;b=2\" />",
            "idleTimeout=\"00:00:00\"",
        ] {
            assert!(text.contains(part), "{written}: {part}");
        }
        let again = warm_up::prepare(&mut editor, &spot, pool, "/ready?a=1&b=2").unwrap();
        assert!(again.is_nothing() && !warmed.is_nothing(), "{again:?}");
        assert_eq!(String::from_utf8(editor.to_bytes()).unwrap(), text);
        let done = Done { warmed: Some(warmed), ..Done::default() };
        let processor = ScriptProcessor::parse("x");
        assert!(!uninstall(&mut editor, &processor, &spot, &done).unwrap());
        let (before, after) = (editor.original().unwrap().to_vec(), editor.to_bytes());
        assert_eq!(String::from_utf8(after).unwrap(), String::from_utf8(before).unwrap());
    }
}

#[test]
fn what_others_set_meanwhile_stays_warm() {
    let (mut editor, spot) =
        (server("iis10-arr-applicationHost.config"), spot("Default Web Site", "/"));
    let warmed = warm_up::prepare(&mut editor, &spot, "DefaultAppPool", "/").unwrap();
    let text = String::from_utf8(editor.to_bytes()).unwrap();
    let text = text.replace("idleTimeout=\"00:00:00\"", "idleTimeout=\"01:00:00\"");
    let mut editor = Editor::parse(Path::new("a"), text.into_bytes()).unwrap();
    warm_up::undo(&mut editor, &spot, &warmed).unwrap();
    let text = String::from_utf8(editor.to_bytes()).unwrap();
    assert!(text.contains("<processModel idleTimeout=\"01:00:00\" />"), "{text}");
    assert!(!text.contains("AlwaysRunning") && !text.contains("initializationPage"));
}

#[test]
fn a_server_without_the_feature_is_told_how_to_get_it() {
    let text = b"<configuration><configSections /></configuration>".to_vec();
    let mut editor = Editor::parse(Path::new("applicationHost.config"), text).unwrap();
    let error = warm_up::prepare(&mut editor, &spot("A", "/"), "P", "/").unwrap_err().to_string();
    assert!(error.contains("-FeatureName IIS-ApplicationInit"), "{error}");
    let mut editor = server("iis10-arr-applicationHost.config");
    let error = warm_up::prepare(&mut editor, &spot("Nobody", "/"), "DefaultAppPool", "/");
    assert!(error.unwrap_err().to_string().contains("there is no application Nobody/"));
}

#[test]
fn appcmd_warms_a_site() {
    let mut editor = server("iis10-arr-applicationHost.config");
    let spot = spot("Default Web Site", "/");
    let warmed = warm_up::prepare(&mut editor, &spot, "DefaultAppPool", "/it's").unwrap();
    assert_eq!(
        typed(&warm_up::commands(&appcmd(), &spot, &warmed)),
        [
            "appcmd set apppool /apppool.name:DefaultAppPool /startMode:AlwaysRunning /processModel.idleTimeout:00:00:00",
            "appcmd set app \"/app.name:Default Web Site/\" /preloadEnabled:true",
            "appcmd set config \"Default Web Site\" /section:system.webServer/applicationInitialization /doAppInitAfterRestart:true /+[initializationPage='/it''s'] /commit:apphost",
        ]
    );
}

#[test]
fn names_that_are_utf8_already_stay_listed() {
    let query = r"reg query HKLM\SYSTEM\CurrentControlSet\Services\W3SVC\Parameters /v FastCGIUtf8ServerVariables";
    let mut machine = Recorded(vec![(
        query,
        1,
        "ERROR: The system was unable to find the specified registry key or value.",
    )]);
    let fresh = typed(&utf8::commands(&mut machine).unwrap());
    assert_eq!(fresh.len(), 1);
    assert!(
        fresh[0].starts_with(r"reg add HKLM\SYSTEM\CurrentControlSet\Services\W3SVC\Parameters /v FastCGIUtf8ServerVariables /t REG_MULTI_SZ /d PATH_INFO\0REQUEST_URI\0") && fresh[0].ends_with(" /f"),
        "{fresh:?}"
    );
    let some = "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\r\n    FastCGIUtf8ServerVariables    REG_MULTI_SZ    MINE\\0path_info\r\n\r\n";
    let more = typed(&utf8::commands(&mut Recorded(vec![(query, 0, some)])).unwrap());
    assert!(more[0].contains(r"/d MINE\0path_info\0REQUEST_URI\0SCRIPT_NAME\0"), "{more:?}");
    let all = "    FastCGIUtf8ServerVariables    REG_MULTI_SZ    PATH_INFO\\0REQUEST_URI\\0SCRIPT_NAME\\0URL\\0PATH_TRANSLATED\\0SCRIPT_FILENAME\\0DOCUMENT_ROOT\\0APPL_PHYSICAL_PATH\\0REMOTE_USER\\0LOGON_USER\\0AUTH_USER";
    assert!(utf8::commands(&mut Recorded(vec![(query, 0, all)])).unwrap().is_empty());
}

#[test]
fn a_site_stops_with_its_pool_and_starts_after_it() {
    let items = running::items(Wanted::Stopped, &spot("My Shop", "/"), "Pool", false);
    let mut machine = Recorded(vec![
        ("appcmd list site \"My Shop\" /text:state", 0, "Started\r\n"),
        ("appcmd list apppool Pool /text:state", 0, "Started\r\n"),
    ]);
    let commands = running::commands(&appcmd(), &items, Wanted::Stopped, &mut machine).unwrap();
    assert_eq!(typed(&commands), ["appcmd stop site \"My Shop\"", "appcmd stop apppool Pool"]);

    let items = running::items(Wanted::Started, &spot("My Shop", "/"), "Pool", true);
    let mut machine = Recorded(vec![
        ("appcmd list apppool Pool /text:state", 0, "Started\r\n"),
        ("appcmd list site \"My Shop\" /text:state", 0, "Stopped\r\n"),
    ]);
    let commands = running::commands(&appcmd(), &items, Wanted::Started, &mut machine).unwrap();
    assert_eq!(typed(&commands), ["appcmd start site \"My Shop\""]);

    let words = |wanted, spot: &Spot, is_shared| -> Vec<String> {
        running::items(wanted, spot, "P", is_shared).iter().map(running::Item::words).collect()
    };
    assert_eq!(words(Wanted::Stopped, &spot("A", "/"), true), ["site A"]);
    assert_eq!(words(Wanted::Stopped, &spot("A", "/b"), false), ["app pool P"]);
    assert!(words(Wanted::Stopped, &spot("A", "/b"), true).is_empty());

    let items = running::items(Wanted::Stopped, &spot("A", "/"), "P", true);
    let said = "ERROR ( hresult:80070005, message:Access is denied. )";
    let mut machine = Recorded(vec![("appcmd list site A /text:state", 5, said)]);
    let error = running::commands(&appcmd(), &items, Wanted::Stopped, &mut machine).unwrap_err();
    assert!(error.contains("status 5: ERROR"), "{error}");
}

#[test]
fn who_else_needs_a_pool_is_known() {
    let text = br#"<configuration><system.applicationHost><sites>
<site name="A" id="1"><application path="/" applicationPool="P"><virtualDirectory path="/" physicalPath="C:\a" /></application>
<application path="/b" applicationPool="p"><virtualDirectory path="/" physicalPath="C:\b" /></application></site>
<site name="C" id="2"><application path="/" applicationPool="Q"><virtualDirectory path="/" physicalPath="C:\c" /></application></site>
</sites></system.applicationHost></configuration>"#;
    let root = crate::document::decode(Path::new("a"), text).unwrap();
    let sites = sites::read(&root).unwrap();
    assert_eq!(running::others(&sites, &spot("a", "/"), "P"), [""; 0]);
    assert_eq!(running::others(&sites, &spot("A", "/b"), "P"), ["A/"]);
    assert_eq!(running::others(&sites, &spot("C", "/"), "P"), ["A/", "A/b"]);
}

#[test]
fn instances_fit_the_machine() {
    let gib = |count: u64| Some(count << 30);
    for (processors, memory, expected) in [
        (1, None, 16),
        (2, gib(8), 16),
        (8, gib(16), 32),
        (64, gib(64), 128),
        (64, gib(4), 32),
        (4, gib(1), 8),
        (4, Some(64 << 20), 4),
    ] {
        let (count, why) = instances(processors, memory);
        assert_eq!(count, expected, "{why}");
    }
    assert_eq!(instances(8, gib(64)).1, "4 for each of 8 processors, 16 at least and 128 at most");
    assert!(instances(8, gib(1)).1.starts_with("1/16 of the memory"));
}

#[test]
fn rights_go_to_whom_the_pool_runs_as() {
    let text = br#"<configuration><system.applicationHost><applicationPools>
<add name="Plain" /><add name="Own"><processModel identityType="SpecificUser" userName="CORP\web" /></add>
<add name="Old"><processModel identityType="NetworkService" /></add>
<add name="All"><processModel identityType="LocalSystem" /></add>
<applicationPoolDefaults><processModel identityType="ApplicationPoolIdentity" /></applicationPoolDefaults>
</applicationPools></system.applicationHost></configuration>"#;
    let root = crate::document::decode(Path::new("a"), text).unwrap();
    let who = |pool| access::identity(&root, pool);
    assert_eq!(who("plain").as_deref(), Some(r"IIS AppPool\plain"));
    assert_eq!(who("Own").as_deref(), Some(r"CORP\web"));
    assert_eq!(who("Old").as_deref(), Some(r"NT AUTHORITY\NETWORK SERVICE"));
    assert_eq!((who("All"), who("None").as_deref()), (None, Some(r"IIS AppPool\None")));
}

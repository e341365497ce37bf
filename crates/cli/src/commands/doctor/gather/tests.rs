//! Owns that facts are gathered from a folder that stands for a server, and from what Windows' own
//! programs said when they were recorded.
//!
//! Does not own the rules (`iis::doctor`).

use super::*;
use ::iis::checks::Finding;
use ::iis::install::appcmd::Outcome;
use std::io;

/// Programs as they answered: the beginning of a command line, and the answer.
struct Recorded(Vec<(&'static str, i32, &'static str)>);

impl Run for Recorded {
    fn run(&mut self, command: &Command) -> io::Result<Outcome> {
        let typed = command.to_string();
        if self.0.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let (expected, status, output) = self.0.remove(0);
        assert!(typed.starts_with(expected), "{typed}");
        Ok(Outcome { status, output: output.to_owned() })
    }
}

const SERVER: &str = r#"<configuration>
  <system.applicationHost>
    <applicationPools><add name="Shop" enable32BitAppOnWin64="true" /></applicationPools>
    <sites><site name="Shop" id="1">
      <application path="/" applicationPool="Shop"><virtualDirectory path="/" physicalPath="FOLDER" /></application>
      <bindings><binding protocol="http" bindingInformation="*:PORT:" /></bindings>
    </site></sites>
  </system.applicationHost>
  <system.webServer>
    <fastCgi>
      <application fullPath="GONE" arguments="fcgi app:app" />
      <application fullPath="%IIS_BIN%\x.exe" />
    </fastCgi>
    <globalModules><add name="StaticFileModule" image="%IIS_BIN%\static.dll" /></globalModules>
    <modules><add name="StaticFileModule" /></modules>
  </system.webServer>
</configuration>"#;

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|it| it.code).collect()
}

#[test]
fn a_folder_that_stands_for_a_server_is_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = dunce::canonicalize(folder.path()).expect("there").join("a shop, groß");
    std::fs::create_dir_all(&site).expect("made");
    std::fs::write(site.join("web.config"), "<configuration />").expect("written");
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = socket.local_addr().expect("bound").port().to_string();
    let gone = folder.path().join("gone.exe");
    let [shown, gone] = [&site, &gone].map(|path| path.display().to_string());
    let text = SERVER.replace("FOLDER", &shown).replace("PORT", &port).replace("GONE", &gone);
    let config = folder.path().join("applicationHost.config");
    std::fs::write(&config, text).expect("written");
    let wanted = Wanted { folder: site, config: Some(config), ..Wanted::default() };
    let gathered = gather(&wanted, &mut Recorded(Vec::new())).expect("gathered");
    let machine = &gathered.machine;
    assert_eq!((machine.files.site.as_deref(), machine.app.as_str()), (Some("Shop"), "/"));
    let found = doctor::examine(machine);
    for code in [
        "machine-no-cgi",
        "machine-pool-32-bit",
        "machine-entry-program-missing",
        "machine-port-taken",
    ] {
        assert!(codes(&found).contains(&code), "{code}: {found:#?}");
    }
    let line = left_out(&gathered);
    assert!(line.contains("2 of the files that the server's file names"), "{line}");
    assert!(line.contains("--no-import") || line.contains("there is no interpreter"), "{line}");
}

#[test]
fn windows_own_programs_are_understood() {
    let mut machine = Machine { is_windows: true, ..Machine::default() };
    machine.files.site = Some("Shop".to_owned());
    let mut recorded = Recorded(vec![
        (
            r"C:\Windows\System32\inetsrv\appcmd.exe list site /xml",
            0,
            r#"<?xml version="1.0" encoding="UTF-8"?>
<appcmd><SITE SITE.NAME="Shop" SITE.ID="1" bindings="http/*:80:" state="Stopped" /></appcmd>"#,
        ),
        (
            r"C:\Windows\System32\inetsrv\appcmd.exe list apppool /xml",
            0,
            r#"<appcmd><APPPOOL APPPOOL.NAME="Shop" state="Started" /></appcmd>"#,
        ),
        (
            "wevtutil qe Application /c:300 /rd:true /f:xml \"/q:*[System[(Level=1 or",
            0,
            "<Event xmlns='x'><System><Provider Name='W3SVC-WP'/><EventID>2297</EventID><TimeCreated \
             SystemTime='2026-11-22T20:00:00Z'/></System><EventData><Data>Shop</Data></EventData></Event>",
        ),
        ("wevtutil qe System", 5, "Failed to read events. Access is denied."),
    ]);
    let appcmd = Path::new(r"C:\Windows\System32\inetsrv\appcmd.exe");
    server::states(&mut machine, appcmd, &mut recorded);
    let states = machine.states.as_ref().expect("understood");
    assert_eq!((states.site("Shop"), states.pool("Shop")), (Some("Stopped"), Some("Started")));
    server::events(&mut machine, &mut recorded);
    assert_eq!((machine.events.len(), machine.events[0].id), (1, 2297));
    let line = doctor::left_out(&machine);
    assert_eq!(line, "the Event Log (wevtutil says: Failed to read events. Access is denied.)");
    // Without an administrator's rights appcmd answers by an error.
    let denied = "ERROR ( hresult:80070005, message:Command execution failed. )";
    let mut recorded = Recorded(vec![("C:", 5, denied)]);
    server::states(&mut machine, appcmd, &mut recorded);
    assert!(doctor::left_out(&machine).contains("appcmd says: ERROR ( hresult:80070005"));
}

#[test]
fn a_user_that_is_none_is_told() {
    let mut machine = Machine::default();
    machine.left_out.extend(
        Topic::ALL.into_iter().filter(|it| *it != Topic::Access).map(|it| (it, String::new())),
    );
    access_of("nobody-of-that-name", &mut machine, None);
    assert_eq!(codes(&doctor::examine(&machine)), ["machine-identity-unknown"]);
}

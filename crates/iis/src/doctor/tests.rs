//! Owns that each rule finds what is wrong with a machine, and nothing else, and that a good one is clean.
//!
//! Does not own gathering facts (the command's tests do).

use super::*;
use crate::checks::{Files, RawFile};
use std::path::{Path, PathBuf};

const SERVER: &str = r#"<configuration>
  <system.applicationHost>
    <applicationPools>
      <add name="Shop" startMode="AlwaysRunning" />
      <applicationPoolDefaults><processModel loadUserProfile="true" /></applicationPoolDefaults>
    </applicationPools>
    <sites>
      <site name="Shop" id="1">
        <application path="/" applicationPool="Shop">
          <virtualDirectory path="/" physicalPath="C:\shop" />
        </application>
        <bindings><binding protocol="http" bindingInformation="*:80:" /></bindings>
      </site>
    </sites>
  </system.applicationHost>
  <system.webServer>
    <fastCgi><application fullPath="C:\iisgate\iisgate.exe" arguments="fcgi app:app" /></fastCgi>
    <globalModules>
      <add name="FastCgiModule" image="C:\inetsrv\iisfcgi.dll" />
      <add name="StaticFileModule" image="C:\inetsrv\static.dll" />
    </globalModules>
    <modules><add name="FastCgiModule" /><add name="StaticFileModule" /></modules>
    <handlers><add name="StaticFile" path="*" verb="*" modules="StaticFileModule" resourceType="Either" /></handlers>
  </system.webServer>
</configuration>"#;

const WEB: &str = r#"<configuration><system.webServer>
  <handlers>
    <add name="iisgate" path="*" verb="*" modules="FastCgiModule" scriptProcessor="C:\iisgate\iisgate.exe|fcgi app:app" />
  </handlers>
</system.webServer></configuration>"#;

fn raw(path: &str, text: &str) -> RawFile {
    RawFile { path: path.into(), bytes: text.as_bytes().to_vec() }
}

fn good() -> Machine {
    let files = Files {
        folder: r"C:\shop".into(),
        web_config: Some(raw("web.config", WEB)),
        server: Some(raw("applicationHost.config", SERVER)),
        site: Some("Shop".to_owned()),
        ..Files::default()
    };
    let python = Python {
        path: r"C:\shop\.venv\Scripts\python.exe".into(),
        version: "3.13.1".to_owned(),
        bits: 64,
        prefix: r"C:\shop\.venv".into(),
        base: r"C:\Program Files\Python313".into(),
        iisgate: Some("1.0".to_owned()),
        ..Python::default()
    };
    let right = Right {
        path: r"C:\shop".into(),
        what: "the site's folder",
        is_written: false,
        verdict: Verdict::Granted,
    };
    Machine {
        is_windows: true,
        files,
        app: "/".to_owned(),
        has_iis: true,
        existing: [r"C:\inetsrv\iisfcgi.dll", r"C:\inetsrv\static.dll", r"C:\iisgate\iisgate.exe"]
            .map(|path| (path.into(), true))
            .to_vec(),
        services: vec![Service { name: "W3SVC".to_owned(), state: Some("running") }],
        states: states(
            r#"<appcmd><SITE SITE.NAME="Shop" state="Started" /></appcmd>"#,
            r#"<appcmd><APPPOOL APPPOOL.NAME="Shop" state="Started" /></appcmd>"#,
        ),
        identity: Some((r"IIS AppPool\Shop".to_owned(), true)),
        rights: vec![right],
        python: Some(Ok(python)),
        registered: Vec::new(),
        imports: Some(Imports { target: Trial::Done, loaded: 3, ..Imports::default() }),
        ports: vec![Port { number: 80, holder: Some("System (4)".to_owned()), is_systems: true }],
        mounts: vec![Mount { path: r"C:\shop".into(), what: "the site", free: 1 << 40 }],
        versions: Versions { own: "1.0".to_owned(), gates: Vec::new() },
        ..Machine::default()
    }
}

fn server(machine: &mut Machine, from: &str, to: &str) {
    let file = machine.files.server.as_mut().unwrap();
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    assert!(text.contains(from), "{from}");
    file.bytes = text.replace(from, to).into_bytes();
}

fn web(machine: &mut Machine, from: &str, to: &str) {
    assert!(WEB.contains(from), "{from}");
    machine.files.web_config = Some(raw("web.config", &WEB.replace(from, to)));
}

fn python(machine: &mut Machine) -> &mut Python {
    machine.python.as_mut().unwrap().as_mut().unwrap()
}

fn fails(machine: &mut Machine, code: Option<&'static str>) {
    let failure = PythonFailure { code, message: "it is so".to_owned(), ..Default::default() };
    machine.python = Some(Err(failure));
}

fn imports(machine: &mut Machine) -> &mut Imports {
    machine.imports.as_mut().unwrap()
}

fn right(machine: &mut Machine, is_written: bool, verdict: Verdict) {
    let path = PathBuf::from(r"C:\shop\logs");
    machine.rights.push(Right { path, what: "the log's folder", is_written, verdict });
}

fn pool(machine: &mut Machine, attribute: &str) {
    server(machine, "<add name=\"Shop\"", &format!("<add name=\"Shop\" {attribute}"));
}

const ENTRY: &str = r#"<application fullPath="C:\iisgate\iisgate.exe""#;

type Harm = fn(&mut Machine);

#[rustfmt::skip]
const HARMS: &[(&str, Harm)] = &[
    ("machine-no-iis", |m| { m.has_iis = false; m.files.server = None; m.files.site = None; m.ports.clear(); }),
    ("machine-no-cgi", |m| server(m, r#"<add name="FastCgiModule" image="C:\inetsrv\iisfcgi.dll" />"#, "")),
    ("machine-cgi-not-listed", |m| server(m, r#"<modules><add name="FastCgiModule" />"#, "<modules>")),
    ("machine-module-file-missing", |m| m.existing[0].1 = false),
    ("machine-module-missing", |m| web(m, "</handlers>", r#"<add name="x" path="*.x" verb="*" modules="httpPlatformHandler" /></handlers>"#)),
    ("machine-handler-behind", |m| {
        let ours = WEB.split("<handlers>").nth(1).unwrap().split("</handlers>").next().unwrap();
        let first = r#"<add name="first" path="*" verb="*" modules="StaticFileModule" resourceType="Unspecified" />"#;
        server(m, "<handlers>", &format!("<handlers>{first}{ours}"));
        m.files.web_config = None;
    }),
    ("machine-webdav", |m| {
        server(m, "<globalModules>", r#"<globalModules><add name="WebDAVModule" image="C:\inetsrv\webdav.dll" />"#);
        server(m, "<modules>", r#"<modules><add name="WebDAVModule" />"#);
    }),
    ("machine-service-stopped", |m| m.services[0].state = Some("stopped")),
    ("machine-site-unknown", |m| m.files.site = None),
    ("machine-pool-missing", |m| server(m, r#"applicationPool="Shop""#, r#"applicationPool="Other""#)),
    ("machine-pool-stopped", |m| m.states = states(r#"<appcmd><SITE SITE.NAME="Shop" state="Started" /></appcmd>"#, r#"<appcmd><APPPOOL APPPOOL.NAME="Shop" state="Stopped" /></appcmd>"#)),
    ("machine-site-stopped", |m| m.states = states(r#"<appcmd><SITE SITE.NAME="Shop" state="Stopped" /></appcmd>"#, r#"<appcmd><APPPOOL APPPOOL.NAME="Shop" state="Started" /></appcmd>"#)),
    ("machine-pool-manual", |m| pool(m, "autoStart=\"false\"")),
    ("machine-pool-32-bit", |m| pool(m, "enable32BitAppOnWin64=\"true\"")),
    ("machine-no-profile", |m| server(m, "loadUserProfile=\"true\"", "loadUserProfile=\"false\"")),
    ("machine-pool-idle", |m| server(m, " startMode=\"AlwaysRunning\"", "")),
    ("machine-identity-unknown", |m| { m.identity = Some((r"IIS AppPool\Shop".to_owned(), false)); m.rights.clear(); }),
    ("machine-access-read", |m| right(m, false, Verdict::Refused(r"C:\shop".into()))),
    ("machine-access-write", |m| right(m, true, Verdict::Refused(r"C:\shop\logs".into()))),
    ("machine-access-unknown", |m| right(m, true, Verdict::Unknown("access is denied".to_owned()))),
    ("machine-no-python", |m| fails(m, Some("IG020"))),
    ("machine-venv-broken", |m| fails(m, Some("IG022"))),
    ("machine-python-fails", |m| fails(m, None)),
    ("machine-python-old", |m| python(m).version = "3.9.18".to_owned()),
    ("machine-python-store", |m| python(m).base = r"C:\Users\ann\AppData\Local\Microsoft\WindowsApps".into()),
    ("machine-python-per-user", |m| python(m).base = r"C:\Users\ann\AppData\Local\Programs\Python\Python313".into()),
    ("machine-python-32-bit", |m| python(m).bits = 32),
    ("machine-conda-path", |m| python(m).is_conda = true),
    ("machine-python-uv", |m| { let p = python(m); p.is_uv = true; p.base = r"C:\Users\ann\AppData\Roaming\uv\python\cpython-3.13".into(); }),
    ("machine-package-missing", |m| python(m).iisgate = None),
    ("machine-package-other-version", |m| python(m).iisgate = Some("0.9".to_owned())),
    ("machine-registered-python-gone", |m| m.registered.push(Registered { company: "PythonCore".to_owned(), tag: "3.9".to_owned(), program: r"C:\Python39\python.exe".into(), is_there: false, is_per_user: false })),
    ("machine-app-fails", |m| imports(m).target = Trial::Failed { code: "IG050".to_owned(), message: "no module named shop".to_owned(), hint: String::new() }),
    ("machine-module-broken", |m| imports(m).broken.push(Library { module: "a._b".to_owned(), file: "b.pyd".into(), message: "DLL load failed".to_owned(), missing: vec!["vcruntime140.dll".to_owned()] })),
    ("machine-module-crashes", |m| imports(m).stopped = Some(("a._b".to_owned(), "ended by 0xC0000005".to_owned()))),
    ("machine-port-taken", |m| m.ports.push(Port { number: 443, holder: Some("nginx.exe (17)".to_owned()), is_systems: false })),
    ("machine-disk-full", |m| m.mounts[0].free = 1 << 20),
    ("machine-disk-low", |m| m.mounts[0].free = 500 << 20),
    ("machine-entry-program-missing", |m| m.existing[2].1 = false),
    ("machine-entry-script-missing", |m| {
        server(m, ENTRY, &format!(r#"<application fullPath="C:\py\python.exe" arguments="C:\my venv\wfastcgi.py" />{ENTRY}"#));
        m.existing.push((r"C:\my venv\wfastcgi.py".into(), false));
    }),
    ("machine-entry-wfastcgi", |m| server(m, ENTRY, &format!(r#"<application fullPath="C:\py\python.exe" arguments="C:\venv\wfastcgi.py" />{ENTRY}"#))),
    ("machine-py-launcher", |m| server(m, ENTRY, &format!(r#"<application fullPath="C:\Windows\py.exe" arguments="-m iisgate fcgi" />{ENTRY}"#))),
    ("machine-gate-other-version", |m| m.versions.gates.push((r"C:\iisgate\iisgate.exe".into(), Some("0.9".to_owned())))),
    ("machine-recent-failures", |m| m.failures.push(Failure { code: "IG050".to_owned(), message: "no module named x".to_owned(), count: 3, last: "now".to_owned(), log: "iisgate.log".into() })),
    ("machine-recent-events", |m| m.events.push(Event { source: "WAS".to_owned(), id: 5002, message: "Shop".to_owned(), count: 1, last: "now".to_owned() })),
];

fn told(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|it| format!("{} {}", it.code, it.message)).collect()
}

#[test]
fn a_good_machine_is_clean() {
    assert_eq!(told(&examine(&good())), [""; 0]);
    assert_eq!(left_out(&good()), "");
}

#[test]
fn each_harm_has_its_finding_alone() {
    let mut wrong = Vec::new();
    for (code, harm) in HARMS {
        let mut machine = good();
        harm(&mut machine);
        let found = examine(&machine);
        if found.len() != 1 || found[0].code != *code {
            wrong.push(format!("{code}: {:#?}", told(&found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for rule in rule::all() {
        assert!(HARMS.iter().any(|(code, _)| *code == rule.code), "{} has no harm", rule.code);
    }
}

#[test]
fn what_is_left_out_is_told_once_and_not_judged() {
    let mut machine = good();
    machine.has_iis = false;
    fails(&mut machine, None);
    for topic in [Topic::Iis, Topic::Python] {
        machine.left_out.push((topic, "this is no Windows".to_owned()));
    }
    machine.left_out.push((Topic::Access, "no identity is named".to_owned()));
    assert_eq!(told(&examine(&machine)), [""; 0]);
    let line = "IIS's features, the interpreter (this is no Windows); the identity's access (no identity is named)";
    assert_eq!(left_out(&machine), line);
}

#[test]
fn rules_say_everything() {
    let mut codes: Vec<&str> = rule::all().map(|rule| rule.code).collect();
    for rule in rule::all() {
        for text in [rule.title, rule.why, rule.fix] {
            assert!(!text.is_empty(), "{}", rule.code);
        }
        assert!(rule.code.starts_with("machine-") && rule.source.starts_with("https://"));
        assert!(!rule.title.ends_with('.') && rule.why.ends_with(['.', ')']), "{}", rule.code);
        assert!(crate::checks::find(rule.code).is_none(), "{}", rule.code);
        assert!(find(rule.code).is_some() && plain(rule).contains(rule.title));
    }
    codes.sort_unstable();
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count);
    assert!(markdown().contains("## machine-no-cgi"));
}

#[test]
fn a_site_is_known_by_its_folder_and_its_pool_by_the_defaults() {
    let mut machine = good();
    server(&mut machine, "<processModel", "<processModel identityType=\"NetworkService\"");
    let bytes = machine.files.server.unwrap().bytes;
    let root = crate::document::decode(Path::new("x"), &bytes).unwrap();
    let is_it = |path: &Path| path == Path::new(r"C:\shop");
    let found = application(&root, None, None, is_it).unwrap();
    assert_eq!(
        (found.site.as_str(), found.path.as_str(), found.pool.as_str()),
        ("Shop", "/", "Shop")
    );
    assert_eq!(found.identity, r"NT AUTHORITY\NETWORK SERVICE");
    assert_eq!(application(&root, None, None, |_| false), None);
    assert_eq!(application(&root, Some("shop"), None, |_| false), Some(found));
    assert_eq!(application(&root, Some("shop"), Some("/api"), |_| false), None);
}

#[test]
fn what_is_to_be_looked_for() {
    let machine = good();
    let files = wanted::files(&machine);
    assert_eq!(files.len(), 3, "{files:?}");
    assert_eq!(wanted::gates(&machine), [PathBuf::from(r"C:\iisgate\iisgate.exe")]);
    let ports: Vec<_> = wanted::bindings(&machine).iter().filter_map(|it| it.port).collect();
    assert_eq!(ports, [80]);
}

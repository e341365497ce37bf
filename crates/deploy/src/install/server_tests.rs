//! Owns the proof that a file is led from release to release and that appcmd would do the same.

use super::*;
use crate::install::Step;
use crate::install::host::Ended;

/// A machine on which every command succeeds.
#[derive(Default)]
struct Willing(Vec<String>);

impl Host for Willing {
    fn begin(&mut self, _step: Step) {}

    fn say(&mut self, _line: &str) {}

    fn run(&mut self, command: &Command) -> std::io::Result<Ended> {
        self.0.push(command.shown());
        Ok(Ended { status: Some(0), ..Ended::default() })
    }
}

const CONFIG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <system.applicationHost>
    <sites>
      <site name="Shop" id="1">
        <application path="/" applicationPool="ShopPool">
          <virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\shop" />
        </application>
        <bindings><binding protocol="http" bindingInformation="*:80:" /></bindings>
      </site>
    </sites>
  </system.applicationHost>
  <system.webServer>
    <fastCgi />
  </system.webServer>
</configuration>
"#;

struct Fixture {
    folder: tempfile::TempDir,
    binding: Binding,
}

impl Fixture {
    fn new(app: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("applicationHost.config");
        std::fs::write(&config, CONFIG).unwrap();
        let binding = Binding { config, appcmd: None, site: "shop".into(), app: app.into() };
        Fixture { folder, binding }
    }

    fn site(&self, number: u32) -> PathBuf {
        let site = self.folder.path().join(number.to_string());
        std::fs::create_dir_all(&site).unwrap();
        std::fs::write(site.join("web.config"), "<configuration />").unwrap();
        site
    }

    fn lead(&self, number: u32, obsolete: &[u32]) -> Willing {
        let mut host = Willing::default();
        let site = self.site(number);
        let to = Destination {
            site: &site,
            processors: vec![processor(number)],
            obsolete: obsolete.iter().map(|it| processor(*it)).collect(),
            data: Path::new("/none"),
        };
        self.binding.lead(&to, &mut host).unwrap();
        host
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.binding.config).unwrap()
    }
}

fn processor(number: u32) -> ScriptProcessor {
    let arguments = format!("fcgi --site C:\\t\\releases\\{number} app:app");
    ScriptProcessor { full_path: r"C:\iisgate.exe".into(), arguments }
}

#[test]
fn a_site_is_led_from_release_to_release() {
    let fixture = Fixture::new("/");
    fixture.binding.check().unwrap();
    fixture.lead(1, &[]);
    let first = fixture.text();
    let path = |number: u32| format!("physicalPath=\"{}\"", fixture.site(number).display());
    assert!(first.contains(&path(1)) && first.contains(r"releases\1 app:app"), "{first}");
    fixture.lead(2, &[]);
    let second = fixture.text();
    assert!(second.contains(&path(2)) && !second.contains(&path(1)), "{second}");
    assert!(second.contains(r"releases\1 app:app") && second.contains(r"releases\2 app:app"));
    fixture.lead(3, &[1]);
    let third = fixture.text();
    assert!(!third.contains(r"releases\1 app:app"), "{third}");
    // Led there once more, nothing changes.
    fixture.lead(3, &[1]);
    assert_eq!(fixture.text(), third);
    // One copy of the file as it was before the first of them.
    let names: Vec<String> = std::fs::read_dir(fixture.folder.path())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.contains("backup"))
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(std::fs::read_to_string(fixture.folder.path().join(&names[0])).unwrap(), CONFIG);
}

#[test]
fn an_application_that_is_not_there_is_made() {
    let fixture = Fixture::new("/api");
    fixture.lead(1, &[]);
    let text = fixture.text();
    let (application, bindings) =
        (text.find("path=\"/api\"").unwrap(), text.find("<bindings>").unwrap());
    assert!(application < bindings, "{text}");
    assert!(text.contains(r#"physicalPath="%SystemDrive%\inetpub\shop""#), "the site's own stays");
}

#[test]
fn a_site_that_is_not_there_is_told_with_those_that_are() {
    let fixture = Fixture::new("/");
    let binding = Binding { site: "Shopp".into(), ..fixture.binding.clone() };
    let error = binding.check().unwrap_err();
    assert!(error.to_string().ends_with("it has: Shop"), "{error}");
    assert_eq!(fixture.text(), CONFIG);
}

#[test]
fn where_iis_is_appcmd_does_it() {
    let fixture = Fixture::new("/");
    let appcmd = Appcmd { program: r"C:\inetsrv\appcmd.exe".into() };
    let spot = Spot { site: "My Shop".into(), app: "/".into() };
    let folder = Path::new("/sites/shop/releases/2");
    let shown = |command: AppcmdCommand| command.to_string();
    assert_eq!(
        shown(path_command(&appcmd, &spot, folder, false)),
        r#"C:\inetsrv\appcmd.exe set vdir "My Shop/" /physicalPath:/sites/shop/releases/2"#
    );
    let spot = Spot { site: "My Shop".into(), app: "/api".into() };
    assert_eq!(
        shown(path_command(&appcmd, &spot, folder, false)),
        r#"C:\inetsrv\appcmd.exe set vdir "My Shop/api/" /physicalPath:/sites/shop/releases/2"#
    );
    assert_eq!(
        shown(path_command(&appcmd, &spot, folder, true)),
        "C:\\inetsrv\\appcmd.exe add app \"/site.name:My Shop\" /path:/api \
         /physicalPath:/sites/shop/releases/2"
    );
    // appcmd that does nothing is found out.
    let binding = Binding { appcmd: Some(appcmd.program), ..fixture.binding.clone() };
    let site = fixture.site(1);
    let to = Destination {
        site: &site,
        processors: vec![processor(1)],
        obsolete: vec![processor(9)],
        data: Path::new("/none"),
    };
    let mut host = Willing::default();
    let error = binding.lead(&to, &mut host).unwrap_err();
    assert!(error.to_string().starts_with("registering the release failed"), "{error}");
    let commands = host.0.join("\n");
    let order = ["/+[fullPath=", "set vdir shop/", "IIS AppPool\\ShopPool", "/-[fullPath="];
    let places: Vec<usize> = order.iter().filter_map(|part| commands.find(part)).collect();
    assert_eq!(places.len(), order.len(), "{commands}");
    assert!(places.is_sorted(), "{commands}");
}

//! Owns the tests of `sites`.
//!
//! Does not test which site a request goes to.

use std::path::Path;

use super::{ConfiguredSite, read};
use crate::document;
use crate::error::Error;
use crate::place::Source;

fn sites(xml: &str) -> Result<Vec<ConfiguredSite>, Error> {
    let xml = format!(
        "<configuration><system.applicationHost><sites>{xml}</sites></system.applicationHost></configuration>"
    );
    read(&document::parse(Source::new("applicationHost.config", xml)).unwrap())
}

const ROOT: &str =
    r#"<application path="/"><virtualDirectory path="/" physicalPath="/srv" /></application>"#;

#[test]
fn sites_applications_directories() {
    let site = sites(
        r#"<site name="Shop" id="0x2"><application path="/" applicationPool="Python">
        <virtualDirectory path="/" physicalPath="/srv/shop%NO_SUCH_VARIABLE%" />
        <virtualDirectory path="/media/" physicalPath="/srv/media" /></application>
        <application path="/api"><virtualDirectory path="/" physicalPath="/srv/api" /></application>
        <bindings><binding protocol="http" bindingInformation="*:80:shop.example" />
        <binding protocol="https" bindingInformation="[::1]:443:" />
        <binding protocol="net.pipe" bindingInformation="*" /></bindings></site>
        <applicationDefaults applicationPool="Common" />"#,
    )
    .unwrap()
    .remove(0);
    assert_eq!((site.name.as_str(), site.id), ("Shop", 2));
    let bindings: Vec<_> = site
        .bindings
        .iter()
        .map(|b| (b.protocol.as_str(), b.address.as_str(), b.port, b.host.as_str()))
        .collect();
    assert_eq!(
        bindings,
        [
            ("http", "*", Some(80), "shop.example"),
            ("https", "::1", Some(443), ""),
            ("net.pipe", "*", None, ""),
        ]
    );
    let [root, api] = &site.applications[..] else { panic!("two applications") };
    assert_eq!((root.path.as_str(), root.application_pool.as_str()), ("/", "Python"));
    assert_eq!((api.path.as_str(), api.application_pool.as_str()), ("/api", "Common"));
    assert_eq!(root.virtual_directories[0].physical_path, Path::new("/srv/shop%NO_SUCH_VARIABLE%"));
    assert_eq!(root.virtual_directories[1].path, "/media");
}

#[test]
fn faults_have_a_place() {
    for (xml, expected) in [
        ("<site name='a' id='1'/>".to_owned(), "a site needs an <application path=\"/\">"),
        ("<site name='a' id='1'><application path='/'/></site>".to_owned(), "an application needs a <virtualDirectory path=\"/\">"),
        ("<site name='a' id='1'><application path='x'><virtualDirectory path='/' physicalPath='y'/></application></site>".to_owned(), "path must start with a slash: x"),
        (format!("<site id='1'>{ROOT}</site>"), "<site> needs the attribute: name"),
        (format!("<site name='a' id='x'>{ROOT}</site>"), "id must be a whole number from 0: x"),
        (format!("<site name='a' id='1'>{ROOT}<bindings><binding protocol='http' bindingInformation='80'/></bindings></site>"), "bindingInformation must be address:port:host: 80"),
        (format!("<site name='a' id='1'>{ROOT}<bindings><binding protocol='http' bindingInformation='*:http:'/></bindings></site>"), "bindingInformation must be address:port:host: *:http:"),
    ] {
        let message = sites(&xml).unwrap_err().to_string();
        let first = message.lines().next().unwrap();
        assert!(first.starts_with("applicationHost.config:1:") && first.ends_with(expected), "{first}");
    }
}

#[test]
fn a_real_file_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/config/iis10-arr-applicationHost.config");
    let sites = read(&document::load(&path).unwrap()).unwrap();
    assert_eq!(sites[0].name, "Default Web Site");
    assert_eq!(sites[0].bindings[0].port, Some(80));
    assert_eq!(sites[0].applications[0].application_pool, "DefaultAppPool");
}

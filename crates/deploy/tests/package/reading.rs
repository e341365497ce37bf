//! Owns the tests of reading whole packages, and of unpacking them.

use crate::support::{sound, with, zipped};
use deploy::package::{Package, Shape};
use std::collections::BTreeMap;

#[test]
fn a_package_is_a_zip_or_a_folder() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("shop.zip");
    std::fs::write(&file, zipped(&sound())).expect("there is room");
    let unpacked = folder.path().join("unpacked");
    let of_zip = Package::open(&file).expect("it is sound");
    assert_eq!(of_zip.extract_to(&unpacked).expect("there is room").files, 4);
    let of_folder = Package::open(&unpacked).expect("it is sound");
    for package in [&of_zip, &of_folder] {
        assert_eq!(package.shape(), Shape::Gallery);
        assert_eq!(package.app_folder().as_deref(), Some("shop"));
        let names: Vec<&str> = package.app_files().iter().map(|(_, name)| *name).collect();
        assert_eq!(names, ["app.py", "web.config"]);
        assert_eq!(package.read("shop/app.py").expect("it is there"), b"app = 1\n");
        let values = package.parameters().resolve(&BTreeMap::new()).expect("they have defaults");
        assert_eq!(values.get("Application Path"), Some("Default Web Site/shop"));
    }
    let app = folder.path().join("app");
    assert_eq!(of_folder.extract_app_to(&app).expect("there is room").files, 2);
    assert!(app.join("web.config").is_file());
    let again = of_zip.extract_app_to(&app).expect_err("nothing is overwritten");
    assert!(again.to_string().contains("cannot write"), "{again}");
}

#[test]
fn what_msdeploy_wrote_is_understood() {
    let archive = br#"<sitemanifest MSDeploy.ObjectResolver.createApp="x">
      <iisApp path="C:\build\Hello" MSDeploy.path="2" MSDeploy.MSDeployLinkName="Child1">
        <createApp path="C:\build\Hello" isDest="AA==" />
      </iisApp>
      <setAcl path="C:\build\Hello" setAclResourceType="Directory" />
    </sitemanifest>"#;
    let parameters = br#"<parameters>
      <parameter name="IIS Web Application Name" defaultValue="Default Web Site/Hello" tags="IisApp">
        <parameterEntry kind="ProviderPath" scope="IisApp" match="^c:\\build\\hello$" />
        <parameterEntry kind="ProviderPath" scope="setAcl" match="^C:\\build\\Hello$" />
      </parameter>
      <parameter name="Mode" defaultValue="production">
        <parameterEntry kind="TextFile" scope="C:\\build\\Hello\\settings\.ini$" match="__MODE__" />
      </parameter></parameters>"#;
    let files: Vec<(String, Vec<u8>)> = [
        ("archive.xml", &archive[..]),
        ("systemInfo.xml", b"<systemInfo />"),
        ("parameters.xml", parameters),
        ("Content/C_C/build/Hello/settings.ini", b"mode=__MODE__"),
        ("Content/C_C/build/Hello/web.config", b"<configuration />"),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes.to_vec()))
    .to_vec();
    let package = Package::read_from(zipped(&files)).expect("it is sound");
    assert_eq!(package.shape(), Shape::Archive);
    let files = package.app_files();
    let names: Vec<&str> = files.iter().map(|(_, name)| *name).collect();
    assert_eq!(names, ["settings.ini", "web.config"]);
    let values = package.parameters().resolve(&BTreeMap::new()).expect("they have defaults");
    let application =
        deploy::package::apply::Application::new(package.parameters(), &values).expect("patterns");
    for provider in &package.manifest().providers {
        let path = application.provider_path(provider).expect("patterns");
        assert_eq!(path, Some("Default Web Site/Hello"), "{}", provider.name);
    }
    let scope = package.scope_path(files[0].0);
    assert_eq!(scope, r"C:\build\Hello\settings.ini");
    let changed = application.file(&scope, b"mode=__MODE__").expect("it is text");
    assert_eq!(changed.as_deref(), Some(&b"mode=production"[..]));
}

#[test]
fn a_value_is_put_into_a_file_of_a_package() {
    let parameters = crate::support::PARAMETERS.replace(
        "</parameters>",
        r#"<parameter name="Title" defaultValue="Shop &amp; more">
             <parameterEntry kind="TextFile" scope="\\app\.py$" match="(?&lt;=app = )\d" />
           </parameter></parameters>"#,
    );
    let package = Package::read_from(zipped(&with("Parameters.xml", parameters.as_bytes())))
        .expect("it is sound");
    let values = package.parameters().resolve(&BTreeMap::new()).expect("they have defaults");
    let application =
        deploy::package::apply::Application::new(package.parameters(), &values).expect("patterns");
    let entry = package.entry("SHOP/APP.PY").expect("case does not count");
    let path = package.scope_path(entry);
    let bytes = package.read(&entry.name).expect("it is there");
    let changed = application.file(&path, &bytes).expect("it is text").expect("it changes");
    assert_eq!(changed, b"app = Shop & more\n");
}

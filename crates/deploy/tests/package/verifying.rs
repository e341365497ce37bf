//! Owns the tests of the rules: each has a package that breaks it, and it alone.

use crate::support::{MANIFEST, PARAMETERS, fixtures, sound, with, without, zipped, zipped_as};
use deploy::package::verify::{ALL, Severity, verify_bytes};
use deploy::package::{Provider, ProviderOptions, RunCommand};
use std::path::Path;

type Files = Vec<(String, Vec<u8>)>;

fn codes(bytes: Vec<u8>) -> Vec<&'static str> {
    let findings = verify_bytes(Path::new("shop.zip"), bytes).expect("it can be read");
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    codes.dedup();
    codes
}

/// A manifest with further steps.
fn steps(more: &str) -> Files {
    with("Manifest.xml", MANIFEST.replace("</MSDeploy", &format!("{more}</MSDeploy")).as_bytes())
}

/// Parameters with more of them.
fn asks(more: &str) -> Files {
    with(
        "Parameters.xml",
        PARAMETERS.replace("</parameters>", &format!("{more}</parameters>")).as_bytes(),
    )
}

fn both(step: &str, parameter: &str) -> Files {
    let mut files = steps(step);
    let asked = asks(parameter);
    files.retain(|(name, _)| name != "Parameters.xml");
    files.extend(asked.into_iter().filter(|(name, _)| name == "Parameters.xml"));
    files
}

fn command(change: impl FnOnce(&mut RunCommand)) -> Files {
    let mut command = RunCommand {
        command: "echo".to_owned(),
        wait_interval_ms: 1000,
        wait_attempts: 60,
        success_codes: vec![0],
        is_without_shell: false,
        is_without_job: false,
    };
    change(&mut command);
    steps(&element(&command.provider()))
}

fn element(provider: &Provider) -> String {
    let manifest = deploy::package::Manifest::new(vec![provider.clone()]).to_xml();
    let line = manifest.lines().find(|line| line.contains("<runCommand"));
    line.expect("it is on a line").to_owned()
}

/// An entry of the parameter `P`.
fn entry(kind: &str, scope: &str, pattern: &str) -> Files {
    asks(&format!(
        "<parameter name='P' defaultValue='x'>\
         <parameterEntry kind='{kind}' scope='{scope}' match=\"{pattern}\" /></parameter>"
    ))
}

/// Each with the rule that it breaks.
#[rustfmt::skip]
fn packages() -> Vec<(&'static str, Vec<u8>)> {
    let hidden = |default: &str| format!("<parameter name='P' tags='Hidden'{default} />");
    let acl = "<parameter name='P' defaultValue='{Application Path}/x' tags='Hidden'>\
               <parameterEntry kind='ProviderPath' scope='setAcl' match='.' /></parameter>";
    let options = |options: ProviderOptions| steps(&element(&Provider::new("runCommand", "echo").options(options)));
    let mut wrong = ProviderOptions::new("runCommand", "echo");
    for (name, value) in [("waitInterval", "long"), ("waitAttempts", "100000"), ("successReturnCodes", "0x0")] {
        wrong.settings.push((name.to_owned(), value.to_owned()));
    }
    let mut other = ProviderOptions::new("runCommand", "another command");
    for (name, value) in [("waitAttempts", "600"), ("successReturnCodes", "0x0")] {
        other.settings.push((name.to_owned(), value.to_owned()));
    }
    let database = |files: Files| { let mut files = files; files.push(("install.sql".into(), b"select 1".to_vec())); files };
    let tags = "<parameter name='D' tags='dbServer,dbName,dbUsername,dbUserPassword,dbAdminUsername,dbAdminPassword' />";
    let zip64 = zip::write::SimpleFileOptions::default().large_file(true);
    let _ = zip64;
    let files: Vec<(&'static str, Files)> = vec![
        ("package-path-long", with(&format!("shop/{}/x", "long/".repeat(40).trim_end_matches('/')), b"")),
        ("package-provider-unknown", steps("<iisAp path='shop' />")),
        ("package-application-missing", with("Manifest.xml", b"<MSDeploy.iisApp />")),
        ("package-application-twice", steps("<iisApp path='shop' />")),
        ("package-application-empty", without("shop/web.config").into_iter().filter(|(n, _)| n != "shop/app.py").collect()),
        ("package-path-elsewhere", both("<setAcl path='other/x' />", acl)),
        ("package-rights-unknown", both("<setAcl path='shop/x' setAclAccess='Read,Everything' />", acl)),
        ("package-path-of-source", steps("<setAcl path='shop/x' setAclAccess='Read' />")),
        ("package-command-settings-ignored", {
            let step = element(&Provider::new("runCommand", "echo").options({ let mut o = other.clone(); o.path = "echo".into(); o }));
            steps(&step.replace(" path=", " waitAttempts='10' path="))
        }),
        ("package-command-time", command(|command| command.wait_attempts = 5)),
        ("package-command-codes", command(|command| command.success_codes.clear())),
        ("package-command-setting-wrong", options(wrong)),
        ("package-options-unreadable", steps("<iisApp MSDeploy.MSDeployProviderOptions='AAAA' path='shop' />").into_iter()
            .map(|(n, b)| if n == "Manifest.xml" { (n, String::from_utf8_lossy(&b).replacen("<iisApp path=\"shop\" />", "", 1).into_bytes()) } else { (n, b) }).collect()),
        ("package-options-differ", options(other)),
        ("package-parameters-missing", without("Parameters.xml")),
        ("package-application-parameter", with("Parameters.xml", PARAMETERS.replace("tags=\"iisApp\"", "").as_bytes())),
        ("package-hidden-without-default", asks(&hidden(""))),
        ("package-reference-unknown", asks(&hidden(" defaultValue='{Nothing}'"))),
        ("package-reference-cycle", asks("<parameter name='P' defaultValue='{Q}' /><parameter name='Q' defaultValue='{P}' />")),
        ("package-default-refused", asks("<parameter name='P' defaultValue='c'><parameterValidation kind='Enumeration' validationString='a,b' /></parameter>")),
        ("package-validation-unknown", asks("<parameter name='P' defaultValue='c'><parameterValidation kind='Email' /></parameter>")),
        ("package-secret-default", asks("<parameter name='P' defaultValue='secret' tags='Password' />")),
        ("package-entry-kind-unknown", entry("RegexFile", ".", ".")),
        ("package-entry-pattern", entry("TextFile", "(", ".")),
        ("package-entry-pattern", entry("XmlFile", ".", "/a/count(b)")),
        ("package-entry-without-target", entry("TextFile", "app", "__NOT_THERE__")),
        ("package-entry-without-target", entry("XmlFile", r"web\.config$", "/configuration/nothing/@x")),
        ("package-entry-without-target", entry("ProviderPath", "setAcl", "shop")),
        ("package-entry-without-target", {
            let mut files = entry("TextFile", r"app\.py", "app|(?:a|a)+(?=b)");
            files.iter_mut().filter(|(n, _)| n == "shop/app.py").for_each(|(_, b)| b.extend([b'a'; 60]));
            files
        }),
        ("package-database-tags", database(steps("<dbMySql path='install.sql' />"))),
        ("package-script-missing", both("<dbMySql path='install.sql' />", tags)),
        ("package-secret", with("shop/.env", b"KEY=1")),
        ("package-secret", with("shop/server.pem", b"-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\n")),
        ("package-leftover", with("shop/.git/HEAD", b"ref: x")),
        ("package-leftover", with("shop/env/pyvenv.cfg", b"home = x")),
        ("package-data", with("shop/db.sqlite3", b"")),
        ("package-web-config-missing", without("shop/web.config")),
        ("package-site-below", sound().into_iter().map(|(n, b)| (n.replace("shop/web", "shop/sub/web"), b)).collect()),
        ("package-secret-setting", with("shop/pyproject.toml", b"[tool.iisgate.env]\nAPI_TOKEN = 'abc'\n")),
        ("package-web-config", with("shop/web.config", b"<configuration><system.webServer></configuration>")),
    ];
    let mut all: Vec<(&'static str, Vec<u8>)> = files.into_iter().map(|(code, files)| (code, zipped(&files))).collect();
    let mut before = b"#!/bin/sh\n".to_vec();
    before.extend(zipped(&sound()));
    all.push(("package-zip-odd", before));
    all.push(("package-zip64", as_zip64(zipped(&sound()))));
    all
}

/// Puts a Zip64 end before the end of a zip, as tools write it that never write another.
fn as_zip64(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.windows(4).rposition(|w| w == b"PK\x05\x06").expect("it has an end");
    let number =
        |at: usize| u64::from(u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four")));
    let count = u64::from(u16::from_le_bytes(bytes[end + 10..end + 12].try_into().expect("two")));
    let (size, offset) = (number(end + 12), number(end + 16));
    let mut more = b"PK\x06\x06".to_vec();
    more.extend(44_u64.to_le_bytes());
    more.extend([45, 0, 45, 0]);
    more.extend([0; 8]);
    for value in [count, count, size, offset] {
        more.extend(value.to_le_bytes());
    }
    more.extend(b"PK\x06\x07");
    more.extend(0_u32.to_le_bytes());
    more.extend((end as u64).to_le_bytes());
    more.extend(1_u32.to_le_bytes());
    bytes.splice(end..end, more);
    bytes
}

#[test]
fn a_sound_package_has_no_findings() {
    assert_eq!(codes(zipped(&sound())), [""; 0]);
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    assert_eq!(codes(zipped_as(&sound(), stored)), [""; 0]);
}

#[test]
fn each_rule_is_broken_by_a_package_that_breaks_no_other() {
    let packages = packages();
    let found = packages.iter().map(|(code, bytes)| (*code, codes(bytes.clone())));
    let wrong: Vec<_> = found.filter(|(code, found)| found[..] != [*code]).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let rules = ALL.iter().copied().flatten().filter(|rule| !is_of_reading(rule.code));
    for rule in rules {
        assert!(packages.iter().any(|(code, _)| *code == rule.code), "{} has a package", rule.code);
    }
}

/// Those have theirs in `broken`.
fn is_of_reading(code: &str) -> bool {
    ALL[0].iter().any(|rule| rule.code == code)
}

#[test]
fn a_finding_tells_its_place_and_what_mends_it() {
    let files = asks("\n<parameter name='P' tags='Hidden' />");
    let findings = verify_bytes(Path::new("shop.zip"), zipped(&files)).expect("it can be read");
    let [finding] = &findings[..] else { panic!("one is found: {findings:?}") };
    let place = finding.place.as_ref().expect("it has a place");
    assert_eq!(place.path, Path::new("shop.zip").join("Parameters.xml"));
    assert_eq!((place.line, finding.severity), (6, Severity::Error));
    assert!(finding.hint.contains("Give it a default"));
}

#[test]
fn the_galleries_packages_are_as_they_were() {
    let read = |name: &str| {
        std::fs::read(fixtures().join("samples").join(format!("{name}.xml"))).expect("it is there")
    };
    let blog = "blogengine-net-sample-files_samples_sample";
    let files: Files = vec![
        ("Manifest.xml".into(), read(&format!("{blog}1"))),
        ("Parameters.xml".into(), read(&format!("{blog}2"))),
        ("BlogEngine/web.config".into(), b"<configuration />".to_vec()),
        ("BlogEngine/App_Data/x.txt".into(), Vec::new()),
    ];
    assert_eq!(codes(zipped(&files)), [""; 0]);
}

//! Owns the tests of `paths`.
//!
//! Does not own where IIS has a path whole: see `iis_path`.

use super::*;

fn check(rules: &PathRules, params: &[(Special, &str)], expected: (&str, &str)) {
    let mut values = SpecialValues::default();
    for (special, value) in params {
        values.set(*special, value.as_bytes());
    }
    let paths = rules.paths(&values);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let got = (text(&paths.script_name), text(&paths.path_info));
    assert_eq!((&*got.0, &*got.1), expected, "{params:?}");
}

use Special::{
    ApplMdPath, OriginalUrl, PathInfo, RequestUri, ScriptName, ServerSoftware, WasUrlRewritten,
};
const ROOT: (Special, &str) = (ApplMdPath, "/LM/W3SVC/1/ROOT");
const APP: (Special, &str) = (ApplMdPath, "/LM/W3SVC/1/ROOT/App1");

#[test]
fn iis_sends_the_full_path_twice() {
    let rules = PathRules::default();
    let full = [(ScriptName, "/fob/oar/baz"), (PathInfo, "/fob/oar/baz")];
    check(&rules, &[&full[..], &[ROOT]].concat(), ("", "/fob/oar/baz"));
    let full = [(ScriptName, "/app1/x"), (PathInfo, "/app1/x")];
    check(&rules, &[&full[..], &[APP]].concat(), ("/app1", "/x"));
    let near = [(ScriptName, "/app10/x"), (PathInfo, "/app10/x")];
    check(&rules, &[&near[..], &[APP]].concat(), ("", "/app10/x"));
    check(&rules, &[(PathInfo, "/app1"), APP], ("/app1", ""));
    let nested = (ApplMdPath, "/LM/W3SVC/2/ROOT/a/b");
    check(&rules, &[(PathInfo, "/a/b/c"), nested], ("/a/b", "/c"));
}

#[test]
fn iis_code_pages_are_passed_by() {
    let rules = PathRules::default();
    let lossy = [ROOT, (PathInfo, "/caf?"), (RequestUri, "/caf%C3%A9?x=1")];
    check(&rules, &lossy, ("", "/café"));
    let not_utf8 = [ROOT, (PathInfo, "/cafe"), (RequestUri, "/caf%E9")];
    check(&rules, &not_utf8, ("", "/cafe"));
    check(&rules, &[ROOT, (RequestUri, "http://host/a%2Fb?x")], ("", "/a/b"));
}

#[test]
fn mounts_have_names_beyond_ascii() {
    let ansi = Ansi::new(|bytes| Some(bytes.iter().map(|byte| char::from(*byte)).collect()));
    let rules = PathRules { ansi, ..PathRules::default() };
    let check = |md_path: &[u8], uri, expected: (&str, &str)| {
        let mut values = SpecialValues::default();
        values.set(ApplMdPath, md_path);
        values.set(RequestUri, uri);
        let paths = rules.paths(&values);
        let expected = (expected.0.as_bytes(), expected.1.as_bytes());
        assert_eq!((&*paths.script_name, &*paths.path_info), expected, "{md_path:?}");
    };
    let (ansi, utf8) = (b"/LM/W3SVC/1/ROOT/\xDCber", "/LM/W3SVC/1/ROOT/Über".as_bytes());
    for md_path in [&ansi[..], utf8] {
        check(md_path, b"/%C3%9Cber/x", ("/Über", "/x"));
        check(md_path, b"/%C3%BCBER/x", ("/üBER", "/x"));
        check(md_path, b"/%C3%BCber", ("/über", ""));
        check(md_path, b"/%C3%BCbers/x", ("", "/übers/x"));
        check(md_path, b"/Uber/x", ("", "/Uber/x"));
        check(md_path, b"/%C3", ("", ""));
    }
    // What the code page lacks has become `?`.
    check(b"/LM/W3SVC/1/ROOT/\xDC-??", "/%C3%9C-日本/x".as_bytes(), ("/Ü-日本", "/x"));
    check(b"/LM/W3SVC/1/ROOT/??", b"/ab/x", ("", "/ab/x"));
    // `ẞ` has three bytes, `ß` two.
    check("/LM/W3SVC/1/ROOT/ẞ".as_bytes(), b"/%C3%9F/x", ("/ß", "/x"));
}

#[test]
fn the_original_url_counts_when_url_rewrite_set_it() {
    let forged = [ROOT, (RequestUri, "/real"), (OriginalUrl, "/forged")];
    check(&PathRules::default(), &forged, ("", "/real"));
    let rewritten = [&forged[..], &[(WasUrlRewritten, "1")]].concat();
    check(&PathRules::default(), &rewritten, ("", "/forged"));
    let trusting = PathRules { trust_original_url: true, ..PathRules::default() };
    check(&trusting, &forged, ("", "/forged"));
}

#[test]
fn a_named_mount_counts_everywhere() {
    let rules = PathRules { script_name: Some("/mnt".into()), ..PathRules::default() };
    check(&rules, &[ROOT, (PathInfo, "/Mnt/x")], ("/Mnt", "/x"));
    check(&rules, &[ROOT, (PathInfo, "/other")], ("", "/other"));
    check(&rules, &[(ScriptName, "/mnt/x")], ("/mnt", "/x"));
    check(&rules, &[(ScriptName, "/mnt"), (PathInfo, "/x")], ("/mnt", "/x"));
    check(&rules, &[(ScriptName, ""), (PathInfo, "/mnt/x")], ("/mnt", "/x"));
    check(&rules, &[(ScriptName, "/mnt"), (PathInfo, "")], ("/mnt", ""));
}

#[test]
fn other_servers_ways() {
    let rules = PathRules::default();
    let nginx = (ServerSoftware, "nginx/1.22.1");
    check(&rules, &[nginx, (ScriptName, "/a/b")], ("", "/a/b"));
    check(&rules, &[nginx, (ScriptName, "/app"), (PathInfo, "/b")], ("/app", "/b"));
    let apache = (ServerSoftware, "Apache/2.4.71 (Debian)");
    check(&rules, &[apache, (ScriptName, "/app")], ("/app", ""));
    check(&rules, &[apache, (ScriptName, "/app"), (PathInfo, "/x")], ("/app", "/x"));
    check(&rules, &[(ScriptName, "/"), (PathInfo, "")], ("", "/"));
    let proxied = |script_name, script_filename, expected| {
        let filename = (Special::ScriptFilename, script_filename);
        check(&rules, &[apache, (ScriptName, script_name), filename], expected);
    };
    proxied("/hello", "proxy:fcgi://127.0.0.1:9000/hello", ("", "/hello"));
    proxied("/app/é x", "proxy:fcgi://localhost/%C3%A9%20x", ("/app", "/é x"));
    proxied("/app/", "proxy:fcgi://localhost:9000/", ("/app", "/"));
    proxied("/app", "proxy:fcgi://localhost:9000/", ("/app", ""));
    proxied("/app/x", "/srv/cgi/app", ("/app/x", ""));
    check(&rules, &[(ScriptName, "/app/"), (PathInfo, "/x")], ("/app", "/x"));
}

#[test]
fn https_is_told_in_four_ways() {
    for (special, value, expected) in [
        (Special::Https, "on", true),
        (Special::Https, "ON", true),
        (Special::Https, "1", true),
        (Special::Https, "off", false),
        (Special::Https, "", false),
        (Special::ServerPortSecure, "1", true),
        (Special::ServerPortSecure, "0", false),
        (Special::RequestScheme, "https", true),
        (Special::RequestScheme, "http", false),
    ] {
        let mut values = SpecialValues::default();
        values.set(special, value.as_bytes());
        assert_eq!(is_https(&values), expected, "{special:?}={value}");
    }
}

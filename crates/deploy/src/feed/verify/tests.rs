//! Owns the proof that each rule finds what it is for, and nothing in a feed that is well.

use std::io::Write;

use super::*;
use crate::feed::error::Error;
use crate::feed::fetch::failed;
use crate::feed::location::Location;
use crate::feed::make::{Recipe, make};
use crate::feed::{read, write};

fn source(text: &str) -> Source {
    let reading = read(Path::new("feed.xml"), text.as_bytes()).unwrap();
    Source { place: Location::File("/srv/feeds/feed.xml".into()), reading }
}

/// A feed around one entry.
fn feed(entry: &str, rest: &str) -> Source {
    source(&format!(
        "<feed><title>T</title><id>i</id><updated>2026-01-01T00:00:00Z</updated>\
         <languages><language><languageId>en</languageId></language></languages>\n\
         <entry><productId>A</productId><title>A</title><version>1</version><id>a</id>{entry}</entry>\
         {rest}</feed>"
    ))
}

fn codes(source: &Source) -> Vec<&'static str> {
    verify(source, None, None).iter().map(|finding| finding.code).collect()
}

/// An installer that is well but for what is replaced in it.
fn installer(old: &str, new: &str) -> String {
    let text = "<installers><installer><languageId>en</languageId><installerFile>\
        <installerURL>https://a/b.exe</installerURL>\
        <sha1>a9993e364706816aba3e25717850c26c9cd0d89d</sha1></installerFile><installCommands>\
        <cmdLine><exe>%InstallerFile%</exe><commandLineArguments>/quiet</commandLineArguments>\
        </cmdLine></installCommands></installer></installers>";
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1)
}

#[test]
fn each_rule_finds_what_it_is_for() {
    let well = installer("", "");
    let need = |need: &str| format!("{well}<dependency>{need}</dependency>");
    let product = |id: &str| format!("<dependency><productId>{id}</productId></dependency>");
    let ring = format!(
        "<entry><productId>B</productId><title>B</title><version>1</version><id>b</id>\
         <dependency><productId>A</productId></dependency>{well}</entry>"
    );
    let either = format!("<or>{}{}</or>", product("B"), product("WDeploy"));
    for (entry, rest, expected) in [
        (well.clone(), "", &[][..]),
        (format!("{well}<odd/>"), "", &["feed-element-unknown"]),
        (String::new(), "", &["feed-value-missing"]),
        (format!("{well}<updated>yesterday</updated>"), "", &["feed-time-malformed"]),
        (format!("{well}<updated>2026-01-01T00:00:00.12+01:00</updated>"), "", &[]),
        (need("<productId>Z</productId>"), "", &["feed-product-unknown"]),
        (need("<productId>wdeploy</productId>"), "", &[]),
        (format!("{well}<dependency idref='z'/>"), "", &["feed-reference-unknown"]),
        (format!("{well}<discoveryHint idref='z'/>"), "", &["feed-reference-unknown"]),
        (need("<and/>"), "", &["feed-dependency-empty"]),
        (
            well.clone(),
            "<dependencies><dependency id='x'/></dependencies>",
            &["feed-dependency-empty"],
        ),
        (need("<productId>B</productId>"), &ring, &["feed-dependency-ring"]),
        (need(&either), &ring, &[]),
        (
            format!("{well}<keywords><keywordId>k</keywordId></keywords>"),
            "",
            &["feed-label-unknown"],
        ),
        (installer(">en<", ">xx<"), "", &["feed-label-unknown"]),
        (
            installer("<languageId>", "<osList idref='x'/><languageId>"),
            "",
            &["feed-reference-unknown"],
        ),
        (installer("/quiet", "/passive"), "", &["feed-installer-asks"]),
        (installer("<cmdLine>", "<!--").replace("</cmdLine>", "-->"), "", &["feed-installer-mute"]),
        (installer("https:", "http:"), "", &["feed-url-open"]),
        (installer("https:", "gopher:"), "", &["feed-url-refused"]),
        (installer("https://a/", "file:///nowhere/"), "", &["feed-file-missing"]),
        (
            installer("a9993e364706816aba3e25717850c26c9cd0d89d", "qZk="),
            "",
            &["feed-hash-malformed"],
        ),
        (installer("<sha1>", "<!--").replace("</sha1>", "-->"), "", &["feed-hash-missing"]),
    ] {
        assert_eq!(codes(&feed(&entry, rest)), expected, "{entry} {rest}");
    }
    let application = feed(&well, "").reading;
    let mut application = Source { place: Location::File("x".into()), reading: application };
    application.reading.feed.entries[0].kind = Some("application".into());
    assert_eq!(codes(&application), ["feed-tab-missing"]);
    let twice = feed(&well, &ring.replace('B', "a"));
    assert!(codes(&twice).contains(&"feed-product-twice"));
}

#[test]
fn every_finding_has_a_rule_a_place_and_a_hint() {
    let findings = verify(&feed("<odd/>", ""), None, None);
    for finding in &findings {
        assert!(find(finding.code).is_some(), "{}", finding.code);
        assert!(!finding.hint.is_empty() && finding.line() == 2, "{finding:?}");
    }
    assert_eq!(findings.len(), 2);
}

#[test]
fn files_are_compared_with_what_is_told_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let msi = folder.path().join("a-1.0.msi");
    std::fs::write(&msi, vec![7; 5000]).unwrap();
    let text = "[[product]]\nid = 'A'\nfile = 'a-1.0.msi'\nversion = '1.0'";
    let recipe = Recipe::parse(Path::new("feed.toml"), text).unwrap();
    let made = make(&recipe, folder.path(), "2026-01-01T00:00:00Z").unwrap();
    let reading = read(Path::new("feed.xml"), &write(&made).unwrap()).unwrap();
    let mut source = Source { place: Location::File(folder.path().join("feed.xml")), reading };
    assert_eq!(codes(&source), Vec::<&str>::new());
    std::fs::write(&msi, vec![8; 5000]).unwrap();
    assert_eq!(codes(&source), ["feed-hash-mismatch"]);
    std::fs::write(&msi, vec![7; 5000]).unwrap();
    let file = source.reading.feed.entries[0].installers[0].file.as_mut().unwrap();
    file.size_kb = Some("5000".into());
    assert_eq!(codes(&source), ["feed-size-wrong"]);
    // A folder of files stands in for the web.
    let file = source.reading.feed.entries[0].installers[0].file.as_mut().unwrap();
    file.url = "https://a/dl/a-1.0.msi".into();
    let findings = verify(&source, Some(folder.path()), None);
    assert_eq!(findings[0].code, "feed-size-wrong");
    std::fs::remove_file(&msi).unwrap();
    assert_eq!(verify(&source, Some(folder.path()), None)[0].code, "feed-file-missing");
}

struct Nowhere;

impl Fetch for Nowhere {
    fn fetch(&mut self, place: &Location, _: u64, _: &mut dyn Write) -> Result<(), Error> {
        Err(failed(place, "gone"))
    }

    fn reach(&mut self, place: &Location) -> Result<(), Error> {
        Err(failed(place, "gone"))
    }
}

#[test]
fn addresses_are_asked_for_only_when_that_is_wanted() {
    let source = feed(&installer("", ""), "");
    let findings = verify(&source, None, Some(&mut Nowhere));
    assert_eq!(findings[0].code, "feed-url-unreachable");
    assert_eq!(findings[0].message, "A: https://a/b.exe: gone");
}

#[test]
fn a_feed_that_is_entangled_beyond_measure_ends_all_the_same() {
    let mut shared = String::new();
    for number in 0..30 {
        let next = number + 1;
        shared += &format!(
            "<dependency id='n{number}'><and><dependency idref='n{next}'/>\
             <dependency idref='n{next}'/></and></dependency>"
        );
    }
    shared += "<dependency id='n30'><productId>WDeploy</productId></dependency>";
    let entry = format!("{}<dependency idref='n0'/>", installer("", ""));
    let source = feed(&entry, &format!("<dependencies>{shared}</dependencies>"));
    assert_eq!(codes(&source), Vec::<&str>::new());
    let catalog = crate::feed::fetch::Catalog { sources: vec![source] };
    let machine = crate::feed::discovery::tests::Pretended::default();
    let told = crate::feed::resolve::plan(&catalog, &["A".into()], "en", &machine).unwrap_err();
    assert!(told.to_string().contains("entangled beyond measure"), "{told}");
}

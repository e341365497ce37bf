//! Owns that each rule finds what its broken site has, and nothing else, and that fixes mend it.
//!
//! Does not own the sites: they lie in `fixtures/checks`.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/checks")
}

/// A fixture's files. `listing.txt` names what cannot be kept in a repository, such as `.git`.
fn files_of(folder: &Path) -> Files {
    let server = folder.join("applicationHost.config");
    let server = server.is_file().then_some(server);
    let mut files = load(folder, server.as_deref(), None).unwrap();
    let own = ["listing.txt", "applicationHost.config", "expected.txt"];
    let is_ours = |name: &str| !own.contains(&name) && !name.starts_with("neighbour/");
    files.listing.retain(|name| is_ours(name));
    files.below.retain(|below| is_ours(&below.folder));
    let neighbour = folder.join("neighbour").join("web.config");
    if let Ok(bytes) = fs::read(&neighbour) {
        let (name, pool) = ("other".to_owned(), "shop".to_owned());
        files.neighbours.push(NeighbourFile {
            name,
            pool,
            file: RawFile { path: neighbour, bytes },
        });
    }
    if let Ok(more) = fs::read_to_string(folder.join("listing.txt")) {
        files.listing.extend(more.lines().map(str::to_owned));
    }
    files
}

fn told(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|f| format!("{} {}:{}: {}", f.code, f.path.display(), f.line(), f.message))
        .collect()
}

#[test]
fn each_broken_site_has_its_finding_alone() {
    let mut wrong = Vec::new();
    for rule in rule::all() {
        let folder = fixtures().join(rule.code);
        if !folder.is_dir() {
            wrong.push(format!("there is no fixtures/checks/{}", rule.code));
            continue;
        }
        let found = check(&files_of(&folder));
        if found.len() != 1 || found[0].code != rule.code {
            wrong.push(format!("{}: {:#?}", rule.code, told(&found)));
        }
        for finding in &found {
            assert_eq!(finding.edit.is_some(), rule.is_mended, "{} {}", rule.code, finding.code);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_is_of_a_rule_and_the_clean_site_is_clean() {
    for entry in fs::read_dir(fixtures()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.path().is_dir() {
            continue;
        }
        if name == "clean" {
            assert_eq!(told(&check(&files_of(&entry.path()))), [""; 0]);
        } else if !entry.path().join("expected.txt").is_file() {
            assert!(find(&name).is_some(), "{name} is no rule");
        }
    }
}

#[test]
fn findings_are_where_they_stand_in_other_files_of_a_site() {
    for name in ["in-config-source", "in-subfolder"] {
        let folder = fixtures().join(name);
        let found = check(&files_of(&folder));
        let places = found.iter().map(|finding| {
            let path = finding.path.strip_prefix(&folder).unwrap().display().to_string();
            format!("{} {}:{}\n", finding.code, path.replace('\\', "/"), finding.line())
        });
        let expected = fs::read_to_string(folder.join("expected.txt")).unwrap();
        let told = told(&found);
        assert_eq!(places.collect::<String>(), expected.replace("\r\n", "\n"), "{told:#?}");
        for finding in &found {
            let place = finding.place.as_ref().unwrap();
            assert_eq!(place.path, finding.path);
        }
    }
}

#[test]
fn the_examples_are_clean() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for entry in fs::read_dir(examples).unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("web.config").is_file() {
            let mut found = told(&check(&load(&folder, None, None).unwrap()));
            // Its static files are there once somebody has run collectstatic.
            let is_uncollected = |told: &String| told.starts_with("static-folder-missing ");
            found.retain(|told| !(folder.ends_with("django") && is_uncollected(told)));
            assert_eq!(found, [""; 0]);
        }
    }
}

#[test]
fn a_fix_mends_its_finding_and_brings_no_other() {
    let mut mended_rules = 0;
    for rule in rule::all().filter(|rule| rule.is_mended) {
        let files = files_of(&fixtures().join(rule.code));
        let findings = check(&files);
        let web = files.web_config.clone().unwrap();
        let edits = findings.iter().filter_map(|finding| finding.edit.as_ref());
        let bytes = mended(&web.path, &web.bytes, edits).unwrap();
        assert_ne!(bytes, web.bytes, "{}", rule.code);
        let after = Files { web_config: Some(RawFile { path: web.path, bytes }), ..files };
        assert_eq!(told(&check(&after)), [""; 0], "{}", rule.code);
        mended_rules += 1;
    }
    assert!(mended_rules >= 8);
}

#[test]
fn rules_say_everything() {
    let mut codes: Vec<&str> = rule::all().map(|rule| rule.code).collect();
    assert!(codes.len() >= 60, "{}", codes.len());
    for rule in rule::all() {
        for text in [rule.title, rule.why, rule.fix, rule.source] {
            assert!(!text.is_empty(), "{}", rule.code);
        }
        assert!(
            rule.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        );
        assert!(!rule.title.ends_with('.') && rule.why.ends_with('.'), "{}", rule.code);
    }
    codes.sort_unstable();
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count);
}

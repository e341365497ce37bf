//! Owns the proof that what is there is found, and what does not fit is not taken.

use std::collections::BTreeMap;

use super::*;

/// A machine of a test.
#[derive(Debug, Default)]
pub(in crate::feed) struct Pretended {
    /// Key and value's name → what it holds.
    pub(in crate::feed) registry: BTreeMap<(String, Option<String>), String>,
    /// The files that are there.
    pub(in crate::feed) files: Vec<String>,
}

impl Machine for Pretended {
    fn registry(&self, key: &str, name: Option<&str>) -> Option<String> {
        self.registry.get(&(key.to_owned(), name.map(str::to_owned))).cloned()
    }

    fn has_file(&self, path: &str) -> bool {
        self.files.iter().any(|file| file == path)
    }

    fn variable(&self, name: &str) -> Option<String> {
        name.eq_ignore_ascii_case("ProgramFiles").then(|| "C:\\Program Files".to_owned())
    }
}

impl Pretended {
    fn with(mut self, key: &str, name: Option<&str>, data: &str) -> Self {
        self.registry.insert((key.to_owned(), name.map(str::to_owned)), data.to_owned());
        self
    }

    fn of_windows(major: &str, kind: &str) -> Self {
        Pretended::default().with(WINDOWS, Some("CurrentMajorVersionNumber"), major).with(
            WINDOWS,
            Some("InstallationType"),
            kind,
        )
    }
}

#[test]
fn hints_of_all_kinds_are_met() {
    let machine =
        Pretended { files: vec!["C:\\Program Files\\x.exe".into()], ..Default::default() }
            .with("HKLM\\A", Some("Version"), "1.0")
            .with("HKLM\\A", None, "")
            .with(&format!("{MSI_PRODUCTS}\\{{C}}"), None, "");
    let mut feed = Feed::default();
    let named = |id: &str, value| crate::feed::model::Named { id: id.into(), value: Some(value) };
    feed.hints.push(named("file", Hint::File("%programfiles%\\x.exe".into())));
    feed.hints.push(named("ring", Hint::Named("ring".into())));
    let registry = |name: Option<&str>, data: Option<&str>| Hint::Registry {
        key: "HKLM\\A".into(),
        name: name.map(str::to_owned),
        data: data.map(str::to_owned),
    };
    for (hint, expected) in [
        (registry(None, None), true),
        (registry(Some("Version"), None), true),
        (registry(Some("Version"), Some("1.0")), true),
        (registry(Some("Version"), Some("2.0")), false),
        (registry(Some("Other"), None), false),
        (Hint::File("%ProgramFiles%\\x.exe".into()), true),
        (Hint::File("%ProgramFiles%\\y.exe".into()), false),
        (Hint::MsiProduct("{C}".into()), true),
        (Hint::MsiProduct("{D}".into()), false),
        (Hint::Named("ring".into()), false),
        (Hint::Named("none".into()), false),
        (Hint::All(vec![]), false),
        (Hint::Any(vec![registry(Some("Other"), None), Hint::MsiProduct("{C}".into())]), true),
        (Hint::All(vec![registry(None, None), Hint::MsiProduct("{D}".into())]), false),
    ] {
        assert_eq!(is_met(&hint, &feed, &machine), expected, "{hint:?}");
    }
}

#[test]
fn the_installer_of_the_right_language_and_system_is_taken() {
    let bytes = include_bytes!("../../../../fixtures/feeds/applications.xml");
    let feed = crate::feed::read("x".as_ref(), bytes).unwrap().feed;
    let shop = &feed.entry("shopnet").unwrap().installers;
    let german = |installer: Option<&Installer>| installer.map(|one| one.languages[0] == "de");
    let server = Pretended::of_windows("10", "Server");
    assert_eq!(german(fitting(shop, &feed, "de-at", &server)), Some(true));
    assert_eq!(german(fitting(shop, &feed, "fr", &server)), Some(false));
    // None of its systems is as old.
    assert_eq!(fitting(shop, &feed, "de", &Pretended::of_windows("5", "Server")), None);
    assert!(fitting(shop, &feed, "de", &Pretended::default()).is_some(), "no Windows, no rule");
}

//! Owns the proof that what is described is made, and what cannot be is told.

use super::*;
use crate::feed::model::{Action, CommandLine, Hint, Need};
use crate::feed::{read, write};

const NOW: &str = "2026-01-02T03:04:05Z";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("python.exe", &b"MZ python"[..]), ("tool.msi", b"msi"), ("x.ps1", b"")] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let mut zip =
        zip::ZipWriter::new(std::fs::File::create(folder.path().join("shop-1.2.zip")).unwrap());
    zip.start_file("Manifest.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let manifest = b"<sitemanifest><iisApp path=\"Shop\" /></sitemanifest>";
    std::io::Write::write_all(&mut zip, manifest).unwrap();
    zip.finish().unwrap();
    folder
}

fn made(text: &str) -> Result<Feed, String> {
    let folder = folder();
    let recipe = Recipe::parse(Path::new("feed.toml"), text).map_err(|error| error.to_string())?;
    make(&recipe, folder.path(), NOW).map_err(|error| error.to_string())
}

#[test]
fn packages_and_their_prerequisites_become_a_feed() {
    let feed = made(
        r#"
        title = "Example's sites"
        id = "https://example.org/feed.xml"
        download-url = "https://example.org/dl/{letter}/{product}/{version}/{file}"
        depends = [{ any = ["Python313", "Python314"] }, "CGI"]

        [[product]]
        file = "shop-1.2.zip"
        languages = ["en", "de"]

        [[product]]
        preset = "python-3.13"
        version = "3.13.1"
        file = "python.exe"
        eula = "https://docs.python.org/3/license.html"

        [[product]]
        preset = "iis-cgi"

        [[product]]
        id = "Tool"
        version = "2"
        file = "tool.msi"
        depends = []
        discovery = [{ file = "%ProgramFiles%\\tool.exe" }, { registry = "HKLM\\SOFTWARE\\Tool" }]
        "#,
    )
    .unwrap();
    let shop = feed.entry("shop").unwrap();
    assert!(shop.is_application());
    let product = |id: &str| Need::Product(id.into());
    assert_eq!(
        shop.need,
        Some(Need::All(vec![
            Need::Any(vec![product("Python313"), product("Python314")]),
            product("CGI")
        ]))
    );
    let file = shop.installers[0].file.as_ref().unwrap();
    assert_eq!(file.url, "https://example.org/dl/s/Shop/1.2/shop-1.2.zip");
    assert_eq!(file.size_kb.as_deref(), Some("1"));
    assert_eq!(file.sha1.as_ref().map(String::len), Some(40));
    let python = feed.entry("Python313").unwrap();
    assert!(matches!(&python.hint, Some(Hint::Any(hints)) if hints.len() == 2));
    assert_eq!(python.need, None);
    let cgi = feed.entry("CGI").unwrap();
    assert_eq!(cgi.installers[0].file, None);
    let Some(Action::Commands(commands)) = &cgi.installers[0].action else {
        panic!("it runs DISM")
    };
    assert!(matches!(&commands[0],
        CommandLine::Program { arguments, .. } if arguments.contains("/FeatureName:IIS-CGI /All")));
    let languages: Vec<&str> = feed.languages.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(languages, ["en", "de"]);
    assert_eq!(feed.tabs[0].keywords, ["Python"]);
    let again = read(Path::new("x"), &write(&feed).unwrap()).unwrap();
    assert_eq!(again.feed, feed);
    assert_eq!(again.unknown().count(), 0);
}

#[test]
fn without_a_template_the_files_themselves_are_named() {
    let feed = made("[[product]]\nfile = 'shop-1.2.zip'").unwrap();
    let url = &feed.entries[0].installers[0].file.as_ref().unwrap().url;
    assert!(url.starts_with("file:///") && url.ends_with("/shop-1.2.zip"), "{url}");
}

#[test]
fn what_cannot_be_made_says_why_and_what_mends_it() {
    for (text, expected) in [
        (
            "[[product]]\npreset = 'python-3.13'",
            "Python313: it is installed by a file of its maker",
        ),
        ("[[product]]\npreset = 'pyton'", "there is no preset pyton; there are python-3.11"),
        ("[[product]]\nid = 'A'\nversion = '1'\nfile = 'python.exe'", "A: it would ask questions"),
        (
            "[[product]]\nid = 'A'\nversion = '1'\nfile = 'x.ps1'",
            "A: x.ps1 is nothing that installs",
        ),
        ("[[product]]\nid = 'A'\nversion = '1'", "A: it has no `file`"),
        ("[[product]]\nid = 'A'\nfile = 'tool.msi'", "A: it has no `version`"),
        ("[[product]]\nfile = 'tool.msi'", "tool.msi: it has no `id`"),
        ("[[product]]\nid = 'A'\nversion = '1'\nfile = 'none.msi'", "none.msi: "),
        ("nonsense = 1", "unknown field `nonsense`"),
        ("title = 1", "feed.toml: TOML parse error at line 1"),
        ("download-url = 'x/{y}'\n[[product]]\nfile = 'shop-1.2.zip'", "download-url has {y}"),
        (
            "[[product]]\nfile = 'shop-1.2.zip'\n[[product]]\nfile = 'shop-1.2.zip'",
            "Shop: it is described twice",
        ),
        (
            "[[product]]\nid = 'A'\nversion = '1'\nfile = 'tool.msi'\ndiscovery = [{}]",
            "A: each `discovery` names one of",
        ),
    ] {
        let told = made(text).unwrap_err();
        assert!(told.contains(expected), "{text}: {told}");
    }
}

#[test]
fn a_pyproject_may_hold_the_description() {
    let name = Path::new("some/pyproject.toml");
    let text =
        "[project]\nname = 'a'\n[tool.iisgate]\ntarget = 'a:b'\n[tool.iisgate.feed]\ntitle = 'T'";
    assert_eq!(Recipe::parse(name, text).unwrap().title.as_deref(), Some("T"));
    let told = Recipe::parse(name, "[project]\nname = 'a'").unwrap_err().to_string();
    assert!(told.ends_with("it has no [tool.iisgate.feed]"), "{told}");
}

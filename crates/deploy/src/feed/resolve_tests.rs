//! Owns the proof that first things come first, and that what cannot be is told.

use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::feed::discovery::tests::Pretended;
use crate::feed::read;

/// Entries as `id: dependency`, where a dependency is what stands in the element.
fn catalog(entries: &[(&str, &str)], shared: &str) -> Catalog {
    let mut text = "<feed>".to_owned();
    for (id, need) in entries {
        let _ = write!(
            text,
            "<entry><productId>{id}</productId><discoveryHint><file><filePath>{id}</filePath></file>\
             </discoveryHint>{need}<installers><installer><installerFile><installerURL>dl/{id}.exe\
             </installerURL><sha1>x</sha1></installerFile></installer></installers></entry>"
        );
    }
    let _ = write!(text, "<dependencies>{shared}</dependencies></feed>");
    let reading = read(Path::new("x"), text.as_bytes()).unwrap();
    let place = Location::Web("https://a/b/feed.xml".into());
    Catalog { sources: vec![Source { place, reading }] }
}

fn planned(catalog: &Catalog, product: &str, there: &[&str]) -> Result<String, String> {
    let files = there.iter().map(ToString::to_string).collect();
    let machine = Pretended { files, ..Pretended::default() };
    let plan = plan(catalog, &[product.to_owned()], "en", &machine).map_err(|e| e.to_string())?;
    let steps: Vec<&str> = plan.steps.iter().map(|step| step.entry.product.as_str()).collect();
    Ok(steps.join(" "))
}

const A: &str = "<dependency><productId>A</productId></dependency>";
const B: &str = "<dependency><productId>B</productId></dependency>";
const C: &str = "<dependency><productId>C</productId></dependency>";

#[test]
fn what_is_needed_comes_first() {
    let both = format!("<dependency><and>{B}{C}</and></dependency>");
    let either = format!("<dependency><or>{A}{B}</or></dependency>");
    let web = "<dependency><productId>WDeploy</productId></dependency>";
    let missing = "<dependency><or><dependency><productId>No</productId></dependency>\
                   <dependency idref=\"both\"/></or></dependency>";
    let catalog = catalog(
        &[
            ("Site", "<dependency idref=\"both\"/>"),
            ("B", C),
            ("C", web),
            ("A", ""),
            ("Choice", &either),
            ("Else", missing),
        ],
        &both.replacen("<dependency>", "<dependency id=\"both\">", 1),
    );
    for (product, there, expected) in [
        ("Site", &[][..], "C B Site"),
        ("site", &["C"], "B Site"),
        ("Site", &["B", "C"], "Site"),
        ("Site", &["Site"], ""),
        ("Choice", &[], "A Choice"),
        ("Choice", &["B"], "Choice"),
        ("Else", &[], "C B Else"),
    ] {
        let told = planned(&catalog, product, there);
        assert_eq!(told.as_deref(), Ok(expected), "{product} {there:?}");
    }
    let step = plan(&catalog, &["A".into()], "en", &Pretended::default()).unwrap().steps.remove(0);
    assert_eq!(step.place, Some(Location::Web("https://a/b/dl/A.exe".into())));
}

#[test]
fn what_cannot_be_is_told() {
    let named = "<dependency idref=\"ring\"/>";
    let catalog = catalog(
        &[("A", B), ("B", C), ("C", A), ("D", "<dependency idref=\"no\"/>"), ("E", named)],
        "<dependency id=\"ring\"><and><dependency idref=\"ring\"/></and></dependency>",
    );
    for (product, expected) in [
        ("A", "nothing can come first: A needs B needs C needs A"),
        ("D", "D needs no, a dependency that its feed lacks"),
        ("E", "the dependency ring leads to itself"),
        ("F", "no feed has the product F"),
    ] {
        assert_eq!(planned(&catalog, product, &[]), Err(expected.to_owned()));
    }
    assert_eq!(planned(&catalog, "A", &["C"]).as_deref(), Ok("B A"));
}

#[test]
fn a_file_that_nobody_can_judge_is_not_installed() {
    let mut catalog = catalog(&[("A", "")], "");
    let feed = &mut catalog.sources[0].reading.feed;
    let file = feed.entries[0].installers[0].file.as_mut().unwrap();
    file.sha1 = None;
    assert!(planned(&catalog, "A", &[]).unwrap_err().starts_with("A has no digest in the feed"));
    let feed = &mut catalog.sources[0].reading.feed;
    feed.entries[0].installers[0].file.as_mut().unwrap().url = "file:///etc/passwd".into();
    assert!(
        planned(&catalog, "A", &[]).unwrap_err().contains("a place that its feed may not name")
    );
}

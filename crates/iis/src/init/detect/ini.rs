//! Owns finding an app that a PasteDeploy file describes: Pyramid's, Zope's and Plone's.
//!
//! Does not build it.

use super::{Found, Framework};
use crate::init::Listing;

/// Files that are meant for a server come first.
const PREFERRED: [&str; 4] = ["production.ini", "zope.ini", "wsgi.ini", "etc/zope.ini"];

pub(super) fn find(listing: &Listing) -> Option<Found> {
    let paths = listing.iter().map(|(path, _)| path).filter(|path| path.ends_with(".ini"));
    let mut candidates: Vec<(usize, &str, Framework)> =
        paths.filter_map(|path| Some((rank(path), path, framework(listing, path)?))).collect();
    candidates.sort_by_key(|(rank, path, _)| (*rank, path.matches('/').count(), *path));
    let (_, path, framework) = *candidates.first()?;
    let what = match framework {
        Framework::Zope => "a Zope or Plone instance",
        _ => "an app described by a PasteDeploy file",
    };
    let mut found = Found::new(framework, format!("{what} ({path})"), path.to_owned());
    if path.ends_with("development.ini") {
        found.notes.push(
            "only development.ini was found; its debug toolbar is not for a server: make a \
             production.ini, then iisgate init --target production.ini"
                .to_owned(),
        );
    }
    if framework == Framework::Paste && listing.has("src/") {
        found.python_path = Some("src".to_owned());
    }
    Some(found)
}

/// What an ini file describes, if it is one that describes an app.
pub(super) fn framework(listing: &Listing, target: &str) -> Option<Framework> {
    let text = listing.text(target.split('#').next()?)?;
    let sections = ["[app:main]", "[composite:main]", "[pipeline:main]", "[app:zope]"];
    let is_app = text.lines().any(|line| sections.contains(&line.trim()));
    let zope = ["egg:Zope#", "egg:Zope2#", "Zope2.Startup", "zope.conf"];
    let is_zope = zope.iter().any(|word| text.contains(word));
    is_app.then_some(if is_zope { Framework::Zope } else { Framework::Paste })
}

fn rank(path: &str) -> usize {
    PREFERRED.iter().position(|name| path == *name).unwrap_or({
        if path.ends_with("development.ini") || path.contains("test") { 9 } else { 8 }
    })
}

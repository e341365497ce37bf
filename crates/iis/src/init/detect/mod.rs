//! Owns which app a site's folder holds, by its files.
//!
//! Does not import it: what is read is text. (The worker's own detection, `iisgate.target`, knows
//! fewer ways, for it runs where nobody looks at the result.)

mod django;
mod ini;
mod python;

use super::{Listing, Refusal};

/// What the app is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framework {
    /// Django.
    Django,
    /// Flask.
    Flask,
    /// Zope or Plone.
    Zope,
    /// Pyramid, or another app that a PasteDeploy file describes.
    Paste,
    /// Any other WSGI app.
    Wsgi,
    /// An ASGI app: FastAPI, Starlette, Quart, Litestar and the like.
    Asgi,
}

impl Framework {
    /// What an app of this kind writes by custom, below the site's folder: it outlives a release.
    pub fn data(self) -> &'static [&'static str] {
        match self {
            Framework::Zope => &["var"],
            Framework::Django => &["db.sqlite3", "media"],
            Framework::Flask => &["instance"],
            Framework::Paste | Framework::Wsgi | Framework::Asgi => &[],
        }
    }
}

/// An app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is made with.
    pub framework: Framework,
    /// What was found and where, in words.
    pub words: String,
    /// Its TARGET.
    pub target: String,
    /// The folder that must be on Python's path, if it is not the site's own: `src`.
    pub python_path: Option<String>,
    /// The folder of files that IIS may send itself, which is also the URL's first part.
    pub static_folder: Option<String>,
    /// What the user should know.
    pub notes: Vec<String>,
}

impl Found {
    fn new(framework: Framework, words: String, target: String) -> Self {
        let (python_path, static_folder, notes) = (None, None, Vec::new());
        Found { framework, words, target, python_path, static_folder, notes }
    }
}

/// Finds the app.
///
/// # Errors
/// When there is none, or only such as cannot be served.
pub fn detect(listing: &Listing) -> Result<Found, Refusal> {
    let found = django::find(listing)
        .or_else(|| ini::find(listing))
        .map_or_else(|| python::find(listing), Ok)?;
    Ok(with_static_files(found, listing))
}

/// What is known of an app whose TARGET is told.
pub(super) fn told(listing: &Listing, target: String) -> Found {
    if let Some(known) = detect(listing).ok().filter(|known| known.target == target) {
        return known;
    }
    let framework = match ini::framework(listing, &target) {
        Some(framework) => framework,
        None if listing.has("manage.py") => Framework::Django,
        None => Framework::Wsgi,
    };
    let mut found = Found::new(framework, format!("the TARGET {target}"), target);
    let module = found.target.split([':', '.', '#']).next().unwrap_or_default();
    let below = |file: &str| listing.has(&format!("src/{module}{file}"));
    let is_here = listing.has(&format!("{module}/")) || listing.has(&format!("{module}.py"));
    if !is_here && (below("/") || below(".py")) {
        found.python_path = Some("src".to_owned());
    }
    with_static_files(found, listing)
}

fn with_static_files(mut found: Found, listing: &Listing) -> Found {
    // Django names its folder itself; no URL of a Zope site is a file.
    let has_own_way = matches!(found.framework, Framework::Django | Framework::Zope);
    if !has_own_way && listing.has("static/") {
        found.static_folder = Some("static".to_owned());
    }
    found
}

/// The module's name of a file, and the folder in which it is looked for when that is `src`.
fn module(path: &str) -> (String, Option<String>) {
    let (path, base) = match path.strip_prefix("src/") {
        Some(rest) => (rest, Some("src".to_owned())),
        None => (path, None),
    };
    let name = path.trim_end_matches(".py").replace('/', ".");
    (name.strip_suffix(".__init__").unwrap_or(&name).to_owned(), base)
}

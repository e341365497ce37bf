//! Owns making a feed: of a description, or of package files alone.
//!
//! Does not own the description's keys (`recipe`), what can be installed silently (`silent`), nor
//! judging what was made (`verify`).

mod package;
mod prerequisites;
mod product;
mod recipe;
pub(in crate::feed) mod silent;

use std::path::Path;

use super::error::Error;
use super::model::{
    Author, Feed, Keyword, Language, Link, Resources, System, SystemList, SystemVersion, Tab, Text,
};

pub use prerequisites::{PRESETS, Preset};
pub use recipe::{Depends, Discovery, Product, Recipe};

/// The version of the format that WebPI read last.
const FORMAT: &str = "5.0.0.0";

/// The list of systems that our installers are for: what living Pythons need.
const SYSTEM_LIST: &str = "Windows10Up";

/// The system in it: Windows 10 and Server 2016 are both 10.0.
const SYSTEM: &str = "Windows10";

/// The kinds of Windows that feeds know.
const SYSTEM_TYPES: [&str; 5] = ["Server", "HomePremium", "Ultimate", "Enterprise", "Business"];

/// Makes a feed; paths in the description are relative to `base`, and `now` (RFC 3339) is the time that
/// it tells where the description tells none.
///
/// # Errors
/// When a file cannot be read, a product lacks what it must say, or its installer would ask questions.
pub fn make(recipe: &Recipe, base: &Path, now: &str) -> Result<Feed, Error> {
    let updated = recipe.updated.as_deref().unwrap_or(now);
    let mut feed = Feed {
        format: Some(FORMAT.to_owned()),
        title: recipe.title.clone().unwrap_or_else(|| "Python applications".to_owned()),
        updated: updated.to_owned(),
        author: recipe.author.clone().map(|name| Author { name, uri: recipe.author_url.clone() }),
        id: recipe.id.clone().unwrap_or_else(|| "urn:iisgate:feed:local".to_owned()),
        systems: vec![system()],
        ..Feed::default()
    };
    if let Some(id) = &recipe.id {
        feed.links.push(Link { rel: Some("self".to_owned()), href: id.clone() });
    }
    feed.system_lists.push(SystemList {
        id: SYSTEM_LIST.to_owned(),
        systems: vec![System { reference: Some(SYSTEM.to_owned()), ..System::default() }],
    });
    for product in &recipe.products {
        let entry = product::entry(product, recipe, base, updated)?;
        if feed.entry(&entry.product).is_some() {
            let message = "it is described twice: give one of the two another `id`";
            return Err(Error::product(&entry.product, message));
        }
        feed.entries.push(entry);
    }
    feed.languages = languages(&feed, &recipe.language);
    let cultures = feed.languages.iter().map(|one| one.id.clone());
    feed.resources = cultures.map(|culture| Resources { culture, url: None }).collect();
    label(&mut feed, recipe);
    Ok(feed)
}

/// All languages of the installers, the feed's own first.
fn languages(feed: &Feed, own: &str) -> Vec<Language> {
    let mut ids = vec![own.to_owned()];
    let installers = feed.entries.iter().flat_map(|entry| &entry.installers);
    for id in installers.flat_map(|installer| &installer.languages) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    let language = |(at, id): (usize, String)| Language {
        name: language_name(&id).to_owned(),
        default: (at == 0).then(|| "true".to_owned()),
        id,
    };
    ids.into_iter().enumerate().map(language).collect()
}

/// What a language calls itself; its tag where that is not known.
fn language_name(id: &str) -> &str {
    match id {
        "en" => "English",
        "de" => "Deutsch",
        "es" => "español",
        "fr" => "français",
        "it" => "italiano",
        "ja" => "日本語",
        "pt-br" => "português (Brasil)",
        _ => id,
    }
}

/// The keywords of all entries, and a tab that shows them: without one WebPI shows nothing.
fn label(feed: &mut Feed, recipe: &Recipe) {
    let mut keywords: Vec<String> = Vec::new();
    for id in feed.entries.iter().flat_map(|entry| &entry.keywords) {
        if !keywords.contains(id) {
            keywords.push(id.clone());
        }
    }
    if keywords.is_empty() {
        return;
    }
    let keyword = |id: &String| Keyword { id: id.clone(), label: Text::plain(id) };
    feed.keywords = keywords.iter().map(keyword).collect();
    feed.tabs = vec![Tab {
        kind: "keywordTab".to_owned(),
        id: "PythonTab".to_owned(),
        name: Text::plain(recipe.tab.as_deref().unwrap_or("Python")),
        description: Text::plain(&feed.title),
        keywords,
    }];
}

fn system() -> System {
    let version = SystemVersion {
        major: Some("10".to_owned()),
        minor: Some("0".to_owned()),
        service_pack: Some("0".to_owned()),
        ..SystemVersion::default()
    };
    System {
        id: Some(SYSTEM.to_owned()),
        minimum: Some(version),
        types: Some(SYSTEM_TYPES.iter().map(ToString::to_string).collect()),
        ..System::default()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

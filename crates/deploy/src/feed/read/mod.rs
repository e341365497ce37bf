//! Owns reading a feed, and where in the file its parts stand.
//!
//! Does not own what is wrong with what it says (`verify`): what is no XML, or no feed, is an error
//! here, everything else reads. Elements that nobody knows are kept in mind, not in the feed.

mod entry;
mod expression;
mod parts;

use std::path::Path;
use std::sync::Arc;

use iis::{Place, Source};
use xml::{Document, Element};

use super::error::Error;
use super::model::Feed;
use parts::Seen;

/// A feed that was read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What it says.
    pub feed: Feed,
    /// The text, for showing places.
    source: Arc<Source>,
    /// Where each entry begins.
    entries: Vec<usize>,
    /// Where each shared dependency and hint begins.
    shared: Vec<(String, usize)>,
    /// The elements that nobody knows.
    unknown: Vec<(String, usize)>,
}

impl Reading {
    /// Where the entry of that number begins.
    pub fn entry_place(&self, number: usize) -> Place {
        self.source.place(self.entries.get(number).copied().unwrap_or_default())
    }

    /// Where a shared dependency or discovery hint begins.
    pub fn shared_place(&self, id: &str) -> Place {
        let found = self.shared.iter().find(|(name, _)| name == id);
        self.source.place(found.map_or(0, |(_, at)| *at))
    }

    /// The feed's beginning.
    pub fn place(&self) -> Place {
        let root = self.source.text().find("<feed").unwrap_or_default();
        self.source.place(root)
    }

    /// The elements that nobody knows, and where.
    pub fn unknown(&self) -> impl Iterator<Item = (&str, Place)> {
        self.unknown.iter().map(|(name, at)| (name.as_str(), self.source.place(*at)))
    }
}

/// Reads a feed's bytes; `name` is what messages call it.
///
/// # Errors
/// When it is no XML, or no feed.
pub fn read(name: &Path, bytes: &[u8]) -> Result<Reading, Error> {
    let told = name.display().to_string();
    let document =
        Document::parse(bytes).map_err(|error| Error::Syntax { name: told.clone(), error })?;
    let root = document.root();
    if root.local_name() != "feed" {
        return Err(Error::NoFeed { name: told, root: root.name().to_owned() });
    }
    let mut seen = Seen::default();
    let (mut entries, mut shared) = (Vec::new(), Vec::new());
    for child in root.children() {
        match child.local_name() {
            "entry" => entries.push(child.span().start),
            "dependencies" | "discoveryHints" => {
                shared.extend(
                    child
                        .children()
                        .filter_map(|one| Some((one.attribute("id")?.value(), one.span().start))),
                );
            }
            _ => {}
        }
    }
    let feed = feed(root, &mut seen);
    let source = Source::new(name, document.text());
    Ok(Reading { feed, source, entries, shared, unknown: seen.unknown })
}

/// Reads a feed's file.
///
/// # Errors
/// When it cannot be read, is no XML, or no feed.
pub fn load(path: &Path) -> Result<Reading, Error> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    read(path, &bytes)
}

fn feed(root: Element<'_>, seen: &mut Seen) -> Feed {
    let mut feed = Feed::default();
    for child in root.children() {
        match child.local_name() {
            "webpiFile" => feed.format = parts::attribute(child, "version"),
            "title" => feed.title = child.text(),
            "updated" => feed.updated = parts::value(child),
            "author" => feed.author = Some(parts::author(child, seen)),
            "id" => feed.id = parts::value(child),
            "link" => feed.links.push(parts::link(child)),
            "resourcesList" => feed.resources = parts::resources(child, seen),
            "languages" => feed.languages = parts::languages(child, seen),
            "entry" => feed.entries.push(entry::entry(child, seen)),
            "tabs" => feed.tabs = parts::tabs(child, seen),
            "keywords" => feed.keywords = parts::keywords(child, seen),
            "oses" => feed.systems = parts::systems(child, "os", seen),
            "osLists" => feed.system_lists = parts::system_lists(child, seen),
            "dependencies" => feed.needs = expression::needs(child, seen),
            "discoveryHints" => feed.hints = expression::hints(child, seen),
            "featured" => feed.featured = seen.values(child, "productId"),
            "newVersionAvailable" => {
                let entries = child.children().filter(|one| one.local_name() == "entry");
                feed.new_versions = entries.map(|one| entry::entry(one, seen)).collect();
            }
            _ => seen.nobody_knows(child),
        }
    }
    feed
}

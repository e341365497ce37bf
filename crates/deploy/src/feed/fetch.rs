//! Owns getting what is at a place: a feed with those that belong to it, an installer's file.
//!
//! Does not own HTTP (`http`).

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use super::error::Error;
use super::limits::{ENCLOSURES_MAX, FEED_BYTES_MAX};
use super::location::Location;
use super::model::Entry;
use super::read::{self, Reading};

/// What reads from places.
pub trait Fetch {
    /// Writes what is at `place` into `out`.
    ///
    /// # Errors
    /// When it cannot be had, or is more than `at_most` bytes.
    fn fetch(&mut self, place: &Location, at_most: u64, out: &mut dyn Write) -> Result<(), Error>;

    /// Asks whether it is there, without getting it.
    ///
    /// # Errors
    /// When it cannot be had.
    fn reach(&mut self, place: &Location) -> Result<(), Error>;
}

/// Copies a reader's bytes, up to a bound.
pub(super) fn copy_bounded(
    place: &Location,
    reader: &mut dyn Read,
    at_most: u64,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let failed = |error: io::Error| failed(place, error.to_string());
    let copied = io::copy(&mut reader.take(at_most.saturating_add(1)), out).map_err(failed)?;
    if copied > at_most {
        return Err(self::failed(place, format!("it is larger than {at_most} bytes")));
    }
    Ok(())
}

/// What is at a path.
pub(super) fn fetch_file(path: &Path, at_most: u64, out: &mut dyn Write) -> Result<(), Error> {
    let place = Location::File(path.to_owned());
    let mut file = File::open(path).map_err(Error::io(path))?;
    copy_bounded(&place, &mut file, at_most, out)
}

pub(super) fn failed(place: &Location, message: impl Into<String>) -> Error {
    Error::Place { place: place.to_string(), message: message.into() }
}

/// A feed and where it was read from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where.
    pub place: Location,
    /// What.
    pub reading: Reading,
}

/// Several feeds, in the order in which products are looked for.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// The feeds.
    pub sources: Vec<Source>,
}

impl Catalog {
    /// Reads feeds, and those that belong to them (`enclosure`).
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn load(places: &[Location], fetch: &mut dyn Fetch) -> Result<Self, Error> {
        let mut catalog = Catalog::default();
        let mut waiting: Vec<Location> = places.to_vec();
        let most = places.len() + ENCLOSURES_MAX;
        while !waiting.is_empty() {
            let place = waiting.remove(0);
            if catalog.sources.iter().any(|source| source.place == place) {
                continue;
            }
            if catalog.sources.len() == most {
                let message = format!("more than {ENCLOSURES_MAX} feeds belong to it");
                return Err(failed(&place, message));
            }
            let source = source(place, fetch)?;
            let links = source.reading.feed.links.iter();
            let children = links.filter(|link| link.rel.as_deref() == Some("enclosure"));
            waiting.extend(children.filter_map(|link| source.place.join(&link.href)));
            catalog.sources.push(source);
        }
        Ok(catalog)
    }

    /// The first entry of a product, and the feed that it stands in.
    pub fn find(&self, product: &str) -> Option<(&Source, &Entry)> {
        self.sources
            .iter()
            .find_map(|source| Some((source, source.reading.feed.entry(product.trim())?)))
    }

    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = (&Source, &Entry)> {
        self.sources
            .iter()
            .flat_map(|source| source.reading.feed.entries.iter().map(move |entry| (source, entry)))
    }
}

/// Reads one feed.
///
/// # Errors
/// When it cannot be had, or is no feed.
pub fn source(place: Location, fetch: &mut dyn Fetch) -> Result<Source, Error> {
    let mut bytes = Vec::new();
    fetch.fetch(&place, FEED_BYTES_MAX, &mut bytes)?;
    let name = match &place {
        Location::File(path) => path.clone(),
        Location::Web(url) => url.into(),
    };
    Ok(Source { reading: read::read(&name, &bytes)?, place })
}

//! Owns what is wrong with a feed's files and addresses: digests, sizes, what is not there.
//!
//! Does not own getting them over the web, but asking whether they are there.

use std::path::{Path, PathBuf};

use iis::Place;

use super::Hit;
use crate::feed::digest::{Digests, is_sha256, malformed_sha1};
use crate::feed::fetch::{Fetch, Source};
use crate::feed::location::Location;
use crate::feed::model::{Entry, InstallerFile};

/// How far `fileSize` may be from the file's, in KB: some round up, some down.
const SIZE_TOLERANCE_KB: u64 = 1;

pub(super) fn hits(
    source: &Source,
    files: Option<&Path>,
    mut online: Option<&mut dyn Fetch>,
) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (number, entry) in source.reading.feed.entries.iter().enumerate() {
        let place = source.reading.entry_place(number);
        for file in entry.installers.iter().filter_map(|installer| installer.file.as_ref()) {
            digests_are_written_well(entry, file, &place, &mut hits);
            let Some(at) = source.place.join(&file.url) else {
                let message = format!("no reader follows this address: {}", file.url);
                hits.push(Hit::new("feed-url-refused", place.clone(), message));
                continue;
            };
            if matches!(&at, Location::Web(url) if url.to_ascii_lowercase().starts_with("http:")) {
                let message = format!("{} is downloaded over http: {at}", entry.product);
                hits.push(Hit::new("feed-url-open", place.clone(), message));
            }
            match local(&at, files) {
                Some(path) if path.is_file() => compare(entry, file, &path, &place, &mut hits),
                Some(path) => {
                    let message = format!("{}: {} is not there", entry.product, path.display());
                    hits.push(Hit::new("feed-file-missing", place.clone(), message));
                }
                None => {}
            }
            if let (Some(fetch), Location::Web(_)) = (online.as_deref_mut(), &at) {
                reach(entry, &at, fetch, &place, &mut hits);
            }
        }
        if let Some(fetch) = online.as_deref_mut() {
            for url in pages(entry) {
                if let Some(at @ Location::Web(_)) = Location::parse(url) {
                    reach(entry, &at, fetch, &place, &mut hits);
                }
            }
        }
    }
    hits
}

fn digests_are_written_well(
    entry: &Entry,
    file: &InstallerFile,
    place: &Place,
    hits: &mut Vec<Hit>,
) {
    let product = &entry.product;
    match (&file.sha1, &file.sha256) {
        (None, None) => {
            let message = format!("the file of {product} has no digest");
            hits.push(Hit::new("feed-hash-missing", place.clone(), message));
        }
        (Some(sha1), _) => {
            if let Some(why) = malformed_sha1(sha1) {
                let message = format!("sha1 of {product} is none: {sha1}");
                hits.push(Hit::new("feed-hash-malformed", place.clone(), message).hint(why));
            }
        }
        (None, Some(_)) => {}
    }
    if let Some(sha256) = file.sha256.as_ref().filter(|text| !is_sha256(text)) {
        let message = format!("sha256 of {product} is none: {sha256}");
        let hit = Hit::new("feed-hash-malformed", place.clone(), message);
        hits.push(hit.hint("a SHA-256 is 64 hex digits"));
    }
}

/// Where the file is on this machine, if it is said to be.
fn local(at: &Location, files: Option<&Path>) -> Option<PathBuf> {
    match (at, files) {
        (_, Some(folder)) => Some(folder.join(at.file_name())),
        (Location::File(path), None) => Some(path.clone()),
        (Location::Web(_), None) => None,
    }
}

fn compare(entry: &Entry, file: &InstallerFile, path: &Path, place: &Place, hits: &mut Vec<Hit>) {
    let product = &entry.product;
    let digests = match Digests::of(path) {
        Ok(digests) => digests,
        Err(error) => {
            let message = format!("{product}: {error}");
            hits.push(Hit::new("feed-file-missing", place.clone(), message));
            return;
        }
    };
    if let Some(message) = digests.mismatch(file) {
        let message = format!("{} is not the file of {product}: {message}", path.display());
        hits.push(Hit::new("feed-hash-mismatch", place.clone(), message));
    }
    let Some(told) = &file.size_kb else { return };
    let is_right =
        told.parse::<u64>().is_ok_and(|told| told.abs_diff(digests.size_kb()) <= SIZE_TOLERANCE_KB);
    if !is_right {
        let message =
            format!("fileSize of {product} is {told}, and should be {}", digests.size_kb());
        hits.push(Hit::new("feed-size-wrong", place.clone(), message));
    }
}

fn reach(entry: &Entry, at: &Location, fetch: &mut dyn Fetch, place: &Place, hits: &mut Vec<Hit>) {
    if let Err(error) = fetch.reach(at) {
        let message = format!("{}: {error}", entry.product);
        hits.push(Hit::new("feed-url-unreachable", place.clone(), message));
    }
}

/// The addresses of an entry that people are led to.
fn pages(entry: &Entry) -> impl Iterator<Item = &str> {
    let pictures = entry
        .images
        .iter()
        .flat_map(|images| images.icon.iter().chain(&images.screenshots).map(String::as_str));
    let links = entry.links.iter().map(|link| link.href.as_str());
    let help = entry
        .installers
        .iter()
        .flat_map(|installer| installer.help.iter().chain(&installer.eula_url).map(String::as_str));
    pictures.chain(links).chain(help)
}

//! Owns what can be seen in the feed alone: what is missing, what leads nowhere, rings.
//!
//! Does not own its files (`files`).

use std::collections::BTreeSet;

use iis::Place;

use super::{Hit, rings};
use crate::feed::make::silent::is_silent;
use crate::feed::model::{Action, CommandLine, Entry, Feed, Hint, Installer, Need, Systems};
use crate::feed::read::Reading;

/// What we install ourselves, so that no feed need have it.
const OURS: [&str; 2] = ["WDeploy", "WDeployNOSMO"];

pub(super) fn hits(reading: &Reading) -> Vec<Hit> {
    let feed = &reading.feed;
    let mut hits = Vec::new();
    for (name, place) in reading.unknown() {
        hits.push(Hit::new("feed-element-unknown", place, format!("nobody knows <{name}>")));
    }
    for (name, value) in [("title", &feed.title), ("id", &feed.id), ("updated", &feed.updated)] {
        if value.trim().is_empty() {
            let message = format!("the feed has no {name}");
            hits.push(Hit::new("feed-value-missing", reading.place(), message));
        }
    }
    time(&feed.updated, "the feed's updated", &reading.place(), &mut hits);
    let mut products = BTreeSet::new();
    for (number, entry) in feed.entries.iter().enumerate() {
        let place = reading.entry_place(number);
        self::entry(feed, entry, &place, &mut hits);
        if !entry.product.is_empty() && !products.insert(entry.product.to_ascii_lowercase()) {
            let message = format!("{} is here twice", entry.product);
            hits.push(Hit::new("feed-product-twice", place, message));
        }
    }
    for need in &feed.needs {
        let place = reading.shared_place(&need.id);
        match &need.value {
            Some(value) => references(feed, value, &need.id, &place, &mut hits),
            None => {
                let message = format!("the dependency {} says nothing", need.id);
                hits.push(Hit::new("feed-dependency-empty", place, message));
            }
        }
    }
    rings::hits(reading, &mut hits);
    let mut missing = BTreeSet::new();
    // A product that many entries need is missing once.
    hits.retain(|hit| hit.about.as_ref().is_none_or(|id| missing.insert(id.to_ascii_lowercase())));
    hits
}

fn entry(feed: &Feed, entry: &Entry, place: &Place, hits: &mut Vec<Hit>) {
    let name = if entry.product.is_empty() { &entry.title.text } else { &entry.product };
    for (what, value) in [
        ("productId", &entry.product),
        ("title", &entry.title.text),
        ("version", &entry.version),
        ("id", &entry.id),
    ] {
        if value.trim().is_empty() {
            let message = format!("{name} has no {what}");
            hits.push(Hit::new("feed-value-missing", place.clone(), message));
        }
    }
    let published = entry.published.as_deref().unwrap_or_default();
    for (what, value) in [("updated", entry.updated.as_str()), ("published", published)] {
        time(value, &format!("{what} of {name}"), place, hits);
    }
    if entry.installers.is_empty() {
        let message = format!("{name} has no installer");
        hits.push(Hit::new("feed-value-missing", place.clone(), message));
    }
    if let Some(need) = &entry.need {
        references(feed, need, name, place, hits);
    }
    if let Some(hint) = &entry.hint {
        hint.visit(&mut |part| match part {
            Hint::Named(id) if feed.hint(id).is_none() => {
                let message = format!("{name} is found by {id}, which is not defined");
                hits.push(Hit::new("feed-reference-unknown", place.clone(), message));
            }
            _ => {}
        });
    }
    for id in &entry.keywords {
        if !feed.keywords.iter().any(|keyword| keyword.id == *id) {
            let message = format!("{name} has the keyword {id}, which is not defined");
            hits.push(Hit::new("feed-label-unknown", place.clone(), message));
        }
    }
    let is_shown = || {
        let shown = feed.tabs.iter().flat_map(|tab| &tab.keywords);
        entry.keywords.iter().any(|id| shown.clone().any(|one| one == id))
    };
    if entry.is_application() && !is_shown() {
        let message = format!("no tab shows {name}");
        hits.push(Hit::new("feed-tab-missing", place.clone(), message));
    }
    for installer in &entry.installers {
        self::installer(feed, installer, name, place, hits);
    }
}

fn installer(feed: &Feed, installer: &Installer, name: &str, place: &Place, hits: &mut Vec<Hit>) {
    let mut unknown = |what: &str, id: &str| {
        let message = format!("an installer of {name} is for {what} {id}, which is not defined");
        hits.push(Hit::new("feed-reference-unknown", place.clone(), message));
    };
    match &installer.systems {
        Some(Systems::Named(id)) if !feed.system_lists.iter().any(|list| list.id == *id) => {
            unknown("the list of systems", id);
        }
        Some(Systems::Listed(systems)) => {
            for id in systems.iter().filter_map(|system| system.reference.as_ref()) {
                if !feed.systems.iter().any(|system| system.id.as_ref() == Some(id)) {
                    unknown("the system", id);
                }
            }
        }
        _ => {}
    }
    for id in &installer.languages {
        if !feed.languages.iter().any(|language| language.id.eq_ignore_ascii_case(id)) {
            let message = format!("an installer of {name} is in {id}, which languages lacks");
            hits.push(Hit::new("feed-label-unknown", place.clone(), message));
        }
    }
    match &installer.action {
        Some(Action::MsDeploy { .. }) if installer.file.is_none() => {
            let message = format!("{name} is a package without a file");
            hits.push(Hit::new("feed-installer-mute", place.clone(), message));
        }
        Some(Action::MsDeploy { .. }) => {}
        Some(Action::Commands(commands)) if !commands.is_empty() => {
            for command in commands.iter().filter(|command| asks(command)) {
                let CommandLine::Program { exe, arguments, .. } = command else { continue };
                let message =
                    format!("an installer of {name} may ask questions: {exe} {arguments}");
                hits.push(Hit::new("feed-installer-asks", place.clone(), message));
            }
        }
        _ => {
            let message = format!("an installer of {name} does not say what to do");
            hits.push(Hit::new("feed-installer-mute", place.clone(), message));
        }
    }
}

/// Whether a program that is downloaded, or Windows Installer, is run without being silenced.
fn asks(command: &CommandLine) -> bool {
    let CommandLine::Program { exe, arguments, .. } = command else { return false };
    let exe = exe.to_ascii_lowercase();
    let is_installer = exe.contains("%installerfile%") || exe.contains("msiexec");
    is_installer && !is_silent(arguments)
}

/// What an expression refers to.
fn references(feed: &Feed, need: &Need, by: &str, place: &Place, hits: &mut Vec<Hit>) {
    if is_empty(need) {
        let message = format!("a part of what {by} needs says nothing");
        hits.push(Hit::new("feed-dependency-empty", place.clone(), message));
    }
    need.visit(&mut |part| match part {
        Need::Named(id) if feed.need(id).is_none() => {
            let message = format!("{by} needs {id}, which is not defined");
            hits.push(Hit::new("feed-reference-unknown", place.clone(), message));
        }
        Need::Product(id) => {
            let is_known =
                feed.entry(id).is_some() || OURS.iter().any(|one| one.eq_ignore_ascii_case(id));
            if !is_known {
                let message = format!("{by} needs {id}, which this feed lacks");
                hits.push(Hit::new("feed-product-unknown", place.clone(), message).about(id));
            }
        }
        _ => {}
    });
}

fn is_empty(need: &Need) -> bool {
    match need {
        Need::All(needs) | Need::Any(needs) => needs.is_empty() || needs.iter().any(is_empty),
        Need::Product(id) | Need::Named(id) => id.trim().is_empty(),
    }
}

fn time(text: &str, what: &str, place: &Place, hits: &mut Vec<Hit>) {
    if !text.is_empty() && !is_time(text) {
        let message = format!("{what} is no time: {text}");
        hits.push(Hit::new("feed-time-malformed", place.clone(), message));
    }
}

/// RFC 3339, as far as its shape goes.
fn is_time(text: &str) -> bool {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let bytes = text.as_bytes();
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        shape => byte.eq_ignore_ascii_case(shape),
    };
    let Some(zone) = bytes.get(SHAPE.len()..) else { return false };
    let zone = match zone {
        [b'.', rest @ ..] => rest.trim_ascii_start_digits(),
        zone => zone,
    };
    let is_zone = matches!(zone, [b'Z' | b'z']) || matches!(zone, [b'+' | b'-', _, _, b':', _, _]);
    bytes.iter().zip(SHAPE).all(fits) && is_zone
}

/// What is left behind digits.
trait TrimDigits {
    fn trim_ascii_start_digits(&self) -> &Self;
}

impl TrimDigits for [u8] {
    fn trim_ascii_start_digits(&self) -> &Self {
        let digits = self.iter().take_while(|byte| byte.is_ascii_digit()).count();
        &self[digits..]
    }
}

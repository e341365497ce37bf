//! Owns `iisgate feed list` and `iisgate feed search`.
//!
//! Does not own feeds (`deploy::feed`).

use super::{places, print, told};
use crate::Exit;
use crate::args::{FeedListArgs, FeedSearchArgs, FeedsArgs, OutputForm};
use crate::printer::Printer;
use deploy::feed::fetch::{Catalog, Source};
use deploy::feed::model::Entry;
use deploy::feed::{Http, ThisMachine, discovery};
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(crate) fn run(args: &FeedListArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let Some(catalog) = catalog(&args.feeds, printer) else { return Ok(Exit::Unable) };
    let mut found: Vec<(&Source, &Entry)> = catalog.entries().collect();
    if args.installed {
        found.retain(|(source, entry)| is_installed(source, entry));
    }
    print(&shown(&found, args.output))?;
    Ok(Exit::Done)
}

pub(crate) fn search(args: &FeedSearchArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let Some(catalog) = catalog(&args.feeds, printer) else { return Ok(Exit::Unable) };
    let words: Vec<String> = args.words.iter().map(|word| word.to_lowercase()).collect();
    let found: Vec<(&Source, &Entry)> = catalog
        .entries()
        .filter(|(_, entry)| {
            let text = searched(entry);
            words.iter().all(|word| text.contains(word))
        })
        .collect();
    print(&shown(&found, args.output))?;
    if found.is_empty() {
        printer.say(format!("No product has {}.", args.words.join(" ")));
        return Ok(Exit::Trouble);
    }
    Ok(Exit::Done)
}

/// The feeds that were named; what is wrong with them is said.
pub(super) fn catalog(args: &FeedsArgs, printer: &Printer) -> Option<Catalog> {
    let places = places(&args.feeds, printer)?;
    match Catalog::load(&places, &mut Http::default()) {
        Ok(catalog) => Some(catalog),
        Err(error) => {
            told(&error, printer);
            None
        }
    }
}

/// In what is looked for words.
fn searched(entry: &Entry) -> String {
    let texts = [entry.product.as_str(), &entry.title.text, &entry.summary.text];
    let keywords = entry.keywords.iter().map(String::as_str);
    texts.into_iter().chain(keywords).collect::<Vec<_>>().join("\n").to_lowercase()
}

fn is_installed(source: &Source, entry: &Entry) -> bool {
    let hint = entry.hint.as_ref();
    hint.is_some_and(|hint| discovery::is_met(hint, &source.reading.feed, &ThisMachine))
}

fn shown(entries: &[(&Source, &Entry)], form: OutputForm) -> String {
    match form {
        OutputForm::Text => text(entries),
        OutputForm::Json => as_json(entries),
    }
}

fn text(entries: &[(&Source, &Entry)]) -> String {
    let width = |of: fn(&Entry) -> &str| {
        entries.iter().map(|(_, entry)| of(entry).chars().count()).max().unwrap_or(0)
    };
    let (ids, versions) = (width(|entry| &entry.product), width(|entry| &entry.version));
    entries.iter().fold(String::new(), |mut out, (_, entry)| {
        let title = entry.title.text.trim();
        let _ = writeln!(out, "{:<ids$}  {:<versions$}  {title}", entry.product, entry.version);
        out
    })
}

fn as_json(entries: &[(&Source, &Entry)]) -> String {
    let items = entries.iter().map(|(source, entry)| {
        let files = entry.installers.iter().filter_map(|installer| installer.file.as_ref());
        json!({
            "product": entry.product,
            "title": entry.title.text.trim(),
            "version": entry.version,
            "summary": entry.summary.text.trim(),
            "application": entry.is_application(),
            "keywords": entry.keywords,
            "files": files.map(|file| &file.url).collect::<Vec<_>>(),
            "feed": source.place.to_string(),
        })
    });
    format!("{:#}\n", Value::Array(items.collect()))
}

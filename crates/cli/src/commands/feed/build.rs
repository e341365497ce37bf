//! Owns `iisgate feed build`: which description, which files, where the feed goes.
//!
//! Does not own making it (`deploy::feed::make`).

use super::{print, told};
use crate::Exit;
use crate::args::FeedBuildArgs;
use crate::commands::check::form;
use crate::printer::Printer;
use ::iis::checks::Severity;
use anyhow::Context;
use deploy::feed::fetch::Source;
use deploy::feed::make::{Depends, PRESETS, Product, Recipe, make};
use deploy::feed::{Feed, Location, read, write};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// By what a build's time can be told, so that the same input gives the same bytes:
/// https://reproducible-builds.org/specs/source-date-epoch/
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

pub(crate) fn run(args: FeedBuildArgs, printer: &Printer) -> anyhow::Result<Exit> {
    if args.presets {
        print(&presets())?;
        return Ok(Exit::Done);
    }
    let (mut recipe, base) = match recipe(&args) {
        Ok(found) => found,
        Err(error) => return Ok(told(&error, printer)),
    };
    add(&mut recipe, args.files.clone(), &base)?;
    recipe.title = args.title.or(recipe.title);
    recipe.id = args.id.or(recipe.id);
    recipe.download_url = args.download_url.or(recipe.download_url);
    recipe.depends.extend(args.depends.into_iter().map(Depends::Product));
    if recipe.products.is_empty() {
        printer.error("there is nothing to make a feed of");
        let hint = "name packages, or a description: iisgate feed build --from feed.toml";
        printer.say(format!("{} {hint}", printer.bold("hint:")));
        return Ok(Exit::Trouble);
    }
    let feed = match make(&recipe, &base, &now()) {
        Ok(feed) => feed,
        Err(error) => return Ok(told(&error, printer)),
    };
    let bytes = match write(&feed) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(told(&error, printer)),
    };
    if !is_sound(&args.out, &bytes, printer)? {
        return Ok(Exit::Trouble);
    }
    match &args.out {
        None => print(std::str::from_utf8(&bytes).context("a feed is text")?)?,
        Some(path) => {
            std::fs::write(path, &bytes)
                .with_context(|| format!("cannot write {}", path.display()))?;
            tell(&feed, path, printer);
        }
    }
    Ok(Exit::Done)
}

/// The description, and the folder that its paths are relative to.
fn recipe(args: &FeedBuildArgs) -> Result<(Recipe, PathBuf), deploy::feed::Error> {
    if let Some(path) = &args.from {
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        return Ok((Recipe::load(path)?, base));
    }
    let (own, project) = (Path::new("feed.toml"), Path::new("pyproject.toml"));
    if own.is_file() {
        return Ok((Recipe::load(own)?, PathBuf::new()));
    }
    match Recipe::load(project) {
        Ok(recipe) => Ok((recipe, PathBuf::new())),
        // A project without a word about feeds says nothing; what it says wrong is told.
        Err(deploy::feed::Error::Recipe { message, .. }) if args.files.is_empty() => {
            let name = project.display().to_string();
            Err(deploy::feed::Error::Recipe { name, message })
        }
        Err(_) => Ok((Recipe::default(), PathBuf::new())),
    }
}

/// Adds files that the description does not name.
fn add(recipe: &mut Recipe, files: Vec<PathBuf>, base: &Path) -> anyhow::Result<()> {
    for file in files {
        let file = std::path::absolute(&file)?;
        let is_described = recipe.products.iter().any(|product| {
            let named = product.file.as_ref().map(|named| std::path::absolute(base.join(named)));
            named.is_some_and(|named| named.is_ok_and(|named| named == file))
        });
        if !is_described {
            recipe.products.push(Product { file: Some(file), ..Product::default() });
        }
    }
    Ok(())
}

/// Whether what was made is what `iisgate feed verify` wants; what it finds is said.
fn is_sound(out: &Option<PathBuf>, bytes: &[u8], printer: &Printer) -> anyhow::Result<bool> {
    let name = out.clone().unwrap_or_else(|| "feed.xml".into());
    let reading = read(&name, bytes)?;
    let source = Source { place: Location::File(name), reading };
    let mut findings = deploy::feed::verify::verify(&source, None, None);
    findings.retain(|finding| finding.severity != Severity::Note);
    if !findings.is_empty() {
        printer.say(form::text(&findings, |word| printer.bold(word)).trim_end());
    }
    Ok(findings.iter().all(|finding| finding.severity != Severity::Error))
}

/// The time that the feed tells (RFC 3339).
fn now() -> String {
    let told = std::env::var(SOURCE_DATE_EPOCH).ok().and_then(|text| text.trim().parse().ok());
    let time = told.map_or_else(SystemTime::now, |seconds| {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    });
    humantime::format_rfc3339_seconds(time).to_string()
}

fn presets() -> String {
    PRESETS.iter().fold(String::new(), |mut out, preset| {
        let _ = writeln!(out, "{:<24} {:<22} {}", preset.name, preset.product, preset.title);
        out
    })
}

fn tell(feed: &Feed, path: &Path, printer: &Printer) {
    let count = feed.entries.len();
    let word = if count == 1 { "product" } else { "products" };
    printer.say(format!("{} {} ({count} {word})", printer.bold("made:"), path.display()));
    let shown = path.display();
    printer.say(format!("{} iisgate feed list --feed \"{shown}\"", printer.bold("look at it:")));
}

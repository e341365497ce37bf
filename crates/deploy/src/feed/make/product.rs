//! Owns an entry: made of what a description says, what the file tells, and what is known.
//!
//! Does not own reading the description (`recipe`).

use std::path::{Path, PathBuf};

use super::package;
use super::prerequisites::{self, By, PRESETS, Preset};
use super::recipe::{Discovery, Product, Recipe};
use super::{SYSTEM_LIST, silent};
use crate::feed::digest::Digests;
use crate::feed::error::Error;
use crate::feed::location::{file_url, segment};
use crate::feed::model::{
    Action, Author, Entry, Hint, Images, Installer, InstallerFile, Link, Need, Systems, Text,
};

/// The entry of a product.
pub(super) fn entry(
    product: &Product,
    recipe: &Recipe,
    base: &Path,
    updated: &str,
) -> Result<Entry, Error> {
    let preset = preset(product)?;
    let file = product.file.as_ref().map(|file| base.join(file));
    let told = file.as_deref().and_then(package::told);
    let id = product
        .id
        .clone()
        .or_else(|| preset.map(|preset| preset.product.to_owned()))
        .or_else(|| told.as_ref().map(|told| told.product.clone()))
        .ok_or_else(|| Error::product(&name_of(product), "it has no `id`"))?;
    let version = product
        .version
        .clone()
        .or_else(|| told.as_ref().and_then(|told| told.version.clone()))
        .or_else(|| preset.map(|_| "1.0".to_owned()))
        .ok_or_else(|| {
            let message = "it has no `version`, and the file's name tells none (shop-1.2.0.zip)";
            Error::product(&id, message)
        })?;
    let installer = installer(product, preset, file.as_deref(), recipe, (&id, &version))?;
    let is_application = matches!(installer.action, Some(Action::MsDeploy { .. }));
    let title = product.title.clone().or_else(|| preset.map(|preset| preset.title.to_owned()));
    let title = title.unwrap_or_else(|| id.clone());
    let summary = product.summary.clone().or_else(|| preset.map(|one| one.summary.to_owned()));
    let link = product.link.clone().or_else(|| preset.map(|preset| preset.link.to_owned()));
    let author = product.author.clone().or_else(|| recipe.author.clone());
    let uri = product.author_url.clone().or_else(|| recipe.author_url.clone());
    let family = if is_application { "Applications" } else { "Frameworks" };
    let base_id = recipe.id.as_deref().unwrap_or("urn:iisgate:feed:local");
    let depends = match &product.depends {
        Some(depends) => depends.as_slice(),
        None if is_application => &recipe.depends,
        None => &[],
    };
    let needs: Vec<Need> = depends.iter().map(|one| one.need()).collect();
    Ok(Entry {
        kind: is_application.then(|| crate::feed::model::APPLICATION.to_owned()),
        id: link.clone().unwrap_or_else(|| format!("{base_id}#{}", segment(&id))),
        summary: Text::plain(summary.unwrap_or_else(|| format!("{title}."))),
        title: Text::plain(title),
        updated: updated.to_owned(),
        published: Some(updated.to_owned()),
        long_summary: product.description.as_deref().map(Text::plain),
        links: link.into_iter().map(|href| Link { rel: None, href }).collect(),
        author: author.map(|name| Author { name, uri }),
        images: images(product),
        keywords: product.keywords.clone().unwrap_or_else(|| recipe.keywords.clone()),
        hint: hint(product, preset, &id)?,
        need: match needs.len() {
            0 | 1 => needs.into_iter().next(),
            _ => Some(Need::All(needs)),
        },
        installers: vec![installer],
        family: Some(Text::plain(product.family.as_deref().unwrap_or(family))),
        product: id,
        version,
        ..Entry::default()
    })
}

/// What a product is called before its id is known.
fn name_of(product: &Product) -> String {
    match (&product.title, &product.file) {
        (Some(title), _) => title.clone(),
        (None, Some(file)) => file.display().to_string(),
        (None, None) => "a product".to_owned(),
    }
}

fn preset(product: &Product) -> Result<Option<&'static Preset>, Error> {
    let Some(name) = &product.preset else { return Ok(None) };
    let found = Preset::find(name).ok_or_else(|| {
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        let message = format!("there is no preset {name}; there are {}", names.join(", "));
        Error::product(&name_of(product), message)
    })?;
    Ok(Some(found))
}

fn images(product: &Product) -> Option<Images> {
    let is_any = product.icon.is_some() || !product.screenshots.is_empty();
    is_any.then(|| Images { icon: product.icon.clone(), screenshots: product.screenshots.clone() })
}

fn hint(product: &Product, preset: Option<&Preset>, id: &str) -> Result<Option<Hint>, Error> {
    let hints: Result<Vec<Hint>, Error> =
        product.discovery.iter().map(|one| discovery(one, id)).collect();
    let mut hints = hints?;
    match hints.len() {
        0 => Ok(preset.and_then(Preset::hint)),
        1 => Ok(hints.pop()),
        _ => Ok(Some(Hint::Any(hints))),
    }
}

fn discovery(one: &Discovery, id: &str) -> Result<Hint, Error> {
    match (&one.file, &one.registry, &one.msi) {
        (Some(file), None, None) => Ok(Hint::File(file.clone())),
        (None, None, Some(code)) => Ok(Hint::MsiProduct(code.clone())),
        (None, Some(key), None) => {
            Ok(Hint::Registry { key: key.clone(), name: one.value.clone(), data: one.data.clone() })
        }
        _ => {
            let message = "each `discovery` names one of `file`, `registry` and `msi`";
            Err(Error::product(id, message))
        }
    }
}

fn installer(
    product: &Product,
    preset: Option<&Preset>,
    file: Option<&Path>,
    recipe: &Recipe,
    (id, version): (&str, &str),
) -> Result<Installer, Error> {
    let mut languages = product.languages.clone();
    if languages.is_empty() {
        languages.push(recipe.language.clone());
    }
    let mut installer = Installer {
        id: "1".to_owned(),
        languages,
        systems: Some(Systems::Named(SYSTEM_LIST.to_owned())),
        architectures: product.architectures.clone(),
        eula_url: product.eula.clone(),
        logs: product.log.iter().cloned().collect(),
        help: product.help.clone().or_else(|| product.link.clone()),
        ..Installer::default()
    };
    let Some(file) = file else {
        let Some(preset) = preset else {
            return Err(Error::product(id, "it has no `file`, and no preset that needs none"));
        };
        let By::Feature(feature) = preset.by else {
            let message = format!(
                "it is installed by a file of its maker's: download it ({}) and name it, as in \
                 file = \"downloads/installer.exe\"",
                preset.link
            );
            return Err(Error::product(id, message));
        };
        installer.action = Some(prerequisites::enable(feature));
        return Ok(installer);
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let usual = match preset.map(|preset| preset.by) {
        Some(By::File(arguments)) => Some(arguments),
        _ => None,
    };
    let arguments = product.arguments.as_deref().or(usual);
    let action = silent::action(&name, arguments, product.silent, product.start_page.as_deref());
    installer.action = Some(action.map_err(|message| Error::product(id, message))?);
    let digests = Digests::of(file)?;
    let url = match (&product.url, &recipe.download_url) {
        (Some(url), _) => url.clone(),
        (None, Some(template)) => {
            filled(template, &name, id, version).map_err(|message| Error::product(id, message))?
        }
        (None, None) => file_url(&absolute(file)?),
    };
    installer.file = Some(InstallerFile {
        size_kb: Some(digests.size_kb().to_string()),
        url,
        sha1: Some(digests.sha1),
        sha256: Some(digests.sha256),
        ..InstallerFile::default()
    });
    Ok(installer)
}

fn absolute(file: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(file).map_err(Error::io(file))
}

/// A template's fields filled in.
fn filled(template: &str, file: &str, product: &str, version: &str) -> Result<String, String> {
    let letter: String = file.chars().take(1).collect();
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let Some((name, after)) = rest[at + 1..].split_once('}') else { break };
        out.push_str(&match name {
            "file" => segment(file),
            "product" => segment(product),
            "version" => segment(version),
            "letter" => segment(&letter),
            _ => {
                return Err(format!(
                    "download-url has {{{name}}}; known are {{file}}, {{product}}, {{version}} and \
                     {{letter}}"
                ));
            }
        });
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

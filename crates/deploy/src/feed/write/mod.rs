//! Owns writing a feed, in the order of the last real ones.
//!
//! Does not own lines and escapes (`lines`) nor entries (`entry`). Everything is written in Atom's
//! namespace, as WebPI wants it; only what the format does not know (SHA-256) is in ours.

mod entry;
mod lines;

use super::error::Error;
use super::model::{
    Feed, Hint, Keyword, Language, Named, Need, Resources, System, SystemList, SystemVersion, Tab,
};
use lines::Lines;

/// Atom's namespace, in which all of WebPI's elements are.
const ATOM: &str = "http://www.w3.org/2005/Atom";

/// The namespace of what only we write.
pub(crate) const OURS: &str = "urn:iisgate:feed";

/// The bytes of a feed's file.
///
/// # Errors
/// When a text has a character that no XML file can hold.
pub fn write(feed: &Feed) -> Result<Vec<u8>, Error> {
    let mut out = Lines::default();
    out.open("feed", &[("xmlns", ATOM)]);
    if let Some(version) = &feed.format {
        out.empty("webpiFile", &[("version", version)]);
    }
    out.leaf("title", &feed.title);
    for link in &feed.links {
        entry::link(&mut out, link);
    }
    out.leaf("updated", &feed.updated);
    if let Some(author) = &feed.author {
        entry::author(&mut out, author);
    }
    out.leaf("id", &feed.id);
    out.list("resourcesList", &feed.resources, resources);
    out.list("languages", &feed.languages, language);
    for one in &feed.entries {
        entry::entry(&mut out, one);
    }
    out.list("tabs", &feed.tabs, tab);
    out.list("keywords", &feed.keywords, keyword);
    out.list("oses", &feed.systems, system);
    out.list("osLists", &feed.system_lists, system_list);
    out.list("dependencies", &feed.needs, named_need);
    out.list("discoveryHints", &feed.hints, named_hint);
    out.list("featured", &feed.featured, |out, id| out.leaf("productId", id));
    out.list("newVersionAvailable", &feed.new_versions, entry::entry);
    out.close("feed");
    out.finish()
}

fn resources(out: &mut Lines, resources: &Resources) {
    out.open("resources", &[]);
    out.leaf("culture", &resources.culture);
    out.maybe("url", resources.url.as_deref());
    out.close("resources");
}

fn language(out: &mut Lines, language: &Language) {
    match &language.default {
        Some(value) => out.open("language", &[("default", value)]),
        None => out.open("language", &[]),
    }
    out.leaf("languageId", &language.id);
    out.leaf("name", &language.name);
    out.close("language");
}

fn tab(out: &mut Lines, tab: &Tab) {
    out.open("tab", &[]);
    out.open(&tab.kind, &[]);
    out.leaf("id", &tab.id);
    out.text("name", &tab.name);
    out.text("description", &tab.description);
    out.list("keywords", &tab.keywords, |out, id| out.leaf("keywordId", id));
    out.close(&tab.kind);
    out.close("tab");
}

fn keyword(out: &mut Lines, keyword: &Keyword) {
    out.labelled("keyword", ("id", &keyword.id), &keyword.label);
}

fn system_list(out: &mut Lines, list: &SystemList) {
    out.open("osList", &[("id", &list.id)]);
    for one in &list.systems {
        system(out, one);
    }
    out.close("osList");
}

fn system(out: &mut Lines, system: &System) {
    let mut attributes = Vec::new();
    attributes.extend(system.id.as_deref().map(|id| ("id", id)));
    attributes.extend(system.reference.as_deref().map(|id| ("idref", id)));
    if system.minimum.is_none() && system.maximum.is_none() && system.types.is_none() {
        out.empty("os", &attributes);
        return;
    }
    out.open("os", &attributes);
    for (name, version) in
        [("minimumVersion", &system.minimum), ("maximumVersion", &system.maximum)]
    {
        if let Some(version) = version {
            system_version(out, name, version);
        }
    }
    if let Some(types) = &system.types {
        out.open("osTypes", &[]);
        for kind in types {
            out.empty(kind, &[]);
        }
        out.close("osTypes");
    }
    out.close("os");
}

fn system_version(out: &mut Lines, name: &str, version: &SystemVersion) {
    out.open(name, &[]);
    out.maybe("osMajorVersion", version.major.as_deref());
    out.maybe("osMinorVersion", version.minor.as_deref());
    out.maybe("osBuildNumber", version.build.as_deref());
    out.maybe("spMajorVersion", version.service_pack.as_deref());
    out.maybe("spMinorVersion", version.service_pack_minor.as_deref());
    out.close(name);
}

fn named_need(out: &mut Lines, need: &Named<Need>) {
    out.open("dependency", &[("id", &need.id)]);
    if let Some(value) = &need.value {
        inside_need(out, value);
    }
    out.close("dependency");
}

fn named_hint(out: &mut Lines, hint: &Named<Hint>) {
    out.open("discoveryHint", &[("id", &hint.id)]);
    if let Some(value) = &hint.value {
        inside_hint(out, value);
    }
    out.close("discoveryHint");
}

/// A `dependency` element.
pub(super) fn need(out: &mut Lines, need: &Need) {
    if let Need::Named(name) = need {
        out.empty("dependency", &[("idref", name)]);
        return;
    }
    out.open("dependency", &[]);
    inside_need(out, need);
    out.close("dependency");
}

/// What stands in a `dependency` element.
fn inside_need(out: &mut Lines, value: &Need) {
    let (operator, operands) = match value {
        Need::Product(id) => return out.leaf("productId", id),
        Need::Named(_) => return need(out, value),
        Need::All(operands) => ("and", operands),
        Need::Any(operands) => ("or", operands),
    };
    out.open(operator, &[]);
    for one in operands {
        need(out, one);
    }
    out.close(operator);
}

/// A `discoveryHint` element.
pub(super) fn hint(out: &mut Lines, hint: &Hint) {
    if let Hint::Named(name) = hint {
        out.empty("discoveryHint", &[("idref", name)]);
        return;
    }
    out.open("discoveryHint", &[]);
    inside_hint(out, hint);
    out.close("discoveryHint");
}

/// What stands in a `discoveryHint` element.
fn inside_hint(out: &mut Lines, value: &Hint) {
    let (operator, operands) = match value {
        Hint::Named(_) => return hint(out, value),
        Hint::MsiProduct(code) => return out.leaf("msiProductCode", code),
        Hint::File(path) => {
            out.open("file", &[]);
            out.leaf("filePath", path);
            return out.close("file");
        }
        Hint::Registry { key, name, data } => {
            out.open("registry", &[]);
            out.leaf("keyPath", key);
            out.maybe("valueName", name.as_deref());
            out.maybe("valueValue", data.as_deref());
            return out.close("registry");
        }
        Hint::All(operands) => ("and", operands),
        Hint::Any(operands) => ("or", operands),
    };
    out.open(operator, &[]);
    for one in operands {
        hint(out, one);
    }
    out.close(operator);
}

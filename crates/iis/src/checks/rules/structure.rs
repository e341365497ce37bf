//! Owns rules about sections and collections: where they may stand, twice, unknown, locked.
//!
//! Does not own attributes (`values`).

use super::super::edit::Edit;
use super::super::finding::Hit;
use super::super::rule::{Rule, error, note, warning};
use super::super::subject::{Subject, scopes};
use super::reference;
use crate::collections;
use crate::document::Element;
use crate::sections::SECTIONS;
use crate::spelling;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["fastcgi-in-web-config", "<fastCgi> stands in web.config",
        "IIS declares the section allowDefinition=\"AppHostOnly\": FastCGI applications count in applicationHost.config alone, and in a web.config they are 500.19.",
        "Move the <application> to applicationHost.config (iisgate iis install does it) and delete <fastCgi> here.",
        reference!("system.webserver/fastcgi/")], fastcgi_here),
    error(["section-server-only", "A section stands in web.config that belongs to the server",
        "Sections declared allowDefinition=\"AppHostOnly\" are refused in any web.config with 500.19, whatever a <location> says.",
        "Move it to applicationHost.config.",
        "https://learn.microsoft.com/iis/get-started/planning-for-security/how-to-use-locking-in-iis-configuration"], server_only),
    error(["section-locked", "The server keeps a section to itself",
        "applicationHost.config declares overrideModeDefault=\"Deny\" and no <location> unlocks the section, so a web.config that holds it is 500.19 with 0x80070021.",
        "An administrator unlocks it: appcmd unlock config -section:SECTION",
        "https://learn.microsoft.com/iis/get-started/planning-for-security/how-to-use-locking-in-iis-configuration"], locked),
    error(["section-unknown", "No such section is known",
        "A section that no schema file describes is 500.19 with 0x8007000d. Names are case-sensitive.",
        "Write the name as the schema does, or install the module that brings the section.",
        reference!("")], unknown),
    error(["section-twice", "A section stands twice",
        "One file may hold a section once for each path; the second one is 500.19.",
        "Join the two.",
        "https://learn.microsoft.com/troubleshoot/developer/webapps/iis/health-diagnostic-performance/http-error-500-19-webpage"], twice),
    error(["item-unknown", "A collection holds an element that it does not know",
        "Collections know <add>, <remove> and <clear>, or the names that their schema gives; names are case-sensitive, and others are 500.19.",
        "Write the element as the schema does.",
        reference!("")], unknown_item),
    error(["item-twice", "A collection has two items with one key",
        "A key may be added once in a file; the second item is 500.19 with 0x800700b7. Names of handlers differ by case, most other keys do not.",
        "Delete one of the two.",
        reference!("system.webserver/handlers/")], item_twice).mended(),
    error(["item-inherited", "An item is added that is inherited already",
        "What the server or a folder above has added is there already: adding its key again is 500.19 with 0x800700b7. Newer servers know more, such as MIME types, so a file that works on one may fail on the next.",
        "Put a <remove> with the key before it.",
        reference!("system.webserver/staticcontent/mimemap")], inherited).mended(),
    note(["remove-twice", "The same item is removed twice",
        "The second <remove> finds nothing. IIS does not mind; it is mostly a trace of two files joined by hand.",
        "Delete the second one.",
        reference!("")], remove_twice).mended(),
    warning(["clear-after-add", "<clear/> takes away what the same file has added",
        "Elements of a collection are obeyed in their order: <clear/> empties it, its own file's items included.",
        "Move <clear/> to the section's start.",
        reference!("")], clear_after_add),
];

/// Sections that count in the server's file alone (`allowDefinition` in IIS 10's own file).
const SERVER_ONLY: &[&str] = &[
    "system.webServer/globalModules",
    "system.webServer/security/isapiCgiRestriction",
    "system.webServer/rewrite/globalRules",
    "system.webServer/proxy",
    "system.webServer/security/applicationDependencies",
    "system.webServer/tracing/traceProviderDefinitions",
    "system.applicationHost/sites",
    "system.applicationHost/applicationPools",
    "system.applicationHost/log",
    "system.applicationHost/webLimits",
    "webFarms",
];

fn fastcgi_here(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject.sections("system.webServer/fastCgi");
    found
        .map(|element| Hit::at(element.place(), "<fastCgi> counts in applicationHost.config alone"))
        .collect()
}

fn server_only(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for path in SERVER_ONLY {
        for element in subject.sections(path) {
            let message = format!("<{}> counts in applicationHost.config alone", element.name());
            hits.push(Hit::at(element.place(), message));
        }
    }
    hits
}

fn locked(subject: &Subject<'_>) -> Vec<Hit> {
    let (Some(_), Some(web)) = (&subject.server, &subject.web) else { return Vec::new() };
    let mut hits = Vec::new();
    for section in SECTIONS {
        let is_server_only =
            SERVER_ONLY.contains(section) || *section == "system.webServer/fastCgi";
        if is_server_only || web.descendant(section).is_none() {
            continue;
        }
        if let Err(crate::Error::Content { place, message }) = subject.chain.check_locks(&[section])
        {
            let hint =
                format!("An administrator unlocks it: appcmd unlock config -section:{section}");
            hits.push(
                Hit::at(*place, message.split(", so IIS").next().unwrap_or_default()).hint(hint),
            );
        }
    }
    hits
}

/// Groups of which the sections are told in the table.
fn is_group(path: &str) -> bool {
    SECTIONS
        .iter()
        .chain(SERVER_ONLY)
        .any(|known| known.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
}

/// Sections of modules that the tables do not describe.
const OTHERS: &[&str] = &[
    "system.webServer/proxy",
    "system.webServer/aspNetCore",
    "system.webServer/iisnode",
    "system.webServer/wdeploy",
    "system.webServer/heliconZoo",
    "system.webServer/cors",
    "system.webServer/webdav",
    "system.webServer/management",
];

fn unknown(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for scope in subject.scopes() {
        if let Some(group) = scope.child("system.webServer") {
            unknown_in(group, "system.webServer", &mut hits);
        }
    }
    hits
}

fn unknown_in(group: &Element, path: &str, hits: &mut Vec<Hit>) {
    for child in group.children() {
        let inner = format!("{path}/{}", child.name());
        if SECTIONS.contains(&&*inner)
            || SERVER_ONLY.contains(&&*inner)
            || OTHERS.contains(&&*inner)
        {
            continue;
        }
        if is_group(&inner) {
            unknown_in(child, &inner, hits);
            continue;
        }
        let mut hit = Hit::at(child.place(), format!("no section {inner} is known"));
        if let Some(near) = spelling::nearest(&inner, SECTIONS.iter().copied()) {
            let name = near.rsplit('/').next().unwrap_or(near);
            hit = hit.hint(format!("Is <{name}> meant? Names are case-sensitive."));
        }
        hits.push(hit);
    }
}

fn twice(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let Some(web) = &subject.web else { return hits };
    let mut seen: Vec<(String, String, u32)> = Vec::new();
    for scope in scopes(web) {
        let path = scope.attribute("path").filter(|path| *path != ".").unwrap_or_default();
        for section in SECTIONS {
            for element in all_at(scope, section) {
                let place = element.place();
                let key = (path.to_lowercase(), (*section).to_owned());
                if let Some((_, _, line)) = seen.iter().find(|(p, s, _)| *p == key.0 && *s == key.1)
                {
                    let message = format!("<{}> stands in line {line}, too", element.name());
                    hits.push(Hit::at(place, message));
                } else {
                    seen.push((key.0, key.1, place.line));
                }
            }
        }
    }
    hits
}

/// Every element at a path of names, not the first alone.
fn all_at<'a>(element: &'a Element, path: &str) -> Vec<&'a Element> {
    let (first, rest) = path.split_once('/').map_or((path, None), |(a, b)| (a, Some(b)));
    let found = element.children().filter(|child| child.name() == first);
    match rest {
        None => found.collect(),
        Some(rest) => found.flat_map(|child| all_at(child, rest)).collect(),
    }
}

/// Each collection of the site's own file, with the path of its element.
fn own_collections<'a>(
    subject: &'a Subject<'_>,
) -> impl Iterator<Item = (&'a Element, &'static collections::Collection)> {
    let elements = subject.sections_by_table();
    elements.into_iter()
}

impl Subject<'_> {
    fn sections_by_table(&self) -> Vec<(&Element, &'static collections::Collection)> {
        let mut found = Vec::new();
        for scope in self.scopes() {
            for (path, element) in every(scope, "") {
                found.extend(collections::of(&path).map(|collection| (element, collection)));
            }
        }
        found
    }
}

/// All elements of a root with their paths, `<location>`s aside.
pub(in super::super) fn every<'a>(element: &'a Element, path: &str) -> Vec<(String, &'a Element)> {
    let mut found = Vec::new();
    for child in element.children().filter(|child| child.name() != "location") {
        let inner = if path.is_empty() {
            child.name().to_owned()
        } else {
            format!("{path}/{}", child.name())
        };
        found.extend(every(child, &inner));
        found.push((inner, child));
    }
    found
}

fn unknown_item(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (element, collection) in own_collections(subject) {
        // Elements that hold several collections, or others beside one, are looked at by nobody here.
        let shape = collection.shape;
        for item in element.children() {
            let known = ["clear", "remove", shape.add];
            let wanted = known.iter().find(|name| name.eq_ignore_ascii_case(item.name()));
            if let Some(wanted) = wanted.filter(|name| **name != item.name()) {
                let message = format!("<{}> is written <{wanted}>", item.name());
                hits.push(Hit::at(item.place(), message));
            }
        }
    }
    hits
}

fn key_pairs(shape: crate::collection::Shape, item: &Element) -> Vec<(String, String)> {
    let names = shape.key.split(',').map(|name| name.split('=').next().unwrap_or(name));
    names.filter_map(|name| Some((name.to_owned(), item.attribute(name)?.to_owned()))).collect()
}

fn shown(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    pairs.join(" ")
}

fn item_twice(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (element, collection) in own_collections(subject) {
        let shape = collection.shape;
        if shape.key.is_empty() {
            continue;
        }
        let mut seen: Vec<(String, &Element)> = Vec::new();
        for item in element.children() {
            let key = shape.key_of(item);
            let key = if shape.case_sensitive { key } else { key.to_lowercase() };
            match item.name() {
                "clear" => seen.clear(),
                "remove" => seen.retain(|(other, _)| *other != key),
                name if name == shape.add => {
                    if let Some((_, first)) = seen.iter().find(|(other, _)| *other == key) {
                        let pairs = shown(&key_pairs(shape, item));
                        let line = first.place().line;
                        let mut hit = Hit::at(
                            item.place(),
                            format!("{pairs} is added in line {line} already"),
                        );
                        if is_alike(first, item) {
                            hit = hit.edit(Edit::Remove { element: item.place() });
                        }
                        hits.push(hit);
                    } else {
                        seen.push((key, item));
                    }
                }
                _ => {}
            }
        }
    }
    hits
}

fn is_alike(one: &Element, other: &Element) -> bool {
    let pairs = |element: &Element| -> Vec<(String, String)> {
        element.attributes().iter().map(|a| (a.name.clone(), a.value.clone())).collect()
    };
    let bare = |element: &Element| element.children().next().is_none();
    pairs(one) == pairs(other) && bare(one) && bare(other)
}

fn inherited(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let Some(web) = &subject.web else { return hits };
    let above = match (&subject.server, &subject.site) {
        (Some(server), Some(site)) => crate::Inheritance::server(server, &site.name, "/"),
        (Some(server), None) => crate::Inheritance::server(server, "", "/"),
        (None, _) => crate::Inheritance::defaults(),
    };
    for (path, element) in every(web, "") {
        let levels = above.sections(&path);
        for collection in collections::of(&path) {
            let shape = collection.shape;
            if shape.key.is_empty() {
                continue;
            }
            let Ok(theirs) = shape.merge(&levels) else { continue };
            let fold = |key: String| if shape.case_sensitive { key } else { key.to_lowercase() };
            let mut theirs: Vec<String> =
                theirs.iter().map(|item| fold(shape.key_of(item))).collect();
            for item in element.children() {
                let key = fold(shape.key_of(item));
                match item.name() {
                    "clear" => theirs.clear(),
                    "remove" => theirs.retain(|other| *other != key),
                    name if name == shape.add && theirs.contains(&key) => {
                        let pairs = key_pairs(shape, item);
                        let message = format!("{} is inherited already", shown(&pairs));
                        let edit = Edit::RemoveBefore { element: item.place(), key: pairs };
                        hits.push(Hit::at(item.place(), message).edit(edit));
                    }
                    _ => {}
                }
            }
        }
    }
    hits
}

fn remove_twice(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (element, collection) in own_collections(subject) {
        let mut seen: Vec<String> = Vec::new();
        for item in element.children() {
            let key = collection.shape.key_of(item).to_lowercase();
            if item.name() != "remove" {
                seen.retain(|other| *other != key);
            } else if seen.contains(&key) {
                let edit = Edit::Remove { element: item.place() };
                hits.push(Hit::at(item.place(), format!("{key} is removed already")).edit(edit));
            } else {
                seen.push(key);
            }
        }
    }
    hits
}

fn clear_after_add(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (element, collection) in own_collections(subject) {
        let mut added = 0;
        for item in element.children() {
            match item.name() {
                "clear" if added > 0 => {
                    let message = format!("the {added} added before it are gone");
                    hits.push(Hit::at(item.place(), message));
                }
                name if name == collection.shape.add => added += 1,
                _ => {}
            }
        }
    }
    hits
}

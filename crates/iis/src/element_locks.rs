//! Owns locks within a section: `lockAttributes`, `lockElements`, `lockAllAttributesExcept`,
//! `lockAllElementsExcept`, and `lockItem` on the items of collections.
//!
//! Does not own the locking of whole sections (`locks` does). Like those, a lock holds for the files
//! below the one that sets it, and setting what is locked to the same value is refused all the same.

use std::collections::HashMap;

use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::locks::short;
use crate::place::Place;

/// The attributes that lock, and say nothing else.
pub(crate) const LOCKS: [&str; 5] = [
    "lockItem",
    "lockAttributes",
    "lockElements",
    "lockAllAttributesExcept",
    "lockAllElementsExcept",
];

/// What one attribute locks of one element.
#[derive(Debug)]
struct Lock {
    document: usize,
    /// The attribute that locks.
    by: &'static str,
    names: Vec<String>,
    place: Place,
}

impl Lock {
    fn holds(&self, name: &str, what: &str) -> bool {
        let is_named = self.names.iter().any(|other| other == name || other == "*");
        self.by.contains(what) && (is_named != self.by.contains("Except"))
    }
}

/// An item that must stay.
#[derive(Debug)]
struct Item {
    document: usize,
    key: String,
    place: Place,
}

/// The locks of all levels so far, by the element's path in the section.
#[derive(Debug, Default)]
struct Locks {
    locks: HashMap<String, Vec<Lock>>,
    items: HashMap<String, Vec<Item>>,
}

/// Refuses what a level above has locked in a section. Elements of the section come outermost first,
/// each with the number of its document.
///
/// # Errors
/// At the first attribute or element that may not be there, as IIS does (500.19, 0x80070021).
pub(crate) fn check(section: &str, levels: &[(usize, &Element)]) -> Result<(), Error> {
    let mut locks = Locks::default();
    for (document, element) in levels {
        locks.refuse(section, *document, element)?;
        locks.learn(section, *document, element);
    }
    Ok(())
}

impl Locks {
    fn learn(&mut self, path: &str, document: usize, element: &Element) {
        for by in &LOCKS[1..] {
            let Some(names) = element.attribute(by) else { continue };
            let names = names.split(',').map(|name| name.trim().to_owned()).collect();
            let place = element.attribute_name_place(by);
            let lock = Lock { document, by, names, place };
            self.locks.entry(path.to_owned()).or_default().push(lock);
        }
        for child in element.children() {
            let Some(collection) = collections::of(path).find(|c| c.shape.add == child.name())
            else {
                self.learn(&format!("{path}/{}", child.name()), document, child);
                continue;
            };
            let is_locked = child.attribute("lockItem");
            if is_locked.is_some_and(|told| told.eq_ignore_ascii_case("true")) {
                let (key, place) = (collection.shape.key_of(child), child.place());
                let item = Item { document, key, place };
                self.items.entry(path.to_owned()).or_default().push(item);
            }
        }
    }

    fn refuse(&self, path: &str, document: usize, element: &Element) -> Result<(), Error> {
        let locks = self.locks.get(path).map(Vec::as_slice).unwrap_or_default();
        let lock = |name: &str, what: &str| {
            locks.iter().find(|lock| lock.document != document && lock.holds(name, what))
        };
        for attribute in element.attributes() {
            let name = attribute.name.as_str();
            if LOCKS.contains(&name) {
                continue;
            }
            if let Some(lock) = lock(name, "Attributes") {
                let place = element.attribute_name_place(name);
                let message =
                    refused(&format!("{name} of <{}>", element.name()), lock.by, &lock.place);
                return Err(Error::content(place, message));
            }
        }
        for child in element.children() {
            let name = child.name();
            if let Some(lock) = lock(name, "Elements") {
                let what = format!("<{name}> in <{}>", element.name());
                return Err(child.error(refused(&what, lock.by, &lock.place)));
            }
            if let Some(item) = self.lost(path, document, child) {
                let what = match name {
                    "clear" => format!("<clear /> in <{}>: one of its items", element.name()),
                    _ => format!("<{name}> of {}: the item", item.key),
                };
                return Err(child.error(refused(&what, "lockItem", &item.place)));
            }
            if collections::of(path).all(|collection| collection.shape.add != name) {
                self.refuse(&format!("{path}/{name}"), document, child)?;
            }
        }
        Ok(())
    }

    /// The locked item that a `<remove>` or a `<clear>` would take away.
    fn lost(&self, path: &str, document: usize, child: &Element) -> Option<&Item> {
        let mut items = self.items.get(path)?.iter().filter(|item| item.document != document);
        match child.name() {
            "clear" => items.next(),
            "remove" => {
                let shape = collections::of(path).next()?.shape;
                let key = shape.key_of(child);
                items.find(|item| {
                    if shape.case_sensitive {
                        item.key == key
                    } else {
                        crate::letter_case::alike(&item.key, &key)
                    }
                })
            }
            _ => None,
        }
    }
}

fn refused(what: &str, by: &str, at: &Place) -> String {
    let at = short(at);
    format!("{what} is locked by {by} at {at}, so IIS refuses it here (0x80070021, lock violation)")
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::document;
    use crate::place::Source;

    const WINDOWS: &str = "system.webServer/security/authentication/windowsAuthentication";

    /// What is told about a `web.config` below a server's file; empty when nothing.
    fn told(section: &str, server: &str, web: &str) -> String {
        let element = |name: &str, xml: &str| document::parse(Source::new(name, xml)).unwrap();
        let (server, web) = (element("applicationHost.config", server), element("web.config", web));
        match check(section, &[(0, &server), (1, &web)]) {
            Ok(()) => String::new(),
            Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
        }
    }

    #[test]
    fn attributes_and_elements() {
        let all =
            "<w enabled='true' useKernelMode='true'><providers><add value='NTLM'/></providers></w>";
        let adds = "<w><providers><add value='X'/></providers></w>";
        for (server, web, locked) in [
            ("<w lockAttributes='enabled'/>", "<w enabled='true'/>", "enabled of <w>"),
            ("<w lockAttributes='a, enabled'/>", all, "enabled of <w>"),
            ("<w lockAttributes='*'/>", all, "enabled of <w>"),
            ("<w lockAttributes='enabled'/>", adds, ""),
            ("<w lockAllAttributesExcept='enabled'/>", all, "useKernelMode of <w>"),
            ("<w lockAllAttributesExcept='enabled,useKernelMode'/>", all, ""),
            ("<w lockElements='providers'/>", adds, "<providers> in <w>"),
            ("<w lockElements='providers'/>", "<w enabled='true'/>", ""),
            ("<w lockAllElementsExcept='providers'/>", adds, ""),
            ("<w lockAllElementsExcept='others'/>", adds, "<providers> in <w>"),
            ("<w><providers lockElements='remove,clear'/></w>", adds, ""),
            (
                "<w><providers lockElements='remove,clear'/></w>",
                "<w><providers><remove value='NTLM'/></providers></w>",
                "<remove> in <providers>",
            ),
        ] {
            let told = told(WINDOWS, server, web);
            assert_eq!(told.is_empty(), locked.is_empty(), "{server} {web}: {told}");
            assert!(told.contains(&format!("{locked} is locked")) || locked.is_empty(), "{told}");
        }
    }

    #[test]
    fn items_stay() {
        let server = "<modules><add name='A' lockItem='true'/><add name='B'/></modules>";
        let told = |web: &str| told("system.webServer/modules", server, web);
        assert_eq!(told("<modules><remove name='B'/><add name='C'/></modules>"), "");
        assert_eq!(told("<modules><remove name='a'/></modules>"), "", "another key");
        let message = told("<modules><remove name='A'/></modules>");
        assert!(
            message.contains("the item is locked by lockItem at applicationHost.config:1"),
            "{message}"
        );
        assert!(told("<modules><clear/></modules>").contains("<clear /> in <modules>"));
    }
}

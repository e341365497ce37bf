//! Owns reading the small parts: texts, links, languages, tabs, keywords, systems.
//!
//! Does not own entries (`entry`) nor expressions (`expression`).

use xml::Element;

use crate::feed::model::{
    Author, Keyword, Language, Link, Resources, System, SystemList, SystemVersion, Tab, Text,
};

/// The kinds of tabs.
const TABS: [&str; 2] = ["keywordTab", "groupTab"];

/// What was seen on the way.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Elements that nobody knows: their names and where they begin.
    pub(super) unknown: Vec<(String, usize)>,
}

impl Seen {
    /// Keeps an element in mind.
    pub(super) fn nobody_knows(&mut self, element: Element<'_>) {
        self.unknown.push((element.name().to_owned(), element.span().start));
    }

    /// The texts of the children of that name; there should be no others.
    pub(super) fn values(&mut self, parent: Element<'_>, name: &str) -> Vec<String> {
        self.each(parent, name, |child, _| value(child))
    }

    /// What is made of the children of that name; there should be no others.
    pub(super) fn each<T>(
        &mut self,
        parent: Element<'_>,
        name: &str,
        make: impl Fn(Element<'_>, &mut Seen) -> T,
    ) -> Vec<T> {
        let mut made = Vec::new();
        for child in parent.children() {
            if child.local_name() == name {
                made.push(make(child, self));
            } else {
                self.nobody_knows(child);
            }
        }
        made
    }
}

/// A text that is no prose: white space around it means nothing.
pub(super) fn value(element: Element<'_>) -> String {
    element.text().trim().to_owned()
}

/// An attribute's value.
pub(super) fn attribute(element: Element<'_>, name: &str) -> Option<String> {
    element.attribute(name).map(|attribute| attribute.value())
}

/// A text that may be translated.
pub(super) fn text(element: Element<'_>) -> Text {
    Text { text: element.text(), resource: attribute(element, "resourceName") }
}

/// A person or an organisation.
pub(super) fn author(element: Element<'_>, seen: &mut Seen) -> Author {
    let mut author = Author::default();
    for child in element.children() {
        match child.local_name() {
            "name" => author.name = value(child),
            "uri" => author.uri = Some(value(child)),
            _ => seen.nobody_knows(child),
        }
    }
    author
}

/// A link.
pub(super) fn link(element: Element<'_>) -> Link {
    let href = attribute(element, "href").unwrap_or_default();
    Link { rel: attribute(element, "rel"), href }
}

pub(super) fn resources(list: Element<'_>, seen: &mut Seen) -> Vec<Resources> {
    seen.each(list, "resources", |element, seen| {
        let mut resources = Resources { culture: String::new(), url: None };
        for child in element.children() {
            match child.local_name() {
                "culture" => resources.culture = value(child),
                "url" => resources.url = Some(value(child)),
                _ => seen.nobody_knows(child),
            }
        }
        resources
    })
}

pub(super) fn languages(list: Element<'_>, seen: &mut Seen) -> Vec<Language> {
    seen.each(list, "language", |element, seen| {
        let default = attribute(element, "default");
        let mut language = Language { id: String::new(), name: String::new(), default };
        for child in element.children() {
            match child.local_name() {
                "languageId" => language.id = value(child),
                "name" => language.name = value(child),
                _ => seen.nobody_knows(child),
            }
        }
        language
    })
}

pub(super) fn tabs(list: Element<'_>, seen: &mut Seen) -> Vec<Tab> {
    let mut tabs = Vec::new();
    for tab in list.children().filter(|tab| tab.local_name() == "tab") {
        for kind in tab.children() {
            if !TABS.contains(&kind.local_name()) {
                seen.nobody_knows(kind);
                continue;
            }
            let mut made = Tab { kind: kind.local_name().to_owned(), ..Tab::default() };
            for child in kind.children() {
                match child.local_name() {
                    "id" => made.id = value(child),
                    "name" => made.name = text(child),
                    "description" => made.description = text(child),
                    "keywords" => made.keywords = seen.values(child, "keywordId"),
                    _ => seen.nobody_knows(child),
                }
            }
            tabs.push(made);
        }
    }
    tabs
}

pub(super) fn keywords(list: Element<'_>, seen: &mut Seen) -> Vec<Keyword> {
    seen.each(list, "keyword", |element, _| Keyword {
        id: attribute(element, "id").unwrap_or_default(),
        label: text(element),
    })
}

pub(super) fn system_lists(lists: Element<'_>, seen: &mut Seen) -> Vec<SystemList> {
    seen.each(lists, "osList", |list, seen| SystemList {
        id: attribute(list, "id").unwrap_or_default(),
        systems: systems(list, "os", seen),
    })
}

pub(super) fn systems(list: Element<'_>, name: &str, seen: &mut Seen) -> Vec<System> {
    seen.each(list, name, system)
}

fn system(element: Element<'_>, seen: &mut Seen) -> System {
    let mut system = System {
        id: attribute(element, "id"),
        reference: attribute(element, "idref"),
        ..System::default()
    };
    for child in element.children() {
        match child.local_name() {
            "minimumVersion" => system.minimum = Some(version(child, seen)),
            "maximumVersion" => system.maximum = Some(version(child, seen)),
            "osTypes" => {
                let kinds = child.children().map(|kind| kind.local_name().to_owned());
                system.types = Some(kinds.collect());
            }
            _ => seen.nobody_knows(child),
        }
    }
    system
}

fn version(element: Element<'_>, seen: &mut Seen) -> SystemVersion {
    let mut version = SystemVersion::default();
    for child in element.children() {
        let part = match child.local_name() {
            "osMajorVersion" => &mut version.major,
            "osMinorVersion" => &mut version.minor,
            "spMajorVersion" => &mut version.service_pack,
            "spMinorVersion" => &mut version.service_pack_minor,
            "osBuildNumber" => &mut version.build,
            _ => {
                seen.nobody_knows(child);
                continue;
            }
        };
        *part = Some(value(child));
    }
    version
}

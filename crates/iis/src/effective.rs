//! Owns the merged view of any section: each value that counts, and the file and line it came from.
//!
//! Does not own the levels (`inherit`) nor what values mean: it goes by the tables of attributes and
//! collections, so it shows what no typed view reads as well. What the tables do not know is merged as
//! .NET does: attributes override, `add` adds, `remove` and `clear` take away.

use std::fmt;

use crate::app_settings;
use crate::attributes::{self, Kind};
use crate::collections;
use crate::document::Element;
use crate::element_locks::LOCKS;
use crate::error::Error;
use crate::expand;
use crate::inherit::Inheritance;
use crate::place::Place;

/// A section as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Its path, such as `system.webServer/handlers`.
    pub section: String,
    /// What it says: an attribute each, or an item of a collection each.
    pub entries: Vec<Entry>,
}

/// One attribute of the section or of an element in it, or one item of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The element's path in the section; empty for the section itself.
    pub element: String,
    /// Whether it is an item of a collection.
    pub is_item: bool,
    /// The attributes: one, unless it is an item.
    pub values: Vec<Value>,
    /// Where it is written; `None` for a default of the schema.
    pub place: Option<Place>,
}

/// An attribute's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The attribute.
    pub name: String,
    /// As it is written.
    pub value: String,
    /// With this process's variables in it, where IIS expands them and that makes a difference.
    pub expanded: Option<String>,
    /// Where it is written; `None` for a default of the schema.
    pub place: Option<Place>,
}

/// The entry as XML would have it: `requestLimits maxUrl="4096"`.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.element)?;
        for (index, value) in self.values.iter().enumerate() {
            let space = if index == 0 && self.element.is_empty() { "" } else { " " };
            let written = value.value.replace('&', "&amp;").replace('"', "&quot;");
            write!(f, "{space}{}=\"{written}\"", value.name)?;
        }
        Ok(())
    }
}

impl Inheritance {
    /// The merged view of a section. With `with_defaults` it holds what the schema says where no file
    /// says anything; not for items of collections.
    ///
    /// # Errors
    /// When the section is locked where it stands, or two items of a collection have one key.
    pub fn effective(&self, section: &str, with_defaults: bool) -> Result<Effective, Error> {
        self.check_locks(&[section])?;
        let levels = self.sections(section);
        let mut view = View { entries: Vec::new(), with_defaults };
        if section == "appSettings" {
            view.app_settings(&levels)?;
        } else {
            view.element(&schema_path(section), "", &levels)?;
        }
        Ok(Effective { section: section.to_owned(), entries: view.entries })
    }
}

/// The path under which the tables know an element: global rules are like others, and so are the
/// defaults of sites, applications and pools.
fn schema_path(path: &str) -> String {
    let mut known = path.replacen("rewrite/globalRules", "rewrite/rules", 1);
    for (inner, like) in [
        ("applicationPools/applicationPoolDefaults", "applicationPools/add"),
        ("sites/siteDefaults", "sites/site"),
        ("sites/applicationDefaults", "sites/site/application"),
        ("sites/virtualDirectoryDefaults", "sites/site/application/virtualDirectory"),
        ("site/applicationDefaults", "site/application"),
        ("site/virtualDirectoryDefaults", "site/application/virtualDirectory"),
        ("application/virtualDirectoryDefaults", "application/virtualDirectory"),
    ] {
        known = known.replacen(inner, like, 1);
    }
    known
}

struct View {
    entries: Vec<Entry>,
    with_defaults: bool,
}

impl View {
    /// An element of all levels: `path` is where the tables know it, `shown` its path in the section.
    fn element<'a>(
        &mut self,
        path: &str,
        shown: &str,
        levels: &[&'a Element],
    ) -> Result<(), Error> {
        self.attributes(path, shown, levels);
        let collections: Vec<_> = collections::of(path).map(|c| c.shape).collect();
        let rows = || attributes::all().filter(|row| row.element.starts_with(path));
        let is_known = !collections.is_empty() || rows().next().is_some();
        for shape in &collections {
            for item in shape.merge(levels)? {
                self.item(path, shown, item)?;
            }
        }
        let mut names: Vec<&str> = Vec::new();
        if self.with_defaults {
            let inner = |row: &attributes::Row| row.element.strip_prefix(path)?.strip_prefix('/');
            names.extend(rows().filter_map(inner).filter_map(|rest| rest.split('/').next()));
        }
        names.extend(levels.iter().flat_map(|level| level.children()).map(Element::name));
        let mut done: Vec<&str> = collections.iter().map(|shape| shape.add).collect();
        if !collections.is_empty() || !is_known {
            done.extend(["remove", "clear"]);
        }
        if !is_known {
            done.push("add");
            self.unknown_items(shown, levels);
        }
        for name in names {
            if done.contains(&name) {
                continue;
            }
            done.push(name);
            let path = schema_path(&format!("{path}/{name}"));
            let own = |level: &&'a Element| -> Vec<&'a Element> {
                level.children().filter(|child| child.name() == name).collect()
            };
            if !is_known && levels.iter().any(|level| own(level).len() > 1) {
                // No table knows them, but so many can only be items.
                for item in levels.iter().flat_map(own) {
                    self.entry_with_content(&path, &below(shown, name), item)?;
                }
                continue;
            }
            let inner: Vec<&Element> = levels.iter().filter_map(|l| l.child(name)).collect();
            self.element(&path, &below(shown, name), &inner)?;
        }
        Ok(())
    }

    fn attributes(&mut self, path: &str, shown: &str, levels: &[&Element]) {
        let known = attributes::rows(path).map(|row| row.name);
        let written = levels.iter().flat_map(|level| level.attributes());
        let mut names: Vec<&str> = Vec::new();
        for name in known.chain(written.map(|attribute| attribute.name.as_str())) {
            if is_setting(name) && !names.contains(&name) {
                names.push(name);
            }
        }
        for name in names {
            let innermost = levels.iter().rev().find(|level| level.attribute(name).is_some());
            let default = || attributes::row(path, name)?.default();
            let value = match innermost {
                Some(level) => value(path, level, name),
                None if self.with_defaults => {
                    let Some(default) = default() else { continue };
                    let value = default.to_owned();
                    Value { name: name.to_owned(), value, expanded: None, place: None }
                }
                None => continue,
            };
            let place = value.place.clone();
            let element = shown.to_owned();
            self.entries.push(Entry { element, is_item: false, values: vec![value], place });
        }
    }

    fn item(&mut self, path: &str, shown: &str, item: &Element) -> Result<(), Error> {
        let path = schema_path(&format!("{path}/{}", item.name()));
        self.entry_with_content(&path, &below(shown, item.name()), item)
    }

    fn entry_with_content(&mut self, path: &str, shown: &str, item: &Element) -> Result<(), Error> {
        self.entries.push(entry(path, shown, item));
        // What is in an item was written with it: nothing is inherited.
        let defaults = std::mem::replace(&mut self.with_defaults, false);
        let before = self.entries.len();
        self.element(path, shown, &[item])?;
        self.with_defaults = defaults;
        // Its own attributes are told already.
        let mut rest = self.entries.split_off(before);
        rest.retain(|entry| entry.is_item || entry.element != shown);
        self.entries.append(&mut rest);
        Ok(())
    }

    /// Items of a collection that no table knows.
    fn unknown_items(&mut self, shown: &str, levels: &[&Element]) {
        let mut items: Vec<&Element> = Vec::new();
        for child in levels.iter().flat_map(|level| level.children()) {
            match child.name() {
                "add" => items.push(child),
                "clear" => items.clear(),
                "remove" => items.retain(|item| {
                    let has = |a: &crate::document::Attribute| {
                        item.attribute(&a.name).is_some_and(|v| v.eq_ignore_ascii_case(&a.value))
                    };
                    !child.attributes().iter().all(has)
                }),
                _ => {}
            }
        }
        self.entries.extend(items.iter().map(|item| entry("", &below(shown, "add"), item)));
    }

    fn app_settings(&mut self, levels: &[&Element]) -> Result<(), Error> {
        for setting in app_settings::read(levels)?.iter() {
            let place = Some(setting.place.clone());
            let value = |name: &str, value: &str| Value {
                name: name.to_owned(),
                value: value.to_owned(),
                expanded: None,
                place: place.clone(),
            };
            self.entries.push(Entry {
                element: "add".to_owned(),
                is_item: true,
                values: vec![value("key", &setting.key), value("value", &setting.value)],
                place: place.clone(),
            });
        }
        Ok(())
    }
}

fn entry(path: &str, shown: &str, item: &Element) -> Entry {
    let names = item.attributes().iter().map(|attribute| attribute.name.as_str());
    Entry {
        element: shown.to_owned(),
        is_item: true,
        values: names.filter(|name| is_setting(name)).map(|name| value(path, item, name)).collect(),
        place: Some(item.place()),
    }
}

fn value(path: &str, element: &Element, name: &str) -> Value {
    let value = element.attribute(name).unwrap_or_default().to_owned();
    let kind = attributes::row(path, name).map(|row| row.kind);
    let expanded = (kind == Some(Kind::Text { expanded: true }))
        .then(|| expand::environment_variables(&value, expand::from_process))
        .filter(|expanded| *expanded != value);
    let place = Some(element.attribute_name_place(name));
    Value { name: name.to_owned(), value, expanded, place }
}

/// Whether an attribute says something of its own; locks and file names do not.
fn is_setting(name: &str) -> bool {
    !LOCKS.contains(&name) && name != "configSource"
}

fn below(shown: &str, name: &str) -> String {
    if shown.is_empty() { name.to_owned() } else { format!("{shown}/{name}") }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::document;
    use crate::inherit::Inheritance;
    use crate::place::Source;

    #[test]
    fn variables_are_expanded_where_iis_does_it() {
        let xml = "<configuration><system.webServer>\
            <fastCgi><application fullPath='%PATH%' arguments='%NO SUCH%' monitorChangesTo='%PATH%'>\
            <environmentVariables><environmentVariable name='A' value='%PATH%'/></environmentVariables>\
            </application></fastCgi>\
            <handlers><add name='%PATH%' path='*' verb='*' scriptProcessor='%path%|-x'/></handlers>\
            </system.webServer></configuration>";
        let root = document::parse(Source::new("applicationHost.config", xml)).unwrap();
        let chain = Inheritance::server(&Arc::new(root), "Shop", "/");
        let expanded = |section: &str| -> Vec<String> {
            let view = chain.effective(section, false).unwrap();
            let values = view.entries.into_iter().flat_map(|entry| entry.values);
            values.filter(|value| value.expanded.is_some()).map(|value| value.name).collect()
        };
        assert_eq!(expanded("system.webServer/fastCgi"), ["fullPath"]);
        assert_eq!(expanded("system.webServer/handlers"), ["scriptProcessor"]);
    }

    #[test]
    fn entries_are_written_as_xml() {
        let chain = Inheritance::defaults();
        let view = chain.effective("system.webServer/httpErrors", false).unwrap();
        let first = view.entries.first().unwrap();
        assert_eq!(
            first.to_string(),
            r#"error statusCode="401" prefixLanguageFilePath="%SystemDrive%\inetpub\custerr" path="401.htm""#
        );
    }
}

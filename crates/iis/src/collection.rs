//! Owns the merging of an IIS collection across inheritance levels: `add`, `remove`, `clear`.
//!
//! Does not know what the items are; a level is one element, outermost first.

use crate::document::Element;
use crate::error::Error;

/// Where the additions of an inner level go (`mergeAppend` in the schema).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// After the inherited ones; most collections.
    Append,
    /// Before the inherited ones (`mergeAppend="false"`): handlers, so that a site's come first.
    Prepend,
}

/// How a collection is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// The name of the adding element.
    pub(crate) add: &'static str,
    /// The key attribute; several that are a key together, comma-separated. One that may be left out
    /// comes with its default: `statusCode,subStatusCode=-1`.
    pub(crate) key: &'static str,
    /// Whether keys differ by case.
    pub(crate) case_sensitive: bool,
    pub(crate) order: Order,
}

/// An item with its key, in lower case where case says nothing.
type Keyed<'a> = (String, &'a Element);

impl Shape {
    /// An item's key as it is written; the values of several attributes side by side.
    pub(crate) fn key_of(&self, item: &Element) -> String {
        let value = |name: &'static str| {
            let (name, default) = name.split_once('=').unwrap_or((name, ""));
            item.attribute(name).unwrap_or(default)
        };
        self.key.split(',').map(value).collect::<Vec<_>>().join(",")
    }

    /// Merges levels into the adding elements that remain, in effective order.
    ///
    /// # Errors
    /// On a key that is there already, as IIS does (500.19).
    pub(crate) fn merge<'a>(&self, levels: &[&'a Element]) -> Result<Vec<&'a Element>, Error> {
        let mut inherited: Vec<Keyed<'a>> = Vec::new();
        for level in levels {
            let mut own: Vec<Keyed<'a>> = Vec::new();
            for item in level.children() {
                let written = self.key_of(item);
                let key =
                    if self.case_sensitive { written.clone() } else { written.to_lowercase() };
                match item.name() {
                    "clear" => {
                        inherited.clear();
                        own.clear();
                    }
                    "remove" => {
                        inherited.retain(|(other, _)| *other != key);
                        own.retain(|(other, _)| *other != key);
                    }
                    name if name == self.add => {
                        let same = |(other, _): &&Keyed<'a>| *other == key;
                        let found = inherited.iter().chain(&own).find(same);
                        // Without a key items may be alike.
                        if let Some((_, first)) = found.filter(|_| !self.key.is_empty()) {
                            return Err(self.duplicate(item, &written, first));
                        }
                        own.push((key, item));
                    }
                    _ => {}
                }
            }
            match self.order {
                Order::Append => inherited.append(&mut own),
                Order::Prepend => inherited.splice(0..0, own).for_each(drop),
            }
        }
        Ok(inherited.into_iter().map(|(_, item)| item).collect())
    }

    fn duplicate(&self, item: &Element, key: &str, first: &Element) -> Error {
        let names = || self.key.split(',').map(|name| name.split('=').next().unwrap_or(name));
        let pairs = names().zip(key.split(','));
        let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let message = format!(
            "duplicate <{}> with {}: {key} (the first is at {}; put <remove {} /> before it)",
            self.add,
            names().collect::<Vec<_>>().join(", "),
            first.place(),
            pairs.join(" "),
        );
        item.attribute_error(names().next().unwrap_or_default(), message)
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Shape};
    use crate::document::{self, Element};
    use crate::place::Source;

    fn merged(order: Order, levels: &[&str]) -> Result<String, String> {
        let shape = Shape { add: "add", key: "name", case_sensitive: true, order };
        let wrap = |xml: &&str| {
            document::parse(Source::new("web.config", format!("<x>{xml}</x>"))).unwrap()
        };
        let levels: Vec<Element> = levels.iter().map(wrap).collect();
        let items = shape.merge(&levels.iter().collect::<Vec<_>>()).map_err(|e| e.to_string())?;
        let names: Vec<_> = items.iter().map(|i| i.attribute("name").unwrap()).collect();
        Ok(names.join(" "))
    }

    #[test]
    fn add_remove_clear() {
        let ab = "<add name='a'/><add name='b'/>";
        for (levels, append, prepend) in [
            (&[ab][..], "a b", "a b"),
            (&[ab, "<add name='c'/><add name='d'/>"], "a b c d", "c d a b"),
            (&[ab, "<remove name='a'/><add name='a'/>"], "b a", "a b"),
            (&[ab, "<clear/><add name='c'/>"], "c", "c"),
            (&[ab, "<add name='c'/><clear/>"], "", ""),
            (&[ab, "<remove name='nobody'/>"], "a b", "a b"),
            (&[ab, "<add name='c'/>", "<remove name='c'/><add name='d'/>"], "a b d", "d a b"),
            (&["", ""], "", ""),
        ] {
            assert_eq!(merged(Order::Append, levels).unwrap(), append);
            assert_eq!(merged(Order::Prepend, levels).unwrap(), prepend);
        }
    }

    #[test]
    fn duplicates_are_refused() {
        let message = merged(Order::Prepend, &["<add name='a'/>", "<add name='a'/>"]).unwrap_err();
        assert!(message.starts_with("web.config:1:15: duplicate <add> with name: a"), "{message}");
    }
}

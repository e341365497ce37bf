//! Owns `<appSettings>`: the names and values that wfastcgi, Helicon Zoo and others put there.
//!
//! Does not expand `%VAR%` (IIS does not; `expand` is for those who do) and knows no setting by
//! name: `WSGI_HANDLER` is one setting like any other.

use std::path::Path;

use crate::document::{self, Element};
use crate::error::Error;
use crate::place::Place;

/// One `<add key="…" value="…" />`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key as written; keys are found without regard to case.
    pub key: String,
    /// The value as written.
    pub value: String,
    /// Where it is written.
    pub place: Place,
}

/// The effective settings, in the order in which their keys first appeared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppSettings {
    settings: Vec<Setting>,
}

impl AppSettings {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.setting(key).map(|setting| setting.value.as_str())
    }

    /// The setting of a key, with its place.
    pub fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.key.eq_ignore_ascii_case(key))
    }

    /// All settings.
    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.settings.iter()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    fn set(&mut self, setting: Setting) {
        match self.settings.iter_mut().find(|old| old.key.eq_ignore_ascii_case(&setting.key)) {
            Some(old) => *old = setting,
            None => self.settings.push(setting),
        }
    }

    /// Applies one element. Unlike collections of `system.webServer`, a second `add` of a key is no
    /// error: the last one counts (.NET's rule, and wfastcgi's).
    fn apply(&mut self, element: &Element) -> Result<(), Error> {
        for item in element.children() {
            let key = || {
                item.attribute("key").filter(|key| !key.is_empty()).ok_or_else(|| {
                    item.error(format!(
                        "<{}> in <appSettings> needs the attribute: key",
                        item.name()
                    ))
                })
            };
            match item.name() {
                "clear" => self.settings.clear(),
                "remove" => {
                    let key = key()?;
                    self.settings.retain(|setting| !setting.key.eq_ignore_ascii_case(key));
                }
                "add" => self.set(Setting {
                    key: key()?.to_owned(),
                    value: item.attribute("value").unwrap_or_default().to_owned(),
                    place: item.place(),
                }),
                other => {
                    return Err(item.error(format!("<appSettings> knows no such element: {other}")));
                }
            }
        }
        Ok(())
    }
}

/// Reads and merges `<appSettings>` elements, outermost first, each with the file that its `file`
/// (may be missing, overrides) or `configSource` (must exist, replaces) names.
///
/// # Errors
/// On unknown elements, missing keys, and files that cannot be read.
pub fn read(levels: &[&Element]) -> Result<AppSettings, Error> {
    let mut settings = AppSettings::default();
    for level in levels {
        if level.attribute("configSource").is_some_and(|file| !file.is_empty()) {
            let root = external(level, "configSource")?.ok_or_else(|| {
                level.attribute_error(
                    "configSource",
                    "configSource names a file that does not exist",
                )
            })?;
            settings.apply(&root)?;
            continue;
        }
        settings.apply(level)?;
        if let Some(root) = external(level, "file")? {
            settings.apply(&root)?;
        }
    }
    Ok(settings)
}

/// Loads the file that an attribute names, beside the file that names it.
fn external(element: &Element, attribute: &str) -> Result<Option<Element>, Error> {
    let Some(name) = element.attribute(attribute).filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let folder = element.path().parent().unwrap_or(Path::new(""));
    let path = folder.join(name.replace('\\', std::path::MAIN_SEPARATOR_STR));
    if !path.exists() {
        return Ok(None);
    }
    let root = document::load(&path)?;
    if root.name() == "appSettings" {
        Ok(Some(root))
    } else {
        Err(root.error(format!("the root element must be <appSettings>: <{}>", root.name())))
    }
}

#[cfg(test)]
mod tests {
    use super::{AppSettings, read};
    use crate::document;
    use crate::error::Error;
    use crate::place::Source;

    fn settings(levels: &[&str]) -> Result<AppSettings, Error> {
        let parse = |xml: &&str| document::parse(Source::new("web.config", *xml)).unwrap();
        let levels: Vec<_> = levels.iter().map(parse).collect();
        read(&levels.iter().collect::<Vec<_>>())
    }

    fn pairs(settings: &AppSettings) -> Vec<(&str, &str)> {
        settings.iter().map(|s| (s.key.as_str(), s.value.as_str())).collect()
    }

    #[test]
    fn the_last_value_counts() {
        let settings = settings(&[
            "<appSettings><add key='A' value='1'/><add key='B' value='2'/></appSettings>",
            "<appSettings><remove key='b'/><add key='a' value='%X%'/><add key='C'/></appSettings>",
        ])
        .unwrap();
        assert_eq!(pairs(&settings), [("a", "%X%"), ("C", "")]);
        assert_eq!(settings.get("A"), Some("%X%"));
        assert_eq!(settings.get("B"), None);
    }

    #[test]
    fn faults_have_a_place() {
        for (xml, expected) in [
            (
                "<appSettings><add value='1'/></appSettings>",
                "web.config:1:14: <add> in <appSettings> needs the attribute: key",
            ),
            (
                "<appSettings><set key='1'/></appSettings>",
                "web.config:1:14: <appSettings> knows no such element: set",
            ),
            (
                "<appSettings configSource='no.config'/>",
                "web.config:1:28: configSource names a file that does not exist",
            ),
        ] {
            let message = settings(&[xml]).unwrap_err().to_string();
            assert_eq!(message.lines().next(), Some(expected));
        }
    }

    #[test]
    fn files_beside_are_merged() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "secret.config",
            "<appSettings><add key='A' value='2'/><add key='S' value='3'/></appSettings>",
        );
        write(
            "web.config",
            "<appSettings file='secret.config'><add key='A' value='1'/></appSettings>",
        );
        write(
            "other.config",
            "<appSettings file='no.config'><add key='A' value='1'/></appSettings>",
        );
        let load = |name: &str| {
            let root = document::load(&folder.path().join(name)).unwrap();
            read(&[&root]).unwrap()
        };
        assert_eq!(pairs(&load("web.config")), [("A", "2"), ("S", "3")]);
        assert_eq!(pairs(&load("other.config")), [("A", "1")]);
    }
}

//! Owns configuration files as they go into a bug report: what sites are made of, without secrets,
//! comments, and whatever nobody here knows.
//!
//! Does not own which names are secret (`gate` does, and gives [`Masks`]).

use std::path::Path;

use super::machine::Machine;
use crate::document::{self, Element};
use crate::place::Source;
use crate::sections::SECTIONS;

/// What becomes of a secret.
const MASK: &str = "***";

/// Values of variables that are shown; those of all others may be secret, whatever their name.
const SHOWN: [&str; 22] = [
    "APPDATA",
    "CONDA_PREFIX",
    "DJANGO_SETTINGS_MODULE",
    "FLASK_APP",
    "IISGATE_DEBUG",
    "IISGATE_LOG",
    "IISGATE_PYTHON",
    "IISGATE_TARGET",
    "LANG",
    "LOCALAPPDATA",
    "PATH",
    "PYTHONHOME",
    "PYTHONIOENCODING",
    "PYTHONPATH",
    "PYTHONUTF8",
    "SCRIPT_NAME",
    "TEMP",
    "TMP",
    "VIRTUAL_ENV",
    "WSGI_CONFIG_FILE",
    "WSGI_HANDLER",
    "WSGI_LOG",
];

/// How secrets are known.
#[derive(Debug, Clone, Copy)]
pub struct Masks {
    /// Whether a name says that its value is secret.
    pub is_secret: fn(&str) -> bool,
    /// A text without what in it looks like a secret.
    pub text: fn(&str) -> String,
}

/// A file without its secrets, and the secrets: they may stand elsewhere, too.
type Redacted = (String, Vec<String>);

/// A `web.config` or `applicationHost.config`: each element on the line where it stands in the file.
/// Nothing for what is no XML, for then nobody knows where its secrets are.
pub fn configuration(path: &Path, bytes: &[u8], masks: &Masks) -> Option<Redacted> {
    let root = document::decode(path, bytes).ok()?;
    let mut out = Printed { text: String::new(), line: 1, secrets: Vec::new(), masks: *masks };
    out.element(&root, "", 0);
    out.text.push('\n');
    Some((out.text, out.secrets))
}

struct Printed {
    text: String,
    line: u32,
    secrets: Vec<String>,
    masks: Masks,
}

impl Printed {
    fn element(&mut self, element: &Element, path: &str, depth: usize) {
        let line = element.place().line;
        match self.line < line {
            true => self.text.push_str(&"\n".repeat((line - self.line) as usize)),
            false => self.text.push(' '),
        }
        if self.line < line {
            self.line = line;
            self.text.push_str(&"  ".repeat(depth));
        }
        self.text.push('<');
        self.text.push_str(element.name());
        for attribute in element.attributes() {
            let value = self.value(element, &attribute.name, &attribute.value);
            self.text.push_str(&format!(" {}=\"{}\"", attribute.name, escaped(&value)));
        }
        let mut children = element.children().peekable();
        if children.peek().is_none() {
            self.text.push_str(" />");
            return;
        }
        self.text.push('>');
        for child in children {
            let is_location = child.name() == "location";
            let below = match (path, is_location) {
                ("", true) => String::new(),
                ("", false) => child.name().to_owned(),
                _ => format!("{path}/{}", child.name()),
            };
            if is_location || is_known(&below) {
                self.element(child, &below, depth + 1);
            } else {
                self.text.push_str(&format!(" <!-- {} is left out -->", child.name()));
                let is_secret = self.masks.is_secret;
                gather(child, !below.starts_with("system."), is_secret, &mut self.secrets);
            }
        }
        self.text.push_str(&format!("</{}>", element.name()));
    }

    fn value(&mut self, element: &Element, name: &str, value: &str) -> String {
        let key = element.attribute("key").or_else(|| element.attribute("name"));
        let is_variable = name == "value" && key.is_some_and(|key| !is_shown(key));
        // The name of a setting is none.
        let is_secret = name != "key" && (self.masks.is_secret)(name);
        if !value.is_empty() && (is_variable || is_secret || value.starts_with("[enc:")) {
            self.secrets.push(value.to_owned());
            return MASK.to_owned();
        }
        (self.masks.text)(value)
    }
}

/// Values of what is left out: in a section of somebody's own each that is long may be secret; in those
/// of IIS and .NET their names tell.
fn gather(element: &Element, is_own: bool, is_secret: fn(&str) -> bool, secrets: &mut Vec<String>) {
    const LONG: usize = 8;
    let may_be = |name: &str, value: &str| {
        let is_told = is_secret(name) || name == "value";
        is_told || (is_own && value.len() >= LONG && !value.contains(['\\', '/']))
    };
    let all = element.attributes().iter().filter(|it| may_be(&it.name, &it.value));
    secrets.extend(all.map(|it| it.value.clone()));
    element.children().for_each(|child| gather(child, is_own, is_secret, secrets));
}

fn is_shown(name: &str) -> bool {
    SHOWN.iter().any(|shown| shown.eq_ignore_ascii_case(name))
}

/// Whether something is a section that we know, is in one, or leads to one.
fn is_known(path: &str) -> bool {
    const OURS: [&str; 4] = [
        "appSettings",
        "configSections",
        "system.applicationHost/applicationPools",
        "system.applicationHost/sites",
    ];
    let mut all = SECTIONS.iter().copied().chain(OURS);
    all.any(|known| {
        let is_in = |part: &str, whole: &str| {
            whole.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        (is_in(path, known) || is_in(known, path)) && known != "connectionStrings"
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// `[tool.iisgate]` of a `pyproject.toml`; nothing for what is no TOML.
pub fn project(path: &Path, bytes: &[u8], masks: &Masks) -> Option<Redacted> {
    let text = std::str::from_utf8(bytes).ok()?;
    let source = Source::new(path, text.strip_prefix('\u{feff}').unwrap_or(text));
    let whole: toml::Table = source.text().parse().ok()?;
    let ours = whole.get("tool")?.get("iisgate")?.as_table()?.clone();
    let mut secrets = Vec::new();
    let mut masked = toml::Table::new();
    for (name, value) in ours {
        let value = without(&name, value, false, masks, &mut secrets);
        masked.insert(name, value);
    }
    let mut tool = toml::Table::new();
    tool.insert("iisgate".to_owned(), masked.into());
    let mut out = toml::Table::new();
    out.insert("tool".to_owned(), tool.into());
    Some((toml::to_string(&out).ok()?, secrets))
}

fn without(
    name: &str,
    value: toml::Value,
    is_variable: bool,
    masks: &Masks,
    secrets: &mut Vec<String>,
) -> toml::Value {
    use toml::Value;
    match value {
        Value::Table(table) => {
            let are_variables = name == "env" || is_variable;
            let inner = table.into_iter().map(|(name, value)| {
                let value = without(&name, value, are_variables, masks, secrets);
                (name, value)
            });
            Value::Table(inner.collect())
        }
        Value::Array(all) => {
            let inner = all.into_iter().map(|it| without(name, it, is_variable, masks, secrets));
            Value::Array(inner.collect())
        }
        Value::String(text) => {
            if (is_variable && !is_shown(name)) || (masks.is_secret)(name) {
                secrets.push(text);
                return Value::String(MASK.to_owned());
            }
            Value::String((masks.text)(&text))
        }
        other if is_variable && !is_shown(name) => {
            secrets.push(other.to_string());
            Value::String(MASK.to_owned())
        }
        other => other,
    }
}

/// A text without secrets that were found elsewhere. Short ones are words that stand everywhere.
pub fn without_all(text: &str, secrets: &[String]) -> String {
    const LEAST: usize = 5;
    let mut secrets: Vec<&str> = secrets.iter().map(String::as_str).map(str::trim).collect();
    // Nor are words of every file secret.
    let is_word = |text: &str| ["false", "true"].iter().any(|it| it.eq_ignore_ascii_case(text));
    secrets.retain(|secret| secret.len() >= LEAST && !is_word(secret));
    // The longest first: one may be a part of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
}

impl Masks {
    /// A text without what looks like a secret, and without those that are known.
    pub fn clean(&self, text: &str, secrets: &[String]) -> String {
        (self.text)(&without_all(text, secrets))
    }
}

impl Machine {
    /// The secrets in its files, those below and beside among them: they may stand in a log.
    pub fn secrets(&self, masks: &Masks) -> Vec<String> {
        let files = [&self.files.web_config, &self.files.server].into_iter().flatten();
        let below = self.files.below.iter().map(|below| &below.file);
        let read = files.chain(&self.files.sources).chain(below);
        let mut all: Vec<String> = read
            .filter_map(|file| configuration(&file.path, &file.bytes, masks))
            .flat_map(|(_, secrets)| secrets)
            .collect();
        if let Some(file) = &self.files.pyproject
            && let Some((_, secrets)) = project(&file.path, &file.bytes, masks)
        {
            all.extend(secrets);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks() -> Masks {
        Masks {
            is_secret: |name| name.to_lowercase().contains("password"),
            text: |text| text.replace("pw@", "***@"),
        }
    }

    #[test]
    fn a_configuration_keeps_its_lines_and_loses_its_secrets() {
        let text = r#"<?xml version="1.0"?>
<!-- hunter1 -->
<configuration>
  <appSettings>
    <add key="WSGI_HANDLER" value="app.app" /><add key="DSN" value="hunter2" />
  </appSettings>
  <connectionStrings><add name="a" connectionString="hunter3; Password=a" /></connectionStrings>
  <company secretThing="hunter4">hunter5</company>
  <location path="x">
    <system.webServer>
      <own thing="hunter6" />
      <rewrite><rules><rule name="a"><action url="http://pw@host/" /></rule></rules></rewrite>
    </system.webServer>
  </location>
  <system.applicationHost>
    <sites><site name="a" id="1"><application path="/">
      <virtualDirectory path="/" physicalPath="C:\a" password="hunter7" />
    </application></site></sites>
    <webLimits dynamicIdleThreshold="3" />
  </system.applicationHost>
</configuration>"#;
        let (shown, secrets) =
            configuration(Path::new("web.config"), text.as_bytes(), &masks()).unwrap();
        assert!(!shown.contains("hunter"), "{shown}");
        for (line, expected) in [
            (5, "<add key=\"WSGI_HANDLER\" value=\"app.app\" />"),
            (12, "<rewrite>"),
            (17, "physicalPath=\"C:\\a\" password=\"***\""),
        ] {
            assert!(shown.lines().nth(line - 1).unwrap().contains(expected), "{line}: {shown}");
        }
        assert!(shown.contains("url=\"http://***@host/\"") && shown.contains("DSN"), "{shown}");
        assert!(shown.contains("company is left out"), "{shown}");
        let long = secrets.iter().any(|it| it.starts_with("hunter3;"));
        assert!(long && !secrets.contains(&"3".to_owned()), "{secrets:?}");
        assert!(secrets.contains(&"hunter7".to_owned()) && secrets.contains(&"hunter2".to_owned()));
        assert_eq!(configuration(Path::new("x"), b"<a password='hunter8'", &masks()), None);
        assert_eq!(masks().clean("it said hunter7", &secrets), "it said ***");
        let words = ["false".to_owned(), "abc".to_owned()];
        assert_eq!(without_all("abc is false", &words), "abc is false");
    }

    #[test]
    fn a_project_tells_ours_alone() {
        let text = "[project]\nname = 'hunter1'\n[tool.iisgate]\n# hunter2\ntarget = 'app:app'\nthreads = 4\n\
                    env = { PATH = 'C:\\x', DSN = 'hunter3', PIN = 'hunter4' }\n\
                    [tool.iisgate.helpers.a]\ncommand = 'a pw@host'\n[tool.iisgate.helpers.a.env]\nA = 'hunter5'\n";
        let (shown, secrets) =
            project(Path::new("pyproject.toml"), text.as_bytes(), &masks()).unwrap();
        assert!(!shown.contains("hunter") && !shown.contains("pw@"), "{shown}");
        assert!(shown.contains("target = \"app:app\"") && shown.contains("threads = 4"), "{shown}");
        assert_eq!(secrets.len(), 3, "{secrets:?}");
        assert_eq!(project(Path::new("x"), b"= hunter", &masks()), None);
    }
}

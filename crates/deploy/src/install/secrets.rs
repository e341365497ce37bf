//! Owns keeping the values of secret parameters out of what is shown and kept: the plan, the console, the
//! log, errors.
//!
//! Does not own which parameters are secret (`package::parameters`).

use crate::package::{Parameters, Resolved};

/// What stands in a value's place.
const IN_ITS_PLACE: &str = "(not shown)";

/// What must not be seen. It can be in anything: in a command line, in what the command echoes, in a line
/// of a file that an error shows.
#[derive(Clone, Default)]
pub struct Secrets {
    words: Vec<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("words", &self.words.len()).finish()
    }
}

impl Secrets {
    /// Those of a package.
    pub fn of(parameters: &Parameters, values: &Resolved) -> Self {
        let secret = parameters.parameters.iter().filter(|parameter| parameter.is_secret());
        let values = secret.filter_map(|parameter| values.get(&parameter.name));
        // Of several lines each may be told on its own.
        let lines = values.flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty());
        let mut words: Vec<String> = lines.flat_map(forms).collect();
        // The longest first: another one may be a part of it.
        words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        words.dedup();
        Self { words }
    }

    /// A text without them.
    pub fn mask(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, word| text.replace(word, IN_ITS_PLACE))
    }
}

/// A value as it is, as Python shows it, and as it stands in XML.
fn forms(value: &str) -> [String; 3] {
    let xml = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    [value.to_owned(), value.replace('\\', r"\\"), xml.replace('"', "&quot;")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Parameter;
    use std::collections::BTreeMap;

    #[test]
    fn secret_values_are_masked_in_every_form() {
        let tagged = |name: &str, tag: &str| Parameter {
            tags: vec![tag.to_owned()],
            ..Parameter::new(name, "")
        };
        let parameters = vec![
            tagged("Login", "Password"),
            tagged("Db", "SQLConnectionString"),
            tagged("Key", "New"),
            Parameter::new("Greeting", "hello"),
        ];
        let parameters = Parameters { parameters };
        let given = [
            ("Login", "geheim"),
            ("Db", r#"Server=.\SQL;Password=geheim&"x""#),
            ("Key", "first line\n  second line\n"),
        ];
        let given: BTreeMap<String, String> =
            given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let secrets = Secrets::of(&parameters, &parameters.resolve(&given).unwrap());
        for (text, expected) in [
            ("echo hello geheim, geheim", "echo hello (not shown), (not shown)"),
            (r#"to Server=.\SQL;Password=geheim&"x"!"#, "to (not shown)!"),
            (r#"'Server=.\\SQL;Password=geheim&"x"'"#, "'(not shown)'"),
            (
                r#"<x y="Server=.\SQL;Password=geheim&amp;&quot;x&quot;" />"#,
                r#"<x y="(not shown)" />"#,
            ),
            ("  second line", "  (not shown)"),
            ("hello", "hello"),
        ] {
            assert_eq!(secrets.mask(text), expected);
        }
        assert_eq!(format!("{secrets:?}").find("geheim"), None);
        let error = crate::install::Error::io("read", std::path::Path::new("/x/geheim"));
        let error = error(std::io::Error::other("no"));
        let error = crate::install::Error::refused("geheim", "geheim").then(error);
        let error = error.masked(&secrets);
        assert_eq!(error.to_string().find("geheim"), None, "{error}");
        assert_eq!(error.hint(), Some("(not shown)"));
    }
}

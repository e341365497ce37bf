//! Owns what a project's `pyproject.toml` tells that Windows' channels want to know: publisher, licence,
//! pages.
//!
//! Does not own name and version: those are the package's.

use std::path::Path;

use serde::Deserialize;

/// What is known of a project; what is not told is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The first author, or maintainer.
    pub publisher: Option<String>,
    /// The licence, as an SPDX expression or a word.
    pub licence: Option<String>,
    /// One sentence.
    pub summary: Option<String>,
    /// A page about it.
    pub homepage: Option<String>,
}

/// `[project]`, as far as we want to know.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Project {
    name: Option<String>,
    version: Option<String>,
    description: Option<String>,
    license: Option<Licence>,
    authors: Vec<Person>,
    maintainers: Vec<Person>,
    urls: std::collections::BTreeMap<String, String>,
}

/// A licence, as it is told today (PEP 639), and as it was (PEP 621).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Licence {
    Expression(String),
    Table { text: Option<String> },
}

#[derive(Debug, Deserialize)]
struct Person {
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PyProject {
    project: Project,
}

impl About {
    /// What the `pyproject.toml` of a folder tells; nothing when there is none, or no sound one.
    pub fn of(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("pyproject.toml")).unwrap_or_default();
        Self::parse(&text)
    }

    fn parse(text: &str) -> Self {
        let project = toml::from_str::<PyProject>(text).unwrap_or_default().project;
        let people = project.authors.into_iter().chain(project.maintainers);
        let licence = project.license.and_then(|licence| match licence {
            Licence::Expression(text) => Some(text),
            // A whole text is no name of a licence.
            Licence::Table { text } => text.filter(|text| !text.trim().contains('\n')),
        });
        let is_homepage = |label: &str| {
            let label: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
            label.eq_ignore_ascii_case("homepage")
        };
        About {
            name: project.name,
            version: project.version,
            publisher: people.filter_map(|person| person.name).next(),
            licence,
            summary: project.description,
            homepage: project
                .urls
                .into_iter()
                .find_map(|(label, url)| is_homepage(&label).then_some(url)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_telling_a_licence_are_read() {
        let text = "[project]\nname = 'shop'\nauthors = [{ email = 'a@b' }, { name = 'Ada' }]\n\
                    license = 'MIT'\nurls = { Home-Page = 'https://a' }\ndescription = 'Sells.'";
        let about = About::parse(text);
        assert_eq!(about.publisher.as_deref(), Some("Ada"));
        assert_eq!(about.licence.as_deref(), Some("MIT"));
        assert_eq!(about.homepage.as_deref(), Some("https://a"));
        assert_eq!(about.summary.as_deref(), Some("Sells."));
        let older = About::parse("[project]\nlicense = { text = 'BSD' }");
        assert_eq!(older.licence.as_deref(), Some("BSD"));
        assert_eq!(About::parse("no toml ["), About::default());
    }
}

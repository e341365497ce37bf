//! Owns what a package does on the server, in order: `Manifest.xml`, or `archive.xml`, as a list of
//! providers with their paths and settings. Reads both, writes the first.
//!
//! Does not own which values the paths get (`parameters`), nor judgement about them (`verify`).

use std::path::Path;

use iis::Place;

use super::error::PackageError;
use super::limits::PROVIDERS_MAX;
use super::options::{OptionsError, ProviderOptions};
use super::read::{self, Reading};

/// The root's name as we write it. Real files spell it in four ways.
const ROOT: &str = "MSDeploy.iisApp";
/// What every attribute of Web Deploy's own begins with.
const OWN: &str = "MSDeploy.";
const OPTIONS: &str = "MSDeploy.MSDeployProviderOptions";
const KEY: &str = "MSDeploy.MSDeployKeyAttributeName";

/// What a package does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The root element's name as written.
    pub root: String,
    /// The providers, in the order in which they run.
    pub providers: Vec<Provider>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The provider as written, such as `iisApp`.
    pub name: String,
    /// What it works on; for a command, the command line. Empty for what has none, as `alias`.
    pub path: String,
    /// Its own attributes but for the path. Those of Web Deploy's book-keeping are left out.
    pub attributes: Vec<(String, String)>,
    /// What `MSDeploy.MSDeployProviderOptions` says.
    pub options: Option<Result<ProviderOptions, OptionsError>>,
    /// Where it stands; `None` for one that is not read from a file.
    pub place: Option<Place>,
}

impl Provider {
    /// A step without settings.
    pub fn new(name: &str, path: &str) -> Self {
        let (name, path) = (name.to_owned(), path.to_owned());
        Self { name, path, attributes: Vec::new(), options: None, place: None }
    }

    /// The same with one attribute more.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with these options.
    #[must_use]
    pub fn options(mut self, options: ProviderOptions) -> Self {
        self.options = Some(Ok(options));
        self
    }

    /// Whether it is this provider; case does not count.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// What a setting is for Web Deploy: the options', else the attribute's. Of a command in a package
    /// attributes do not count: Web Deploy does not look at them.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let of_options = self.options.as_ref().and_then(|options| options.as_ref().ok());
        if let Some(value) = of_options.and_then(|options| options.setting(name)) {
            return Some(value);
        }
        if self.is("runCommand") { None } else { self.attribute_value(name) }
    }

    /// An attribute's value; case does not count.
    pub fn attribute_value(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}

impl Manifest {
    /// A manifest of these steps.
    pub fn new(providers: Vec<Provider>) -> Self {
        Self { root: ROOT.to_owned(), providers }
    }

    /// Reads `Manifest.xml` or `archive.xml`; `path` is told with what is wrong.
    ///
    /// # Errors
    /// When it is no well-formed XML, or too large.
    pub fn read(path: &Path, bytes: &[u8]) -> Result<Self, PackageError> {
        let reading = Reading::new(path, bytes)?;
        let root = reading.document.root();
        if root.children().count() > PROVIDERS_MAX {
            return Err(reading.error(root, format!("more than {PROVIDERS_MAX} providers")));
        }
        let providers = root.children().map(|element| provider(&reading, element)).collect();
        Ok(Self { root: root.name().to_owned(), providers })
    }

    /// The steps of one provider.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Provider> {
        self.providers.iter().filter(move |provider| provider.is(name))
    }

    /// The application that is installed: `iisApp`'s, else `contentPath`'s.
    pub fn application(&self) -> Option<&Provider> {
        self.of("iisApp").next().or_else(|| self.of("contentPath").next())
    }

    /// Writes a `Manifest.xml`.
    pub fn to_xml(&self) -> String {
        let mut out = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{}>\n", self.root);
        for provider in &self.providers {
            out += &format!("  <{}", provider.name);
            let attribute = |out: &mut String, name: &str, value: &str| {
                *out += &format!(" {name}=\"{}\"", super::write::escaped(value));
            };
            if !provider.path.is_empty() {
                attribute(&mut out, "path", &provider.path);
            }
            for (name, value) in &provider.attributes {
                attribute(&mut out, name, value);
            }
            if let Some(Ok(options)) = &provider.options {
                attribute(&mut out, KEY, "path");
                attribute(&mut out, OPTIONS, &options.to_value());
            }
            out += " />\n";
        }
        out + &format!("</{}>\n", self.root)
    }
}

fn provider(reading: &Reading, element: xml::Element<'_>) -> Provider {
    let own =
        |name: &str| name.get(..OWN.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN));
    let attributes = element
        .attributes()
        .filter(|a| !own(a.name()) && !a.name().eq_ignore_ascii_case("path"))
        .map(|a| (a.name().to_owned(), a.value()));
    Provider {
        name: element.name().to_owned(),
        path: read::value(element, &["path"]).unwrap_or_default(),
        attributes: attributes.collect(),
        options: read::value(element, &[OPTIONS]).map(|value| ProviderOptions::of_value(&value)),
        place: Some(reading.place(element)),
    }
}

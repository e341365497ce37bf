//! Owns the description of a feed: its keys in TOML, and reading it.
//!
//! Does not own what is made of it (`product`).

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::feed::error::Error;
use crate::feed::model::Need;

/// A feed's description: a TOML file of its own, or `[tool.iisgate.feed]` of a `pyproject.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recipe {
    /// The feed's title.
    pub title: Option<String>,
    /// Its own address.
    pub id: Option<String>,
    /// Who makes it.
    pub author: Option<String>,
    /// The maker's address.
    pub author_url: Option<String>,
    /// The language of its texts.
    pub language: String,
    /// When it was last changed (RFC 3339).
    pub updated: Option<String>,
    /// The tab's name.
    pub tab: Option<String>,
    /// The keywords of products that name none.
    pub keywords: Vec<String>,
    /// What packages depend on that name nothing.
    pub depends: Vec<Depends>,
    /// Where files are downloaded from; `{file}`, `{product}`, `{version}` and `{letter}` are filled in.
    pub download_url: Option<String>,
    /// The products.
    #[serde(rename = "product")]
    pub products: Vec<Product>,
}

impl Default for Recipe {
    fn default() -> Self {
        Recipe {
            title: None,
            id: None,
            author: None,
            author_url: None,
            language: "en".to_owned(),
            updated: None,
            tab: None,
            keywords: vec!["Python".to_owned()],
            depends: Vec::new(),
            download_url: None,
            products: Vec::new(),
        }
    }
}

/// A product.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Product {
    /// One of [`PRESETS`](super::PRESETS): a prerequisite that is known.
    pub preset: Option<String>,
    /// The installer's file.
    pub file: Option<PathBuf>,
    /// The product's id.
    pub id: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What people call it.
    pub title: Option<String>,
    /// One sentence.
    pub summary: Option<String>,
    /// All that is to be said.
    pub description: Option<String>,
    /// A page about it.
    pub link: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// The maker's address.
    pub author_url: Option<String>,
    /// A small picture's address.
    pub icon: Option<String>,
    /// Larger pictures' addresses.
    pub screenshots: Vec<String>,
    /// Its labels.
    pub keywords: Option<Vec<String>>,
    /// What it depends on: all of these.
    pub depends: Option<Vec<Depends>>,
    /// The installer's languages.
    pub languages: Vec<String>,
    /// The processors that it is for.
    pub architectures: Vec<String>,
    /// The licence that must be agreed to.
    pub eula: Option<String>,
    /// Where help is.
    pub help: Option<String>,
    /// The page that is shown after installing.
    pub start_page: Option<String>,
    /// Where the file is downloaded from, whatever the template says.
    pub url: Option<String>,
    /// The installer's arguments.
    pub arguments: Option<String>,
    /// Whether these arguments make it silent, though they do not look so.
    pub silent: bool,
    /// Where the installer tells what it did.
    pub log: Option<String>,
    /// How it is seen that it is installed: any of these.
    pub discovery: Vec<Discovery>,
    /// What kind of product it is.
    pub family: Option<String>,
}

/// Something to depend on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Depends {
    /// A product.
    Product(String),
    /// One of several.
    Any {
        /// Which.
        any: Vec<Depends>,
    },
    /// All of several.
    All {
        /// Which.
        all: Vec<Depends>,
    },
}

impl Depends {
    pub(super) fn need(&self) -> Need {
        match self {
            Depends::Product(id) => Need::Product(id.clone()),
            Depends::Any { any } => Need::Any(any.iter().map(Depends::need).collect()),
            Depends::All { all } => Need::All(all.iter().map(Depends::need).collect()),
        }
    }
}

/// A sign that a product is installed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Discovery {
    /// A file.
    pub file: Option<String>,
    /// A key of the registry.
    pub registry: Option<String>,
    /// A value in that key.
    pub value: Option<String>,
    /// What the value is.
    pub data: Option<String>,
    /// A product code of Windows Installer.
    pub msi: Option<String>,
}

impl Recipe {
    /// Reads a description's text; `name` is the file's, and tells whether it is a `pyproject.toml`.
    ///
    /// # Errors
    /// When it is no TOML, says something that we do not know, or a `pyproject.toml` has none.
    pub fn parse(name: &Path, text: &str) -> Result<Self, Error> {
        let told = name.display().to_string();
        let refused = |message: String| Error::Recipe { name: told.clone(), message };
        if name.file_name().is_some_and(|name| name == "pyproject.toml") {
            let project: PyProject =
                toml::from_str(text).map_err(|error| refused(error.to_string()))?;
            let found = project.tool.and_then(|tool| tool.iisgate?.feed);
            return found.ok_or_else(|| refused("it has no [tool.iisgate.feed]".to_owned()));
        }
        toml::from_str(text).map_err(|error| refused(error.to_string()))
    }

    /// Reads a description's file.
    ///
    /// # Errors
    /// As [`Recipe::parse`], and when it cannot be read.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        Self::parse(path, text.trim_start_matches('\u{feff}'))
    }
}

/// A `pyproject.toml`; all else in it is none of our business.
#[derive(Debug, Deserialize)]
struct PyProject {
    tool: Option<Tool>,
}

#[derive(Debug, Deserialize)]
struct Tool {
    iisgate: Option<Ours>,
}

#[derive(Debug, Deserialize)]
struct Ours {
    feed: Option<Recipe>,
}

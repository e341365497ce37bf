//! Owns what `pyproject.toml` says of a package: `[tool.iisgate.package]`, and of `[project]` what tells
//! name and version.
//!
//! Does not own what follows from it.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

use super::BuildError;

/// The file, as far as it concerns us.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct PyProject {
    pub(super) build_system: Option<toml::Table>,
    pub(super) project: Option<Project>,
    tool: Tool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tool {
    iisgate: Ours,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ours {
    package: PackageTable,
    env: BTreeMap<String, toml::Value>,
}

/// `[project]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Project {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) description: Option<String>,
    pub(super) dependencies: Option<Vec<String>>,
}

/// `[tool.iisgate.package]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct PackageTable {
    /// Instead of the project's.
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) description: Option<String>,
    /// The folder of `web.config`, below what is packaged.
    pub(super) site: Option<String>,
    /// Patterns as in `.gitignore`.
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    /// What the app writes; by default what its framework does.
    pub(super) data: Option<Vec<String>>,
    /// Whether that is packaged, for servers where there is none yet.
    pub(super) seed: bool,
    /// Folders on which the app pool gets the right to change.
    pub(super) writable: Vec<String>,
    pub(super) before: Vec<Command>,
    pub(super) after: Vec<Command>,
    /// Whether `iisgate package post-install` runs at the end.
    pub(super) post_install: Option<bool>,
    /// Where iisgate is on the server.
    pub(super) program: Option<String>,
    pub(super) databases: Vec<Database>,
    /// By name, in the order of the file.
    pub(super) parameters: BTreeMap<Spanned<String>, Parameter>,
}

/// A command of `before` and `after`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Command {
    pub(super) run: String,
    /// Seconds.
    pub(super) timeout: Option<u32>,
    pub(super) success_codes: Option<Vec<i64>>,
    #[serde(default)]
    pub(super) without_shell: bool,
    #[serde(default)]
    pub(super) without_job: bool,
}

/// A script for a database.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Database {
    pub(super) provider: DatabaseProvider,
    pub(super) script: String,
    pub(super) delimiter: Option<String>,
    pub(super) transacted: Option<bool>,
}

/// Web Deploy's providers for databases that take scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum DatabaseProvider {
    #[serde(rename = "dbMySql")]
    MySql,
    #[serde(rename = "dbFullSql")]
    FullSql,
}

/// A parameter of the package.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct Parameter {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) default: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) hidden: bool,
    pub(super) secret: bool,
    /// The rules: at most one of these three.
    pub(super) choices: Vec<String>,
    pub(super) pattern: Option<String>,
    pub(super) boolean: bool,
    pub(super) allow_empty: bool,
    /// What it is put into.
    pub(super) environment: Option<String>,
    pub(super) web_config: Vec<String>,
    pub(super) text: Vec<InText>,
    pub(super) xml: Vec<InXml>,
    pub(super) entries: Vec<Entry>,
    /// By language.
    pub(super) titles: BTreeMap<String, String>,
    pub(super) descriptions: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InText {
    pub(super) file: String,
    pub(super) find: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InXml {
    pub(super) file: String,
    pub(super) xpath: String,
}

/// An entry as Web Deploy has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) kind: String,
    pub(super) scope: String,
    #[serde(rename = "match")]
    pub(super) pattern: String,
}

impl PyProject {
    /// Reads the file in a folder; empty when there is none.
    pub(super) fn load(folder: &Path) -> Result<Self, BuildError> {
        let path = folder.join(iis::site::PYPROJECT);
        if !path.is_file() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(&path).map_err(BuildError::io("read", &path))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        toml::from_str(text).map_err(|error| {
            BuildError::refused(
                format!("{}: {}", path.display(), error.to_string().trim_end()),
                "docs/guides/packages.md tells the keys of [tool.iisgate.package]",
            )
        })
    }

    pub(super) fn package(&self) -> &PackageTable {
        &self.tool.iisgate.package
    }

    /// The variables of `[tool.iisgate.env]`.
    pub(super) fn sets_variable(&self, name: &str) -> bool {
        self.tool.iisgate.env.contains_key(name)
    }
}

impl PackageTable {
    /// The parameters in the order of the file.
    pub(super) fn parameters(&self) -> Vec<(&str, &Parameter)> {
        let mut items: Vec<_> = self.parameters.iter().collect();
        items.sort_by_key(|(name, _)| name.span().start);
        items.into_iter().map(|(name, parameter)| (name.get_ref().as_str(), parameter)).collect()
    }
}

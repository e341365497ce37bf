//! Owns what will be in a package: each entry with its bytes, the manifest and the parameters, before
//! anything is written.
//!
//! Does not own choosing files (`files`) nor writing (`zipping`).

use std::path::{Path, PathBuf};

use super::files::{self, Chosen, LeftOut, Rules, Why};
use super::metadata::{self, Metadata};
use super::table::{PackageTable, PyProject};
use super::{
    BuildError, Progress, Request, asked, databases, seeds, settings_in_web_config, steps,
};
use crate::package::manifest::Manifest;
use crate::package::names;
use crate::package::parameters::Parameters;

/// An entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// Where an entry's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bytes {
    Made(Vec<u8>),
    File(PathBuf, u64),
}

impl Item {
    pub(super) fn size(&self) -> u64 {
        match &self.bytes {
            Bytes::Made(bytes) => bytes.len() as u64,
            Bytes::File(_, size) => *size,
        }
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match &self.bytes {
            Bytes::Made(_) => None,
            Bytes::File(path, _) => Some(path),
        }
    }
}

/// A package that is not written yet.
#[derive(Debug)]
pub struct Plan {
    /// What the project tells of itself.
    pub metadata: Metadata,
    /// The application's folder in the package.
    pub app: String,
    /// What it does.
    pub manifest: Manifest,
    /// What it asks for.
    pub parameters: Parameters,
    /// Which files go in.
    pub files: Vec<Chosen>,
    /// Which do not, and why.
    pub left_out: Vec<LeftOut>,
    /// What is to be told.
    pub notes: Vec<String>,
    /// Where it is written to.
    pub out: PathBuf,
    /// What is to be installed on the server, for `--vendor`.
    pub(super) requirements: Option<PathBuf>,
    pub(super) dependencies: Vec<String>,
    pub(super) items: Vec<Item>,
}

/// Looks at a folder.
pub(super) fn plan(request: &Request, progress: &mut dyn Progress) -> Result<Plan, BuildError> {
    let root = &request.folder;
    let pyproject = PyProject::load(root)?;
    let table = pyproject.package();
    let mut metadata = metadata::find(root, &pyproject, request.python.as_deref(), progress)?;
    if request.version.is_some() {
        metadata.version.clone_from(&request.version);
    }
    let app = app_name(&metadata, root)?;
    let out = request.out.clone().unwrap_or_else(|| default_out(root, &app, &metadata));
    let site = site_folder(root, table)?;
    let data = seeds::data(root, &site, table)?;
    let kept = if table.seed { Vec::new() } else { data };
    let mut rules = Rules::new(root, &table.include, &table.exclude, kept)?;
    rules.apart.extend([out.clone(), super::partial(&out), super::wheels_folder(&out)]);
    let (files, left_out) = files::choose(root, &rules)?;
    let mut parameters = asked::parameters(&app, table)?;
    databases::add(&mut parameters, &app, &table.databases);
    parameters.parameters.extend(steps::parameters(&app, table));
    let manifest = steps::manifest(&app, table);
    let mut plan = Plan {
        items: Vec::new(),
        requirements: requirements(root, &site),
        dependencies: pyproject
            .project
            .as_ref()
            .and_then(|p| p.dependencies.clone())
            .unwrap_or_default(),
        notes: Vec::new(),
        metadata,
        app,
        manifest,
        parameters,
        files,
        left_out,
        out,
    };
    plan.fill(root, &site, &pyproject)?;
    Ok(plan)
}

impl Plan {
    /// Makes the entries.
    fn fill(&mut self, root: &Path, site: &str, pyproject: &PyProject) -> Result<(), BuildError> {
        let table = pyproject.package();
        let made = |name: &str, text: String| Item {
            name: name.to_owned(),
            bytes: Bytes::Made(text.into_bytes()),
        };
        self.items.push(made("Manifest.xml", self.manifest.to_xml()));
        self.items.push(made("Parameters.xml", self.parameters.to_xml()));
        for database in &table.databases {
            let path = root.join(&database.script);
            let size = std::fs::metadata(&path).map_err(BuildError::io("read", &path))?.len();
            let name = databases::script_name(database).to_owned();
            self.items.push(Item { name, bytes: Bytes::File(path, size) });
        }
        let web_config =
            if site.is_empty() { "web.config".into() } else { format!("{site}/web.config") };
        let mut has_web_config = false;
        for file in &self.files {
            let name = format!("{}/{}", self.app, file.name);
            if let Some(refusal) = names::refusal(&name) {
                return Err(BuildError::refused(refusal.message, "rename it, or exclude it"));
            }
            let mut bytes = Bytes::File(file.path.clone(), file.size);
            if file.name.eq_ignore_ascii_case(&web_config) {
                has_web_config = true;
                let changed = settings_in_web_config::with_settings(file, table, pyproject)?;
                if let Some((fresh, note)) = changed {
                    bytes = Bytes::Made(fresh);
                    self.notes.push(note);
                }
            }
            self.items.push(Item { name, bytes });
        }
        if !has_web_config {
            let message = format!("there is no {web_config} in {}", root.display());
            let hint = "iisgate init writes one; a site in a sub-folder is named by site = \"…\" in \
                        [tool.iisgate.package]";
            return Err(BuildError::refused(message, hint));
        }
        self.check_collisions()
    }

    fn check_collisions(&self) -> Result<(), BuildError> {
        let mut taken = names::Taken::default();
        match self.items.iter().find_map(|item| taken.add(&item.name, false)) {
            Some(refusal) => Err(BuildError::refused(refusal.message, "rename one of them")),
            None => Ok(()),
        }
    }

    /// Adds a file of the application that is not of its folder: a wheel.
    pub(super) fn add(&mut self, name: &str, path: PathBuf, size: u64) {
        let name = format!("{}/{name}", self.app);
        self.items.push(Item { name, bytes: Bytes::File(path, size) });
    }

    /// Secrets that were left out.
    pub fn secrets(&self) -> impl Iterator<Item = &LeftOut> {
        self.left_out.iter().filter(|left| left.why == Why::Secret)
    }
}

/// A name that IIS, zip and cmd take without quotes.
fn app_name(metadata: &Metadata, root: &Path) -> Result<String, BuildError> {
    let folder = || {
        let root = std::path::absolute(root).ok()?;
        Some(root.file_name()?.to_str()?.to_owned())
    };
    let name = metadata.name.clone().or_else(folder).unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    let plain = plain.trim_matches(['-', '.']).to_owned();
    if plain.is_empty() || names::refusal(&plain).is_some() {
        let message = format!("a package cannot be called {name:?}");
        return Err(BuildError::refused(message, "give it a name in [tool.iisgate.package]"));
    }
    Ok(plain)
}

fn default_out(root: &Path, app: &str, metadata: &Metadata) -> PathBuf {
    let name = match &metadata.version {
        Some(version) => format!("{app}-{version}.zip"),
        None => format!("{app}.zip"),
    };
    root.join("dist").join(name)
}

/// The folder of `web.config`, below what is packaged; empty for that itself.
fn site_folder(root: &Path, table: &PackageTable) -> Result<String, BuildError> {
    let Some(site) = &table.site else { return Ok(String::new()) };
    let site = names::normal(site);
    let site = if site == "." { String::new() } else { site };
    if !site.is_empty() && names::refusal(&site).is_some() || !root.join(&site).is_dir() {
        let message =
            format!("site = {site:?} in [tool.iisgate.package] is no folder of {}", root.display());
        return Err(BuildError::refused(message, "name the folder that holds web.config"));
    }
    Ok(site)
}

fn requirements(root: &Path, site: &str) -> Option<PathBuf> {
    let folders = [root.join(site), root.to_owned()];
    folders.into_iter().map(|folder| folder.join("requirements.txt")).find(|file| file.is_file())
}

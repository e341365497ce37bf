//! Owns a package with its parameters' values: its files placed as a release, the values in them, and
//! what its manifest has done on this server.
//!
//! Does not own reading packages (`package`).

use super::digest::digest;
use super::{Error, Secrets};
use crate::package::apply::Application;
use crate::package::{Package, PackageError, Provider, Resolved, RunCommand, Shape};
use std::path::{Path, PathBuf};

/// Providers that need nothing of us: the application itself, and what IIS has already.
const DONE_ANYWAY: [&str; 4] = ["iisApp", "createApp", "contentPath", "dirPath"];

/// A package, ready to be installed.
#[derive(Debug)]
pub struct Content<'a> {
    package: &'a Package,
    values: &'a Resolved,
    application: Application<'a>,
    digest: String,
}

/// What a manifest wants beside the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// A command, with its line after parameters.
    Command(RunCommand),
    /// A command that runs before there are files.
    Before(RunCommand),
    /// Rights on a path within the application.
    Rights {
        /// Below the application's folder; empty for that itself.
        path: String,
        /// Such as `Read, Write`.
        access: String,
        /// Whose; none: the app pool's.
        user: Option<String>,
    },
    /// A file under another name.
    Alias {
        /// Below the application's folder.
        from: String,
        /// Likewise.
        to: String,
    },
}

impl<'a> Content<'a> {
    /// Joins a package with values.
    ///
    /// # Errors
    /// When the package cannot be read, has no application, or a parameter's scope is no pattern.
    pub fn new(package: &'a Package, values: &'a Resolved) -> Result<Self, Error> {
        let application = Application::new(package.parameters(), values)?;
        if package.app_files().is_empty() {
            let message = format!("{} has no application in it", package.path().display());
            let hint = format!(
                "iisgate package verify \"{}\" tells what is wrong",
                package.path().display()
            );
            return Err(Error::refused(message, hint));
        }
        let digest = digest(package, values)?;
        let content = Content { package, values, application, digest };
        // What is refused may hold a connection string.
        content.wishes().map_err(|error| error.masked(&content.secrets()))?;
        Ok(content)
    }

    /// Its file's name.
    pub fn name(&self) -> String {
        self.package.path().file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// SHA-256 of what is in the package, and of the values: of all that makes the release what it is.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Unpacks the application.
    pub(super) fn place(&self, folder: &Path) -> Result<usize, Error> {
        Ok(self.package.extract_app_to(folder)?.files)
    }

    /// Puts the values into the files; tells how many changed.
    pub(super) fn fill(&self, folder: &Path) -> Result<usize, Error> {
        for wish in self.wishes()? {
            let Wish::Alias { from, to } = wish else { continue };
            let (from, to) = (below(folder, &from), below(folder, &to));
            std::fs::copy(&from, &to).map_err(Error::io("copy", &from))?;
        }
        let mut changed = 0;
        for (entry, name) in self.package.app_files() {
            let scope = self.package.scope_path(entry);
            if !self.application.concerns(&scope)? {
                continue;
            }
            let path = below(folder, name);
            let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
            if let Some(fresh) = self.application.file(&scope, &bytes)? {
                std::fs::write(&path, fresh).map_err(Error::io("write", &path))?;
                changed += 1;
            }
        }
        Ok(changed)
    }

    /// What the manifest wants, in its order.
    pub(super) fn wishes(&self) -> Result<Vec<Wish>, Error> {
        let mut wishes = Vec::new();
        let mut has_files = false;
        for provider in &self.package.manifest().providers {
            let path = self.application.provider_path(provider)?;
            let path = path.map_or_else(|| provider.path.clone(), str::to_owned);
            if provider.is("runCommand") {
                let command = RunCommand { command: path, ..RunCommand::of(provider) };
                wishes.push(if has_files { Wish::Command(command) } else { Wish::Before(command) });
            } else if provider.is("setAcl") {
                let setting = |name: &str| {
                    provider.setting(name).filter(|it| !it.is_empty()).map(str::to_owned)
                };
                wishes.push(Wish::Rights {
                    path: self.within(&path, &provider.path)?,
                    access: setting("setAclAccess").unwrap_or_else(|| "Read".into()),
                    user: setting("setAclUser"),
                });
            } else if provider.is("alias") {
                wishes.push(self.alias(provider)?);
            } else if DONE_ANYWAY.iter().any(|name| provider.is(name)) {
                has_files = true;
            } else {
                let name = &provider.name;
                let message =
                    format!("the package has a step that is not ours to do: {name} {path}");
                let hint = "--with-msdeploy lets Web Deploy install it, where that is";
                return Err(Error::refused(message, hint));
            }
        }
        Ok(wishes)
    }

    fn alias(&self, provider: &Provider) -> Result<Wish, Error> {
        let path = |name: &str| {
            let told = provider.attribute_value(name).unwrap_or_default();
            self.within(told, told)
        };
        Ok(Wish::Alias { from: path("from")?, to: path("to")? })
    }

    /// The part of a provider's path that is below the application, whether it has got its value or is
    /// as it was packaged.
    fn within(&self, path: &str, packaged: &str) -> Result<String, Error> {
        let application = self.package.manifest().application();
        let before = application.map(|it| it.path.clone()).unwrap_or_default();
        let after = match application {
            Some(provider) => self.application.provider_path(provider)?,
            None => None,
        };
        let separator = if self.package.shape() == Shape::Archive { '\\' } else { '/' };
        let plain = |text: &str| text.replace('\\', "/").trim_matches('/').to_owned();
        let rest = |path: &str, root: &str| {
            let (path, root) = (plain(path), plain(root));
            let head = path.get(..root.len())?;
            let rest = path.get(root.len()..)?;
            let is_below = head.eq_ignore_ascii_case(&root) && !root.is_empty();
            (is_below && (rest.is_empty() || rest.starts_with('/'))).then(|| plain(rest))
        };
        let found = after.and_then(|after| rest(path, after)).or_else(|| rest(packaged, &before));
        let is_inside = |path: &String| path.split('/').all(|part| part != ".." && part != ".");
        found.filter(is_inside).ok_or_else(|| {
            let message = format!("{path} is not within the application {before}{separator}");
            Error::refused(message, "iisgate package verify tells what is wrong with a package")
        })
    }

    /// What must not be shown. Whoever is a `Host` masks it in all that is said and kept.
    pub fn secrets(&self) -> Secrets {
        Secrets::of(self.package.parameters(), self.values)
    }

    /// The values as they may be shown, but for hidden ones.
    pub(super) fn shown_values(&self) -> Vec<(String, String)> {
        let parameters = self.package.parameters().parameters.iter();
        let shown = parameters.filter(|parameter| !parameter.is_hidden()).filter_map(|parameter| {
            let value = self.values.get(&parameter.name)?;
            let value = if parameter.is_secret() { "(not shown)" } else { value };
            Some((parameter.title().to_owned(), value.to_owned()))
        });
        shown.collect()
    }
}

/// Where something lies below a folder.
pub(super) fn below(folder: &Path, name: &str) -> PathBuf {
    name.split('/')
        .filter(|part| !part.is_empty())
        .fold(folder.to_owned(), |path, part| path.join(part))
}

impl From<PackageError> for Error {
    fn from(error: PackageError) -> Self {
        Error::Package(error)
    }
}

impl From<crate::package::apply::ApplyError> for Error {
    fn from(error: crate::package::apply::ApplyError) -> Self {
        Error::refused(
            error.to_string(),
            "iisgate package verify tells what is wrong with a package",
        )
    }
}

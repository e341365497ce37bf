//! Owns what rules look at: an opened package, and what several of them ask of it.
//!
//! Does not own reading it.

use crate::package::apply::is_scope_of;
use crate::package::contents::Entry;
use crate::package::manifest::Provider;
use crate::package::parameters::{EntryKind, Parameter, ParameterEntry};
use crate::package::pattern::Pattern;
use crate::package::{Package, Shape};

/// A package.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) package: &'a Package,
    /// The application's folder in it.
    pub(super) app: Option<String>,
}

impl<'a> Subject<'a> {
    pub(super) fn of(package: &'a Package) -> Self {
        Self { package, app: package.app_folder() }
    }

    pub(super) fn is_gallery(&self) -> bool {
        self.package.shape() == Shape::Gallery
    }

    pub(super) fn providers(&self) -> impl Iterator<Item = &'a Provider> + use<'a> {
        self.package.manifest().providers.iter()
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = &'a Parameter> {
        self.package.parameters().parameters.iter()
    }

    /// Each entry with its parameter.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a Parameter, &'a ParameterEntry)> {
        self.parameters()
            .flat_map(|parameter| parameter.entries.iter().map(move |e| (parameter, e)))
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &'a Entry> {
        self.package.entries().iter().filter(|entry| !entry.is_folder)
    }

    /// The files of the application's folder, with their paths below it.
    pub(super) fn app_files(&self) -> Vec<(&'a Entry, &'a str)> {
        self.package.app_files()
    }

    /// The parameters that give a provider its path.
    pub(super) fn parameters_of(&self, provider: &Provider) -> Vec<&'a Parameter> {
        let of_path = self.entries().filter(|(_, entry)| entry.kind == EntryKind::ProviderPath);
        of_path
            .filter(|(_, entry)| means(entry, provider))
            .map(|(parameter, _)| parameter)
            .collect()
    }
}

/// Whether an entry gives a provider its path.
pub(super) fn means(entry: &ParameterEntry, provider: &Provider) -> bool {
    let scope = Pattern::ignoring_case(&entry.scope);
    let pattern = Pattern::ignoring_case(&entry.pattern);
    let is_meant = scope.and_then(|scope| is_scope_of(&scope, &provider.name));
    is_meant == Ok(true) && pattern.and_then(|pattern| pattern.is_match(&provider.path)) == Ok(true)
}

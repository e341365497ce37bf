//! Owns which handler mapping answers a request: verb, path pattern, resource type, access.
//!
//! Does not answer it. A mapping whose resource type does not fit is passed over, so that
//! `resourceType="File"` static files in front of a Python handler work as people write them.

use std::path::{Path, PathBuf};

use iis::handlers::{HandlerMapping, Handlers, RequireAccess, ResourceType};

use crate::folders::Folder;
use crate::pattern;
use crate::site::Located;
use crate::{url, windows_names};

/// What a mapping's modules do about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Module {
    FastCgi,
    /// `StaticFileModule`, and those that answer for folders beside it.
    StaticFile,
    /// `ProtocolSupportModule`: OPTIONS and TRACE.
    ProtocolSupport,
}

const SIMULATED: [(&str, Module); 5] = [
    ("FastCgiModule", Module::FastCgi),
    ("StaticFileModule", Module::StaticFile),
    ("DefaultDocumentModule", Module::StaticFile),
    ("DirectoryListingModule", Module::StaticFile),
    ("ProtocolSupportModule", Module::ProtocolSupport),
];

/// The module of a mapping that we simulate, if any. A mapping with a managed type is .NET's.
pub(crate) fn module(mapping: &HandlerMapping) -> Option<Module> {
    let simulated = SIMULATED.iter().find(|(name, _)| mapping.names_module(name));
    simulated.filter(|_| mapping.managed_type.is_empty()).map(|(_, module)| *module)
}

/// A mapping chosen for a request.
#[derive(Debug)]
pub(crate) struct Chosen<'a> {
    pub(crate) mapping: &'a HandlerMapping,
    pub(crate) module: Module,
    /// What follows the script in the URL path.
    pub(crate) path_info: String,
    /// Where the script would lie.
    pub(crate) physical_path: PathBuf,
}

/// Why no mapping answers: an IIS status and sub-status, with its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotMapped {
    pub(crate) status: u16,
    pub(crate) sub_status: u16,
    pub(crate) title: &'static str,
}

const fn not_mapped(status: u16, sub_status: u16, title: &'static str) -> NotMapped {
    NotMapped { status, sub_status, title }
}

/// Chooses the first mapping that fits.
pub(crate) fn choose<'a>(
    folder: &'a Folder,
    located: Located<'_, '_>,
    method: &str,
) -> Result<Chosen<'a>, NotMapped> {
    let path = format!("/{}", located.rest);
    let mut fits_but_missing = false;
    let mut fits_but_verb = false;
    for mapping in &folder.handlers.mappings {
        let Some(module) = module(mapping) else { continue };
        let Some(end) = pattern::matches_path(mapping, &path) else { continue };
        if !pattern::matches_verb(mapping, method) {
            fits_but_verb = true;
            continue;
        }
        let (script, path_info) = path.split_at(end);
        let physical_path = url::below(located.root, script);
        if !exists_as(mapping.resource_type, script, &physical_path) {
            fits_but_missing = true;
            continue;
        }
        check_access(mapping, &folder.handlers)?;
        let path_info = path_info.to_owned();
        return Ok(Chosen { mapping, module, path_info, physical_path });
    }
    Err(match (fits_but_missing, fits_but_verb) {
        (true, _) => not_mapped(404, 0, "The resource does not exist"),
        (false, true) => not_mapped(405, 0, "No handler mapping takes this verb here"),
        (false, false) => not_mapped(404, 4, "No handler mapping matches the path"),
    })
}

fn exists_as(resource_type: ResourceType, url: &str, path: &Path) -> bool {
    if resource_type != ResourceType::Unspecified && windows_names::has_impossible(url) {
        return false;
    }
    match resource_type {
        ResourceType::File => path.is_file(),
        ResourceType::Directory => path.is_dir(),
        ResourceType::Either => path.exists(),
        ResourceType::Unspecified => true,
    }
}

/// `accessPolicy` must give what the mapping requires.
fn check_access(mapping: &HandlerMapping, handlers: &Handlers) -> Result<(), NotMapped> {
    let has = |word: &str| handlers.access_policy.contains(&word);
    let (is_given, sub_status) = match mapping.require_access {
        RequireAccess::None => (true, 0),
        RequireAccess::Read => (has("Read"), 2),
        RequireAccess::Write => (has("Write"), 3),
        RequireAccess::Script => (has("Script") || has("Execute"), 1),
        RequireAccess::Execute => (has("Execute"), 1),
    };
    if is_given {
        Ok(())
    } else {
        Err(not_mapped(403, sub_status, "accessPolicy does not give what the handler requires"))
    }
}

#[cfg(test)]
#[path = "mapping_tests.rs"]
mod tests;

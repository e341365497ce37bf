//! Owns what rules look at: files as bytes, and what could be read of them.
//!
//! Does not own reading them from disk (`folder`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::{self, Element};
use crate::error::Error;
use crate::external;
use crate::fastcgi::{self, FastCgiApplication};
use crate::handlers::{HandlerMapping, Handlers};
use crate::inherit::{FolderDocument, Inheritance};
use crate::place::Source;
use crate::project::{self, Project};
use crate::request_filtering::RequestFiltering;
use crate::script_processor::ScriptProcessor;
use crate::sites::{self, ConfiguredSite};

/// A file as it was read.
#[derive(Debug, Clone)]
pub struct RawFile {
    /// Its path.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A site's files.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The site's folder.
    pub folder: PathBuf,
    /// Its `web.config`.
    pub web_config: Option<RawFile>,
    /// The server's `applicationHost.config`.
    pub server: Option<RawFile>,
    /// Which of its sites this is; the first if nothing is said.
    pub site: Option<String>,
    /// Its `pyproject.toml`.
    pub pyproject: Option<RawFile>,
    /// Everything in the folder, relative, with `/`; folders end with one.
    pub listing: Vec<String>,
    /// Files in which sections of the others stand (`configSource`).
    pub sources: Vec<RawFile>,
    /// The `web.config`s of folders below.
    pub below: Vec<BelowFile>,
    /// The `web.config`s of other applications of the server.
    pub neighbours: Vec<NeighbourFile>,
}

/// The `web.config` of a folder below a site's.
#[derive(Debug, Clone)]
pub struct BelowFile {
    /// The folder, relative, with `/`.
    pub folder: String,
    /// The file.
    pub file: RawFile,
}

/// The `web.config` of another application of the server.
#[derive(Debug, Clone)]
pub struct NeighbourFile {
    /// Site and path: `Shop/api`.
    pub name: String,
    /// Its IIS app pool.
    pub pool: String,
    /// The file.
    pub file: RawFile,
}

/// Files, read as far as they can be.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) files: &'a Files,
    /// Its own `web.config`s, from the site's to the one that is looked at.
    pub(super) documents: Vec<FolderDocument>,
    pub(super) web: Option<Arc<Element>>,
    pub(super) server: Option<Arc<Element>>,
    pub(super) site: Option<ConfiguredSite>,
    pub(super) chain: Inheritance,
    pub(super) handlers: Option<Handlers>,
    pub(super) filtering: Option<RequestFiltering>,
    pub(super) applications: Vec<FastCgiApplication>,
    pub(super) project: Project,
    pub(super) project_error: Option<Error>,
    pub(super) pyproject_text: Option<Arc<Source>>,
}

/// A FastCGI handler mapping of the site's own file that is for Python.
#[derive(Debug)]
pub(super) struct PythonHandler<'a> {
    pub(super) element: &'a Element,
    pub(super) processor: ScriptProcessor,
}

impl<'a> Subject<'a> {
    pub(super) fn of(files: &'a Files) -> Self {
        Self::at(files, &[], &[])
    }

    /// The same for a folder below, of which `files` are; `above` are the `web.config`s on the way.
    pub(super) fn at(files: &'a Files, above: &[FolderDocument], segments: &[String]) -> Self {
        let source = |path: &Path| {
            let file = files.sources.iter().find(|file| file.path == path)?;
            document::decode(&file.path, &file.bytes).ok()
        };
        let read = |file: &Option<RawFile>| -> Option<Arc<Element>> {
            let file = file.as_ref()?;
            let root = document::decode(&file.path, &file.bytes).ok()?;
            let is_one = root.name() == "configuration";
            is_one.then(|| Arc::new(external::resolved_by(root, &source)))
        };
        let (web, server) = (read(&files.web_config), read(&files.server));
        let sites = server.as_ref().and_then(|root| sites::read(root).ok()).unwrap_or_default();
        let site = match &files.site {
            Some(name) => sites.into_iter().find(|site| site.name.eq_ignore_ascii_case(name)),
            None => sites.into_iter().next(),
        };
        let name = site.as_ref().map(|site| site.name.clone()).unwrap_or_default();
        let own =
            web.iter().map(|root| FolderDocument { depth: segments.len(), root: Arc::clone(root) });
        let documents: Vec<FolderDocument> = above.iter().cloned().chain(own).collect();
        let level = server.as_ref().map(|root| (root, name.as_str()));
        let chain = Inheritance::defaults().at(level, &documents, segments, 0);
        let text = files.pyproject.as_ref().and_then(|file| {
            let text = std::str::from_utf8(&file.bytes).ok()?;
            Some(Source::new(&file.path, text.strip_prefix('\u{feff}').unwrap_or(text)))
        });
        let (project, project_error) = match text.as_ref().map(project::parse) {
            Some(Ok(project)) => (project.unwrap_or_default(), None),
            Some(Err(error)) => (Project::default(), Some(error)),
            None => (Project::default(), None),
        };
        // What a web.config says of them counts for nothing.
        let own = server.as_ref().map(|root| Inheritance::server(root, &name, "/"));
        let applications = own.and_then(|own| own.fastcgi().ok()).unwrap_or_else(|| {
            let section =
                server.as_ref().and_then(|root| root.descendant("system.webServer/fastCgi"));
            section.map(fastcgi::readable).unwrap_or_default()
        });
        Subject {
            files,
            documents,
            web,
            server,
            site,
            handlers: chain.handlers().ok(),
            filtering: chain.request_filtering().ok(),
            applications,
            chain,
            project,
            project_error,
            pyproject_text: text,
        }
    }

    /// What of a finding is about this folder's own file, not about those that it inherits from.
    pub(super) fn owns(&self, path: &Path) -> bool {
        let own = self.files.web_config.as_ref().map(|file| &file.path);
        own.is_some_and(|own| own == path) || self.own_sources().iter().any(|(_, it)| it == path)
    }

    /// Files in which sections of the folder's own file stand, with what names them.
    pub(super) fn own_sources(&self) -> Vec<(Element, PathBuf)> {
        let file = self.files.web_config.as_ref();
        let root = file.and_then(|file| document::decode(&file.path, &file.bytes).ok());
        let Some(root) = root else { return Vec::new() };
        external::sources(&root).into_iter().map(|(at, path)| (at.clone(), path)).collect()
    }

    /// The roots and `<location>`s of the site's own file.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &Element> {
        self.web.iter().flat_map(|root| scopes(root))
    }

    /// A section wherever the site's own file has it.
    pub(super) fn sections<'s>(&'s self, path: &'s str) -> impl Iterator<Item = &'s Element> {
        self.scopes().filter_map(move |scope| scope.descendant(path))
    }

    /// A section that the site's own file has for the whole site.
    pub(super) fn own(&self, path: &str) -> Option<&Element> {
        self.web.as_ref()?.descendant(path)
    }

    /// The handler mappings of the site's own file.
    pub(super) fn mappings(&self) -> impl Iterator<Item = &Element> {
        let sections = self.sections("system.webServer/handlers");
        sections.flat_map(|section| section.children().filter(|item| item.name() == "add"))
    }

    /// Those among them that lead to Python.
    pub(super) fn pythons(&self) -> impl Iterator<Item = PythonHandler<'_>> {
        self.mappings().filter_map(|element| {
            let modules = element.attribute("modules").unwrap_or_default();
            let is_fastcgi = modules.split(',').any(|m| m.trim().eq_ignore_ascii_case(FASTCGI));
            let text = element.attribute("scriptProcessor").unwrap_or_default();
            let processor = ScriptProcessor::parse(text);
            let is_php = processor.file_name().to_lowercase().contains("php");
            (is_fastcgi && !is_php).then_some(PythonHandler { element, processor })
        })
    }

    /// The FastCGI applications of the server that these handler mappings name, quotes aside.
    pub(super) fn pools(&self) -> Vec<&FastCgiApplication> {
        let found = self.applications.iter().filter(|application| {
            self.pythons().any(|python| {
                unquoted(&python.processor.full_path) == unquoted(&application.full_path)
                    && python.processor.arguments == application.arguments
            })
        });
        found.collect()
    }

    /// The `<application>` elements of those, in the server's file.
    pub(super) fn pool_elements(&self) -> Vec<&Element> {
        let places: Vec<_> = self.pools().iter().filter_map(|pool| pool.place.clone()).collect();
        let sections = self.chain.sections("system.webServer/fastCgi");
        let items = sections.into_iter().flat_map(|section| section.children());
        items.filter(|item| places.contains(&item.place())).collect()
    }

    /// The mapping that answers for a file of the site.
    pub(super) fn mapping_of(&self, name: &str) -> Option<&HandlerMapping> {
        self.handlers.as_ref()?.mappings.iter().find(|mapping| {
            let is_for_get = mapping.verbs.iter().any(|verb| verb == "*" || verb == "GET");
            is_for_get && mapping.path_patterns.iter().any(|pattern| fits(pattern, name))
        })
    }

    /// Whether a file of the site is sent by IIS itself, as far as mappings and filtering tell.
    pub(super) fn is_static(&self, name: &str) -> bool {
        self.mapping_of(name).is_some_and(|mapping| mapping.names_module("StaticFileModule"))
    }

    /// Whether request filtering keeps a URL path from everybody.
    pub(super) fn hides(&self, name: &str) -> bool {
        let Some(filtering) = &self.filtering else { return false };
        let last = name.rsplit('/').next().unwrap_or(name);
        filtering.denies(last) || name.split('/').any(|part| filtering.hides(part))
    }

    /// The site's own files that are no folders.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.listing.iter().map(String::as_str).filter(|name| !name.ends_with('/'))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.files.listing.iter().any(|listed| listed.eq_ignore_ascii_case(name))
    }

    /// Where findings about the site's own file go that are about nothing in it.
    pub(super) fn web_path(&self) -> PathBuf {
        let named = self.files.web_config.as_ref().map(|file| file.path.clone());
        named.unwrap_or_else(|| self.files.folder.clone())
    }

    pub(super) fn in_folder(&self, name: &str) -> PathBuf {
        self.files.folder.join(Path::new(name.trim_end_matches('/')))
    }

    /// The first place in `pyproject.toml` where a key is written.
    pub(super) fn key_place(&self, key: &str) -> Option<crate::Place> {
        let source = self.pyproject_text.as_ref()?;
        let mut offset = 0;
        for line in source.text().split_inclusive('\n') {
            let told = line.trim_start().trim_start_matches(['"', '\'']);
            if told.strip_prefix(key).is_some_and(|rest| !rest.starts_with(is_name_part)) {
                return Some(source.place(offset + line.len() - line.trim_start().len()));
            }
            offset += line.len();
        }
        Some(source.place(0))
    }
}

/// The module that speaks FastCGI.
pub(super) const FASTCGI: &str = "FastCgiModule";

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// A root and its `<location>`s.
pub(super) fn scopes(root: &Element) -> impl Iterator<Item = &Element> {
    std::iter::once(root).chain(root.children().filter(|child| child.name() == "location"))
}

/// A path for comparing: without quotes, whatever its case.
pub(super) fn unquoted(path: &str) -> String {
    path.trim().trim_matches('"').to_lowercase()
}

/// The extension with its dot, in the last segment.
pub(super) fn extension(name: &str) -> Option<&str> {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.rfind('.').map(|at| &last[at..])
}

/// Whether a handler's path pattern fits a file; one without `/` looks at the last segment.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    if pattern == "*" {
        return true;
    }
    let last = name.rsplit('/').next().unwrap_or(&name);
    let text = if pattern.contains('/') { name.as_str() } else { last };
    wild(pattern.trim_start_matches('/').as_bytes(), text.as_bytes())
}

fn wild(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=text.len()).any(|at| wild(rest, &text[at..])),
        (Some((b'?', rest)), Some((_, text))) => wild(rest, text),
        (Some((a, rest)), Some((b, text))) if a == b => wild(rest, text),
        _ => false,
    }
}

//! Owns the chain of files and `<location>`s from which a section's elements come, outermost first.
//!
//! Does not merge them (each section's module does), and does not say who may write what (`locks`
//! does).

use std::sync::Arc;

use crate::document::{self, Element};
use crate::error::Error;
use crate::letter_case::alike;
use crate::place::Source;

/// What IIS 10 ships, as far as it concerns us; the outermost level where no
/// `applicationHost.config` is given.
const DEFAULTS: &str = include_str!("defaults.config");

/// A `web.config` on the way down a URL path.
#[derive(Debug, Clone)]
pub struct FolderDocument {
    /// How many segments the path of its folder has.
    pub depth: usize,
    /// Its `<configuration>`.
    pub root: Arc<Element>,
}

/// Where a level stands: the number of its document, the server's being 0, and of the `<location>`
/// among the children of its root, if it is one.
pub type LevelName = (usize, Option<usize>);

/// A `<configuration>` root or a `<location>`: its children are sections.
#[derive(Debug, Clone)]
struct Level {
    name: LevelName,
    root: Arc<Element>,
    /// How many segments the path has that it is for.
    depth: usize,
    /// How many the path has of the folder whose file it is.
    document_depth: usize,
}

impl Level {
    fn element(&self) -> &Element {
        let location = self.name.1.and_then(|at| self.root.children().nth(at));
        location.unwrap_or(&self.root)
    }
}

/// The levels that apply to one URL path of a site.
#[derive(Debug, Clone)]
pub struct Inheritance {
    /// What IIS ships: counts for the sections that the server's own file leaves out, which a real
    /// `applicationHost.config` never does, but one written by hand for a test site does.
    shipped: Arc<Element>,
    levels: Vec<Level>,
    /// How many segments the path of the site application has.
    application_depth: usize,
}

impl Inheritance {
    /// Starts from what IIS ships.
    pub fn defaults() -> Self {
        let source = Source::new("(defaults of IIS 10)", DEFAULTS);
        let root = document::parse(source).expect("the shipped defaults are well-formed");
        Inheritance { shipped: Arc::new(root), levels: Vec::new(), application_depth: 0 }
    }

    /// Starts from an `applicationHost.config`: its root, then its `<location>`s for the server, the
    /// site and the paths down to `url_path`.
    pub fn server(root: &Arc<Element>, site: &str, url_path: &str) -> Self {
        Self::defaults().at(Some((root, site)), &[], &segments(url_path), 0)
    }

    /// The levels for a URL path on top of what IIS ships: those of an `applicationHost.config`, if
    /// there is one, and those of the `web.config`s on the way down.
    ///
    /// Each step down has first what is said about it from above, by the server and then by the
    /// folders passed, and then its own `web.config`. The site application whose path has
    /// `application_depth` segments does not inherit `<location inheritInChildApplications="false">`
    /// from paths above it.
    pub fn at(
        &self,
        server: Option<(&Arc<Element>, &str)>,
        documents: &[FolderDocument],
        segments: &[String],
        application_depth: usize,
    ) -> Self {
        let shipped = Arc::clone(&self.shipped);
        let mut chain = Inheritance { shipped, levels: Vec::new(), application_depth };
        if let Some((root, _)) = server {
            chain.push_root(0, root, 0);
            chain.push_locations(0, root, "", (0, 0));
        }
        for depth in 0..=segments.len() {
            if let Some((root, site)) = server {
                let path = [&[site.to_owned()], &segments[..depth]].concat().join("/");
                chain.push_locations(0, root, &path, (depth, 0));
            }
            for (index, document) in documents.iter().enumerate() {
                if document.depth < depth {
                    let path = segments[document.depth..depth].join("/");
                    let depths = (depth, document.depth);
                    chain.push_locations(index + 1, &document.root, &path, depths);
                } else if document.depth == depth {
                    chain.push_root(index + 1, &document.root, depth);
                    chain.push_locations(index + 1, &document.root, "", (depth, depth));
                }
            }
        }
        chain.levels.retain(|level| {
            let keeps_to_itself = level.element().attribute("inheritInChildApplications");
            let is_above = level.depth < application_depth;
            !(is_above && keeps_to_itself.is_some_and(|told| told.eq_ignore_ascii_case("false")))
        });
        chain
    }

    /// Adds the level of a folder's `web.config`: its root and its `<location path=".">`s.
    pub fn push(&mut self, root: &Arc<Element>) {
        let number = self.levels.last().map_or(1, |level| level.name.0 + 1);
        self.push_root(number, root, 0);
        self.push_locations(number, root, "", (0, 0));
    }

    fn push_root(&mut self, document: usize, root: &Arc<Element>, depth: usize) {
        let root = Arc::clone(root);
        self.levels.push(Level { name: (document, None), root, depth, document_depth: depth });
    }

    /// Adds the `<location>`s for a path; the depths are those of the path and of the document.
    fn push_locations(
        &mut self,
        document: usize,
        root: &Arc<Element>,
        path: &str,
        (depth, document_depth): (usize, usize),
    ) {
        for (at, child) in root.children().enumerate() {
            if location_path(child).is_some_and(|told| alike(told, path)) {
                let root = Arc::clone(root);
                let name = (document, Some(at));
                self.levels.push(Level { name, root, depth, document_depth });
            }
        }
    }

    /// What the levels are: two paths with equal names of the same documents are configured alike.
    pub fn level_names(&self) -> Vec<LevelName> {
        self.levels.iter().map(|level| level.name).collect()
    }

    /// Refuses sections that stand where they are locked, and what is locked in them.
    ///
    /// # Errors
    /// At the first one, as IIS does (500.19).
    pub fn check_locks(&self, sections: &[&str]) -> Result<(), Error> {
        let levels = self.levels.iter().map(|level| crate::locks::Level {
            document: level.name.0,
            is_location: level.name.1.is_some(),
            is_below_application: level.document_depth > self.application_depth,
            element: level.element(),
        });
        let levels: Vec<crate::locks::Level<'_>> = levels.collect();
        for section in sections {
            crate::locks::check(section, &levels)?;
            let found = self.numbered_sections(section);
            found.iter().try_for_each(|(_, element)| crate::external::check(element))?;
            crate::element_locks::check(section, &found)?;
        }
        Ok(())
    }

    /// The elements of a section, outermost first, each with the number of its document.
    fn numbered_sections(&self, path: &str) -> Vec<(usize, &Element)> {
        let found = self.levels.iter();
        let found =
            found.filter_map(|level| Some((level.name.0, level.element().descendant(path)?)));
        let found: Vec<_> = found.collect();
        let is_left_out = found.iter().all(|(document, _)| *document > 0);
        let shipped = is_left_out.then(|| self.shipped.descendant(path)).flatten();
        shipped.map(|section| (0, section)).into_iter().chain(found).collect()
    }

    /// The roots and `<location>`s that apply, outermost first, each with whether it is the root of the
    /// server's own file.
    pub(crate) fn levels_with_server(&self) -> impl Iterator<Item = (bool, &Element)> {
        self.levels.iter().map(|level| (level.name == (0, None), level.element()))
    }

    /// The elements of a section, such as `system.webServer/handlers`, outermost first.
    pub fn sections(&self, path: &str) -> Vec<&Element> {
        self.sections_with_depth(path).into_iter().map(|(_, section)| section).collect()
    }

    /// As above, each with the number of segments that the path has for which it was written.
    fn sections_with_depth(&self, path: &str) -> Vec<(usize, &Element)> {
        let found =
            self.levels.iter().filter_map(|level| Some((level, level.element().descendant(path)?)));
        let is_left_out = !found.clone().any(|(level, _)| level.name.0 == 0);
        let shipped = is_left_out.then(|| self.shipped.descendant(path)).flatten();
        let shipped = shipped.map(|section| (0, section));
        shipped.into_iter().chain(found.map(|(level, section)| (level.depth, section))).collect()
    }

    /// The effective handler mappings.
    ///
    /// # Errors
    /// As [`crate::handlers::read`].
    pub fn handlers(&self) -> Result<crate::handlers::Handlers, Error> {
        crate::handlers::read(&self.sections("system.webServer/handlers"))
    }

    /// The effective FastCGI applications.
    ///
    /// # Errors
    /// As [`crate::fastcgi::read`].
    pub fn fastcgi(&self) -> Result<Vec<crate::fastcgi::FastCgiApplication>, Error> {
        crate::fastcgi::read(&self.sections("system.webServer/fastCgi"))
    }

    /// The effective MIME map.
    ///
    /// # Errors
    /// As [`crate::static_content::read`].
    pub fn static_content(&self) -> Result<crate::static_content::MimeMap, Error> {
        crate::static_content::read(&self.sections("system.webServer/staticContent"))
    }

    /// The effective request filtering.
    ///
    /// # Errors
    /// As [`crate::request_filtering::read`].
    pub fn request_filtering(&self) -> Result<crate::request_filtering::RequestFiltering, Error> {
        let path = "system.webServer/security/requestFiltering";
        crate::request_filtering::read(&self.sections(path))
    }

    /// The effective client caching of static files.
    ///
    /// # Errors
    /// As [`crate::static_content::read_client_cache`].
    pub fn client_cache(&self) -> Result<crate::static_content::ClientCache, Error> {
        let path = "system.webServer/staticContent";
        crate::static_content::read_client_cache(&self.sections(path))
    }

    /// The effective custom error pages.
    ///
    /// # Errors
    /// As [`crate::http_errors::read`].
    pub fn http_errors(&self) -> Result<crate::http_errors::HttpErrors, Error> {
        crate::http_errors::read(&self.sections("system.webServer/httpErrors"))
    }

    /// The effective default documents.
    ///
    /// # Errors
    /// As [`crate::directories::read_default_documents`].
    pub fn default_documents(&self) -> Result<crate::directories::DefaultDocuments, Error> {
        let path = "system.webServer/defaultDocument";
        crate::directories::read_default_documents(&self.sections(path))
    }

    /// The effective directory browsing.
    ///
    /// # Errors
    /// As [`crate::directories::read_directory_browse`].
    pub fn directory_browse(&self) -> Result<crate::directories::DirectoryBrowse, Error> {
        let path = "system.webServer/directoryBrowse";
        crate::directories::read_directory_browse(&self.sections(path))
    }

    /// The effective custom headers.
    ///
    /// # Errors
    /// As [`crate::http_protocol::read`].
    pub fn http_protocol(&self) -> Result<crate::http_protocol::HttpProtocol, Error> {
        crate::http_protocol::read(&self.sections("system.webServer/httpProtocol"))
    }

    /// The effective redirect, where there is one.
    ///
    /// # Errors
    /// As [`crate::http_redirect::read`].
    pub fn http_redirect(&self) -> Result<Option<crate::http_redirect::HttpRedirect>, Error> {
        crate::http_redirect::read(&self.sections_with_depth("system.webServer/httpRedirect"))
    }

    /// The effective rules of URL Rewrite, those of the server for all sites first.
    ///
    /// # Errors
    /// As [`crate::rewrite::read`].
    pub fn rewriting(&self) -> Result<crate::rewrite::Rewriting, Error> {
        let levels =
            |path: &str| self.sections_with_depth(&format!("system.webServer/rewrite/{path}"));
        crate::rewrite::read(
            &levels("globalRules"),
            &levels("rules"),
            &self.sections("system.webServer/rewrite/rewriteMaps"),
        )
    }
}

/// The segments of a URL path.
pub fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

/// The normalised path of a `<location>`: `.` and nothing mean "here". `None` for other elements.
fn location_path(element: &Element) -> Option<&str> {
    if element.name() != "location" {
        return None;
    }
    let path = element.attribute("path").unwrap_or_default().trim_matches('/');
    Some(if path == "." { "" } else { path })
}

#[cfg(test)]
#[path = "inherit_tests.rs"]
mod tests;

//! Owns the chain of files and `<location>`s from which a section's elements come, outermost first.
//!
//! Does not merge them (each section's module does) and does not enforce locks or
//! `allowDefinition`: a section that IIS would refuse is read here all the same.

use std::sync::Arc;

use crate::document::{self, Element};
use crate::error::Error;
use crate::place::Source;

/// What IIS 10 ships, as far as it concerns us; the outermost level where no
/// `applicationHost.config` is given.
const DEFAULTS: &str = include_str!("defaults.config");

/// The levels that apply to one folder of a site.
#[derive(Debug, Clone)]
pub struct Inheritance {
    /// What IIS ships: counts for the sections that the server's own file leaves out, which a real
    /// `applicationHost.config` never does, but one written by hand for a test site does.
    shipped: Arc<Element>,
    /// Elements whose children are sections: `<configuration>` roots and `<location>`s.
    levels: Vec<Arc<Element>>,
    /// How many of them are the server's.
    server_levels: usize,
}

impl Inheritance {
    /// Starts from what IIS ships.
    pub fn defaults() -> Self {
        let source = Source::new("(defaults of IIS 10)", DEFAULTS);
        let root = document::parse(source).expect("the shipped defaults are well-formed");
        Inheritance { shipped: Arc::new(root), levels: Vec::new(), server_levels: 0 }
    }

    /// Starts from an `applicationHost.config`: its root, then its `<location>`s for the server, the
    /// site and the folders down to `url_path`.
    pub fn server(root: &Arc<Element>, site: &str, url_path: &str) -> Self {
        let mut chain = Self::defaults();
        chain.levels.push(Arc::clone(root));
        let mut path = site.to_owned();
        chain.push_locations(root, "");
        chain.push_locations(root, &path);
        for segment in url_path.split('/').filter(|segment| !segment.is_empty()) {
            path = format!("{path}/{segment}");
            chain.push_locations(root, &path);
        }
        chain.server_levels = chain.levels.len();
        chain
    }

    /// Adds the level of a folder's `web.config`: its root and its `<location path=".">`s.
    pub fn push(&mut self, root: &Arc<Element>) {
        self.levels.push(Arc::clone(root));
        self.push_locations(root, "");
    }

    fn push_locations(&mut self, root: &Element, path: &str) {
        let matching = locations(root).filter(|(at, _)| at.to_lowercase() == path.to_lowercase());
        self.levels.extend(matching.map(|(_, location)| Arc::new(location.clone())));
    }

    /// The elements of a section, such as `system.webServer/handlers`, outermost first.
    pub fn sections(&self, path: &str) -> Vec<&Element> {
        let at = |level: &Arc<Element>| level.descendant(path).is_some();
        let is_left_out = !self.levels[..self.server_levels].iter().any(at);
        let shipped = is_left_out.then_some(&self.shipped);
        shipped.into_iter().chain(&self.levels).filter_map(|level| level.descendant(path)).collect()
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
}

/// The `<location>`s of a file with their normalised paths: `.` and nothing mean "here".
pub fn locations(root: &Element) -> impl Iterator<Item = (&str, &Element)> {
    root.children().filter(|child| child.name() == "location").map(|location| {
        let path = location.attribute("path").unwrap_or_default().trim_matches('/');
        (if path == "." { "" } else { path }, location)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::Inheritance;
    use crate::document;
    use crate::place::Source;

    fn names(chain: &Inheritance) -> Vec<String> {
        chain.handlers().unwrap().mappings.into_iter().map(|mapping| mapping.name).collect()
    }

    fn level(name: &str) -> String {
        format!(
            "<system.webServer><handlers><add name='{name}' path='*' verb='*'/></handlers></system.webServer>"
        )
    }

    #[test]
    fn locations_lie_between_server_and_site() {
        let server = format!(
            "<configuration>{}<location path='Shop'>{}</location><location path='' overrideMode='Allow'>{}</location>\
             <location path='shop/API'>{}</location><location path='Other'>{}</location></configuration>",
            level("server"),
            level("site"),
            level("all"),
            level("api"),
            level("other"),
        );
        let server =
            Arc::new(document::parse(Source::new("applicationHost.config", server)).unwrap());
        let web = format!(
            "<configuration>{}<location path='.'>{}</location></configuration>",
            level("web"),
            level("here")
        );
        let web = Arc::new(document::parse(Source::new("web.config", web)).unwrap());
        let mut chain = Inheritance::server(&server, "Shop", "/");
        assert_eq!(names(&chain), ["site", "all", "server"]);
        chain.push(&web);
        assert_eq!(names(&chain), ["here", "web", "site", "all", "server"]);
        let chain = Inheritance::server(&server, "Shop", "/api/v1");
        assert_eq!(names(&chain), ["api", "site", "all", "server"]);
    }

    #[test]
    fn the_defaults_read_well() {
        let chain = Inheritance::defaults();
        assert_eq!(names(&chain), ["TRACEVerbHandler", "OPTIONSVerbHandler", "StaticFile"]);
        assert_eq!(chain.handlers().unwrap().access_policy, ["Read", "Script"]);
        assert_eq!(chain.static_content().unwrap().get("a.CSS"), Some("text/css"));
        assert!(chain.request_filtering().unwrap().hides("Web.Config"));
        assert_eq!(chain.fastcgi().unwrap(), []);
    }

    #[test]
    fn real_files_read_well() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/config");
        for (name, last) in [
            ("iis10-arr-applicationHost.config", Some("StaticFile")),
            ("iisexpress-applicationhost.config", Some("StaticFile")),
        ] {
            let root = Arc::new(document::load(&fixtures.join(name)).unwrap());
            let chain = Inheritance::server(&root, "Default Web Site", "/");
            assert_eq!(names(&chain).last().map(String::as_str), last, "{name}");
            assert_eq!(chain.static_content().unwrap().get("x.js"), Some("application/javascript"));
            chain.request_filtering().unwrap();
        }
    }
}

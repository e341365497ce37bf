//! Owns `<sites>` of `applicationHost.config`: sites, bindings, applications, virtual directories.
//!
//! Does not listen, nor decide whether a physical path exists. Expands `%VAR%` in physical paths.

use std::path::PathBuf;

use crate::attributes::{APPLICATION, BINDING, SITE, VIRTUAL_DIRECTORY};
use crate::document::Element;
use crate::error::Error;
use crate::place::Place;
use crate::read::Reader;

/// The IIS app pool of applications that name none (`applicationDefaults` may name another).
pub const DEFAULT_APPLICATION_POOL: &str = "DefaultAppPool";

/// A `<site>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredSite {
    /// Its unique name.
    pub name: String,
    /// Its number, as in `/LM/W3SVC/1`.
    pub id: u32,
    /// Its bindings.
    pub bindings: Vec<Binding>,
    /// Its applications; the one at `/` among them.
    pub applications: Vec<SiteApplication>,
    /// Where it is written.
    pub place: Place,
}

/// A `<binding>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// `http`, `https`, or another protocol that has no address here.
    pub protocol: String,
    /// The address, `*` or empty for all.
    pub address: String,
    /// The port; `None` for protocols without one.
    pub port: Option<u16>,
    /// The host name, empty for any.
    pub host: String,
}

/// A site application: an `<application>` of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteApplication {
    /// Its URL path, `/` or `/app`.
    pub path: String,
    /// Its IIS app pool.
    pub application_pool: String,
    /// Its virtual directories; the one at `/` among them.
    pub virtual_directories: Vec<VirtualDirectory>,
    /// Where it is written.
    pub place: Place,
}

/// A `<virtualDirectory>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualDirectory {
    /// Its path below the application's, `/` or `/files`.
    pub path: String,
    /// The folder it stands for.
    pub physical_path: PathBuf,
    /// Whether folders below it may have a `web.config`.
    pub allows_sub_dir_config: bool,
    /// Where it is written.
    pub place: Place,
}

/// Reads all sites of a `<configuration>` root.
///
/// # Errors
/// On missing attributes, bad bindings, and sites or applications without a root.
pub fn read(configuration: &Element) -> Result<Vec<ConfiguredSite>, Error> {
    let Some(sites) = configuration.descendant("system.applicationHost/sites") else {
        return Ok(Vec::new());
    };
    let default_pool = |scope: &Element| {
        let defaults = scope.child("applicationDefaults")?;
        defaults.attribute("applicationPool").map(str::to_owned)
    };
    let server_pool = default_pool(sites).unwrap_or_else(|| DEFAULT_APPLICATION_POOL.to_owned());
    let site = |element: &Element| {
        let pool = default_pool(element).unwrap_or_else(|| server_pool.clone());
        site(element, &pool)
    };
    sites.children().filter(|child| child.name() == "site").map(site).collect()
}

fn site(element: &Element, default_pool: &str) -> Result<ConfiguredSite, Error> {
    let reader = Reader::new(element, SITE);
    let applications: Vec<SiteApplication> = element
        .children()
        .filter(|child| child.name() == "application")
        .map(|child| application(child, default_pool))
        .collect::<Result<_, _>>()?;
    if !applications.iter().any(|application| application.path == "/") {
        return Err(element.error("a site needs an <application path=\"/\">"));
    }
    let bindings = element.child("bindings").into_iter().flat_map(Element::children);
    Ok(ConfiguredSite {
        name: reader.text("name")?,
        id: reader.number("id")?,
        bindings: bindings
            .filter(|child| child.name() == "binding")
            .map(binding)
            .collect::<Result<_, _>>()?,
        applications,
        place: element.place(),
    })
}

fn application(element: &Element, default_pool: &str) -> Result<SiteApplication, Error> {
    let reader = Reader::new(element, APPLICATION);
    let pool = reader.text("applicationPool")?;
    let virtual_directories: Vec<VirtualDirectory> = element
        .children()
        .filter(|child| child.name() == "virtualDirectory")
        .map(virtual_directory)
        .collect::<Result<_, _>>()?;
    if !virtual_directories.iter().any(|directory| directory.path == "/") {
        return Err(element.error("an application needs a <virtualDirectory path=\"/\">"));
    }
    Ok(SiteApplication {
        path: url_path(element, &reader.text("path")?)?,
        application_pool: if pool.is_empty() { default_pool.to_owned() } else { pool },
        virtual_directories,
        place: element.place(),
    })
}

fn virtual_directory(element: &Element) -> Result<VirtualDirectory, Error> {
    let reader = Reader::new(element, VIRTUAL_DIRECTORY);
    Ok(VirtualDirectory {
        path: url_path(element, &reader.text("path")?)?,
        physical_path: PathBuf::from(reader.text("physicalPath")?),
        allows_sub_dir_config: reader.flag("allowSubDirConfig")?,
        place: element.place(),
    })
}

/// A URL path that starts with a slash and, but for the root, ends without one.
fn url_path(element: &Element, path: &str) -> Result<String, Error> {
    if !path.starts_with('/') {
        return Err(
            element.attribute_error("path", format!("path must start with a slash: {path}"))
        );
    }
    let trimmed = path.trim_end_matches('/');
    Ok(if trimmed.is_empty() { "/".to_owned() } else { trimmed.to_owned() })
}

/// `address:port:host`; an IPv6 address stands in brackets. Other protocols put other things there.
fn binding(element: &Element) -> Result<Binding, Error> {
    let reader = Reader::new(element, BINDING);
    let protocol = reader.text("protocol")?.to_ascii_lowercase();
    let information = reader.text("bindingInformation")?;
    if !matches!(protocol.as_str(), "http" | "https") {
        return Ok(Binding { protocol, address: information, port: None, host: String::new() });
    }
    let malformed = || {
        let message = format!("bindingInformation must be address:port:host: {information}");
        element.attribute_error("bindingInformation", message)
    };
    let (rest, host) = information.rsplit_once(':').ok_or_else(malformed)?;
    let (address, port) = rest.rsplit_once(':').ok_or_else(malformed)?;
    Ok(Binding {
        protocol,
        address: address.trim_start_matches('[').trim_end_matches(']').to_owned(),
        port: Some(port.parse().map_err(|_| malformed())?),
        host: host.to_owned(),
    })
}

#[cfg(test)]
#[path = "sites_tests.rs"]
mod tests;

//! Owns which elements are sections: what stands in a group, and is merged and locked as one.
//!
//! Does not own what they hold (`attributes`, `collections`). Besides those of the schema files there
//! are those that the server declares, and what .NET puts into groups of its own.

use crate::document::Element;
use crate::inherit::Inheritance;

/// The sections of IIS_schema.xml, httpplatform_schema.xml and rewrite_schema.xml.
pub const SECTIONS: &[&str] = &[
    "system.applicationHost/applicationPools",
    "system.applicationHost/configHistory",
    "system.applicationHost/customMetadata",
    "system.applicationHost/listenerAdapters",
    "system.applicationHost/log",
    "system.applicationHost/serviceAutoStartProviders",
    "system.applicationHost/sites",
    "system.applicationHost/webLimits",
    "system.webServer/asp",
    "system.webServer/caching",
    "system.webServer/cgi",
    "system.webServer/defaultDocument",
    "system.webServer/directoryBrowse",
    "system.webServer/fastCgi",
    "system.webServer/globalModules",
    "system.webServer/handlers",
    "system.webServer/httpCompression",
    "system.webServer/httpErrors",
    "system.webServer/httpLogging",
    "system.webServer/httpProtocol",
    "system.webServer/httpRedirect",
    "system.webServer/httpTracing",
    "system.webServer/isapiFilters",
    "system.webServer/management/authentication",
    "system.webServer/management/authorization",
    "system.webServer/management/trustedProviders",
    "system.webServer/modules",
    "system.webServer/applicationInitialization",
    "system.webServer/odbcLogging",
    "system.webServer/security/access",
    "system.webServer/security/applicationDependencies",
    "system.webServer/security/authentication/anonymousAuthentication",
    "system.webServer/security/authentication/basicAuthentication",
    "system.webServer/security/authentication/clientCertificateMappingAuthentication",
    "system.webServer/security/authentication/digestAuthentication",
    "system.webServer/security/authentication/iisClientCertificateMappingAuthentication",
    "system.webServer/security/authentication/windowsAuthentication",
    "system.webServer/security/authorization",
    "system.webServer/security/ipSecurity",
    "system.webServer/security/dynamicIpSecurity",
    "system.webServer/security/isapiCgiRestriction",
    "system.webServer/security/requestFiltering",
    "system.webServer/serverRuntime",
    "system.webServer/serverSideInclude",
    "system.webServer/staticContent",
    "system.webServer/tracing/traceFailedRequests",
    "system.webServer/tracing/traceProviderDefinitions",
    "system.webServer/urlCompression",
    "system.webServer/validation",
    "system.webServer/webSocket",
    "system.webServer/httpPlatform",
    "system.webServer/rewrite/globalRules",
    "system.webServer/rewrite/allowedServerVariables",
    "system.webServer/rewrite/rules",
    "system.webServer/rewrite/outboundRules",
    "system.webServer/rewrite/providers",
    "system.webServer/rewrite/rewriteMaps",
    "appSettings",
    "connectionStrings",
];

/// What no section is.
const NO_SECTIONS: [&str; 3] = ["configSections", "configProtectedData", "location"];

impl Inheritance {
    /// The sections that levels of this chain hold, in the order in which they come: all of them, or
    /// those alone that a `<location>` or a `web.config` says something about.
    pub fn section_paths(&self, with_server: bool) -> Vec<String> {
        let declared = self.declared();
        let mut paths = Vec::new();
        for (is_server, level) in self.levels_with_server() {
            if is_server && !with_server {
                continue;
            }
            for child in level.children().filter(|child| !NO_SECTIONS.contains(&child.name())) {
                gather(child.name(), child, &declared, &mut paths);
            }
        }
        paths
    }

    /// The sections that `<configSections>` declares anywhere.
    fn declared(&self) -> Vec<String> {
        let mut declared = Vec::new();
        for (_, level) in self.levels_with_server() {
            if let Some(sections) = level.child("configSections") {
                declarations("", sections, &mut declared);
            }
        }
        declared
    }
}

fn declarations(group: &str, element: &Element, declared: &mut Vec<String>) {
    for child in element.children() {
        let name = child.attribute("name").unwrap_or_default();
        let path = if group.is_empty() { name.to_owned() } else { format!("{group}/{name}") };
        match child.name() {
            "sectionGroup" => declarations(&path, child, declared),
            "section" => declared.push(path),
            _ => {}
        }
    }
}

fn gather(path: &str, element: &Element, declared: &[String], paths: &mut Vec<String>) {
    let known = || SECTIONS.iter().copied().chain(declared.iter().map(String::as_str));
    let is_section = known().any(|section| section == path);
    let holds = |section: &str| section.strip_prefix(path).is_some_and(|r| r.starts_with('/'));
    // .NET's groups are not told anywhere that we could read.
    let is_group = known().any(holds) || !path.contains('/') && path.starts_with("system.");
    if is_group && !is_section {
        for child in element.children() {
            gather(&format!("{path}/{}", child.name()), child, declared, paths);
        }
    } else if !paths.iter().any(|other| other == path) {
        paths.push(path.to_owned());
    }
}

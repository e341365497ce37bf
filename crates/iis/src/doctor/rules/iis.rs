//! Owns rules about what of IIS is installed, and in which order it is asked.
//!
//! Does not own sites and app pools (`pool`).

use std::path::PathBuf;

use super::super::Topic;
use super::super::rule::{Hit, Rule, error, warning};
use super::super::subject::Subject;
use crate::expand;

const FASTCGI: &str = "https://learn.microsoft.com/iis/configuration/system.webserver/fastcgi/";
const MODULES: &str = "https://learn.microsoft.com/iis/configuration/system.webserver/modules/";
const GLOBAL: &str =
    "https://learn.microsoft.com/iis/configuration/system.webserver/globalmodules/";

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(Topic::Iis, ["machine-no-iis", "There is no IIS",
        "IIS is a feature of Windows that is off at first, on servers and elsewhere.",
        "Enable it, as an administrator: powershell Enable-WindowsOptionalFeature -Online -All -FeatureName IIS-WebServerRole,IIS-CGI. Without IIS, iisgate serve is the stand-in, and --express means IIS Express.",
        "https://learn.microsoft.com/iis/install/installing-iis-85/installing-iis-85-on-windows-server-2012-r2"], no_iis),
    error(Topic::Iis, ["machine-no-cgi", "IIS has no FastCGI",
        "FastCgiModule comes with IIS's feature CGI, which is off unless somebody asks for it. A handler that names it is 500.21 then.",
        "Enable the feature, as an administrator: powershell Enable-WindowsOptionalFeature -Online -FeatureName IIS-CGI (on a server: Install-WindowsFeature Web-CGI).",
        FASTCGI], no_cgi),
    error(Topic::Iis, ["machine-cgi-not-listed", "FastCgiModule is installed, and not in use",
        "IIS loads what <globalModules> names and asks what <modules> names. A handler whose module is not in <modules> is 500.21.",
        "Add it: appcmd add module /name:FastCgiModule /commit:apphost; and look for a <remove> or <clear/> in web.config's <modules>.",
        MODULES], not_listed),
    error(Topic::Iis, ["machine-module-file-missing", "The file of a module is not there",
        "IIS loads every module of <globalModules> when an IIS app pool starts. If one cannot be loaded, the pool stops, and every one of its sites is 503.",
        "Repair what brought the module (URL Rewrite, ASP.NET Core, the CGI feature), or take it out: appcmd uninstall module NAME.",
        GLOBAL], no_file),
    error(Topic::Iis, ["machine-module-missing", "A handler names a module that IIS does not have",
        "The module was never installed here, or it was removed. The handler is 500.21.",
        "Install the module, or delete the handler that names it.", MODULES], unknown_module),
    warning(Topic::Iis, ["machine-handler-behind", "Another handler answers before Python's",
        "Handlers are asked in their order, and the first that fits answers. What web.config adds comes before what the server has, but items of one file keep their order, and an item that was inherited keeps its place.",
        "Move the handler to the front of <handlers>, or remove and add it anew in web.config.",
        "https://learn.microsoft.com/iis/configuration/system.webserver/handlers/"], behind),
    warning(Topic::Iis, ["machine-webdav", "WebDAV is installed and not removed for the site",
        "Its module takes PUT, DELETE, MOVE and the like for every URL before the app is asked: 405, or 404 for MOVE. Browsers tell it as a trouble with CORS.",
        "Remove module and handler in web.config: <modules><remove name=\"WebDAVModule\" /></modules> and <handlers><remove name=\"WebDAV\" />. iisgate init writes both.",
        "https://learn.microsoft.com/iis/configuration/system.webserver/webdav/"], webdav),
    error(Topic::Iis, ["machine-service-stopped", "A service that IIS needs does not run",
        "WAS starts app pools, W3SVC gives them their sites, and without AppHostSvc Windows does not know the accounts of app pools.",
        "Start it, as an administrator: net start NAME. If it ends again, the Event Log tells why.",
        "https://learn.microsoft.com/iis/get-started/introduction-to-iis/introduction-to-iis-architecture"], services),
];

fn no_iis(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.machine.has_iis {
        return Vec::new();
    }
    vec![Hit::about(subject.here(), "neither IIS nor IIS Express was found")]
}

/// The names in a section's collection, as all levels leave them, each with the attribute asked for.
fn names(subject: &Subject<'_>, section: &str, asked: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for level in subject.chain.sections(section) {
        for item in level.children() {
            let of = |name: &str| item.attribute(name).unwrap_or_default().to_owned();
            match item.name() {
                "add" => found.push((of("name"), of(asked))),
                "remove" => found.retain(|(name, _)| !name.eq_ignore_ascii_case(&of("name"))),
                "clear" => found.clear(),
                _ => {}
            }
        }
    }
    found
}

fn has(names: &[(String, String)], wanted: &str) -> bool {
    names.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted))
}

/// What the server's own file says of global modules; nothing when it says nothing.
fn global(subject: &Subject<'_>) -> Option<Vec<(String, String)>> {
    subject.server.as_ref()?.descendant("system.webServer/globalModules")?;
    Some(names(subject, "system.webServer/globalModules", "image"))
}

fn modules(subject: &Subject<'_>) -> Vec<(String, String)> {
    names(subject, "system.webServer/modules", "type")
}

fn no_cgi(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(global) = global(subject) else { return Vec::new() };
    if has(&global, "FastCgiModule") {
        return Vec::new();
    }
    let message = "FastCgiModule is not in <globalModules>: the feature CGI is off";
    vec![Hit::about(subject.here(), message)]
}

fn not_listed(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(global) = global(subject) else { return Vec::new() };
    if !has(&global, "FastCgiModule") || has(&modules(subject), "FastCgiModule") {
        return Vec::new();
    }
    vec![Hit::about(subject.here(), "FastCgiModule is in <globalModules> and not in <modules>")]
}

/// The files of the server's modules.
pub(in super::super) fn images(subject: &Subject<'_>) -> Vec<PathBuf> {
    let all = global(subject).unwrap_or_default().into_iter();
    all.filter(|(_, image)| !image.is_empty()).map(|(_, image)| expanded(&image)).collect()
}

fn expanded(image: &str) -> PathBuf {
    PathBuf::from(expand::environment_variables(image, expand::from_process))
}

fn no_file(subject: &Subject<'_>) -> Vec<Hit> {
    let missing = |image: &String| subject.is_missing(&expanded(image));
    let found = global(subject).unwrap_or_default().into_iter();
    found
        .filter(|(_, image)| missing(image))
        .map(|(name, image)| {
            Hit::about(subject.here(), format!("{name} is to be loaded from {image}"))
        })
        .collect()
}

fn unknown_module(subject: &Subject<'_>) -> Vec<Hit> {
    let (Some(_), Ok(handlers)) = (global(subject), subject.chain.handlers()) else {
        return Vec::new();
    };
    let known = modules(subject);
    let mut hits = Vec::new();
    for mapping in &handlers.mappings {
        // The two that are told by rules of their own, and .NET's way of naming none.
        let is_told = |name: &str| {
            ["", "FastCgiModule", "WebDAVModule", "ManagedPipelineHandler"]
                .iter()
                .any(|told| told.eq_ignore_ascii_case(name))
        };
        // Servers ship handlers for features that are off; a site's own are meant.
        let own = subject.machine.files.web_config.as_ref();
        if own.is_none_or(|file| mapping.place.path != file.path) {
            continue;
        }
        let names = mapping.modules.iter().map(|name| name.trim());
        for name in names.filter(|name| !is_told(name) && !has(&known, name)) {
            let message = format!("the handler {} names {name}", mapping.name);
            hits.push(Hit::at(mapping.place.clone(), message));
        }
    }
    hits
}

fn is_python(processor: &crate::ScriptProcessor) -> bool {
    let name = processor.file_name().to_lowercase();
    name.starts_with("iisgate") || name.starts_with("python")
}

fn behind(subject: &Subject<'_>) -> Vec<Hit> {
    let Ok(handlers) = subject.chain.handlers() else { return Vec::new() };
    let is_ours = |mapping: &crate::handlers::HandlerMapping| {
        mapping.names_module("FastCgiModule")
            && mapping.script_processor.as_ref().is_some_and(is_python)
    };
    let Some(at) = handlers.mappings.iter().position(is_ours) else { return Vec::new() };
    let ours = &handlers.mappings[at];
    let is_for_all = |patterns: &[String]| patterns.iter().any(|it| it == "*");
    let before = handlers.mappings[..at].iter().find(|it| {
        is_for_all(&it.path_patterns) && it.verbs.iter().any(|verb| verb == "*" || verb == "GET")
    });
    let Some(before) = before.filter(|_| is_for_all(&ours.path_patterns)) else {
        return Vec::new();
    };
    // A handler for files that are there lets the others be asked for all else.
    if before.resource_type != crate::handlers::ResourceType::Unspecified {
        return Vec::new();
    }
    // Within a web.config iisgate check tells it.
    let own = subject.machine.files.web_config.as_ref();
    if own.is_some_and(|file| before.place.path == file.path && ours.place.path == file.path) {
        return Vec::new();
    }
    let message = format!("{} stands before {} and takes every URL", before.name, ours.name);
    vec![Hit::at(before.place.clone(), message)]
}

fn webdav(subject: &Subject<'_>) -> Vec<Hit> {
    // What we think that IIS ships has none: it must be the server's own word.
    if global(subject).is_none_or(|global| !has(&global, "WebDAVModule")) {
        return Vec::new();
    }
    let is_removed =
        subject.machine.files.web_config.is_none() || !has(&modules(subject), "WebDAVModule");
    if is_removed {
        return Vec::new();
    }
    vec![Hit::about(subject.here(), "WebDAVModule is in the site's <modules>")]
}

fn services(subject: &Subject<'_>) -> Vec<Hit> {
    let stopped = subject.machine.services.iter().filter(|it| it.state != Some("running"));
    stopped
        .map(|service| {
            let state = service.state.unwrap_or("not there");
            Hit::about(subject.here(), format!("the service {} is {state}", service.name))
                .hint(format!("Start it, as an administrator: net start {}", service.name))
        })
        .collect()
}

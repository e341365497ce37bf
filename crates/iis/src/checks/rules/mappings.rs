//! Owns rules about handler mappings: what leads to Python, and whether IIS gets there.
//!
//! Does not own what `scriptProcessor` says (`processors`).

use super::super::edit::Edit;
use super::super::finding::Hit;
use super::super::rule::{Rule, error, note, warning};
use super::super::subject::{FASTCGI, Subject};
use super::reference;
use crate::document::Element;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(["no-python-handler", "No handler mapping leads to Python",
        "IIS asks the first handler mapping that fits a URL. Without one of FastCgiModule or httpPlatformHandler Python is never asked.",
        "Write one: iisgate init",
        reference!("system.webserver/handlers/add")], no_handler),
    error(["handler-without-processor", "A FastCGI handler names no scriptProcessor",
        "FastCgiModule finds the process by scriptProcessor=\"FULLPATH|ARGUMENTS\"; without it each request is 500.",
        "Add scriptProcessor with the program's path and arguments.",
        reference!("system.webserver/handlers/add")], without_processor),
    error(["handler-module-misspelt", "A handler's module is written in other letters",
        "Names of modules are case-sensitive: an unknown one is 500.21 (bad module in its module list).",
        "Write FastCgiModule, StaticFileModule.",
        reference!("system.webserver/modules/")], misspelt).mended(),
    error(["handler-resource-type", "The Python handler answers for existing files alone",
        "resourceType File, Directory or Either lets a handler answer only where something of that name exists on disk. An app's URLs do not, so IIS answers 404.",
        "Write resourceType=\"Unspecified\".",
        reference!("system.webserver/handlers/add")], resource_type).mended(),
    warning(["handler-buffers", "IIS holds answers back",
        "responseBufferLimit is 4 MiB by default: IIS sends nothing until so much has come or the app has done. Streams and server-sent events stand still.",
        "Write responseBufferLimit=\"0\".",
        reference!("system.webserver/handlers/add")], buffers).mended(),
    error(["handler-require-access", "The Python handler asks for a right that sites do not give",
        "accessPolicy is Read, Script; a handler with requireAccess Write or Execute is then 403.1 or 403.3.",
        "Write requireAccess=\"Script\".",
        reference!("system.webserver/handlers/add")], require_access).mended(),
    error(["access-policy-without-script", "The site does not allow scripts",
        "A handler with requireAccess=\"Script\" needs Script in accessPolicy, else each request is 403.1.",
        "Write accessPolicy=\"Read, Script\".",
        reference!("system.webserver/handlers/")], policy).mended(),
    warning(["handler-verbs-narrow", "The Python handler takes some verbs alone",
        "Another verb goes to the next mapping: StaticFile answers 405, or WebDAV answers itself.",
        "Write verb=\"*\"; the app decides.",
        reference!("system.webserver/handlers/add")], verbs),
    warning(["handler-path-narrow", "The Python handler takes some extensions alone",
        "path=\"*.py\" is for CGI scripts, one file each. An app's URLs have no extension and never reach it.",
        "Write path=\"*\".",
        reference!("system.webserver/handlers/add")], path),
    warning(["handler-bitness", "The Python handler is for one bitness of IIS alone",
        "preCondition bitness32 or bitness64 hides the mapping from IIS app pools of the other kind, and the URL is 404. A FastCGI process is one of its own: its bitness need not be that of IIS.",
        "Delete the precondition.",
        reference!("system.webserver/handlers/add")], bitness),
    warning(["handler-shadowed", "A handler mapping is never asked",
        "The first mapping that fits wins. Behind one with path=\"*\" and verb=\"*\" for anything, no other of the same file is ever asked.",
        "Put it before the mapping for everything.",
        reference!("system.webserver/handlers/")], shadowed),
    warning(["webdav-handler", "WebDAV's handler is in the way of PUT and DELETE",
        "Where WebDAV is installed its handler takes PUT, DELETE, PROPFIND and others for itself: 405, which browsers report as a CORS error.",
        "Write <remove name=\"WebDAV\" /> first in <handlers>.",
        "https://learn.microsoft.com/iis/install/installing-publishing-technologies/installing-and-configuring-webdav-on-iis"], webdav).mended(),
    warning(["webdav-module", "WebDAV's module is in the way of PUT and DELETE",
        "The module blocks these verbs even if its handler is gone.",
        "Write <remove name=\"WebDAVModule\" /> in <modules>.",
        "https://learn.microsoft.com/iis/install/installing-publishing-technologies/installing-and-configuring-webdav-on-iis"], webdav_module).mended(),
    note(["modules-for-all-requests", "Managed modules run for every request",
        "runAllManagedModulesForAllRequests sends each request for Python and each static file through .NET's modules, which have nothing to do there.",
        "Delete the attribute.",
        reference!("system.webserver/modules/")], all_requests).mended(),
];

const HANDLERS: &str = "system.webServer/handlers";

fn told(element: &Element, name: &str, value: &str) -> bool {
    element.attribute(name).is_some_and(|told| told.eq_ignore_ascii_case(value))
}

fn set(element: &Element, attribute: &str, value: &str) -> Edit {
    Edit::Set { element: element.place(), attribute: attribute.to_owned(), value: value.to_owned() }
}

/// Whether some mapping of the site hands URLs to another program.
fn has_program(subject: &Subject<'_>) -> bool {
    subject.mappings().any(|item| {
        let modules = item.attribute("modules").unwrap_or_default().to_lowercase();
        modules.contains("fastcgi")
            || modules.contains("httpplatform")
            || modules.contains("cgimodule")
    })
}

fn no_handler(subject: &Subject<'_>) -> Vec<Hit> {
    let inherited = subject.handlers.as_ref().is_some_and(|handlers| {
        handlers.mappings.iter().any(|mapping| mapping.names_module(FASTCGI))
    });
    if subject.web.is_none() || has_program(subject) || inherited {
        return Vec::new();
    }
    vec![Hit::file(subject.web_path(), "no <handlers><add> leads to Python")]
}

fn without_processor(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject.pythons().filter(|python| python.processor.full_path.is_empty());
    found
        .map(|python| Hit::at(python.element.place(), "FastCgiModule needs a scriptProcessor"))
        .collect()
}

fn misspelt(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for item in subject.mappings() {
        let modules = item.attribute("modules").unwrap_or_default();
        for known in [FASTCGI, "StaticFileModule", "DefaultDocumentModule", "CgiModule"] {
            if modules != known && modules.eq_ignore_ascii_case(known) {
                let hit = Hit::at(
                    item.attribute_place("modules"),
                    format!("{modules} is written {known}"),
                );
                hits.push(hit.edit(set(item, "modules", known)));
            }
        }
    }
    hits
}

fn resource_type(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for python in subject.pythons() {
        let item = python.element;
        let Some(value) = item.attribute("resourceType") else { continue };
        if !value.eq_ignore_ascii_case("Unspecified") && told(item, "path", "*") {
            let hit = Hit::at(
                item.attribute_place("resourceType"),
                format!("resourceType {value} hides URLs that are no files"),
            );
            hits.push(hit.edit(set(item, "resourceType", "Unspecified")));
        }
    }
    hits
}

fn buffers(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for python in subject.pythons() {
        let item = python.element;
        let limit = item.attribute("responseBufferLimit");
        if limit != Some("0") {
            let size = limit.unwrap_or("4194304");
            let hit = Hit::at(
                item.attribute_place("responseBufferLimit"),
                format!("IIS gathers {size} bytes before it sends"),
            );
            hits.push(hit.edit(set(item, "responseBufferLimit", "0")));
        }
    }
    hits
}

fn require_access(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for python in subject.pythons() {
        let item = python.element;
        if told(item, "requireAccess", "Execute") || told(item, "requireAccess", "Write") {
            let hit = Hit::at(item.attribute_place("requireAccess"), "sites allow Read and Script");
            hits.push(hit.edit(set(item, "requireAccess", "Script")));
        }
    }
    hits
}

fn policy(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for section in subject.sections(HANDLERS) {
        let Some(policy) = section.attribute("accessPolicy") else { continue };
        let has = |word: &str| policy.split(',').any(|told| told.trim().eq_ignore_ascii_case(word));
        if !has("Script") && !has("Execute") && has_program(subject) {
            let hit = Hit::at(
                section.attribute_place("accessPolicy"),
                format!("accessPolicy is {policy}"),
            );
            hits.push(hit.edit(set(section, "accessPolicy", "Read, Script")));
        }
    }
    hits
}

fn verbs(subject: &Subject<'_>) -> Vec<Hit> {
    let narrow = subject.pythons().map(|python| python.element);
    let narrow = narrow.filter(|item| item.attribute("verb").is_some_and(|verb| verb != "*"));
    narrow
        .map(|item| Hit::at(item.attribute_place("verb"), "other verbs do not reach Python"))
        .collect()
}

fn path(subject: &Subject<'_>) -> Vec<Hit> {
    let narrow = subject.pythons().map(|python| python.element);
    let narrow =
        narrow.filter(|item| item.attribute("path").is_some_and(|path| path.starts_with("*.")));
    narrow
        .map(|item| {
            Hit::at(item.attribute_place("path"), "URLs without this extension do not reach Python")
        })
        .collect()
}

fn bitness(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject.pythons().map(|python| python.element);
    let found = found
        .filter(|item| item.attribute("preCondition").is_some_and(|told| told.contains("bitness")));
    found
        .map(|item| {
            Hit::at(
                item.attribute_place("preCondition"),
                "IIS app pools of the other bitness do not see it",
            )
        })
        .collect()
}

fn shadowed(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for section in subject.sections(HANDLERS) {
        let mut catcher: Option<&Element> = None;
        for item in section.children().filter(|item| item.name() == "add") {
            if let Some(first) = catcher {
                let name = first.attribute("name").unwrap_or_default();
                hits.push(Hit::at(item.place(), format!("{name} before it answers everything")));
            }
            let is_for_files = item
                .attribute("resourceType")
                .is_some_and(|t| !t.eq_ignore_ascii_case("Unspecified"));
            if told(item, "path", "*") && told(item, "verb", "*") && !is_for_files {
                catcher = catcher.or(Some(item));
            }
        }
    }
    hits
}

/// Whether a section of the whole site takes an item of that name away, or all.
fn takes_away(section: Option<&Element>, name: &str) -> bool {
    section.is_some_and(|section| {
        section.children().any(|item| {
            item.name() == "clear" || (item.name() == "remove" && told(item, "name", name))
        })
    })
}

fn lacks_remove(subject: &Subject<'_>, section: &'static str, name: &'static str) -> Vec<Hit> {
    let catches_all = subject.pythons().any(|python| told(python.element, "path", "*"));
    let own = subject.own(section);
    let levels = subject.chain.sections(section);
    let is_there = subject.server.is_none()
        || levels.iter().any(|level| {
            level.children().any(|item| item.name() == "add" && told(item, "name", name))
        });
    if !catches_all || !is_there || takes_away(own, name) {
        return Vec::new();
    }
    let message =
        format!("<{}> does not remove {name}", section.rsplit('/').next().unwrap_or(section));
    let hit = match own {
        Some(element) => Hit::at(element.place(), message),
        None => Hit::file(subject.web_path(), message),
    };
    let elements = vec![("remove", vec![("name", name.to_owned())])];
    vec![hit.edit(Edit::Insert { section, elements, is_first: true })]
}

fn webdav(subject: &Subject<'_>) -> Vec<Hit> {
    lacks_remove(subject, HANDLERS, "WebDAV")
}

fn webdav_module(subject: &Subject<'_>) -> Vec<Hit> {
    lacks_remove(subject, "system.webServer/modules", "WebDAVModule")
}

fn all_requests(subject: &Subject<'_>) -> Vec<Hit> {
    let name = "runAllManagedModulesForAllRequests";
    let found =
        subject.sections("system.webServer/modules").filter(|section| told(section, name, "true"));
    found
        .map(|section| {
            Hit::at(
                section.attribute_place(name),
                "Python and static files go through .NET's modules",
            )
            .edit(set(section, name, "false"))
        })
        .collect()
}

//! Owns the comparison of what a configuration holds with what is simulated: the rest is told, section by
//! section, with its place.
//!
//! Does not read sections, and leaves alone what stands outside `<system.webServer>`: of that, nothing
//! concerns a FastCGI application. A `web.config` below the folders of applications and virtual
//! directories is not looked at: IIS itself reads it with the first request.

use iis::Element;

use crate::settings::{Note, NoteKind};

/// Elements that hold sections, below `<system.webServer>`.
const GROUPS: [&str; 4] = ["security", "security/authentication", "rewrite", "tracing"];

/// Sections that are simulated, or told elsewhere.
const SIMULATED: [&str; 20] = [
    "defaultDocument",
    "directoryBrowse",
    "fastCgi",
    "handlers",
    "httpErrors",
    "httpProtocol",
    "httpRedirect",
    "rewrite/globalRules",
    "rewrite/rewriteMaps",
    "rewrite/rules",
    "security/authentication/anonymousAuthentication",
    "security/authentication/basicAuthentication",
    "security/authentication/clientCertificateMappingAuthentication",
    "security/authentication/digestAuthentication",
    "security/authentication/iisClientCertificateMappingAuthentication",
    "security/authentication/windowsAuthentication",
    "security/authorization",
    "security/requestFiltering",
    "staticContent",
    // Of ASP.NET alone.
    "validation",
];

/// Sections that every `applicationHost.config` holds, and that do nothing to a request by themselves.
const OF_EVERY_SERVER: [&str; 11] = [
    "asp",
    "cgi",
    "globalModules",
    "httpTracing",
    "isapiFilters",
    "modules",
    "odbcLogging",
    "security/applicationDependencies",
    "security/isapiCgiRestriction",
    "serverSideInclude",
    "tracing/traceProviderDefinitions",
];

/// What other sections do.
const DESCRIBED: [(&str, &str); 21] = [
    ("applicationInitialization", "application initialization"),
    ("aspNetCore", "the ASP.NET Core module"),
    ("caching", "output caching"),
    ("httpCompression", "compression"),
    ("httpLogging", "IIS's own log"),
    ("httpPlatform", "HttpPlatformHandler"),
    ("isapiFilters", "ISAPI filters"),
    ("modules", "modules beside IIS's own"),
    ("proxy", "Application Request Routing's proxy"),
    ("rewrite/allowedServerVariables", "which variables rules may set (all may here)"),
    ("rewrite/outboundRules", "URL Rewrite's outbound rules"),
    ("rewrite/providers", "URL Rewrite's providers"),
    ("security/access", "client certificates, and HTTPS being required"),
    ("security/dynamicIpSecurity", "limits by address"),
    ("security/ipSecurity", "address restrictions"),
    ("serverRuntime", "limits and names of the server's runtime"),
    ("serverSideInclude", "server-side includes"),
    ("tracing/traceFailedRequests", "failed request tracing"),
    ("urlCompression", "compression"),
    ("webSocket", "WebSocket"),
    ("webdav", "WebDAV"),
];

/// Attributes that lock single elements and attributes.
const LOCKS: [&str; 5] = [
    "lockItem",
    "lockElements",
    "lockAllElementsExcept",
    "lockAttributes",
    "lockAllAttributesExcept",
];

/// What the root of a `web.config`, or a `<location>`, holds.
pub(super) fn of_folder(root: &Element, notes: &mut Vec<Note>) {
    of_level(root, &|_| true, notes);
    if let Some(section) = root.descendant("system.webServer/fastCgi") {
        let message =
            "<fastCgi> has no effect in a web.config: IIS reads it in applicationHost.config alone";
        push(notes, NoteKind::NoEffect, section, message.to_owned());
    }
}

/// What an `applicationHost.config`, or a `<location>` of it, holds: without what is there on every
/// server, and without sections that say nothing.
pub(super) fn of_server(root: &Element, notes: &mut Vec<Note>) {
    let is_told = |(path, section): (&str, &Element)| {
        let says_something =
            section.children().next().is_some() || !section.attributes().is_empty();
        says_something && !OF_EVERY_SERVER.contains(&path)
    };
    of_level(root, &is_told, notes);
}

fn of_level(root: &Element, is_told: &dyn Fn((&str, &Element)) -> bool, notes: &mut Vec<Note>) {
    let Some(server) = root.child("system.webServer") else { return };
    of_group(server, "", is_told, notes);
    if let Some(section) = server.descendant("security/requestFiltering/filteringRules")
        && section.children().next().is_some()
    {
        let message = "<filteringRules>, filtering rules".to_owned();
        push(notes, NoteKind::NotSimulated, section, message);
    }
    let footers = ["enableDocFooter", "defaultDocFooter"];
    if let Some(section) = server.child("staticContent")
        && footers.iter().any(|name| section.attribute(name).is_some())
    {
        let message = "<staticContent>, footers of static files".to_owned();
        push(notes, NoteKind::NotSimulated, section, message);
    }
    let mut locked = Vec::new();
    find_locked(server, &mut locked);
    if let Some((first, lock)) = locked.first() {
        let more = match locked.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let message = format!("<{} {lock}>, locks of single elements{more}", first.name());
        push(notes, NoteKind::NotSimulated, first, message);
    }
}

fn of_group(
    group: &Element,
    path: &str,
    is_told: &dyn Fn((&str, &Element)) -> bool,
    notes: &mut Vec<Note>,
) {
    for section in group.children() {
        let name = section.name();
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        if path == "modules" && section.children().all(|child| child.name() == "remove") {
            // What is removed there is not here.
            continue;
        }
        if GROUPS.contains(&path.as_str()) {
            of_group(section, &path, is_told, notes);
        } else if !SIMULATED.contains(&path.as_str()) && is_told((&path, section)) {
            let what = DESCRIBED.iter().find(|(known, _)| *known == path);
            let what = what.map_or("a section that the stand-in does not know", |(_, what)| what);
            push(notes, NoteKind::NotSimulated, section, format!("<{name}>, {what}"));
        }
    }
}

fn find_locked<'a>(element: &'a Element, found: &mut Vec<(&'a Element, &'static str)>) {
    for child in element.children() {
        if let Some(lock) = LOCKS.iter().find(|lock| child.attribute(lock).is_some()) {
            found.push((child, lock));
        }
        find_locked(child, found);
    }
}

fn push(notes: &mut Vec<Note>, kind: NoteKind, element: &Element, message: String) {
    notes.push(Note { kind, place: Some(element.place()), message });
}

#[cfg(test)]
mod tests {
    use iis::{Element, Source};

    use super::{of_folder, of_server};

    fn parsed(inner: &str) -> Element {
        let text =
            format!("<configuration><system.webServer>{inner}</system.webServer></configuration>");
        iis::document::parse(Source::new("x", text)).unwrap()
    }

    #[test]
    fn modules_that_are_removed_are_not_missed() {
        for (inner, count) in [("<remove name='WebDAVModule'/>", 0), ("<add name='x'/>", 1)] {
            let mut notes = Vec::new();
            of_folder(&parsed(&format!("<modules>{inner}</modules>")), &mut notes);
            assert_eq!(notes.len(), count, "{inner}");
        }
    }

    #[test]
    fn every_section_is_simulated_or_told() {
        let root = parsed(
            "<caching enabled='true'/>\n<isapiFilters/>\n<handlers><add lockItem='true'/></handlers>\n\
             <security><ipSecurity/>\n<requestFiltering><filteringRules><filteringRule/></filteringRules></requestFiltering>\n\
             <authentication><windowsAuthentication/>\n<formsAuthentication/></authentication></security>\n\
             <rewrite><rules/><outboundRules/></rewrite>\n<somethingNew/>\n<modules><add name='x'/></modules>",
        );
        let told = |read: &dyn Fn(&Element, &mut Vec<crate::settings::Note>)| {
            let mut notes = Vec::new();
            read(&root, &mut notes);
            let told = |note: &crate::settings::Note| {
                format!("{} {}", note.place.as_ref().unwrap().line, note.message)
            };
            notes.iter().map(told).collect::<Vec<String>>()
        };
        let of_web_config = told(&of_folder);
        let expected = [
            "1 <caching>, output caching",
            "2 <isapiFilters>, ISAPI filters",
            "4 <ipSecurity>, address restrictions",
            "7 <formsAuthentication>, a section that the stand-in does not know",
            "8 <outboundRules>, URL Rewrite's outbound rules",
            "9 <somethingNew>, a section that the stand-in does not know",
            "10 <modules>, modules beside IIS's own",
            "5 <filteringRules>, filtering rules",
            "3 <add lockItem>, locks of single elements",
        ];
        assert_eq!(of_web_config, expected);
        let kept = [expected[0], expected[7], expected[8]];
        assert_eq!(told(&of_server), kept);
    }
}

//! Owns what the owner of a site is told at the start: what is mapped, what is not simulated, what
//! has no effect.
//!
//! Does not print it, and judges nothing else: that is `iisgate check`.

use std::collections::BTreeMap;

use iis::Element;
use iis::handlers::HandlerMapping;
use iis::rewrite::Action;

use crate::folders::Folder;
use crate::launch;
use crate::mapping;
use crate::settings::{Note, NoteKind, Settings};
use crate::site::{ServedApplication, ServedSite};

/// Sections that IIS acts on and the stand-in reads over, with what they do.
const NOT_SIMULATED: [(&str, &str); 18] = [
    ("system.webServer/rewrite/outboundRules", "URL Rewrite's outbound rules"),
    ("system.webServer/rewrite/providers", "URL Rewrite's providers"),
    ("system.webServer/modules", "modules"),
    ("system.webServer/httpPlatform", "HttpPlatformHandler"),
    ("system.webServer/aspNetCore", "the ASP.NET Core module"),
    ("system.webServer/applicationInitialization", "application initialization"),
    ("system.webServer/urlCompression", "compression"),
    ("system.webServer/httpCompression", "compression"),
    ("system.webServer/caching", "output caching"),
    ("system.webServer/webSocket", "WebSocket"),
    ("system.webServer/serverRuntime", "limits and names of the server's runtime"),
    ("system.webServer/serverSideInclude", "server-side includes"),
    ("system.webServer/tracing", "failed request tracing"),
    ("system.webServer/security/access", "client certificates"),
    ("system.webServer/security/authentication", "authentication"),
    ("system.webServer/security/authorization", "authorization"),
    ("system.webServer/security/ipSecurity", "address restrictions"),
    ("system.webServer/security/requestFiltering/filteringRules", "filtering rules"),
];

/// Gathers all notes, application by application.
pub(crate) fn gather(site: &ServedSite, settings: &Settings) -> Vec<Note> {
    let mut notes = Vec::new();
    for application in site.applications.iter().rev() {
        of_handlers(site, application, settings, &mut notes);
        // It was read when the site was loaded; a change since then is told by the first request.
        if let Ok(Some(root)) = iis::site::load_web_config(application.root()) {
            of_web_config(&root, &mut notes);
        }
    }
    notes
}

/// A monitored file that cannot change, because it is not there.
fn of_monitored_file(program: &launch::Program) -> Option<Note> {
    let path = program.monitored().filter(|path| !path.exists())?;
    let text = &program.application.monitor_changes_to;
    let (kind, message) = if text.contains('%') {
        let why = "%VARIABLES% are not replaced there, by IIS neither";
        (NoteKind::NoEffect, format!("monitorChangesTo=\"{text}\" names no file: {why}"))
    } else {
        let shown = path.display();
        (NoteKind::NotSimulated, format!("monitorChangesTo: no such file on this machine: {shown}"))
    };
    Some(Note { kind, place: program.application.place.clone(), message })
}

/// What rules of URL Rewrite do that the stand-in does not.
fn of_rules(folder: &Folder, notes: &mut Vec<Note>) {
    for rule in &folder.rewriting.rules {
        let mut told = Vec::new();
        if let Action::Rewrite { url, .. } = &rule.action
            && url.to_ascii_lowercase().starts_with("http")
        {
            told.push("rewriting to another server".to_owned());
        }
        let names = rule.variables.iter().map(|(name, ..)| name);
        let other = names.filter(|name| !name.to_ascii_uppercase().starts_with("HTTP_"));
        told.extend(other.map(|name| format!("setting {name}")));
        for what in told {
            let message = format!("<rule name=\"{}\">, {what}", rule.name);
            let place = Some(rule.place.clone());
            notes.push(Note { kind: NoteKind::NotSimulated, place, message });
        }
    }
}

fn of_handlers(
    site: &ServedSite,
    application: &ServedApplication,
    settings: &Settings,
    notes: &mut Vec<Note>,
) {
    let Ok(folder) = site.folder(&application.path) else { return };
    of_rules(&folder, notes);
    let mut passed_over: BTreeMap<String, Vec<&HandlerMapping>> = BTreeMap::new();
    for handler in &folder.handlers.mappings {
        match mapping::module(handler) {
            Some(mapping::Module::FastCgi) => {
                let Ok(program) = launch::program(handler, site, settings) else { continue };
                let mapped = program.mapped.clone().map(|message| {
                    let place = Some(handler.place.clone());
                    Note { kind: NoteKind::Mapped, place, message }
                });
                for note in mapped.into_iter().chain(of_monitored_file(&program)) {
                    if !notes.iter().any(|other| other.message == note.message) {
                        notes.push(note);
                    }
                }
            }
            Some(_) => {}
            None => passed_over.entry(handler.modules.join(",")).or_default().push(handler),
        }
    }
    for (module, handlers) in passed_over {
        let message = match &handlers[..] {
            [one] => format!("the handler mapping {} ({module})", one.name),
            many => format!("{} handler mappings of {module}", many.len()),
        };
        let place = handlers.first().map(|handler| handler.place.clone());
        notes.push(Note { kind: NoteKind::NotSimulated, place, message });
    }
}

/// What stands in a `web.config`, and in its `<location>`s.
fn of_web_config(root: &Element, notes: &mut Vec<Note>) {
    let locations = root.children().filter(|child| child.name() == "location");
    for level in std::iter::once(root).chain(locations) {
        of_sections(level, notes);
    }
}

fn of_sections(root: &Element, notes: &mut Vec<Note>) {
    for (path, what) in NOT_SIMULATED {
        if let Some(section) = root.descendant(path) {
            let message = format!("<{}>, {what}", section.name());
            let place = Some(section.place());
            notes.push(Note { kind: NoteKind::NotSimulated, place, message });
        }
    }
    if let Some(section) = root.descendant("system.webServer/staticContent")
        && (section.attribute("enableDocFooter").is_some()
            || section.attribute("defaultDocFooter").is_some())
    {
        let message = "<staticContent>, footers of static files".to_owned();
        let place = Some(section.place());
        notes.push(Note { kind: NoteKind::NotSimulated, place, message });
    }
    if let Some(section) = root.descendant("system.webServer/fastCgi") {
        let message =
            "<fastCgi> has no effect in a web.config: IIS reads it in applicationHost.config alone";
        let place = Some(section.place());
        notes.push(Note { kind: NoteKind::NoEffect, place, message: message.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::gather;
    use crate::settings::{Settings, SiteSource};
    use crate::site::ServedSite;

    #[test]
    fn what_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"<configuration><system.webServer><handlers>
<add name="P" path="*" verb="*" modules="FastCgiModule" scriptProcessor="C:\x\iisgate.exe|fcgi" />
<add name="W" path="*.aspx" verb="*" type="System.Web" />
</handlers><rewrite><outboundRules /></rewrite>
<fastCgi /></system.webServer>
<location path="admin"><system.webServer><security><authorization /></security></system.webServer>
</location></configuration>"#;
        std::fs::write(folder.path().join("web.config"), text).unwrap();
        let mut settings = Settings::new(SiteSource::Directory(folder.path().to_owned()));
        settings.local_iisgate = Some("/opt/iisgate".into());
        let site = ServedSite::load(&settings.source).unwrap();
        let told: Vec<String> = gather(&site, &settings).iter().map(ToString::to_string).collect();
        let told: Vec<&str> = told.iter().map(|t| t.split_once("web.config:").unwrap().1).collect();
        assert_eq!(
            told,
            [
                r"2: C:\x\iisgate.exe is mapped to the local /opt/iisgate",
                "3: not simulated: the handler mapping W (ManagedPipelineHandler)",
                "4: not simulated: <outboundRules>, URL Rewrite's outbound rules",
                "5: <fastCgi> has no effect in a web.config: IIS reads it in applicationHost.config alone",
                "6: not simulated: <authorization>, authorization",
            ]
        );
    }
}

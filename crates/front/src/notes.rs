//! Owns what the owner of a site is told at the start: what is mapped, what is not simulated, what
//! has no effect.
//!
//! Does not print it, and judges nothing else: that is `iisgate check`.

use std::collections::BTreeMap;

use iis::Element;
use iis::handlers::HandlerMapping;

use crate::launch;
use crate::mapping;
use crate::settings::{Note, NoteKind, Settings};
use crate::site::{ServedApplication, ServedSite};

/// Sections that IIS acts on and the stand-in reads over, with what they do.
const NOT_SIMULATED: [(&str, &str); 20] = [
    ("system.webServer/rewrite", "URL Rewrite rules"),
    ("system.webServer/httpErrors", "custom error pages"),
    ("system.webServer/httpProtocol", "custom response headers"),
    ("system.webServer/httpRedirect", "redirects"),
    ("system.webServer/defaultDocument", "default documents"),
    ("system.webServer/directoryBrowse", "directory listings"),
    ("system.webServer/modules", "modules"),
    ("system.webServer/httpPlatform", "HttpPlatformHandler"),
    ("system.webServer/aspNetCore", "the ASP.NET Core module"),
    ("system.webServer/applicationInitialization", "application initialization"),
    ("system.webServer/urlCompression", "compression"),
    ("system.webServer/caching", "output caching"),
    ("system.webServer/webSocket", "WebSocket"),
    ("system.webServer/staticContent/clientCache", "client caching of static files"),
    ("system.webServer/security/access", "client certificates"),
    ("system.webServer/security/authentication", "authentication"),
    ("system.webServer/security/authorization", "authorization"),
    ("system.webServer/security/ipSecurity", "address restrictions"),
    ("system.webServer/security/requestFiltering/requestLimits", "request limits"),
    ("system.webServer/security/requestFiltering/verbs", "verb filtering"),
];

/// FastCGI attributes that later versions of the pool will obey.
const NOT_OBEYED: [&str; 7] = [
    "monitorChangesTo",
    "idleTimeout",
    "activityTimeout",
    "requestTimeout",
    "flushNamedPipe",
    "rapidFailsPerMinute",
    "signalBeforeTerminateSeconds",
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
    for application in site.fastcgi.iter().flatten() {
        let Some(place) = &application.place else { continue };
        let set: Vec<&str> =
            NOT_OBEYED.into_iter().filter(|name| is_set(application, name)).collect();
        if !set.is_empty() {
            let message =
                format!("{} of the FastCGI application {}", set.join(", "), application.full_path);
            notes.push(Note { kind: NoteKind::NotSimulated, place: Some(place.clone()), message });
        }
    }
    notes
}

/// Whether an attribute differs from its default.
fn is_set(application: &iis::fastcgi::FastCgiApplication, name: &str) -> bool {
    let defaults =
        iis::fastcgi::FastCgiApplication::with_defaults(&iis::ScriptProcessor::parse("-"));
    match name {
        "monitorChangesTo" => application.monitor_changes_to != defaults.monitor_changes_to,
        "idleTimeout" => application.idle_timeout_secs != defaults.idle_timeout_secs,
        "activityTimeout" => application.activity_timeout_secs != defaults.activity_timeout_secs,
        "requestTimeout" => application.request_timeout_secs != defaults.request_timeout_secs,
        "flushNamedPipe" => application.flush_named_pipe != defaults.flush_named_pipe,
        "rapidFailsPerMinute" => {
            application.rapid_fails_per_minute != defaults.rapid_fails_per_minute
        }
        _ => application.signal_before_terminate_secs != defaults.signal_before_terminate_secs,
    }
}

fn of_handlers(
    site: &ServedSite,
    application: &ServedApplication,
    settings: &Settings,
    notes: &mut Vec<Note>,
) {
    let Ok(folder) = application.folder(application.root(), "") else { return };
    let mut passed_over: BTreeMap<String, Vec<&HandlerMapping>> = BTreeMap::new();
    for handler in &folder.handlers.mappings {
        match mapping::module(handler) {
            Some(mapping::Module::FastCgi) => {
                let program = launch::program(handler, site, settings).ok();
                if let Some(message) = program.and_then(|program| program.mapped) {
                    let place = Some(handler.place.clone());
                    let note = Note { kind: NoteKind::Mapped, place, message };
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

fn of_web_config(root: &Element, notes: &mut Vec<Note>) {
    for (path, what) in NOT_SIMULATED {
        if let Some(section) = root.descendant(path) {
            let message = format!("<{}>, {what}", section.name());
            notes.push(Note {
                kind: NoteKind::NotSimulated,
                place: Some(section.place()),
                message,
            });
        }
    }
    for (path, location) in iis::inherit::locations(root).filter(|(path, _)| !path.is_empty()) {
        let message = format!("<location path=\"{path}\"> in a web.config");
        notes.push(Note { kind: NoteKind::NotSimulated, place: Some(location.place()), message });
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
</handlers><rewrite><rules /></rewrite>
<fastCgi /></system.webServer>
<location path="admin" /></configuration>"#;
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
                "4: not simulated: <rewrite>, URL Rewrite rules",
                "6: not simulated: <location path=\"admin\"> in a web.config",
                "5: <fastCgi> has no effect in a web.config: IIS reads it in applicationHost.config alone",
            ]
        );
    }
}

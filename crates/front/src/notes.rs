//! Owns what the owner of a site is told at the start: what is mapped, what is not simulated, what
//! has no effect.
//!
//! Does not print it, and judges nothing else: that is `iisgate check`.

mod sections;

use std::collections::BTreeMap;

use iis::Element;
use iis::handlers::HandlerMapping;
use iis::rewrite::Action;

use crate::folders::Folder;
use crate::launch;
use crate::mapping;
use crate::settings::{Note, NoteKind, Settings};
use crate::site::{ServedApplication, ServedSite};

/// Gathers all notes, application by application.
pub(crate) fn gather(site: &ServedSite, settings: &Settings) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some((root, name)) = site.server() {
        of_server(root, name, &mut notes);
    }
    for application in site.applications.iter().rev() {
        of_handlers(site, application, settings, &mut notes);
        // It was read when the site was loaded; a change since then is told by the first request.
        for directory in &application.directories {
            if let Ok(Some(root)) = iis::site::load_web_config(&directory.root) {
                of_web_config(&root, &mut notes);
            }
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

/// Who signs on in ways that are not simulated, or would not sign on where IIS serves the site.
fn of_users(folder: &Folder, settings: &Settings, notes: &mut Vec<Note>) {
    let not_simulated = NoteKind::NotSimulated;
    let authentication = &folder.authentication;
    let mut told = Vec::new();
    for (name, place) in &authentication.others {
        told.push((not_simulated, place, format!("<{name}>, signing on in this way")));
    }
    for rule in folder.authorization.rules.iter().filter(|rule| !rule.roles.is_empty()) {
        let message = format!("<add roles=\"{}\">, who is in a group", rule.roles.join(","));
        told.push((not_simulated, &rule.place, message));
    }
    if let Some(place) = authentication.place.as_ref().filter(|_| settings.user.is_some())
        && !authentication.allows_windows
    {
        let message = "--as has no effect: windowsAuthentication is off".to_owned();
        told.push((NoteKind::NoEffect, place, message));
    }
    for (kind, place, message) in told {
        let note = Note { kind, place: Some(place.clone()), message };
        if !notes.contains(&note) {
            notes.push(note);
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
    of_users(&folder, settings, notes);
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
        sections::of_folder(level, notes);
    }
}

/// What stands in an `applicationHost.config`, and in its `<location>`s for the site.
fn of_server(root: &Element, site: &str, notes: &mut Vec<Note>) {
    sections::of_server(root, notes);
    for location in root.children().filter(|child| child.name() == "location") {
        let path = location.attribute("path").unwrap_or_default().trim_matches('/');
        let owner = path.split('/').next().unwrap_or_default();
        if matches!(path, "" | ".") || owner.eq_ignore_ascii_case(site) {
            sections::of_server(location, notes);
        }
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
<location path="admin"><system.webServer><security><ipSecurity /></security></system.webServer>
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
                "6: not simulated: <ipSecurity>, address restrictions",
            ]
        );
    }
}

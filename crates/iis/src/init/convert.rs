//! Owns turning a wfastcgi site into one of ours: what its handler and app settings said, in our words.
//!
//! Does not own sites of HttpPlatformHandler (`http_platform`).

use toml_edit::Value;
use xml::ElementId;

use super::web_config::HANDLERS;
use super::{Reason, Refusal, settings};
use crate::editor::Editor;
use crate::error::Error;

/// What a site said, in our words.
#[derive(Debug, Default)]
pub(super) struct Converted {
    /// The TARGET, if it was told.
    pub(super) target: Option<String>,
    /// Keys of `[tool.iisgate]`.
    pub(super) settings: Vec<(&'static str, Value)>,
    /// Environment variables of the app.
    pub(super) environment: Vec<(String, String)>,
    /// What somebody still has to do.
    pub(super) notes: Vec<String>,
}

/// A handler that is to be ours.
pub(super) struct OldHandler {
    pub(super) id: ElementId,
    pub(super) name: String,
    pub(super) processor: String,
}

/// Finds the handlers that a test of their modules and program picks.
pub(super) fn old_handlers(
    editor: &mut Editor,
    is_meant: impl Fn(&str, &str) -> bool,
) -> Vec<OldHandler> {
    let Some(section) = editor.find(HANDLERS, None) else { return Vec::new() };
    let Some(section) = editor.document().element(section) else { return Vec::new() };
    let told = |item: &xml::Element<'_>, name: &str| {
        item.attribute(name).map(|it| it.value()).unwrap_or_default()
    };
    let items = section.children().filter(|child| {
        child.name() == "add" && is_meant(&told(child, "modules"), &told(child, "scriptProcessor"))
    });
    let old = |item: xml::Element<'_>| OldHandler {
        id: item.id(),
        name: told(&item, "name"),
        processor: told(&item, "scriptProcessor"),
    };
    items.map(old).collect()
}

/// Converts it. The handler's program becomes ours in `web_config`.
pub(super) fn wfastcgi(
    editor: &mut Editor,
    reasons: &mut Vec<Reason>,
) -> Result<Converted, Refusal> {
    let is_meant = |modules: &str, processor: &str| {
        let program = crate::ScriptProcessor::parse(&processor.to_lowercase());
        let is_python = program.file_name().starts_with("python");
        modules.to_lowercase().contains("fastcgi")
            && (program.to_string().contains("wfastcgi")
                || (is_python && !super::web_config::is_ours(&program)))
    };
    let old = old_handlers(editor, is_meant);
    let mut converted = Converted::default();
    if old.is_empty() {
        // A site that was converted before stays as it is.
        if super::web_config::told_target(editor).is_some() {
            return Ok(converted);
        }
        return Err(Refusal::undecided(
            format!("{}: there is no handler that runs wfastcgi", editor.path().display()),
            "for a new site leave --from out: iisgate init",
        ));
    }
    let handler_target = settings::take(editor, "WSGI_HANDLER")?;
    if let Some(handler) = &handler_target {
        converted.target = Some(handler.clone());
        let why = "is the TARGET now: in the handler's scriptProcessor and in pyproject.toml";
        reasons.push(Reason::new(format!("WSGI_HANDLER {handler}"), why));
    }
    // wfastcgi works in the site's folder; apps written for it open files by relative names.
    converted.settings.push(("working-directory", ".".into()));
    reasons.push(Reason::new(
        "working-directory = \".\"",
        "wfastcgi works in the site's folder, and the app may open files relative to it",
    ));
    if let Some(log) = settings::take(editor, "WSGI_LOG")? {
        reasons.push(Reason::new(
            format!("WSGI_LOG {log}"),
            "is [tool.iisgate] log now; app pool identities need the right to write there",
        ));
        converted.settings.push(("log", log.into()));
    }
    let restarts = settings::get(editor, "WSGI_RESTART_FILE_REGEX");
    if restarts.is_none() {
        converted.settings.push(("reload", true.into()));
        let why = "wfastcgi restarts when a .py or .config file changes; iisgate replaces the worker \
                   without losing a request, and leaves it without this line";
        reasons.push(Reason::new("reload = true", why));
    }
    for (name, why) in [
        ("PYTHONPATH", "stays: iisgate reads it and expands %VAR% as wfastcgi does"),
        ("WSGI_RESTART_FILE_REGEX", "stays: iisgate replaces its worker for the same files"),
        ("DJANGO_SETTINGS_MODULE", "stays: app settings are environment variables of the app"),
        ("SCRIPT_NAME", "stays, but is not needed: iisgate knows where IIS mounts the site"),
    ] {
        if settings::get(editor, name).is_some() {
            reasons.push(Reason::new(name, why));
        }
    }
    for name in ["WSGI_ALT_VIRTUALENV_HANDLER", "WSGI_ALT_VIRTUALENV_ACTIVATE_THIS"] {
        if let Some(value) = settings::take(editor, name)? {
            let why = "goes: iisgate finds the virtual environment by itself, or by [tool.iisgate] python";
            reasons.push(Reason::new(format!("{name} {value}"), why));
            if name.ends_with("HANDLER") {
                converted.target = Some(value);
            }
        }
    }
    for old in &old {
        become_ours(editor, old, reasons)?;
    }
    drop_fastcgi(editor, reasons)?;
    converted.notes.push(
        "the old <fastCgi> entry in applicationHost.config is not used any more: wfastcgi-disable \
         removes it; iisgate iis install makes the new one"
            .to_owned(),
    );
    Ok(converted)
}

/// The handler is rewritten by `web_config` when it is known as ours: by its program.
pub(super) fn become_ours(
    editor: &mut Editor,
    old: &OldHandler,
    reasons: &mut Vec<Reason>,
) -> Result<(), Error> {
    let path = editor.path().to_owned();
    let stand_in = "iisgate|fcgi ?";
    editor
        .document()
        .set_attribute(old.id, "scriptProcessor", stand_in)
        .map_err(Error::xml(&path))?;
    let what = format!("handler {}", old.name);
    let was =
        if old.processor.is_empty() { String::new() } else { format!(" (was {})", old.processor) };
    reasons.push(Reason::new(what, format!("keeps its name and place, and runs iisgate{was}")));
    Ok(())
}

/// `<fastCgi>` counts in applicationHost.config alone; in a web.config IIS refuses it.
fn drop_fastcgi(editor: &mut Editor, reasons: &mut Vec<Reason>) -> Result<(), Error> {
    let Some(found) = editor.find("system.webServer/fastCgi", None) else { return Ok(()) };
    let path = editor.path().to_owned();
    editor.document().remove(found).map_err(Error::xml(&path))?;
    let why = "goes: it counts in applicationHost.config alone (500.19 here)";
    reasons.push(Reason::new("<fastCgi>", why));
    Ok(())
}

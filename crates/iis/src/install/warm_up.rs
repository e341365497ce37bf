//! Owns having IIS start a site's Python before the first visitor asks, and again after a recycle: the
//! settings of its app pool, its application and `<applicationInitialization>`.
//!
//! Does not own how long an instance lives then (`Limits::warm`).

use xml::{ElementId, Place};

use super::Spot;
use super::appcmd::{Appcmd, Command, escaped};
use crate::editor::Editor;
use crate::error::Error;

const SECTION: &str = "system.webServer/applicationInitialization";
const POOLS: &str = "system.applicationHost/applicationPools";
const SITES: &str = "system.applicationHost/sites";

/// What an item of a setting is called, and the value that it gets.
const SETTINGS: [(Holder, &str, &str); 4] = [
    // Else IIS waits for a visitor before it starts w3wp.exe.
    (Holder::Pool, "startMode", "AlwaysRunning"),
    // Else w3wp.exe ends after 20 minutes without visitors, and all instances with it.
    (Holder::Model, "idleTimeout", "00:00:00"),
    (Holder::Application, "preloadEnabled", "true"),
    (Holder::Section, "doAppInitAfterRestart", "true"),
];

/// The element that has a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// The app pool.
    Pool,
    /// Its `<processModel>`.
    Model,
    /// The site application.
    Application,
    /// `<applicationInitialization>` in the site's `<location>`.
    Section,
}

/// What was changed, so that it can be taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Warmed {
    /// The IIS app pool.
    pub pool: String,
    /// The page that is asked for.
    pub page: String,
    /// The page is new in the list.
    pub has_added_page: bool,
    /// The `<processModel>` is new.
    pub has_made_model: bool,
    /// The section is new.
    pub has_made_section: bool,
    /// Attributes that have another value now, with the one they had.
    pub changed: Vec<(String, Option<String>)>,
}

impl Warmed {
    /// Whether nothing had to be changed.
    pub fn is_nothing(&self) -> bool {
        self.changed.is_empty() && !self.has_added_page
    }
}

/// Puts it into the server's file. What is there already stays as it is.
///
/// # Errors
/// When this IIS cannot do it, the file has no such app pool or site, or is wrong.
pub fn prepare(editor: &mut Editor, spot: &Spot, pool: &str, page: &str) -> Result<Warmed, Error> {
    if !is_known(editor) {
        let message = "<applicationInitialization> is not among its sections: this IIS lacks the \
                       feature Application Initialization. Enable it: powershell \
                       Enable-WindowsOptionalFeature -Online -FeatureName IIS-ApplicationInit";
        return Err(Error::absent(editor.path(), message));
    }
    let mut warmed = Warmed { pool: pool.to_owned(), page: page.to_owned(), ..Warmed::default() };
    for (holder, name, value) in SETTINGS {
        let is_new = holder_of(editor, holder, spot, pool).is_none();
        let found = match holder {
            Holder::Model if is_new => {
                warmed.has_made_model = true;
                let pool = needed(editor, Holder::Pool, spot, pool)?;
                editor.child(pool, "processModel")?
            }
            Holder::Section if is_new => {
                warmed.has_made_section = true;
                editor.section(SECTION, Some(&spot.location()))?
            }
            holder => needed(editor, holder, spot, pool)?,
        };
        let old = attribute(editor, found, name);
        if old.as_deref() != Some(value) {
            set(editor, found, name, Some(value))?;
            warmed.changed.push((name.to_owned(), old));
        }
    }
    let section = needed(editor, Holder::Section, spot, pool)?;
    let item = [("initializationPage", page)];
    if editor.item_of(SECTION, section, &item).is_none() {
        editor.add(SECTION, section, &item, Place::End)?;
        warmed.has_added_page = true;
    }
    Ok(warmed)
}

/// Takes it back. What somebody else has set since stays.
///
/// # Errors
/// When the file is wrong.
pub fn undo(editor: &mut Editor, spot: &Spot, warmed: &Warmed) -> Result<(), Error> {
    for (holder, name, value) in SETTINGS {
        let Some((_, old)) = warmed.changed.iter().find(|(changed, _)| changed == name) else {
            continue;
        };
        let Some(found) = holder_of(editor, holder, spot, &warmed.pool) else { continue };
        if attribute(editor, found, name).as_deref() == Some(value) {
            set(editor, found, name, old.as_deref())?;
        }
    }
    if warmed.has_made_model
        && let Some(model) = holder_of(editor, Holder::Model, spot, &warmed.pool)
    {
        let pool = holder_of(editor, Holder::Pool, spot, &warmed.pool);
        editor.remove_empty(model)?;
        if let Some(pool) = pool {
            let path = editor.path().to_owned();
            editor.document().collapse(pool).map_err(Error::xml(&path))?;
        }
    }
    let Some(section) = holder_of(editor, Holder::Section, spot, &warmed.pool) else {
        return Ok(());
    };
    if warmed.has_added_page {
        editor.remove(SECTION, section, &[("initializationPage", &warmed.page)])?;
    }
    if warmed.has_made_section {
        editor.remove_empty(section)?;
        let location = spot.location();
        if let Some(empty) = editor.empty_location(&location) {
            let path = editor.path().to_owned();
            editor.document().remove(empty).map_err(Error::xml(&path))?;
        }
    }
    Ok(())
}

/// What appcmd is told for it.
pub fn commands(appcmd: &Appcmd, spot: &Spot, warmed: &Warmed) -> Vec<Command> {
    let is_changed = |name: &str| warmed.changed.iter().any(|(changed, _)| changed == name);
    let told = |holder: Holder, prefix: &str| -> Vec<String> {
        let settings = SETTINGS.iter().filter(|(of, name, _)| *of == holder && is_changed(name));
        settings.map(|(_, name, value)| format!("/{prefix}{name}:{value}")).collect()
    };
    let pool = [told(Holder::Pool, ""), told(Holder::Model, "processModel.")].concat();
    let application = told(Holder::Application, "");
    let mut section = told(Holder::Section, "");
    if warmed.has_added_page {
        section.push(format!("/+[initializationPage='{}']", escaped(&warmed.page)));
    }
    let mut commands = Vec::new();
    if !pool.is_empty() {
        let named = format!("/apppool.name:{}", warmed.pool);
        commands.push(appcmd.command(&[&["set", "apppool", &named], &refs(&pool)[..]].concat()));
    }
    if !application.is_empty() {
        let named = format!("/app.name:{}{}", spot.site, spot.app);
        commands.push(appcmd.command(&[&["set", "app", &named], &refs(&application)[..]].concat()));
    }
    if !section.is_empty() {
        let (location, name) = (spot.location(), format!("/section:{SECTION}"));
        let words = [&["set", "config", &location, &name], &refs(&section)[..]].concat();
        commands.push(appcmd.command(&[&words[..], &["/commit:apphost"]].concat()));
    }
    commands
}

fn refs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// Whether the server has the section: a feature that is not installed is not declared.
fn is_known(editor: &Editor) -> bool {
    let root = editor.root();
    let declared = root.descendant("configSections");
    let group = declared.and_then(|declared| {
        declared.children().find(|it| it.attribute("name") == Some("system.webServer"))
    });
    group.is_some_and(|group| {
        group.children().any(|it| it.attribute("name") == Some("applicationInitialization"))
    })
}

fn needed(
    editor: &mut Editor,
    holder: Holder,
    spot: &Spot,
    pool: &str,
) -> Result<ElementId, Error> {
    holder_of(editor, holder, spot, pool).ok_or_else(|| {
        let what = match holder {
            Holder::Pool | Holder::Model => format!("there is no app pool {pool}"),
            Holder::Application | Holder::Section => {
                format!("there is no application {}{}", spot.site, spot.app)
            }
        };
        Error::absent(editor.path(), what)
    })
}

fn holder_of(editor: &mut Editor, holder: Holder, spot: &Spot, pool: &str) -> Option<ElementId> {
    match holder {
        Holder::Pool => {
            let pools = editor.find(POOLS, None)?;
            editor.item_of(POOLS, pools, &[("name", pool)])
        }
        Holder::Model => {
            let pool = holder_of(editor, Holder::Pool, spot, pool)?;
            editor.document().element(pool)?.child("processModel").map(|model| model.id())
        }
        Holder::Application => {
            let sites = editor.find(SITES, None)?;
            let site = editor.item_of(SITES, sites, &[("name", &spot.site)])?;
            editor.item_of("system.applicationHost/sites/site", site, &[("path", &spot.app)])
        }
        Holder::Section => editor.find(SECTION, Some(&spot.location())),
    }
}

fn attribute(editor: &mut Editor, element: ElementId, name: &str) -> Option<String> {
    Some(editor.document().element(element)?.attribute(name)?.value())
}

fn set(
    editor: &mut Editor,
    element: ElementId,
    name: &str,
    value: Option<&str>,
) -> Result<(), Error> {
    let path = editor.path().to_owned();
    let document = editor.document();
    let done = match value {
        Some(value) => document.set_attribute(element, name, value),
        None => document.remove_attribute(element, name).map(drop),
    };
    done.map_err(Error::xml(&path))
}

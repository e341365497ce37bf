//! Owns what IIS must know of a site of ours: the `<fastCgi>` entry of its handler, and sections that its
//! `web.config` may set. Plans it as an edit of an `applicationHost.config`, and takes it back.
//!
//! Does not save (`saving`), and runs nothing: commands for a machine with IIS are made by `appcmd` and
//! `access`, and run by whoever calls.

pub mod access;
pub mod appcmd;
mod entry;
mod receipt;
pub mod running;
mod unlock;
pub mod utf8;
pub mod warm_up;

use std::sync::Arc;

use xml::Place;

pub use entry::{Entry, Limits, instances};
pub use receipt::{Installed, Receipt, path as receipt_path};
pub use unlock::Lock;
pub use warm_up::Warmed;

use crate::document::Element;
use crate::editor::Editor;
use crate::error::Error;
use crate::inherit::Inheritance;
use crate::script_processor::ScriptProcessor;
use crate::{fastcgi, handlers};

const FASTCGI: &str = "system.webServer/fastCgi";

/// What a site's `web.config` wants of the server.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The program of the handler.
    pub processor: ScriptProcessor,
    /// The root of the `web.config`.
    pub root: Arc<Element>,
}

/// Where the site is in the server's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The site's name.
    pub site: String,
    /// The path of the site application, `/` for the site's own.
    pub app: String,
}

impl Spot {
    /// The path of `<location>` and of appcmd.
    pub fn location(&self) -> String {
        format!("{}{}", self.site, self.app.trim_end_matches('/'))
    }
}

/// What was done to the server's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// The entry is new.
    pub has_added_entry: bool,
    /// The section around it is new.
    pub has_made_section: bool,
    /// The sections that are unlocked now.
    pub unlocked: Vec<String>,
    /// What was set so that Python starts before the first visitor asks.
    pub warmed: Option<Warmed>,
}

/// Reads what a site's `web.config` wants.
///
/// # Errors
/// When the file has no FastCGI handler of ours, or is wrong.
pub fn wanted(root: &Arc<Element>) -> Result<Wanted, Error> {
    let levels: Vec<&Element> =
        root.descendant("system.webServer/handlers").into_iter().chain(nested(root)).collect();
    let found = handlers::read(&levels)?;
    let mut mappings = found.mappings.into_iter().filter(|it| it.names_module("FastCgiModule"));
    let processor = mappings.find_map(|mapping| {
        mapping.script_processor.filter(|it| {
            let name = it.file_name().to_lowercase();
            name.trim_end_matches(".exe") == "iisgate" || it.arguments.starts_with("-m iisgate")
        })
    });
    let Some(processor) = processor else {
        let message = "no handler runs iisgate here; iisgate init writes one";
        return Err(Error::absent(root.path(), message));
    };
    Ok(Wanted { processor, root: Arc::clone(root) })
}

/// `<handlers>` in `<location path=".">`s.
fn nested(root: &Element) -> impl Iterator<Item = &Element> {
    let here = root.children().filter(|child| {
        let path = child.attribute("path").unwrap_or_default();
        child.name() == "location" && matches!(path, "" | ".")
    });
    here.filter_map(|location| location.descendant("system.webServer/handlers"))
}

/// Puts what is wanted into the server's file. What is there already stays as it is.
///
/// # Errors
/// When the file is wrong, or a section is locked in a way that only its owner can decide about.
pub fn install(
    editor: &mut Editor,
    wanted: &Wanted,
    spot: &Spot,
    entry: &Entry,
) -> Result<Done, Error> {
    let mut done = Done::default();
    if !has_entry(editor, &wanted.processor)? {
        done.has_made_section = editor.find(FASTCGI, None).is_none();
        let section = editor.section(FASTCGI, None)?;
        let path = editor.path().to_owned();
        let added = editor.document().insert(section, Place::End, &entry.element());
        added.map_err(Error::xml(&path))?;
        done.has_added_entry = true;
    }
    let locks = unlock::locks(&editor.root(), wanted, spot)?;
    unlock::unlock(editor, &locks, spot)?;
    done.unlocked = locks.into_iter().map(|lock| lock.section).collect();
    Ok(done)
}

/// Takes out what `install` put in. Tells whether the entry was there.
///
/// # Errors
/// When the file is wrong.
pub fn uninstall(
    editor: &mut Editor,
    processor: &ScriptProcessor,
    spot: &Spot,
    done: &Done,
) -> Result<bool, Error> {
    let mut was_there = false;
    if let Some(section) = editor.find(FASTCGI, None) {
        let key = [
            ("fullPath", processor.full_path.as_str()),
            ("arguments", processor.arguments.as_str()),
        ];
        was_there = editor.remove(FASTCGI, section, &key)?;
        if done.has_made_section {
            editor.remove_empty(section)?;
        }
    }
    undo_rest(editor, spot, done)?;
    Ok(was_there)
}

/// Takes out what `install` put in besides the entry, which others may need.
///
/// # Errors
/// When the file is wrong.
pub fn undo_rest(editor: &mut Editor, spot: &Spot, done: &Done) -> Result<(), Error> {
    unlock::lock(editor, &done.unlocked, spot)?;
    if let Some(warmed) = &done.warmed {
        warm_up::undo(editor, spot, warmed)?;
    }
    Ok(())
}

/// What keeps a handler from finding its program, read from the files as they are now; `None` when all
/// matches to the letter.
///
/// # Errors
/// When a file is wrong.
pub fn mismatch(server: &Element, wanted: &Wanted, spot: &Spot) -> Result<Option<String>, Error> {
    let levels: Vec<&Element> = server.descendant(FASTCGI).into_iter().collect();
    let known = fastcgi::read(&levels)?;
    if fastcgi::find(&known, &wanted.processor).is_none() {
        let near = known.iter().find(|it| {
            it.full_path.trim_matches('"').eq_ignore_ascii_case(&wanted.processor.full_path)
        });
        let near = near.map_or(String::new(), |near| {
            format!("; there is one with other arguments: {}|{}", near.full_path, near.arguments)
        });
        return Ok(Some(format!(
            "no <fastCgi> entry is {}, the handler's scriptProcessor{near}",
            wanted.processor
        )));
    }
    let locked = unlock::locks(server, wanted, spot)?;
    Ok(locked.first().map(|lock| lock.message.clone()))
}

/// The levels of a site's configuration, its `web.config` included.
fn chain(server: &Element, wanted: &Wanted, spot: &Spot) -> Inheritance {
    let mut chain = Inheritance::server(&Arc::new(server.clone()), &spot.site, &spot.app);
    chain.push(&wanted.root);
    chain
}

fn has_entry(editor: &Editor, processor: &ScriptProcessor) -> Result<bool, Error> {
    let root = editor.root();
    let levels: Vec<&Element> = root.descendant(FASTCGI).into_iter().collect();
    Ok(fastcgi::find(&fastcgi::read(&levels)?, processor).is_some())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

#[cfg(test)]
#[path = "machine_tests.rs"]
mod machine_tests;

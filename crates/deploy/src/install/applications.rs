//! Owns applications in a server's configuration: finding them, and the folder they lead to.
//!
//! Does not own what is in the folder (`server`).

use super::Error;
use iis::Editor;
use iis::install::Spot;
use iis::install::appcmd::{Appcmd, Command as AppcmdCommand};
use std::path::Path;
use xml::{ElementId, NewElement, Place};

/// Where sites stand.
pub(super) const SITES: &str = "system.applicationHost/sites";

/// The site of a name; case does not count.
pub(super) fn find_site(editor: &Editor, name: &str) -> Option<ElementId> {
    let mut editor = editor.clone();
    let root = editor.document().root();
    let sites = root.descendant(SITES)?;
    let mut found = sites.children().filter(|child| child.name() == "site");
    let is_it = |site: &xml::Element<'_>| {
        site.attribute("name").is_some_and(|told| told.value().eq_ignore_ascii_case(name))
    };
    found.find(is_it).map(|site| site.id())
}

/// The application of a spot.
pub(super) fn find_application(editor: &mut Editor, spot: &Spot) -> Option<ElementId> {
    let site = find_site(editor, &spot.site)?;
    let site = editor.document().element(site)?;
    let mut found = site.children().filter(|child| child.name() == "application");
    let is_it = |application: &xml::Element<'_>| {
        let path = application.attribute("path").map(|path| path.value()).unwrap_or_default();
        path.trim_matches('/').eq_ignore_ascii_case(spot.app.trim_matches('/'))
    };
    found.find(is_it).map(|application| application.id())
}

/// Sets the physical path; tells whether the application had to be made.
pub(super) fn set_path(editor: &mut Editor, spot: &Spot, folder: &Path) -> Result<bool, Error> {
    let folder = dunce::simplified(folder).display().to_string();
    let path = editor.path().to_owned();
    let wrong =
        |error: xml::Error| iis::Error::Absent { path: path.clone(), message: error.to_string() };
    let directory = || NewElement::new("virtualDirectory").attribute("path", "/");
    let Some(application) = find_application(editor, spot) else {
        let Some(site) = find_site(editor, &spot.site) else { return Ok(false) };
        let new = NewElement::new("application").attribute("path", &spot.app);
        let new = new.child(directory().attribute("physicalPath", &folder));
        let document = editor.document();
        // The bindings stand behind the applications.
        let last = document.element(site).and_then(|site| {
            site.children().filter(|child| child.name() == "application").last().map(|it| it.id())
        });
        let place = last.map_or(Place::Start, Place::After);
        document.insert(site, place, &new).map_err(wrong)?;
        return Ok(true);
    };
    let document = editor.document();
    let found = document.element(application).and_then(|application| {
        let mut folders = application.children().filter(|it| it.name() == "virtualDirectory");
        let is_root =
            |it: &xml::Element<'_>| it.attribute("path").is_some_and(|it| it.value() == "/");
        folders.find(is_root).map(|it| it.id())
    });
    match found {
        Some(found) => document.set_attribute(found, "physicalPath", &folder).map_err(wrong)?,
        None => {
            let new = directory().attribute("physicalPath", &folder);
            document.insert(application, Place::Start, &new).map_err(wrong)?;
        }
    }
    Ok(false)
}

/// The command that does the same where IIS is.
pub(super) fn path_command(
    appcmd: &Appcmd,
    spot: &Spot,
    folder: &Path,
    is_new: bool,
) -> AppcmdCommand {
    let folder = dunce::simplified(folder).display();
    let arguments = if is_new {
        vec![
            "add".to_owned(),
            "app".to_owned(),
            format!("/site.name:{}", spot.site),
            format!("/path:{}", spot.app),
            format!("/physicalPath:{folder}"),
        ]
    } else {
        let name = format!("{}/", spot.location());
        vec!["set".to_owned(), "vdir".to_owned(), name, format!("/physicalPath:{folder}")]
    };
    AppcmdCommand { program: appcmd.program.clone(), arguments }
}

//! Owns rules about static files: who sends them, and as what.
//!
//! Does not own files that nobody should see (`served`).

use super::super::edit::Edit;
use super::super::finding::Hit;
use super::super::rule::{Rule, error, note, warning};
use super::super::subject::{Subject, extension, fits};
use super::reference;
use crate::document::Element;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    note(["static-through-python", "Static files go through Python",
        "A handler with path=\"*\" comes before IIS's own StaticFile: without one of its own for the folder, Python sends each picture, or answers 404.",
        "Put <add name=\"static\" path=\"static/*\" verb=\"GET,HEAD\" modules=\"StaticFileModule\" resourceType=\"File\" requireAccess=\"Read\" /> before it.",
        reference!("system.webserver/handlers/")], swallowed),
    warning(["static-resource-type", "The handler for static files answers for URLs that are no files",
        "Without resourceType=\"File\" IIS answers 404 itself for what is no file, and Python is never asked.",
        "Write resourceType=\"File\".",
        reference!("system.webserver/handlers/add")], resource_type).mended(),
    warning(["static-folder-missing", "The folder of a static handler is not there",
        "With resourceType=\"File\" a mapping answers for files that exist. If the folder is not there, all its URLs go to Python.",
        "Make the folder (Django: manage.py collectstatic), or correct the path.",
        reference!("system.webserver/handlers/add")], folder_missing),
    warning(["static-hidden-segment", "Static files lie in a folder that request filtering hides",
        "A URL with a hidden segment, such as bin or App_Data, is 404.8, wherever in the path it stands.",
        "Write <remove segment=\"…\" /> in <hiddenSegments>, or rename the folder.",
        reference!("system.webserver/security/requestfiltering/hiddensegments/")], hidden),
    warning(["static-extension-denied", "Static files have an extension that request filtering refuses",
        "With ASP.NET installed IIS refuses some forty extensions, such as .cs, .java, .config and .resources: 404.7.",
        "Write <remove fileExtension=\"…\" /> in <fileExtensions>.",
        reference!("system.webserver/security/requestfiltering/fileextensions/")], denied),
    warning(["mime-type-missing", "IIS knows no MIME type for a static file",
        "IIS sends files of known extensions alone; others are 404.3 though they exist. Which are known depends on its version.",
        "Add <mimeMap fileExtension=\"…\" mimeType=\"…\" /> to <staticContent>.",
        reference!("system.webserver/staticcontent/mimemap")], mime).mended(),
    error(["mime-type-for-all", "Files of every extension are sent",
        "A mimeMap for .* or * gives a type to each file, so IIS sends databases, keys and sources that it otherwise refuses with 404.3.",
        "List the extensions that are meant.",
        reference!("system.webserver/staticcontent/mimemap")], mime_all),
    warning(["directory-browse-on", "Visitors see lists of files",
        "With directoryBrowse enabled IIS lists each folder that has no default document.",
        "Write <directoryBrowse enabled=\"false\" />.",
        reference!("system.webserver/directorybrowse")], browse).mended(),
];

const KNOWN: [(&str, &str); 15] = [
    (".avif", "image/avif"),
    (".ico", "image/x-icon"),
    (".js", "text/javascript"),
    (".json", "application/json"),
    (".m4a", "audio/mp4"),
    (".map", "application/json"),
    (".mjs", "text/javascript"),
    (".mp4", "video/mp4"),
    (".otf", "font/otf"),
    (".svg", "image/svg+xml"),
    (".wasm", "application/wasm"),
    (".webm", "video/webm"),
    (".webmanifest", "application/manifest+json"),
    (".webp", "image/webp"),
    (".woff2", "font/woff2"),
];

fn statics<'a>(subject: &'a Subject<'_>) -> impl Iterator<Item = &'a Element> {
    subject
        .mappings()
        .filter(|item| item.attribute("modules").is_some_and(|m| m.contains("StaticFileModule")))
}

/// The folder of a mapping such as `static/*`.
fn folder(item: &Element) -> Option<&str> {
    item.attribute("path")?
        .trim_start_matches('/')
        .strip_suffix("/*")
        .filter(|path| !path.contains('*'))
}

fn swallowed(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(python) =
        subject.pythons().find(|python| python.element.attribute("path") == Some("*"))
    else {
        return Vec::new();
    };
    let names = ["static", "staticfiles", "assets", "media"];
    let found = names.into_iter().filter(|name| {
        let inside = subject.names().find(|file| file.starts_with(&format!("{name}/")));
        let is_told = statics(subject).any(|item| {
            item.attribute("path").is_some_and(|path| {
                path.split(',').any(|p| inside.is_some_and(|file| fits(p, file)))
            })
        });
        let has_own = subject.has(&format!("{name}/web.config"))
            || subject
                .scopes()
                .any(|scope| scope.attribute("path").is_some_and(|p| p.trim_matches('/') == *name));
        inside.is_some() && !is_told && !has_own
    });
    found.map(|name| Hit::at(python.element.place(), format!("it takes {name}/, too"))).collect()
}

fn resource_type(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.pythons().next().is_none() {
        return Vec::new();
    }
    let found = statics(subject).filter(|item| item.attribute("resourceType") != Some("File"));
    found
        .map(|item| {
            let (element, attribute) = (item.place(), "resourceType".to_owned());
            let hit = Hit::at(
                item.attribute_place("resourceType"),
                "URLs that are no files never reach Python",
            );
            hit.edit(Edit::Set { element, attribute, value: "File".to_owned() })
        })
        .collect()
}

fn folder_missing(subject: &Subject<'_>) -> Vec<Hit> {
    let found = statics(subject)
        .filter(|item| folder(item).is_some_and(|folder| !subject.has(&format!("{folder}/"))));
    found
        .map(|item| Hit::at(item.attribute_place("path"), "there is no such folder in the site"))
        .collect()
}

fn own_statics<'a>(subject: &'a Subject<'_>) -> impl Iterator<Item = &'a str> {
    let folders: Vec<&str> = statics(subject).filter_map(folder).collect();
    subject.names().filter(move |name| {
        folders
            .iter()
            .any(|folder| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
            && !name.to_lowercase().ends_with("web.config")
    })
}

/// One file of each kind.
fn first_of_each<'a>(
    files: impl Iterator<Item = &'a str>,
    kind: impl Fn(&'a str) -> Option<String>,
) -> Vec<(String, &'a str)> {
    let mut found: Vec<(String, &str)> = Vec::new();
    for file in files {
        if let Some(kind) = kind(file).filter(|kind| found.iter().all(|(known, _)| known != kind)) {
            found.push((kind, file));
        }
    }
    found
}

fn hidden(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(filtering) = &subject.filtering else { return Vec::new() };
    let segment = |file: &str| {
        let file = file.to_lowercase();
        file.split('/').find(|part| filtering.hides(part)).map(str::to_owned)
    };
    let found = first_of_each(own_statics(subject), segment).into_iter();
    found
        .map(|(segment, file)| {
            Hit::file(
                subject.in_folder(file),
                format!("its URL is 404.8: the segment {segment} is hidden"),
            )
            .hint(format!(
                "Write <remove segment=\"{segment}\" /> in <hiddenSegments>, or rename the folder."
            ))
        })
        .collect()
}

fn denied(subject: &Subject<'_>) -> Vec<Hit> {
    let kind = |file: &str| {
        let name = file.rsplit('/').next().unwrap_or(file);
        let end = extension(name).map(str::to_lowercase)?;
        subject.filtering.as_ref()?.denies(name).then_some(end)
    };
    let found = first_of_each(own_statics(subject), kind).into_iter();
    found
        .map(|(end, file)| {
            Hit::file(subject.in_folder(file), format!("its URL is 404.7: {end} is refused"))
                .hint(format!("Write <remove fileExtension=\"{end}\" /> in <fileExtensions>."))
        })
        .collect()
}

fn mime(subject: &Subject<'_>) -> Vec<Hit> {
    let Ok(map) = subject.chain.static_content() else { return Vec::new() };
    let kind = |file: &str| {
        let end = extension(file)?.to_lowercase();
        let is_web = KNOWN.iter().any(|(known, _)| *known == end);
        (is_web && map.get(file).is_none() && !subject.hides(file)).then_some(end)
    };
    let found = first_of_each(own_statics(subject), kind).into_iter();
    found.map(|(end, file)| {
        let kind = KNOWN.iter().find(|(known, _)| *known == end).map_or("", |(_, kind)| kind);
        let items = [("remove", vec![("fileExtension", end.clone())]),
            ("mimeMap", vec![("fileExtension", end.clone()), ("mimeType", kind.to_owned())])];
        let edit = Edit::Insert { section: "system.webServer/staticContent", elements: items.to_vec(), is_first: false };
        Hit::file(subject.in_folder(file), format!("its URL is 404.3: {end} has no MIME type"))
            .hint(format!("Add <mimeMap fileExtension=\"{end}\" mimeType=\"{kind}\" /> to <staticContent>."))
            .edit(edit)
    }).collect()
}

fn mime_all(subject: &Subject<'_>) -> Vec<Hit> {
    let sections = subject.sections("system.webServer/staticContent");
    let items =
        sections.flat_map(|section| section.children().filter(|item| item.name() == "mimeMap"));
    let found =
        items.filter(|item| matches!(item.attribute("fileExtension"), Some("*" | ".*" | "." | "")));
    found
        .map(|item| Hit::at(item.attribute_place("fileExtension"), "this gives every file a type"))
        .collect()
}

fn browse(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject.sections("system.webServer/directoryBrowse");
    let found = found.filter(|item| {
        item.attribute("enabled").is_some_and(|told| told.eq_ignore_ascii_case("true"))
    });
    found
        .map(|item| {
            let edit = Edit::Set {
                element: item.place(),
                attribute: "enabled".to_owned(),
                value: "false".to_owned(),
            };
            Hit::at(item.attribute_place("enabled"), "folders are listed").edit(edit)
        })
        .collect()
}

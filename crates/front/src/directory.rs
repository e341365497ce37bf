//! Owns what answers for a folder: the redirect to its slash, a default document, a listing.
//!
//! Does not serve the default document: a handler mapping is chosen for it anew, so that
//! `default.php` is PHP's.

use std::path::Path;

use iis::handlers::HandlerMapping;

use crate::answer::{Answer, Refused};
use crate::folders::Folder;
use crate::listing;
use crate::redirect;
use crate::respond::Asked;
use crate::static_files::Served;

/// Answers for a folder on disk.
pub(crate) fn answer(
    asked: &Asked,
    url_path: &str,
    directory: &Path,
    mapping: &HandlerMapping,
    folder: &Folder,
) -> Result<Served, Refused> {
    if !url_path.ends_with('/') {
        let uri = &asked.parts.uri;
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let location = format!("{}://{}{}/{query}", asked.scheme(), asked.host(), uri.path());
        return Ok(Served::Answer(Box::new(redirect::answer(301, &location))));
    }
    if mapping.names_module("DefaultDocumentModule")
        && let Some(name) = default_document(directory, &folder.default_documents.names)
    {
        return Ok(Served::Instead(format!("{url_path}{name}")));
    }
    let is_read = matches!(asked.parts.method.as_str(), "GET" | "HEAD");
    if !is_read {
        return Err(Refused::new(405, 0, "Folders take GET and HEAD", url_path));
    }
    if mapping.names_module("DirectoryListingModule") && folder.browse.is_enabled {
        let host = asked.host();
        let page = listing::page(directory, url_path, &host, &folder.browse, &folder.filtering);
        let page = page.map_err(|error| {
            log::warn!("{}: {error}", directory.display());
            Refused::new(401, 3, "The folder may not be read", url_path)
        })?;
        return Ok(Served::Answer(Box::new(Answer::text(200, "text/html; charset=utf-8", page))));
    }
    Err(Refused::new(403, 14, "The folder's contents are not listed", url_path)
        .lead(
            "The folder has none of the default documents, and <directoryBrowse> is not enabled. \
             If your app should answer here, its handler mapping does not apply to this path.",
        )
        .fact("Default documents", folder.default_documents.names.join(", ")))
}

/// The first default document that is there, as it is written on disk; letters match in either
/// case, as on Windows.
fn default_document(directory: &Path, names: &[String]) -> Option<String> {
    let there: Vec<String> = std::fs::read_dir(directory)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.iter().find_map(|name| {
        let same = |other: &&String| other.to_lowercase() == name.to_lowercase();
        let exact = there.iter().find(|other| *other == name);
        let found = exact.or_else(|| there.iter().find(same))?;
        directory.join(found).is_file().then(|| found.clone())
    })
}

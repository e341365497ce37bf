//! Owns which files of a site are data that the app writes: those are packaged only when asked, as a
//! seed.
//!
//! Does not own what becomes of them on a server (`install`).

use std::path::Path;

use iis::init::{Listing, detect};

use super::BuildError;
use super::table::PackageTable;
use crate::package::names;

/// The data's paths, below the folder that is packaged.
pub(super) fn data(
    root: &Path,
    site: &str,
    table: &PackageTable,
) -> Result<Vec<String>, BuildError> {
    let below =
        |path: &str| if site.is_empty() { path.to_owned() } else { format!("{site}/{path}") };
    let Some(told) = &table.data else {
        let folder = root.join(site);
        let listing = Listing::read(&folder).map_err(BuildError::io("read", &folder))?;
        let found = detect(&listing).ok();
        let preset = found.map_or(&[][..], |found| found.framework.data());
        return Ok(preset.iter().map(|path| below(path)).collect());
    };
    let paths: Result<Vec<String>, BuildError> = told
        .iter()
        .map(|path| {
            let path = names::normal(path);
            match names::refusal(&path) {
                Some(refusal) => {
                    let message = format!("data in [tool.iisgate.package]: {}", refusal.message);
                    Err(BuildError::refused(message, "write paths below the site's folder"))
                }
                None => Ok(below(&path)),
            }
        })
        .collect();
    let paths = paths?;
    let words: Vec<&str> = paths.iter().map(String::as_str).collect();
    if let Some((outer, inner)) = names::overlap(&words) {
        let message = format!("data names {outer} and {inner}, which lies in it");
        return Err(BuildError::refused(message, format!("all of {outer} is data already")));
    }
    Ok(paths)
}

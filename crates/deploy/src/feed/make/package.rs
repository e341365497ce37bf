//! Owns what a package's file tells about the product: its id and version.
//!
//! Does not own the package's format (`crate::package`).

use std::io::Read;
use std::path::Path;

/// The largest manifest that is looked at: real ones take a few KB.
const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;

/// What is known of a package without a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// The folder that `iisApp` names, or the file's name.
    pub(super) product: String,
    /// What stands in the file's name behind the product's.
    pub(super) version: Option<String>,
}

/// What a package's file tells; `None` when it is no zip.
pub(super) fn told(path: &Path) -> Option<Told> {
    let file = std::fs::File::open(path).ok()?;
    let mut archive = zip::ZipArchive::new(file).ok()?;
    let (name, version) = from_name(&path.file_stem()?.to_string_lossy());
    Some(Told { product: application(&mut archive).unwrap_or(name), version })
}

/// The path of the manifest's `iisApp`.
fn application(archive: &mut zip::ZipArchive<std::fs::File>) -> Option<String> {
    let name = archive
        .file_names()
        .flatten()
        .find(|name| name.eq_ignore_ascii_case("Manifest.xml"))?
        .into_owned();
    let mut bytes = Vec::new();
    archive.by_name(&name).ok()?.take(MANIFEST_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let document = xml::Document::parse(&bytes).ok()?;
    let app = document.root().children().find(|one| one.name().eq_ignore_ascii_case("iisApp"))?;
    let path = app.attributes().find(|one| one.name().eq_ignore_ascii_case("path"))?.value();
    let last = path.rsplit(['/', '\\']).find(|part| !part.is_empty())?;
    Some(last.to_owned())
}

/// The product and the version that a file's name tells: `shop-1.2.0.msdeploy`.
fn from_name(stem: &str) -> (String, Option<String>) {
    let stem = stem.strip_suffix(".msdeploy").unwrap_or(stem);
    let is_version = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    match stem.split_once('-').map(|_| stem.match_indices('-')) {
        Some(mut dashes) => match dashes.find(|(at, _)| is_version(&stem[at + 1..])) {
            Some((at, _)) => {
                let rest = &stem[at + 1..];
                let version = rest.split('-').next().unwrap_or(rest);
                (stem[..at].to_owned(), Some(version.to_owned()))
            }
            None => (stem.to_owned(), None),
        },
        None => (stem.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_tells_product_and_version() {
        for (stem, product, version) in [
            ("shop-1.2.0", "shop", Some("1.2.0")),
            ("my-shop-1.2rc1.msdeploy", "my-shop", Some("1.2rc1")),
            ("shop-1.0-py3.11", "shop", Some("1.0")),
            ("shop", "shop", None),
            ("a-b", "a-b", None),
        ] {
            let version = version.map(str::to_owned);
            assert_eq!(from_name(stem), (product.to_owned(), version), "{stem}");
        }
    }
}

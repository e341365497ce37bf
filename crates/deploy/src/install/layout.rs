//! Owns what a release holds: where its site is, what it is made with, what in it is data.
//!
//! Does not own how data is kept (`data`).

use super::Error;
use super::data::{Entry, refuse_overlap};
use iis::init::{Framework, Listing, detect};
use std::path::{Path, PathBuf};

/// How deep the site's folder is looked for in what was packaged around it.
const DEPTH_MAX: usize = 3;

/// A release's folder, looked at.
#[derive(Debug)]
pub(super) struct Layout {
    /// The release's folder.
    pub(super) root: PathBuf,
    /// The folder of `web.config`.
    pub(super) site: PathBuf,
    /// The same below `root`, with forward slashes.
    pub(super) below: String,
    /// What it is made with, if that is found.
    pub(super) framework: Option<Framework>,
    /// What the app writes.
    pub(super) data: Vec<Entry>,
}

impl Layout {
    /// Looks.
    pub(super) fn of(root: &Path) -> Result<Self, Error> {
        let told = package_table(root)?;
        let told_site = told.as_ref().and_then(|table| table.get("site")?.as_str());
        let below = match told_site {
            Some(path) => Entry::parse(path).map(|entry| entry.path)?,
            None => find_site(root).unwrap_or_default(),
        };
        let site = super::content::below(root, &below);
        let listing = Listing::read(&site).map_err(Error::io("read", &site))?;
        let framework = detect(&listing).ok().map(|found| found.framework);
        let told = if below.is_empty() {
            told
        } else {
            told.map_or_else(|| package_table(&site), |told| Ok(Some(told)))?
        };
        let data: Vec<Entry> = match told.as_ref().and_then(|table| table.get("data")) {
            Some(list) => list
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(toml::Value::as_str)
                .map(Entry::parse)
                .collect::<Result<_, _>>()?,
            None => {
                let custom = framework.map_or(&[][..], Framework::data);
                custom.iter().map(|it| Entry::parse(it)).collect::<Result<_, _>>()?
            }
        };
        refuse_overlap(&data)?;
        Ok(Layout { root: root.to_owned(), site, below, framework, data })
    }
}

/// `[tool.iisgate.package]`.
fn package_table(folder: &Path) -> Result<Option<toml::Table>, Error> {
    let file = folder.join(iis::site::PYPROJECT);
    if !file.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&file).map_err(Error::io("read", &file))?;
    let table: toml::Table = text.parse().map_err(|error| {
        let message = format!("{} is not valid TOML: {error}", file.display());
        Error::refused(message, "mend the package's pyproject.toml and build it anew")
    })?;
    let ours = table.get("tool").and_then(|tool| tool.get("iisgate")?.get("package")?.as_table());
    Ok(ours.cloned())
}

/// The folder with a `web.config` that is nearest to the root; none when two are equally near.
fn find_site(root: &Path) -> Option<String> {
    let mut level = vec![String::new()];
    for _ in 0..DEPTH_MAX {
        let with_config = |below: &&String| {
            iis::site::find_web_config(&root.join(below)).is_ok_and(|it| it.is_some())
        };
        let found: Vec<&String> = level.iter().filter(with_config).collect();
        if let Some(first) = found.first() {
            return (found.len() == 1).then(|| (*first).clone());
        }
        level = level.iter().flat_map(|below| folders(root, below)).collect();
    }
    None
}

fn folders(root: &Path, below: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root.join(below)).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
    let is_of_interest = |name: &String| !name.starts_with('.') && name != "node_modules";
    let path = |name: String| if below.is_empty() { name } else { format!("{below}/{name}") };
    names.filter(is_of_interest).map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Layout, Error>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let layout = Layout::of(folder.path());
        (folder, layout)
    }

    #[test]
    fn the_site_may_be_below_what_is_packaged() {
        for (files, expected) in [
            (&[("web.config", ""), ("sub/web.config", "")][..], ""),
            (&[("buildout.cfg", ""), ("parts/web/web.config", "")], "parts/web"),
            (&[("a/web.config", ""), ("b/web.config", "")], ""),
            (&[("app.py", "")], ""),
            (
                &[
                    ("pyproject.toml", "[tool.iisgate.package]\nsite = 'b'\n"),
                    ("a/web.config", ""),
                    ("b/web.config", ""),
                ],
                "b",
            ),
        ] {
            let (_folder, layout) = made(files);
            assert_eq!(layout.unwrap().below, expected, "{files:?}");
        }
    }

    #[test]
    fn data_is_told_or_known_of_the_framework() {
        let told = "[tool.iisgate.package]\ndata = ['store', 'x.db']\n";
        let outside = "[tool.iisgate.package]\ndata = ['../x']\n";
        let twice = "[tool.iisgate.package]\ndata = ['var', 'var/blobs']\n";
        for (files, expected) in [
            (
                &[
                    ("manage.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x.settings')"),
                    ("x/settings.py", ""),
                    ("x/wsgi.py", "application = 1"),
                ][..],
                Some(vec!["db.sqlite3", "media"]),
            ),
            (&[("pyproject.toml", told)], Some(vec!["store", "x.db"])),
            (&[("pyproject.toml", outside)], None),
            (&[("pyproject.toml", twice)], None),
            (&[("readme.txt", "")], Some(vec![])),
        ] {
            let (_folder, layout) = made(files);
            let data = layout
                .ok()
                .map(|layout| layout.data.into_iter().map(|entry| entry.path).collect::<Vec<_>>());
            let expected = expected.map(|list| list.into_iter().map(str::to_owned).collect());
            assert_eq!(data, expected, "{files:?}");
        }
    }
}

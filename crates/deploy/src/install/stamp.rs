//! Owns finding the application that a command of a package belongs to, which Web Deploy does not tell:
//! by its name in IIS, by `APPL_PHYSICAL_PATH`, or by the stamp file of the 2012 tool.
//!
//! Does not own what is done there (`post_install`).

use super::Error;
use super::state::Binding;
use iis::sites::ConfiguredSite;
use std::path::{Path, PathBuf};

/// The file by which the tool of 2012 marked an application that is still to be set up.
pub const STAMP: &str = "iis_install.stamp";

/// An application that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its folder.
    pub folder: PathBuf,
    /// Its site, and its path there.
    pub spot: Option<(String, String)>,
    /// The folders of others that have a stamp, too.
    pub others: Vec<PathBuf>,
}

/// The application of a name.
///
/// # Errors
/// When the server's file is wrong, or has no such application.
pub fn named(binding: &Binding) -> Result<Application, Error> {
    let sites = sites(&binding.config)?;
    let found = each(&sites).find(|(site, app, _)| {
        let wanted = binding.app.trim_matches('/');
        site.eq_ignore_ascii_case(&binding.site)
            && app.trim_matches('/').eq_ignore_ascii_case(wanted)
    });
    let Some((site, app, folder)) = found else {
        let names: Vec<String> = each(&sites).map(|(site, app, _)| location(site, app)).collect();
        let wanted = location(&binding.site, &binding.app);
        let message = format!("IIS has no application {wanted}; it has: {}", names.join(", "));
        return Err(Error::refused(message, "give --app as the package's parameter iisApp has it"));
    };
    let spot = Some((site.to_owned(), app.to_owned()));
    Ok(Application { folder: folder.to_owned(), spot, others: Vec::new() })
}

/// The application whose folder has a stamp: of several the last, as IIS appends new ones. With `project`
/// only one whose Python project has that name.
///
/// # Errors
/// When the server's file is wrong, or nobody has a stamp.
pub fn stamped(config: &Path, project: Option<&str>) -> Result<Application, Error> {
    let sites = sites(config)?;
    let is_meant = |folder: &&PathBuf| {
        let is_project = project.is_none_or(|name| project_name(folder).as_deref() == Some(name));
        folder.join(STAMP).is_file() && is_project
    };
    let mut all: Vec<_> = each(&sites).collect();
    all.reverse();
    let mut found = all.into_iter().filter(|(_, _, folder)| is_meant(folder));
    let Some((site, app, folder)) = found.next() else {
        let message = format!("no application of IIS has a file {STAMP} in its folder");
        return Err(Error::refused(
            message,
            "name the application: --app \"SITE/APP\", or --dir FOLDER",
        ));
    };
    let others = found.map(|(_, _, folder)| folder.clone()).collect();
    let spot = Some((site.to_owned(), app.to_owned()));
    Ok(Application { folder: folder.clone(), spot, others })
}

/// The application of a folder, if IIS has one.
pub fn of_folder(config: &Path, folder: &Path) -> Option<(String, String)> {
    let sites = sites(config).ok()?;
    let is_it =
        |path: &Path| path == folder || dunce::canonicalize(path).is_ok_and(|path| path == folder);
    let found = each(&sites).find(|(_, _, path)| is_it(path));
    found.map(|(site, app, _)| (site.to_owned(), app.to_owned()))
}

fn sites(config: &Path) -> Result<Vec<ConfiguredSite>, Error> {
    let root = iis::site::load_configuration(config)?;
    Ok(iis::sites::read(&root)?)
}

/// Each application's site, path and folder.
fn each(sites: &[ConfiguredSite]) -> impl Iterator<Item = (&str, &str, &PathBuf)> {
    sites.iter().flat_map(|site| {
        site.applications.iter().filter_map(|application| {
            let mut folders = application.virtual_directories.iter();
            let root = folders.find(|folder| folder.path == "/")?;
            Some((&*site.name, &*application.path, &root.physical_path))
        })
    })
}

fn location(site: &str, app: &str) -> String {
    format!("{site}/{}", app.trim_matches('/')).trim_end_matches('/').to_owned()
}

/// The name of the Python project in a folder, by its files alone.
fn project_name(folder: &Path) -> Option<String> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let of_pyproject = read("pyproject.toml").and_then(|text| {
        let table: toml::Table = text.parse().ok()?;
        Some(table.get("project")?.get("name")?.as_str()?.to_owned())
    });
    let line = |text: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            let value = value.trim().trim_end_matches(',').trim_matches(['"', '\'']);
            (key.trim() == "name").then(|| value.to_owned())
        })
    };
    of_pyproject
        .or_else(|| read("setup.cfg").as_deref().and_then(line))
        .or_else(|| read("setup.py").as_deref().and_then(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixture {
        folder: tempfile::TempDir,
        config: PathBuf,
    }

    fn fixture() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let mut sites = String::new();
        for (site, id) in [("First", 1), ("Second", 2)] {
            sites += &format!("<site name=\"{site}\" id=\"{id}\">");
            for app in ["/", "/shop"] {
                let path = folder.path().join(format!("{site}{}", app.replace('/', "-")));
                std::fs::create_dir(&path).unwrap();
                sites += &format!(
                    "<application path=\"{app}\"><virtualDirectory path=\"/\" physicalPath=\"{}\" />\
                     </application>",
                    path.display()
                );
            }
            sites += "</site>";
        }
        let config = folder.path().join("applicationHost.config");
        let text = format!(
            "<configuration><system.applicationHost><sites>{sites}</sites>\
             </system.applicationHost></configuration>"
        );
        std::fs::write(&config, text).unwrap();
        Fixture { folder, config }
    }

    #[test]
    fn the_last_one_with_a_stamp_is_meant() {
        let Fixture { folder, config } = fixture();
        let at = |name: &str| folder.path().join(name);
        assert!(stamped(&config, None).unwrap_err().to_string().contains(STAMP));
        for name in ["First-shop", "Second-"] {
            std::fs::write(at(name).join(STAMP), "").unwrap();
        }
        let found = stamped(&config, None).unwrap();
        assert_eq!(found.folder, at("Second-"));
        assert_eq!(found.spot, Some(("Second".into(), "/".into())));
        assert_eq!(found.others, [at("First-shop")]);
        std::fs::write(at("First-shop").join("setup.py"), "setup(\n    name='shop',\n)\n").unwrap();
        let found = stamped(&config, Some("shop")).unwrap();
        assert_eq!((found.folder, found.others.len()), (at("First-shop"), 0));
        assert!(stamped(&config, Some("other")).is_err());
    }

    #[test]
    fn an_application_is_found_by_name() {
        let Fixture { folder, config } = fixture();
        let named = |site: &str, app: &str| {
            let (site, app) = (site.to_owned(), app.to_owned());
            super::named(&Binding { config: config.clone(), appcmd: None, site, app })
        };
        assert_eq!(named("first", "/Shop").unwrap().folder, folder.path().join("First-shop"));
        let error = named("First", "/none").unwrap_err().to_string();
        assert!(error.ends_with("it has: First, First/shop, Second, Second/shop"), "{error}");
        let found = of_folder(&config, &folder.path().join("Second-shop"));
        assert_eq!(found, Some(("Second".into(), "/shop".into())));
    }
}

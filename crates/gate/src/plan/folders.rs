//! Owns the folders of a plan: the site's, and the one that the app works in.
//!
//! Does not enter them.

use crate::codes;
use crate::control::StartFailure;
use crate::interpreter::grant;
use iis::Site;
use std::path::{Path, PathBuf};

/// App settings of those whom iisgate follows: wfastcgi and Helicon's module work in the site's
/// folder, and apps that were written for them open files by names relative to it.
const SETTINGS_OF_OTHERS: [&str; 2] = ["WSGI_HANDLER", "WSGI_CONFIG_FILE"];

/// The site's folder by its one true name, so that gates of one site find the same worker.
///
/// # Errors
/// When it is not there, or not for us.
pub(super) fn site(folder: &Path) -> Result<PathBuf, StartFailure> {
    let canonical = std::path::absolute(folder).and_then(dunce::canonicalize);
    canonical.map_err(|error| {
        let what = format!("the site's folder cannot be entered: {}", folder.display());
        let failure = StartFailure::system(&codes::SITE_FOLDER, &what, &error).at(folder.display());
        if error.kind() == std::io::ErrorKind::PermissionDenied {
            failure.mend("let the web server's user read it", grant(&folder.join("web.config")))
        } else {
            failure.mend("name the folder that is meant: --site DIR", "iisgate fcgi --site DIR")
        }
    })
}

/// Where the app works: what `[tool.iisgate] working-directory` says; else the site's folder if
/// `works_in_site` or the site comes from wfastcgi or Helicon; else the neutral folder. A folder in
/// which a process works can be neither renamed nor removed on Windows, so a site could not be
/// replaced while it is served.
///
/// # Errors
/// When what is said is no folder.
pub(super) fn working_directory(
    site: &Path,
    files: &Site,
    works_in_site: bool,
) -> Result<PathBuf, StartFailure> {
    if let Some(said) = &files.project.working_directory {
        let folder = site.join(said);
        return if folder.is_dir() {
            Ok(dunce::canonicalize(&folder).unwrap_or(folder))
        } else {
            let title = format!("there is no folder {}", folder.display());
            let hint = "it was named by [tool.iisgate] working-directory: correct it, or make it";
            let pyproject = site.join(iis::site::PYPROJECT);
            let make = format!("mkdir \"{}\"", folder.display());
            Err(StartFailure::of(&codes::WORKING_DIRECTORY, title)
                .at(pyproject.display())
                .mend(hint, make))
        };
    }
    let is_others = SETTINGS_OF_OTHERS.iter().any(|name| {
        files.app_settings.get(name).is_some()
            || files.project.env.contains_key(*name)
            || std::env::var_os(name).is_some()
    });
    Ok(if works_in_site || is_others { site.to_owned() } else { neutral() })
}

/// A folder that is no site, is always there, and in which only administrators put files: programs
/// and libraries are looked for where a process works, so the folder for temporary files would be a
/// trap. It is where the system starts its own services.
fn neutral() -> PathBuf {
    let windows = std::env::var_os("SystemRoot").filter(|_| cfg!(windows)).map(PathBuf::from);
    let folder = windows.map_or_else(|| PathBuf::from("/"), |folder| folder.join("System32"));
    if folder.is_dir() { folder } else { std::env::temp_dir() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_works_where() {
        let parent = std::env::temp_dir().join(format!("iisgate-folders-{}", std::process::id()));
        let folder = parent.join("site");
        std::fs::create_dir_all(folder.join("data")).expect("made");
        let handler = "<configuration><appSettings><add key='wsgi_handler' value='a.b'/>\
                       </appSettings></configuration>";
        let helicon = handler.replace("wsgi_handler", "WSGI_CONFIG_FILE");
        let (site, data) = (site(&folder).expect("there"), folder.join("data"));
        let data = dunce::canonicalize(data).expect("there");
        for (web_config, pyproject, works_in_site, expected) in [
            ("", "", false, Some(neutral())),
            ("", "", true, Some(site.clone())),
            (handler, "", false, Some(site.clone())),
            (&helicon, "", false, Some(site.clone())),
            ("", "env = { WSGI_HANDLER = 'a.b' }", false, Some(site.clone())),
            ("", "working-directory = '.'", false, Some(site.clone())),
            ("", "working-directory = 'data'", true, Some(data.clone())),
            (handler, "working-directory = 'data'", false, Some(data.clone())),
            ("", "working-directory = '../site/data'", false, Some(data)),
            ("", "working-directory = 'nowhere'", false, None),
            ("", "working-directory = 'pyproject.toml'", true, None),
        ] {
            let write = |name: &str, text: &str| {
                std::fs::write(folder.join(name), text).expect("written");
            };
            let web_config = if web_config.is_empty() { "<configuration/>" } else { web_config };
            write("web.config", web_config);
            write("pyproject.toml", &format!("[tool.iisgate]\n{pyproject}\n"));
            let files = Site::load(&site).expect("well written");
            let found = working_directory(&site, &files, works_in_site);
            let told = found.as_ref().err().map(ToString::to_string).unwrap_or_default();
            assert_eq!(found.ok(), expected, "{web_config} {pyproject}");
            assert_eq!(told.contains("[tool.iisgate] working-directory"), expected.is_none());
        }
        std::fs::remove_dir_all(parent).expect("removed");
    }

    #[test]
    fn the_neutral_folder_is_there_and_is_not_for_everybody() {
        assert!(neutral().is_dir());
        assert_ne!(neutral(), std::env::temp_dir());
    }
}

//! Owns which helper of which site is spoken of, and the name of its service.
//!
//! Asks the system nothing.

use super::trouble::Trouble;
use crate::plan::log_path::site_name;
use crate::plan::unreadable;
use iis::Site;
use iis::project_helpers::{Helper, Start, service_name_fault};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A helper of a site, and the service that runs it or is to run it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The site's folder.
    pub site: PathBuf,
    /// The service's name.
    pub service: String,
    pub(super) helper: Helper,
    pub(super) files: Site,
}

/// The name of a helper's service: what the site's files say, or `iisgate-SITE-HELPER`, where SITE is the
/// folder's name with some digits that tell it from folders of the same name, as the site's log has it.
pub(crate) fn service_name(helper: &Helper, site: &Path) -> String {
    let made = || format!("iisgate-{}-{}", site_name(site), helper.name);
    helper.service.clone().unwrap_or_else(made)
}

impl Subject {
    /// Reads the site's files. `service` names the service, whatever they say.
    ///
    /// # Errors
    /// When the files cannot be read, or there is no such helper.
    pub fn load(site: &Path, helper: &str, service: Option<&str>) -> Result<Self, Trouble> {
        let absent = |_| {
            Trouble::asked(
                format!("there is no folder {}", site.display()),
                "name the site's folder: --site DIR",
            )
        };
        let site = dunce::canonicalize(site).map_err(absent)?;
        let files = Site::load(&site).map_err(|error| unreadable(&error))?;
        let Some(found) = files.project.helpers.iter().find(|one| one.name == helper) else {
            return Err(unknown(&site, &files, helper));
        };
        if let Some(fault) = service.and_then(service_name_fault) {
            return Err(Trouble::asked(format!("no service can be named so: {fault}"), ""));
        }
        let helper = found.clone();
        let service = service.map_or_else(|| service_name(&helper, &site), str::to_owned);
        Ok(Self { site, service, helper, files })
    }

    /// The helper's name.
    pub fn helper(&self) -> &str {
        &self.helper.name
    }

    /// Whether the site's files say that a service runs it.
    pub fn is_service(&self) -> bool {
        self.helper.start == Start::Service
    }

    /// The services that it needs first: helpers of this site by the names of their services.
    pub(super) fn depends(&self) -> Vec<String> {
        let helpers = &self.files.project.helpers;
        let service = |name: &String| {
            let of_site = helpers.iter().find(|helper| helper.name == *name);
            of_site.map_or_else(|| name.clone(), |helper| service_name(helper, &self.site))
        };
        self.helper.depends.iter().map(service).collect()
    }

    pub(super) fn ready_timeout(&self) -> Duration {
        let default = crate::helpers::READY_TIMEOUT;
        self.helper.ready_timeout_secs.map_or(default, |secs| Duration::from_secs(secs.into()))
    }

    pub(super) fn stop_timeout(&self) -> Duration {
        let default = crate::helpers::STOP_TIMEOUT;
        self.helper.stop_timeout_secs.map_or(default, |secs| Duration::from_secs(secs.into()))
    }
}

fn unknown(site: &Path, files: &Site, name: &str) -> Trouble {
    let names: Vec<_> = files.project.helpers.iter().map(|helper| &*helper.name).collect();
    let file = site.join("pyproject.toml");
    let hint = if names.is_empty() {
        "define it below [tool.iisgate.helpers.NAME], or name the site's folder: --site DIR".into()
    } else {
        format!("there are: {}", names.join(", "))
    };
    Trouble::asked(format!("{} defines no helper {name}", file.display()), hint)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A site in a folder with a space in its name.
    pub(in crate::service) fn site(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let site = folder.path().join("my shop");
        std::fs::create_dir(&site).expect("made");
        std::fs::write(site.join("pyproject.toml"), text).expect("written");
        let site = dunce::canonicalize(site).expect("there");
        (folder, site)
    }

    #[test]
    fn services_are_named_by_site_and_helper() {
        let text = "[tool.iisgate.helpers.zeo]\ncommand = ['a']\ndepends = ['db', 'queue', 'Tcpip']\n\
                    [tool.iisgate.helpers.db]\nstart = 'service'\nservice = 'postgresql'\n\
                    [tool.iisgate.helpers.queue]\ncommand = ['b']\n";
        let ((_one, one), (_two, two)) = (site(text), site(text));
        let load = |site, name, service| Subject::load(site, name, service).expect("there");
        let zeo = load(&one, "zeo", None);
        assert!(zeo.service.starts_with("iisgate-my_shop-"), "{}", zeo.service);
        assert!(zeo.service.ends_with("-zeo"), "{}", zeo.service);
        // Another folder of the same name is another site.
        assert_ne!(zeo.service, load(&two, "zeo", None).service);
        assert_eq!(load(&one, "db", None).service, "postgresql");
        assert_eq!(load(&one, "zeo", Some("my zeo")).service, "my zeo");
        let queue = load(&one, "queue", None).service;
        assert_eq!(zeo.depends(), ["postgresql", &queue, "Tcpip"]);
    }

    #[test]
    fn what_is_not_there_is_told() {
        let (_folder, path) = site("[tool.iisgate.helpers.zeo]\ncommand = ['a']\n");
        let message = |site: &Path, name, service| match Subject::load(site, name, service) {
            Err(Trouble::Asked { message, hint }) => format!("{message}|{hint}"),
            other => panic!("{other:?}"),
        };
        let told = message(&path, "zoe", None);
        assert!(told.ends_with("pyproject.toml defines no helper zoe|there are: zeo"), "{told}");
        assert!(message(&path.join("nowhere"), "zeo", None).contains("--site"));
        assert!(message(&path, "zeo", Some(r"a\b")).contains("may not be in it"));
    }
}

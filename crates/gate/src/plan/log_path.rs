//! Owns where gate, worker and keeper log, and in which form.
//!
//! Does not write there (`platform::log_file`).
//!
//! The first of these that can be written is taken: the file that is named by the flag, by
//! `IISGATE_LOG`, by `[tool.iisgate] log` or wfastcgi's `WSGI_LOG`; standard error, if somebody keeps
//! what is written there; the site's `logs` folder, if there is one; the folder of IIS Express's
//! user (`IIS_USER_HOME`); the machine's (`ProgramData`, `/var/log/iisgate` if it was made); the
//! user's private folder among the temporary ones. If all fails there is no log, and the site runs.

use crate::codes;
use crate::settings::Settings;
use iis::Site;
use platform::log_file::{self, LogFile, LogForm};
use platform::{private, standard_error};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The log's file where it has a folder of its own.
const FILE: &str = "iisgate.log";

/// What can always be written.
const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPlan {
    /// The file; `None` is standard error.
    pub path: Option<PathBuf>,
    /// How it is written.
    pub form: LogForm,
    /// What is to be said about it: that another file was meant, and why it is not that one.
    pub note: Option<String>,
}

/// Where to log.
pub(super) fn find(settings: &Settings, files: Option<&Site>, site: &Path) -> LogPlan {
    let variable = std::env::var("IISGATE_LOG").ok().filter(|value| !value.is_empty());
    let format = files.and_then(|files| files.project.log_format.as_deref()?.parse().ok());
    let form = settings.log_format.or(format).unwrap_or_default();
    let named = settings.log.clone().or(variable).or_else(|| named_by(files?));
    let mut note = None;
    if let Some(named) = named {
        if named == "-" {
            return LogPlan { path: None, form, note };
        }
        let path = site.join(named);
        match may_be_written(&path) {
            Ok(()) => return LogPlan { path: Some(path), form, note },
            Err(why) => note = Some(why),
        }
    }
    if standard_error::is_kept() {
        return LogPlan { path: None, form, note };
    }
    let own = site_log(site);
    if let Some(path) = &own
        && let Err(why) = may_be_written(path)
    {
        note.get_or_insert(why);
    }
    let others = own.into_iter().chain(shared_places(Some(site)));
    let found = others.into_iter().find(|path| may_be_written(path).is_ok());
    let path = found.unwrap_or_else(|| NOWHERE.into());
    if let Some(note) = &mut note {
        note.push_str(&format!("; the log is {} instead", path.display()));
    }
    LogPlan { path: Some(path), form, note }
}

/// What the site's files name.
fn named_by(files: &Site) -> Option<String> {
    let expand = |value: &str| iis::expand::environment_variables(value, iis::expand::from_process);
    let wfastcgis = || files.app_settings.get("WSGI_LOG").map(expand);
    files.project.log.clone().or_else(wfastcgis)
}

/// The log in the site's own folder, if it has one for logs. (Its name has an ending that IIS and
/// our stand-in serve to nobody.)
fn site_log(site: &Path) -> Option<PathBuf> {
    let logs = site.join("logs");
    logs.is_dir().then(|| logs.join(FILE))
}

/// Where a site's log lies among those of others; without a site, those of who does not know his yet.
fn shared_places(site: Option<&Path>) -> Vec<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_dir());
    let users = variable("IIS_USER_HOME").map(|home| home.join("Logs").join("iisgate"));
    let machines = if cfg!(windows) {
        variable("ProgramData").map(|folder| folder.join("iisgate").join("logs"))
    } else {
        Some(PathBuf::from("/var/log/iisgate")).filter(|folder| folder.is_dir())
    };
    let temporary = private::folder().ok().map(|folder| folder.join("logs"));
    let folders = [users, machines, temporary].into_iter().flatten();
    match site {
        Some(site) => folders.map(|folder| folder.join(site_name(site)).join(FILE)).collect(),
        None => folders.map(|folder| folder.join(FILE)).collect(),
    }
}

/// A name for people, and no other site's: many folders are called `site` or `wwwroot`.
pub(crate) fn site_name(site: &Path) -> String {
    const HASH_BYTES: usize = 4;
    let site = dunce::canonicalize(site).unwrap_or_else(|_| site.to_owned());
    let name = site.file_name().map(|name| name.to_string_lossy().into_owned());
    let plain = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = name.unwrap_or_else(|| "root".into()).chars().map(plain).collect();
    let hash = Sha256::digest(site.as_os_str().as_encoded_bytes());
    let hash: String = hash[..HASH_BYTES].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name}-{hash}")
}

fn may_be_written(path: &Path) -> Result<(), String> {
    let opened = LogFile::open(path).map(drop);
    opened.map_err(|error| {
        format!("{} the log cannot be written: {}: {error}", codes::LOG_UNWRITABLE, path.display())
    })
}

/// Where the log of a site may be, for who looks for it: first what is named, then by the order in
/// which a folder is taken. Nothing is made or written.
pub fn log_places(site: &Path) -> Vec<PathBuf> {
    let variable = std::env::var("IISGATE_LOG").ok().filter(|value| !value.is_empty());
    let files = Site::load(site).ok();
    let named = variable.or_else(|| named_by(files.as_ref()?)).filter(|named| named != "-");
    let named = named.map(|named| site.join(named));
    named.into_iter().chain(site_log(site)).chain(shared_places(Some(site))).collect()
}

/// Opens the process's log for a gate, before anything can fail: where its site's worker would log,
/// as far as that is known. That it cannot be opened fails nothing.
pub fn open_log(settings: &Settings) {
    let site = settings.site.as_deref().map(absolute);
    let plan = match &site {
        Some(site) => find(settings, Site::load(site).ok().as_ref(), site),
        None => of_unknown_site(settings),
    };
    let file = plan.path.and_then(|path| LogFile::open(&path).ok());
    if let Some(file) = file.map_or_else(|| LogFile::stderr().ok(), Some) {
        let level = if settings.debug { log::LevelFilter::Debug } else { log::LevelFilter::Info };
        let log = log_file::install(file.in_form(plan.form), level);
        if let Some(site) = site {
            log.set_site(&site);
        }
    }
}

/// Goes on in a site's log, once it is known whose request it is.
pub(crate) fn move_log(settings: &Settings, site: &Path) {
    let site = absolute(site);
    let Some(log) = log_file::installed() else { return };
    log.set_site(&site);
    let plan = find(settings, Site::load(&site).ok().as_ref(), &site);
    if let Some(path) = plan.path.filter(|path| log.path().as_ref() != Some(path)) {
        // Else it goes on where it is.
        let _ = log.move_to(&path);
    }
}

fn absolute(site: &Path) -> PathBuf {
    std::path::absolute(site).unwrap_or_else(|_| site.to_owned())
}

/// Without a site's files, and without making a log for a folder that is none.
fn of_unknown_site(settings: &Settings) -> LogPlan {
    let here = absolute(Path::new("."));
    let is_named = settings.log.is_some() || std::env::var_os("IISGATE_LOG").is_some();
    if is_named || standard_error::is_kept() {
        return find(settings, None, &here);
    }
    let path = shared_places(None).into_iter().find(|path| may_be_written(path).is_ok());
    let form = settings.log_format.unwrap_or_default();
    LogPlan { path: Some(path.unwrap_or_else(|| NOWHERE.into())), form, note: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_cannot_be_written_is_replaced_and_that_is_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let site = folder.path();
        std::fs::write(site.join("file"), "").expect("written");
        let named = |log: &str| Settings { log: Some(log.into()), ..Settings::default() };
        assert_eq!(find(&named("-"), None, site).path, None);
        let good = find(&named("app.log"), None, site);
        assert_eq!((good.path, good.note), (Some(site.join("app.log")), None));
        let bad = find(&named("file/app.log"), None, site);
        let note = bad.note.expect("said");
        assert!(note.starts_with("IG074 the log cannot be written: "), "{note}");
        assert!(note.contains(&site.join("file").display().to_string()), "{note}");
        assert_ne!(bad.path, Some(site.join("file/app.log")));
    }

    #[test]
    fn the_form_is_the_flags_or_the_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "[tool.iisgate]\nlog = '-'\nlog-format = 'json'\n";
        std::fs::write(folder.path().join("pyproject.toml"), text).expect("written");
        let files = Site::load(folder.path()).expect("well written");
        let form = |format| {
            let settings = Settings { log_format: format, ..Settings::default() };
            find(&settings, Some(&files), folder.path()).form
        };
        assert_eq!(form(None), LogForm::Json);
        assert_eq!(form(Some(LogForm::Text)), LogForm::Text);
    }

    #[test]
    fn sites_of_one_name_have_logs_of_their_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, two] = ["a/my site", "b/my site"].map(|name| folder.path().join(name));
        for site in [&one, &two] {
            std::fs::create_dir_all(site.join("logs")).expect("made");
        }
        assert!(site_name(&one).starts_with("my_site-"));
        assert_ne!(site_name(&one), site_name(&two));
        let places = log_places(&one);
        assert_eq!(places[0], one.join("logs").join(FILE));
        assert!(places.len() > 1 && !places[1].exists());
    }
}

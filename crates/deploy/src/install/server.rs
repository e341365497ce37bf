//! Owns where the web server's configuration leads: the physical path of a site application, with the
//! FastCGI applications of its release. One file is replaced at once; where IIS is, `appcmd` is run.
//!
//! Does not own what a `<fastCgi>` entry is (`iis::install`).

use super::applications::{SITES, find_application, find_site, path_command, set_path};
use super::environment::run;
use super::host::{Command, Host};
use super::state::Binding;
use super::{Error, checkpoint};
use iis::install::access::identity;
use iis::install::appcmd::{Appcmd, Command as AppcmdCommand};
use iis::install::{
    Done, Entry, Installed, Limits, Receipt, Spot, Wanted, install, instances, receipt_path,
};
use iis::saving::{Saved, save};
use iis::{Editor, ScriptProcessor};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FASTCGI: &str = "system.webServer/fastCgi";

/// appcmd takes a second; a busy server takes longer.
const APPCMD_TIMEOUT: Duration = Duration::from_secs(120);

/// What a site application is to lead to.
#[derive(Debug)]
pub(super) struct Destination<'a> {
    /// The folder of the release's `web.config`.
    pub(super) site: &'a Path,
    /// The programs of its handlers.
    pub(super) processors: Vec<ScriptProcessor>,
    /// The programs of releases that go.
    pub(super) obsolete: Vec<ScriptProcessor>,
    /// What its app pool has to write.
    pub(super) data: &'a Path,
}

impl Binding {
    pub(super) fn spot(&self) -> Spot {
        Spot { site: self.site.clone(), app: self.app.clone() }
    }

    /// Looks whether the site is there and the file may be written, before anything is done.
    pub(super) fn check(&self) -> Result<(), Error> {
        let editor = Editor::load(&self.config)?;
        find_site(&editor, &self.site).ok_or_else(|| self.no_site(&editor))?;
        let opened = std::fs::OpenOptions::new().append(true).open(&self.config);
        let Err(error) = opened else { return Ok(()) };
        let message = format!("{} cannot be written: {error}", self.config.display());
        Err(Error::refused(
            message,
            "IIS's configuration is changed by administrators: use an elevated console",
        ))
    }

    fn no_site(&self, editor: &Editor) -> Error {
        let mut editor = editor.clone();
        let root = editor.document().root();
        let sites = root.descendant(SITES);
        let names: Vec<String> = sites
            .iter()
            .flat_map(xml::Element::children)
            .filter(|child| child.name() == "site")
            .filter_map(|site| site.attribute("name").map(|name| name.value()))
            .collect();
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Error::refused(
            format!("{} has no site {}; it has: {known}", self.config.display(), self.site),
            format!(
                "make it first: appcmd add site /name:\"{}\" /bindings:http/*:80: \
                     /physicalPath:C:\\inetpub\\wwwroot",
                self.site
            ),
        )
    }

    /// Leads the application there.
    pub(super) fn lead(&self, to: &Destination<'_>, host: &mut dyn Host) -> Result<(), Error> {
        let mut editor = Editor::load(&self.config)?;
        let spot = self.spot();
        let root = iis::site::load_web_config(to.site)?.ok_or_else(|| {
            Error::refused(
                format!("{} has no web.config", to.site.display()),
                "iisgate init writes one",
            )
        })?;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let limits = Limits::of_instances(instances(processors, None).0);
        let mut commands = Vec::new();
        let mut all = Done::default();
        for processor in &to.processors {
            let wanted = Wanted { processor: processor.clone(), root: root.clone() };
            let entry = Entry {
                processor: processor.clone(),
                limits: limits.clone(),
                environment: Vec::new(),
            };
            let done = install(&mut editor, &wanted, &spot, &entry)?;
            if let Some(appcmd) = self.appcmd() {
                commands.extend(appcmd.install(&entry, &done, &spot));
            }
            all.has_added_entry |= done.has_added_entry;
            all.has_made_section |= done.has_made_section;
            all.unlocked.extend(done.unlocked);
        }
        // As it is written it may hold variables: those stay.
        let is_there = self.folder(&editor.root())?.as_deref() == Some(to.site);
        let is_new = if is_there { None } else { Some(set_path(&mut editor, &spot, to.site)?) };
        for processor in &to.obsolete {
            forget(&mut editor, processor)?;
        }
        match self.appcmd() {
            None => self.write(&editor, to, all)?,
            Some(appcmd) => {
                commands.extend(is_new.map(|is_new| path_command(&appcmd, &spot, to.site, is_new)));
                if let Some(who) = self.identity()? {
                    commands.extend(rights(&who, to));
                }
                commands
                    .extend(to.obsolete.iter().flat_map(|processor| appcmd.uninstall(processor)));
                for command in commands {
                    let program = Command::new(&command.program, APPCMD_TIMEOUT);
                    run(host, &program.args(&command.arguments))?;
                    checkpoint::checkpoint();
                }
            }
        }
        self.prove(to, &root)
    }

    fn appcmd(&self) -> Option<Appcmd> {
        self.appcmd.clone().map(|program| Appcmd { program })
    }

    /// Replaces the file, and notes what has to be undone one day.
    fn write(&self, editor: &Editor, to: &Destination<'_>, done: Done) -> Result<(), Error> {
        let (original, fresh) = (editor.original().unwrap_or_default(), editor.to_bytes());
        let saved = save(&self.config, Some(original), &fresh, platform::successor_file::succeed)?;
        checkpoint::checkpoint();
        let Some(processor) = to.processors.first() else { return Ok(()) };
        match saved {
            Saved::Replaced { backup } => {
                let before = Installed::digest(original);
                self.note(processor, done, backup, &before, &fresh)
            }
            // A run was cut off between the file and the note.
            _ => {
                let receipt = Receipt::load(&receipt_path(&self.config))?;
                let noted = receipt.of(&self.spot()).map(|noted| &noted.processor);
                let Some(backup) = self.newest_backup().filter(|_| noted != Some(processor)) else {
                    return Ok(());
                };
                let bytes = std::fs::read(&backup).map_err(Error::io("read", &backup))?;
                let done = Done { has_added_entry: true, ..done };
                self.note(processor, done, backup, &Installed::digest(&bytes), &fresh)
            }
        }
    }

    /// Reads the file once more.
    fn prove(
        &self,
        to: &Destination<'_>,
        root: &std::sync::Arc<iis::Element>,
    ) -> Result<(), Error> {
        let server = iis::site::load_configuration(&self.config)?;
        for processor in &to.processors {
            let wanted = Wanted { processor: processor.clone(), root: root.clone() };
            if let Some(why) = iis::install::mismatch(&server, &wanted, &self.spot())? {
                return Err(Error::failed("registering the release", why));
            }
        }
        if self.folder(&server)?.as_deref() == Some(to.site) {
            return Ok(());
        }
        let why = format!("{} does not lead to {}", self.config.display(), to.site.display());
        Err(Error::failed("switching the site", why))
    }

    /// Whether the application leads to this folder now.
    pub(super) fn leads_to(&self, site: &Path) -> Result<bool, Error> {
        let server = iis::site::load_configuration(&self.config)?;
        Ok(self.folder(&server)?.as_deref() == Some(site))
    }

    /// The folder that the application has now.
    fn folder(&self, server: &iis::Element) -> Result<Option<PathBuf>, Error> {
        let sites = iis::sites::read(server)?;
        let site = sites.into_iter().find(|site| site.name.eq_ignore_ascii_case(&self.site));
        let mut applications = site.into_iter().flat_map(|site| site.applications);
        let wanted = self.app.trim_matches('/');
        let found = applications.find(|it| it.path.trim_matches('/').eq_ignore_ascii_case(wanted));
        let folders = found.into_iter().flat_map(|application| application.virtual_directories);
        Ok(folders.filter(|folder| folder.path == "/").map(|folder| folder.physical_path).next())
    }

    /// Where releases go when nobody says: where those are that are served, else the site's own folder if
    /// that is empty, else one beside it.
    ///
    /// # Errors
    /// When the server's file is wrong, or has no such site.
    pub fn usual_folder(&self) -> Result<PathBuf, Error> {
        let editor = Editor::load(&self.config)?;
        find_site(&editor, &self.site).ok_or_else(|| self.no_site(&editor))?;
        let Some(served) = self.folder(&editor.root())? else {
            let message = format!("{} has no application {}", self.site, self.app);
            return Err(Error::refused(message, "name the folder for its releases: --to DIR"));
        };
        let ours = served.ancestors().find(|folder| folder.join("releases.toml").is_file());
        if let Some(ours) = ours {
            return Ok(ours.to_owned());
        }
        let is_free = std::fs::read_dir(&served).map_or(true, |mut all| all.next().is_none());
        if is_free {
            return Ok(served);
        }
        let name = served.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(served.with_file_name(format!("{name}-releases")))
    }

    /// Who the processes of the application's IIS app pool are; `None` for one who may do everything.
    pub(super) fn identity(&self) -> Result<Option<String>, Error> {
        let editor = Editor::load(&self.config)?;
        Ok(identity(&editor.root(), &self.pool(editor.clone())))
    }

    fn pool(&self, mut editor: Editor) -> String {
        let found = find_application(&mut editor, &self.spot());
        let application = found.and_then(|id| editor.document().element(id));
        let pool = application.and_then(|it| it.attribute("applicationPool").map(|it| it.value()));
        pool.unwrap_or_else(|| iis::sites::DEFAULT_APPLICATION_POOL.to_owned())
    }
}

/// Takes the entry of a release that goes out.
fn forget(editor: &mut Editor, processor: &ScriptProcessor) -> Result<(), Error> {
    let Some(section) = editor.find(FASTCGI, None) else { return Ok(()) };
    let key =
        [("fullPath", processor.full_path.as_str()), ("arguments", processor.arguments.as_str())];
    editor.remove(FASTCGI, section, &key)?;
    Ok(())
}

/// What the app pool's identity may read and write.
fn rights(who: &str, to: &Destination<'_>) -> Vec<AppcmdCommand> {
    let program = std::env::current_exe().ok();
    let mut folders = iis::install::access::Folders::default();
    folders.read.push(to.site.to_owned());
    folders.read.extend(program.as_deref().and_then(Path::parent).map(Path::to_owned));
    folders.written.extend(Some(to.data).filter(|data| data.is_dir()).map(Path::to_owned));
    for name in ["logs", "tmp"] {
        folders.written.extend(Some(to.site.join(name)).filter(|folder| folder.is_dir()));
    }
    iis::install::access::commands(who, &folders)
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;

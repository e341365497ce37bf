//! Owns finding what `iisgate iis` works on: the server's file or appcmd, and the site in it.
//!
//! Does not own what the files say (`iis`).

use super::elevation::{self, Access};
use crate::Exit;
use crate::args::HostArgs;
use crate::printer::Printer;
use ::iis::install::appcmd::Appcmd;
use ::iis::install::{Spot, Wanted, wanted};
use ::iis::sites::{self, ConfiguredSite};
use ::iis::{Element, ScriptProcessor};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is worked on.
#[derive(Debug)]
pub(crate) struct Host {
    /// The site's folder.
    pub(crate) folder: PathBuf,
    /// The server's file.
    pub(crate) config: PathBuf,
    /// Where IIS is, its own tool changes the file.
    pub(crate) appcmd: Option<Appcmd>,
    /// What that file says.
    pub(crate) server: Arc<Element>,
    pub(crate) sites: Vec<ConfiguredSite>,
    /// The IIS app pool.
    pub(crate) pool: String,
    pub(crate) wanted: Wanted,
    pub(crate) spot: Spot,
}

/// Finds it; or how the command ends, when it was told what is missing.
pub(crate) fn find(
    args: &HostArgs,
    access: Access,
    is_unattended: bool,
    printer: &Printer,
) -> anyhow::Result<Result<Host, Exit>> {
    let said = |message: String, hint: &str| {
        printer.error(&message);
        printer.say(format!("{} {hint}", printer.bold("hint:")));
        Ok(Err(Exit::Trouble))
    };
    let dir = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let Ok(folder) = dunce::canonicalize(&dir) else {
        return said(format!("there is no folder {}", dir.display()), "name the site's folder");
    };
    let (config, appcmd) = match server(args) {
        Ok(found) => found,
        Err(message) => return said(message, "name its file: --apphostconfig FILE, or --express"),
    };
    let Some(root) = ::iis::site::load_web_config(&folder)? else {
        let message = format!("{} has no web.config", folder.display());
        return said(message, "iisgate init writes one");
    };
    let wanted = match wanted(&root) {
        Ok(wanted) => wanted,
        Err(error) => {
            let message = error.to_string();
            return said(message, "iisgate init writes or mends web.config");
        }
    };
    let missing = elevation::missing(&config, appcmd.is_some(), access, is_unattended, printer)?;
    if let Some(exit) = missing {
        return Ok(Err(exit));
    }
    let server = ::iis::site::load_configuration(&config)
        .with_context(|| format!("cannot read {}", config.display()))?;
    let sites = sites::read(&server)?;
    let Some((spot, pool)) = spot(args, &sites, &folder, &server) else {
        let names: Vec<&str> = sites.iter().map(|site| site.name.as_str()).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let config = config.display();
        let message = match &args.site {
            Some(name) => format!("{config} has no site {name}, or no such application in it"),
            None => format!("{config} has no site whose folder is {}", folder.display()),
        };
        let hint = format!(
            "--site NAME (and --app /PATH) says which is meant; it has: {names}. To make one: appcmd \
             add site /name:NAME /physicalPath:\"{}\" /bindings:http/*:8080:",
            folder.display()
        );
        return said(message, &hint);
    };
    Ok(Ok(Host { folder, config, appcmd, server, sites, pool, wanted, spot }))
}

/// Another application of the server whose handler names the same program and arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sharer {
    pub(crate) name: String,
    pub(crate) pool: String,
}

impl Host {
    /// Who else needs the entry of this site's handler, as far as folders of others can be read.
    pub(crate) fn sharers(&self, processor: &ScriptProcessor) -> Vec<Sharer> {
        let mut found = Vec::new();
        for site in &self.sites {
            for application in &site.applications {
                let app = format!("/{}", application.path.trim_matches('/'));
                let spot = Spot { site: site.name.clone(), app };
                let root = application.virtual_directories.iter().find(|it| it.path == "/");
                let Some(root) = root.filter(|_| spot != self.spot) else { continue };
                let loaded = ::iis::site::load_web_config(&root.physical_path).ok().flatten();
                let theirs = loaded.and_then(|root| wanted(&root).ok());
                if theirs.is_some_and(|theirs| theirs.processor == *processor) {
                    let (name, pool) = (spot.location(), application.application_pool.clone());
                    found.push(Sharer { name, pool });
                }
            }
        }
        found
    }
}

/// The server's file, and appcmd where that is to be used.
pub(crate) fn server(args: &HostArgs) -> Result<(PathBuf, Option<Appcmd>), String> {
    if let Some(file) = &args.apphostconfig {
        let found = dunce::canonicalize(file);
        return found
            .map(|file| (file, None))
            .map_err(|_| format!("there is no {}", file.display()));
    }
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    if args.express {
        let home = variable("USERPROFILE").or_else(|| variable("HOME")).unwrap_or_default();
        let file =
            home.join("Documents").join("IISExpress").join("config").join("applicationhost.config");
        if file.is_file() {
            return Ok((file, None));
        }
        return Err(format!(
            "IIS Express has not run yet as this user: there is no {}",
            file.display()
        ));
    }
    let windows = variable("SystemRoot").filter(|_| cfg!(windows));
    let inetsrv = windows.map(|windows| windows.join("System32").join("inetsrv"));
    match inetsrv.filter(|folder| folder.join("appcmd.exe").is_file()) {
        Some(folder) => {
            let program = folder.join("appcmd.exe").display().to_string();
            Ok((folder.join("config").join("applicationHost.config"), Some(Appcmd { program })))
        }
        None => Err("there is no IIS on this machine".to_owned()),
    }
}

/// The site application that is named, or whose folder it is, and its app pool.
fn spot(
    args: &HostArgs,
    sites: &[ConfiguredSite],
    folder: &Path,
    server: &Arc<Element>,
) -> Option<(Spot, String)> {
    let is_folder =
        |path: &Path| dunce::canonicalize(path).is_ok_and(|path| path == folder) || path == folder;
    let named = |site: &&ConfiguredSite| {
        args.site.as_ref().is_none_or(|name| site.name.eq_ignore_ascii_case(name))
    };
    let default = server
        .descendant("system.applicationHost/sites/applicationDefaults")
        .and_then(|defaults| defaults.attribute("applicationPool"))
        .unwrap_or("DefaultAppPool");
    for site in sites.iter().filter(named) {
        let found = site.applications.iter().find(|application| match &args.app {
            Some(path) => application.path.trim_end_matches('/') == path.trim_end_matches('/'),
            None => application
                .virtual_directories
                .iter()
                .any(|it| it.path == "/" && is_folder(&it.physical_path)),
        });
        let root = site.applications.iter().find(|application| application.path == "/");
        let found = found.or_else(|| root.filter(|_| args.site.is_some() && args.app.is_none()));
        if let Some(application) = found {
            let pool = match application.application_pool.as_str() {
                "" => default.to_owned(),
                pool => pool.to_owned(),
            };
            let app = format!("/{}", application.path.trim_matches('/'));
            return Some((Spot { site: site.name.clone(), app }, pool));
        }
    }
    None
}

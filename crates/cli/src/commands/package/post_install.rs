//! Owns `iisgate package post-install`: finds the application that Web Deploy has unpacked, and makes it a
//! site.
//!
//! Does not own how (`deploy::install::post_install`).

use super::install::{environment, health, told};
use super::progress::Progress;
use super::spot;
use crate::Exit;
use crate::args::{HostArgs, PackagePostInstallArgs};
use crate::commands::iis::host;
use crate::commands::planned;
use crate::printer::Printer;
use anyhow::Context;
use deploy::install::{Binding, Error, InPlace, post_install, stamp};
use std::path::{Path, PathBuf};

/// Where what was said is kept, in the application's folder.
const LOG: &str = "post-install.log";

pub(crate) fn run(args: &PackagePostInstallArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let (folder, server) = match find(args, printer) {
        Ok(found) => found,
        Err(error) => return Ok(told(printer, &error)),
    };
    let Ok(folder) = dunce::canonicalize(&folder) else {
        printer.error(&format!("there is no folder {}", folder.display()));
        return Ok(Exit::Trouble);
    };
    let logs = folder.join("logs");
    std::fs::create_dir_all(&logs).with_context(|| logs.display().to_string())?;
    let log = logs.join(LOG);
    printer.say(format!("{} {}", printer.bold("application:"), folder.display()));
    printer.say(format!("{} {}", printer.bold("log:"), log.display()));
    let settings = InPlace {
        environment: environment(&args.environment),
        program: planned::program()?,
        health: health(&args.health)?,
        server: server.filter(|_| !args.no_register),
    };
    let mut progress = Progress::new(printer, log);
    let result = post_install(&folder, &settings, &mut progress);
    progress.finish_with(result.as_ref().err().map(ToString::to_string));
    match result {
        Ok((site, status)) => {
            printer.say(format!("{} {} answers {status}", printer.bold("site:"), site.display()));
            Ok(Exit::Done)
        }
        Err(error) => Ok(told(printer, &error)),
    }
}

/// The application's folder, and where IIS has it.
fn find(
    args: &PackagePostInstallArgs,
    printer: &Printer,
) -> Result<(PathBuf, Option<Binding>), Error> {
    if let Some(name) = &args.app {
        let binding = spot::server(name, args.express, args.apphostconfig.clone())?;
        return Ok((stamp::named(&binding)?.folder, Some(binding)));
    }
    let told = args.dir.clone().or_else(|| {
        let variable = std::env::var_os("APPL_PHYSICAL_PATH").filter(|_| !args.stamp)?;
        Some(PathBuf::from(variable)).filter(|path| !path.as_os_str().is_empty())
    });
    if let Some(folder) = told {
        let spot = config(args).ok().and_then(|(config, appcmd)| {
            let folder = dunce::canonicalize(&folder).ok()?;
            let (site, app) = stamp::of_folder(&config, &folder)?;
            Some(Binding { config, appcmd, site, app })
        });
        return Ok((folder, spot));
    }
    let (config, appcmd) = config(args)?;
    let found = stamp::stamped(&config, args.project.as_deref())?;
    let shown = |folder: &Path| folder.display().to_string();
    if !found.others.is_empty() {
        let others: Vec<String> = found.others.iter().map(|it| shown(it)).collect();
        let (first, others) = (shown(&found.folder), others.join(", "));
        printer
            .error(&format!("several have a stamp: {first} is taken, the newest; also {others}"));
    }
    let binding = found.spot.map(|(site, app)| Binding { config, appcmd, site, app });
    Ok((found.folder, binding))
}

fn config(args: &PackagePostInstallArgs) -> Result<(PathBuf, Option<String>), Error> {
    let express = args.express;
    let apphostconfig = args.apphostconfig.clone();
    let wanted = HostArgs { dir: None, site: None, app: None, express, apphostconfig };
    let (config, appcmd) = host::server(&wanted).map_err(|message| Error::Refused {
        message,
        hint: "name the application's folder: --dir FOLDER".to_owned(),
    })?;
    Ok((config, appcmd.map(|appcmd| appcmd.program)))
}

//! Owns what `iisgate package build` makes besides: an MSI, a winget manifest.
//!
//! Does not own making them (`deploy::channels`).

use crate::Exit;
use crate::args::ChannelArgs;
use crate::printer::Printer;
use anyhow::Context;
use deploy::channels::about::About;
use deploy::channels::{Error, msi, winget};
use deploy::feed::Digests;
use std::path::{Path, PathBuf};

/// The feature of Windows that every site needs.
const FEATURES: &[&str] = &["IIS-CGI"];

/// Makes what was asked for, of the package of a folder; `name` and `version` are the package's.
pub(super) fn make(
    args: &ChannelArgs,
    folder: &Path,
    package: &Path,
    (name, version): (&str, &str),
    printer: &Printer,
) -> anyhow::Result<Exit> {
    let Some(out) = &args.msi else { return Ok(Exit::Done) };
    let about = About::of(folder);
    let Some(publisher) = args.publisher.clone().or_else(|| about.publisher.clone()) else {
        printer.error("nobody is told to make this site, and an MSI names its maker");
        let hint =
            "add authors = [{ name = \"…\" }] to [project] of pyproject.toml, or --publisher";
        printer.say(format!("{} {hint}", printer.bold("hint:")));
        return Ok(Exit::Trouble);
    };
    let Some(program) = program(args)? else {
        printer.error("an MSI carries iisgate.exe for Windows, and this program is not one");
        printer.say(format!("{} name it: --iisgate-exe iisgate.exe", printer.bold("hint:")));
        return Ok(Exit::Trouble);
    };
    let site = msi::Site { name, version, manufacturer: &publisher, package, program: &program };
    let codes = match msi::write(&site, out) {
        Ok(codes) => codes,
        Err(error) => return Ok(told(&error, printer)),
    };
    printer.say(format!("{} {}", printer.bold("made:"), out.display()));
    let (Some(folder), Some(url)) = (&args.winget, &args.msi_url) else { return Ok(Exit::Done) };
    let identifier = args.winget_id.clone().unwrap_or_else(|| winget::identifier(&publisher, name));
    let digests = Digests::of(out)?;
    let summary = about.summary.clone().unwrap_or_else(|| format!("The site {name}."));
    let manifest = winget::Manifest {
        identifier: &identifier,
        version,
        publisher: &publisher,
        name,
        licence: about.licence.as_deref().unwrap_or("Proprietary"),
        summary: &summary,
        description: None,
        homepage: about.homepage.as_deref(),
        url,
        sha256: &digests.sha256,
        codes: &codes,
        features: FEATURES,
        needs: &[],
    };
    let files = match winget::write(&manifest) {
        Ok(files) => files,
        Err(error) => return Ok(told(&error, printer)),
    };
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for file in files {
        let path = folder.join(&file.name);
        std::fs::write(&path, &file.text)
            .with_context(|| format!("cannot write {}", path.display()))?;
        printer.say(format!("{} {}", printer.bold("made:"), path.display()));
    }
    Ok(Exit::Done)
}

/// The program that the MSI carries.
fn program(args: &ChannelArgs) -> anyhow::Result<Option<PathBuf>> {
    if let Some(path) = &args.iisgate_exe {
        return Ok(Some(path.clone()));
    }
    if !cfg!(windows) {
        return Ok(None);
    }
    let own = std::env::current_exe().context("this program's own path cannot be had")?;
    Ok(Some(dunce::simplified(&own).to_owned()))
}

fn told(error: &Error, printer: &Printer) -> Exit {
    printer.error(&error.to_string());
    if matches!(error, Error::Io { .. }) { Exit::Unable } else { Exit::Trouble }
}

//! Owns which site application of which web server is meant by flags.
//!
//! Does not own finding the server's file (`commands::iis::host`).

use crate::args::{HostArgs, SpotArgs};
use crate::commands::iis::host;
use deploy::install::{Binding, Error};
use std::path::PathBuf;

/// The site application that is named, if one is.
pub(super) fn binding(args: &SpotArgs) -> Result<Option<Binding>, Error> {
    let Some(name) = &args.site else { return Ok(None) };
    server(name, args.express, args.apphostconfig.clone()).map(Some)
}

/// A site application by its name in IIS.
pub(super) fn server(
    name: &str,
    express: bool,
    apphostconfig: Option<PathBuf>,
) -> Result<Binding, Error> {
    let name = name.trim_end_matches('/');
    let (site, app) = name.split_once('/').unwrap_or((name, ""));
    let args = HostArgs { dir: None, site: None, app: None, express, apphostconfig };
    let (config, appcmd) = host::server(&args).map_err(|message| Error::Refused {
        message,
        hint: "name its file: --apphostconfig FILE, or --express".to_owned(),
    })?;
    Ok(Binding {
        config,
        appcmd: appcmd.map(|appcmd| appcmd.program),
        site: site.to_owned(),
        app: format!("/{app}"),
    })
}

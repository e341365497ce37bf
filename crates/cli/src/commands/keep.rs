//! Owns `iisgate keep`: the keeper of a site's helpers, which a gate starts.
//!
//! Does not own the helpers: `gate::helpers` does.

use crate::Exit;
use crate::args::KeepArgs;
use anyhow::Context;
use platform::log_file::{self, LogFile};
use std::path::Path;

/// What can always be written.
const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

pub(crate) fn run(args: KeepArgs) -> anyhow::Result<Exit> {
    let log =
        if args.log.as_os_str() == "-" { LogFile::stderr() } else { LogFile::open(&args.log) };
    // A log that cannot be written keeps nobody from being kept.
    let log = log.or_else(|_| LogFile::open(Path::new(NOWHERE))).context("the log")?;
    let log = log_file::install(log.in_form(args.log_format), log::LevelFilter::Info);
    log.set_site(&args.site);
    gate::helpers::run_keeper(gate::helpers::Keeping { site: args.site, log })
        .context("the helpers' keeper")?;
    Ok(Exit::Done)
}

//! Owns `iisgate keep`: the keeper of a site's helpers, which a gate starts.
//!
//! Does not own the helpers: `gate::helpers` does.

use crate::Exit;
use crate::args::KeepArgs;
use anyhow::Context;
use platform::log_file::{self, LogFile};

pub(crate) fn run(args: KeepArgs) -> anyhow::Result<Exit> {
    let log =
        if args.log.as_os_str() == "-" { LogFile::stderr() } else { LogFile::open(&args.log) };
    let log = log_file::install(log.context("the log")?, log::LevelFilter::Info);
    gate::helpers::run_keeper(gate::helpers::Keeping { site: args.site, log })
        .context("the helpers' keeper")?;
    Ok(Exit::Done)
}

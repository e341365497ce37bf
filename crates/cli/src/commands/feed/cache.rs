//! Owns `iisgate feed cache`.
//!
//! Does not own what is in it (`deploy::feed::cache`).

use super::{print, told};
use crate::Exit;
use crate::args::FeedCacheArgs;
use crate::printer::Printer;
use ::iis::expand::from_process;
use deploy::feed::cache::Cache;

/// A megabyte, as people are told it.
const MB: f64 = 1024.0 * 1024.0;

pub(crate) fn run(args: &FeedCacheArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let caches = [Cache::ours(from_process), Cache::of_webpi(from_process)];
    for cache in caches.into_iter().flatten() {
        if !args.clear {
            let size = cache.bytes() as f64 / MB;
            print(&format!("{}  {size:.1} MB\n", cache.folder.display()))?;
            continue;
        }
        match cache.clear(args.product.as_deref()) {
            Ok(removed) => {
                for path in removed {
                    printer.say(format!("{} {}", printer.bold("removed:"), path.display()));
                }
            }
            Err(error) => return Ok(told(&error, printer)),
        }
    }
    Ok(Exit::Done)
}

//! Owns `iisgate package rollback`: an earlier release becomes the live one.
//!
//! Does not own the switch (`deploy::install`).

use super::install::{done, health};
use super::progress::Progress;
use crate::Exit;
use crate::args::PackageRollbackArgs;
use crate::printer::Printer;
use deploy::install::{Target, roll_back};

pub(crate) fn run(args: &PackageRollbackArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let target = Target::new(&args.dir)?;
    let health = health(&args.health)?;
    let health = (!args.unasked).then_some(&health);
    let mut progress = Progress::new(printer, target.log());
    let result = roll_back(&target, args.to, health, &mut progress);
    progress.finish();
    Ok(done(&target, result, printer))
}

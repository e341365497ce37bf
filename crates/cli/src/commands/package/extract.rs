//! Owns `iisgate package extract`.
//!
//! Does not own unpacking (`deploy::package`).

use super::refused;
use crate::Exit;
use crate::args::PackageExtractArgs;
use crate::printer::Printer;
use deploy::package::Package;

pub(super) fn run(args: &PackageExtractArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let unpacked = Package::open(&args.file).and_then(|package| {
        if args.app { package.extract_app_to(&args.to) } else { package.extract_to(&args.to) }
    });
    Ok(match unpacked {
        Ok(unpacked) => {
            let (files, bytes) = (unpacked.files, unpacked.bytes);
            printer.say(format!("{files} files, {bytes} bytes in {}", args.to.display()));
            Exit::Done
        }
        Err(error) => refused(&error, printer),
    })
}

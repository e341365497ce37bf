//! Owns `iisgate iis`: one file for each of its commands.
//!
//! Does not own IIS's configuration (`iis`) nor workers (`gate`).

mod circumstances;
mod elevation;
pub(crate) mod host;
mod install;
mod recycle;
mod running;
mod status;
mod uninstall;

use crate::Exit;
use crate::args::{IisArgs, IisCommand};
use crate::printer::Printer;
use ::iis::install::appcmd::{Command, Outcome, Run};
use ::iis::install::running::Wanted;

pub(crate) fn run(args: IisArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let exit = run_command(args.command, printer);
    if args.own_window {
        if let Err(error) = &exit {
            printer.error(&format!("{error:#}"));
        }
        elevation::wait_for_reader(printer);
    }
    exit
}

fn run_command(command: IisCommand, printer: &Printer) -> anyhow::Result<Exit> {
    match command {
        IisCommand::Install(args) => install::run(&args, printer),
        IisCommand::Uninstall(args) => uninstall::run(&args, printer),
        IisCommand::Status(args) => status::run(&args, printer),
        IisCommand::Recycle(args) => recycle::run(&args, printer),
        IisCommand::Start(args) => running::run(&args, Wanted::Started, printer),
        IisCommand::Stop(args) => running::run(&args, Wanted::Stopped, printer),
    }
}

/// Runs programs of this machine.
struct Machine;

impl Run for Machine {
    fn run(&mut self, command: &Command) -> std::io::Result<Outcome> {
        let output =
            std::process::Command::new(&command.program).args(&command.arguments).output()?;
        let text = [output.stdout, output.stderr].concat();
        let output_text = String::from_utf8_lossy(&text).into_owned();
        Ok(Outcome { status: output.status.code().unwrap_or(-1), output: output_text })
    }
}

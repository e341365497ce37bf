//! Owns the `iisgate` executable: args → settings → commands, printing, exit status.
//!
//! Does not own what the commands do: the rooms do.

mod args;

mod printer;

mod commands;

use args::{Args, Command};
use clap::Parser;
use printer::Printer;
use std::process::ExitCode;

/// 0 done · 1 looked and found trouble, or was asked for something wrong · 2 could not do it · 3 was
/// refused the rights for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Done = 0,
    Trouble = 1,
    Unable = 2,
    Refused = 3,
}

impl Exit {
    /// The end of a process of ours.
    fn of(status: u32) -> Self {
        let all = [Exit::Done, Exit::Trouble, Exit::Unable, Exit::Refused];
        all.into_iter().find(|exit| *exit as u32 == status).unwrap_or(Exit::Unable)
    }
}

fn main() -> ExitCode {
    let args = match Args::try_parse_from(args::translated(std::env::args_os())) {
        Ok(args) => args,
        Err(error) => {
            let is_help = !error.use_stderr();
            // A closed pipe behind `--help | head` is no failure.
            let _ = error.print();
            return ExitCode::from(if is_help { Exit::Done } else { Exit::Trouble } as u8);
        }
    };
    let printer = Printer::new();
    let result = match args.command {
        Command::Init(args) => commands::init::run(args, &printer),
        Command::Serve(args) => commands::serve::run(args, printer),
        Command::Fcgi(args) => commands::fcgi::run(args, &printer),
        Command::Request(args) => commands::request::run(args, printer),
        Command::Replay(args) => commands::replay::run(args, &printer),
        Command::Service(args) => commands::service::run(args, &printer),
        Command::Config(args) => commands::config::run(args, &printer),
        Command::Check(args) => commands::check::run(&args, &printer),
        Command::Doctor(args) => commands::doctor::run(&args, &printer),
        Command::Explain(args) => commands::explain::run(&args, &printer),
        Command::Logs(args) => commands::logs::run(&args, &printer),
        Command::Debug(args) => commands::debug::run(args, &printer),
        Command::Status(args) => commands::status::run(&args, &printer),
        Command::Iis(args) => commands::iis::run(args, &printer),
        Command::Package(args) => commands::package::run(args, &printer),
        Command::Feed(args) => commands::feed::run(args, &printer),
        Command::Keep(args) => commands::keep::run(args),
    };
    let exit = result.unwrap_or_else(|error| {
        log::error!("{error:#}");
        Printer::new().error(&format!("{error:#}"));
        Exit::Unable
    });
    ExitCode::from(exit as u8)
}

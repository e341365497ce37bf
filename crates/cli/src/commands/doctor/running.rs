//! Owns asking other programs for facts, for a bounded time.
//!
//! Does not own running them (`platform::bounded`), nor what they are asked.

use ::iis::install::appcmd::{Command, Outcome, Run};
use platform::bounded;
use std::io;
use std::time::Duration;

/// appcmd and wevtutil answer within seconds; who waits for one that hangs learns nothing.
const TIME: Duration = Duration::from_secs(30);

/// Runs programs of this machine.
pub(crate) struct Bounded;

impl Run for Bounded {
    fn run(&mut self, command: &Command) -> io::Result<Outcome> {
        let mut program = std::process::Command::new(&command.program);
        program.args(&command.arguments);
        let said = bounded::run(program, TIME)?;
        let status = match said.status {
            Some(status) => status.code().unwrap_or(-1),
            None => return Err(io::ErrorKind::TimedOut.into()),
        };
        // wevtutil and appcmd complain on standard error.
        Ok(Outcome { status, output: format!("{}{}", said.output(), said.errors()) })
    }
}

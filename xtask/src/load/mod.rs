//! Owns the load generator: `xtask load`, a process of its own that `bench` starts and pins.
//!
//! Does not own servers nor their CPU time: see `bench`. Kept connections, one request in flight on
//! each; every response is compared byte by byte with what is expected.

use std::time::Duration;

use anyhow::{Context, Result};

pub(crate) mod address;
pub(crate) mod cases;
mod drive;
pub(crate) mod link;
pub(crate) mod request;
pub(crate) mod response;

use address::Address;

/// What is spoken on the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Protocol {
    Fastcgi,
    Http,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// `unix:PATH` or `tcp:HOST:PORT`.
    #[arg(long)]
    address: Address,
    #[arg(long)]
    protocol: Protocol,
    /// Which request is sent.
    #[arg(long)]
    case: String,
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// How long requests are begun.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Before that requests are sent so long; then `warm` is printed, and a line read.
    #[arg(long, default_value_t = 0.0)]
    warm_up: f64,
    /// Asks instead of waiting, so that the server never pays for waking us.
    #[arg(long)]
    spin: bool,
    /// One request to a connection.
    #[arg(long)]
    close: bool,
}

/// What is printed between warming up and measuring.
pub(crate) const WARM: &str = "warm";

/// What one run saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    /// Responses that were right.
    pub(crate) requests: u64,
    /// Responses that were wrong or did not come.
    pub(crate) bad: u64,
    pub(crate) seconds: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// What was wrong with the first bad one.
    pub(crate) why: String,
}

impl Seen {
    fn encode(&self) -> String {
        let Seen { requests, bad, seconds, p50_us, p99_us, why } = self;
        let why = why.replace('\n', " ");
        format!("{requests}\t{bad}\t{seconds}\t{p50_us}\t{p99_us}\t{why}")
    }

    /// Reads what the process `load` printed.
    pub(crate) fn decode(line: &str) -> Result<Seen> {
        let mut parts = line.trim_end_matches('\n').splitn(6, '\t');
        let mut next = || parts.next().with_context(|| format!("the load process said: {line:?}"));
        Ok(Seen {
            requests: next()?.parse()?,
            bad: next()?.parse()?,
            seconds: next()?.parse()?,
            p50_us: next()?.parse()?,
            p99_us: next()?.parse()?,
            why: next()?.to_owned(),
        })
    }
}

/// Runs the load and prints one line for `bench`.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let case = cases::find(&args.case)?;
    let request = request::encode(case, args.protocol, !args.close);
    let expected = case.expected();
    let plan = drive::Plan {
        address: &args.address,
        protocol: args.protocol,
        request: &request,
        expected: &expected,
        connections: args.connections,
        spin: args.spin,
        keep: !args.close,
    };
    let mut links = drive::open(&plan)?;
    if args.warm_up > 0.0 {
        drive::run(&plan, &mut links, Duration::from_secs_f64(args.warm_up))?;
        println!("{WARM}");
        std::io::stdin().read_line(&mut String::new()).context("nobody says when to begin")?;
    }
    println!("{}", drive::run(&plan, &mut links, Duration::from_secs_f64(args.seconds))?.encode());
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_survives_the_pipe() {
        let seen =
            Seen { requests: 5, bad: 1, seconds: 0.5, p50_us: 1.5, p99_us: 2.0, why: "a b".into() };
        assert_eq!(Seen::decode(&format!("{}\n", seen.encode())).expect("decoded"), seen);
    }
}

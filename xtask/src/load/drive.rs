//! Owns a run: so many connections, for so long, with every latency kept. It may be warmed up first, on the
//! connections that are measured.
//!
//! Does not own a connection: see `link`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::address::Address;
use super::link::{Exchange, Link, Progress};
use super::response::Reader;
use super::{Protocol, Seen};

/// No server needs this long for any case: one that does has lost the request.
const STALLED: Duration = Duration::from_secs(10);

/// After so many bad responses the rest will be bad, too.
const BAD_MAX: u64 = 20;

/// What is to be run.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) address: &'a Address,
    pub(crate) protocol: Protocol,
    pub(crate) request: &'a [u8],
    pub(crate) expected: &'a [u8],
    pub(crate) connections: usize,
    pub(crate) spin: bool,
    pub(crate) keep: bool,
}

/// Opens the plan's connections.
pub(crate) fn open(plan: &Plan<'_>) -> Result<Vec<Link>> {
    let mut links = Vec::new();
    for _ in 0..plan.connections {
        let link = Link::open(plan.address, Reader::new(plan.protocol))
            .with_context(|| format!("cannot connect to {}", plan.address))?;
        links.push(link);
    }
    Ok(links)
}

/// Runs the plan on its connections, for so long.
pub(crate) fn run(plan: &Plan<'_>, links: &mut [Link], time: Duration) -> Result<Seen> {
    let exchange = Exchange {
        address: plan.address,
        request: plan.request,
        expected: Some(plan.expected),
        keep: plan.keep,
    };
    let mut seen = Seen::default();
    let mut latencies = Vec::new();
    let started = Instant::now();
    let mut last = started;
    for link in links.iter_mut() {
        link.begin();
    }
    while links.iter().any(|link| link.busy) {
        let mut moved = false;
        for link in links.iter_mut().filter(|link| link.busy) {
            match link.look(exchange) {
                Progress::None => continue,
                Progress::Some => {}
                Progress::Right(nanoseconds) => {
                    seen.requests += 1;
                    latencies.push(nanoseconds);
                    if started.elapsed() < time {
                        link.begin();
                    }
                }
                Progress::Bad(why) => {
                    seen.bad += 1;
                    if seen.why.is_empty() {
                        seen.why = why;
                    }
                    if started.elapsed() < time && seen.bad < BAD_MAX {
                        *link = Link::open(plan.address, Reader::new(plan.protocol))?;
                        link.begin();
                    }
                }
            }
            moved = true;
        }
        if moved {
            last = Instant::now();
        } else if last.elapsed() > STALLED {
            seen.bad += links.iter().filter(|link| link.busy).count() as u64;
            seen.why = format!("no answer within {} s", STALLED.as_secs());
            break;
        } else if !plan.spin {
            wait(links, exchange)?;
        }
    }
    seen.seconds = started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    seen.p50_us = quantile(&latencies, 0.50);
    seen.p99_us = quantile(&latencies, 0.99);
    Ok(seen)
}

/// Waits until one of the connections can go on.
#[cfg(unix)]
fn wait(links: &[Link], exchange: Exchange<'_>) -> Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut fds: Vec<PollFd<'_>> = links
        .iter()
        .filter(|link| link.busy)
        .map(|link| {
            let sending = link.is_sending(exchange);
            let flags = if sending { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
            PollFd::new(&link.socket, flags)
        })
        .collect();
    poll(&mut fds, Some(&Timespec { tv_sec: 1, tv_nsec: 0 }))?;
    Ok(())
}

#[cfg(not(unix))]
fn wait(_: &[Link], _: Exchange<'_>) -> Result<()> {
    std::thread::yield_now();
    Ok(())
}

/// The quantile of sorted nanoseconds, in microseconds.
fn quantile(sorted: &[u64], part: f64) -> f64 {
    let index = (sorted.len() as f64 * part) as usize;
    let value = sorted.get(index.min(sorted.len().saturating_sub(1)));
    value.map_or(0.0, |nanoseconds| *nanoseconds as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    #[test]
    fn a_wrong_body_is_counted_as_bad() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = Address::Tcp(listener.local_addr().expect("bound").to_string());
        std::thread::spawn(move || {
            for (stream, body) in listener.incoming().zip(["good", "evil"].iter().cycle()) {
                let mut stream = stream.expect("a connection");
                let _ = stream.read(&mut [0; 512]);
                let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\n";
                let _ = write!(stream, "{head}{body}");
            }
        });
        let plan = Plan {
            address: &address,
            protocol: Protocol::Http,
            request: b"GET / HTTP/1.1\r\n\r\n",
            expected: b"good",
            connections: 1,
            spin: false,
            keep: true,
        };
        let mut links = open(&plan).expect("it listens");
        // Too many wrong ones end it long before.
        let seen = run(&plan, &mut links, Duration::from_secs(20)).expect("it ran");
        assert!(seen.requests > 0 && seen.bad > 0, "{seen:?}");
        assert_eq!(seen.why, "a wrong body of 4 bytes; 4 are right");
    }
}

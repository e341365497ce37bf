//! Owns the stand-in as a server: it listens, serves connections, and ends what it started.
//!
//! Does not print a banner: it tells [`Banner`] to whoever asked.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::certificate;
use crate::error::Error;
use crate::listeners::{Listeners, converse};
use crate::respond::{Front, Hooks};
use crate::runtime::{JoinSet, run, select, termination, timeout, watch};
use crate::settings::{Note, Settings};

/// How long requests under way may take to finish when the stand-in ends. Ctrl-C is for someone
/// who waits at a terminal.
const DRAIN_GRACE: Duration = Duration::from_secs(2);

/// How long accepting pauses after the system ran out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a user wants to know at the start.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Banner {
    /// The site's name.
    pub site: String,
    /// Path and folder of each site application.
    pub applications: Vec<(String, PathBuf)>,
    /// Where it listens: for HTTP, if it does.
    pub address: SocketAddr,
    /// What to open in a browser.
    pub url: String,
    /// The same for HTTPS, where it listens for both or for HTTPS alone.
    pub https: Option<Https>,
    /// What should be known about the configuration.
    pub notes: Vec<Note>,
}

/// What a user wants to know about HTTPS.
#[derive(Debug, Clone)]
pub struct Https {
    /// What to open in a browser.
    pub url: String,
    /// The certificate's file.
    pub certificate: PathBuf,
    /// The command by which the development certificate is trusted.
    pub how_to_trust: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Run,
    Stop,
}

/// Steers a running stand-in from another thread. Clones steer the same one.
#[derive(Debug, Clone)]
pub struct Control {
    order: watch::Sender<Order>,
    recycles: watch::Sender<u64>,
}

impl Default for Control {
    fn default() -> Self {
        Control { order: watch::Sender::new(Order::Run), recycles: watch::Sender::new(0) }
    }
}

impl Control {
    /// Ends the stand-in as Ctrl-C does; also before it was started.
    pub fn stop(&self) {
        self.order.send_replace(Order::Stop);
    }

    /// Replaces all instances: the idle ones at once, the busy ones after their requests.
    pub fn recycle(&self) {
        self.recycles.send_modify(|count| *count += 1);
    }
}

/// Serves a site until [`Control::stop`], Ctrl-C or SIGTERM. When it returns, nothing that it
/// started is left. `ready` is called once the address is taken.
///
/// # Errors
/// When the configuration cannot be understood or the address not be taken.
pub fn serve(
    settings: Settings,
    hooks: Hooks,
    control: &Control,
    ready: impl FnOnce(&Banner),
) -> Result<(), Error> {
    let mut front = Front::load(settings, hooks)?;
    // Who says where to listen says so of every name.
    front.checks_host_names = front.settings.host.is_none();
    let front = Arc::new(front);
    let what = "cannot start the runtime";
    run(serve_until_stopped(front, control, ready)).map_err(|source| Error::Io { what, source })?
}

async fn serve_until_stopped(
    front: Arc<Front>,
    control: &Control,
    ready: impl FnOnce(&Banner),
) -> Result<(), Error> {
    let listeners = Listeners::open(&front).await?;
    ready(&banner(&front, &listeners)?);

    let stop = watch::Sender::new(false);
    let mut connections = JoinSet::new();
    let mut order = control.order.subscribe();
    let mut recycles = control.recycles.subscribe();
    let mut terminated = std::pin::pin!(termination());
    loop {
        select! {
            accepted = listeners.accept() => match accepted {
                Ok((stream, acceptor)) => {
                    let front = Arc::clone(&front);
                    connections.spawn(converse(front, stream, acceptor, stop.subscribe()));
                }
                Err(error) => pause(&error).await,
            },
            Some(_) = connections.join_next() => {}
            Ok(()) = recycles.changed() => front.recycle(),
            _ = order.wait_for(|order| *order == Order::Stop) => break,
            result = &mut terminated => {
                if let Err(error) = result {
                    log::warn!("signals are not caught: {error}");
                }
                break;
            }
        }
    }
    drop(listeners);
    stop.send_replace(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    if timeout(DRAIN_GRACE, drained).await.is_err() {
        log::warn!("{} requests were cut off", connections.len());
    }
    front.shut_down().await;
    Ok(())
}

/// A connection that was gone before it was accepted is nothing; a lack of descriptors passes.
async fn pause(error: &io::Error) {
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted) {
        log::error!("cannot accept a connection: {error}");
        crate::runtime::sleep_until(crate::runtime::Instant::now() + ACCEPT_PAUSE).await;
    }
}

fn banner(front: &Front, listeners: &Listeners) -> Result<Banner, Error> {
    let applications = front.site.applications.iter().rev();
    let (http, https) = listeners.addresses();
    let url = |scheme: &str, address: SocketAddr| {
        format!("{scheme}://{}:{}/", shown_host(front, address), address.port())
    };
    let gone = || Error::Io { what: "where it listens", source: io::ErrorKind::NotFound.into() };
    let address = http.or(https).ok_or_else(gone)?;
    let secure = listeners.https.as_ref().zip(https).map(|(secure, address)| Https {
        url: url("https", address),
        certificate: secure.files.certificate.clone(),
        how_to_trust: secure.is_ours.then(|| certificate::how_to_trust(&secure.files.certificate)),
    });
    Ok(Banner {
        site: front.site.name.clone(),
        applications: applications.map(|a| (a.path.clone(), a.root().to_owned())).collect(),
        address,
        url: url(if http.is_some() { "http" } else { "https" }, address),
        https: secure,
        notes: front.notes(),
    })
}

/// The host by which a browser finds an address.
fn shown_host(front: &Front, address: SocketAddr) -> String {
    // Not every browser opens 0.0.0.0.
    let host = if address.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        address.ip().to_string()
    };
    let host = if address.is_ipv6() && host.contains(':') { format!("[{host}]") } else { host };
    let named = front.site.host_names.iter().find(|name| !name.starts_with('*'));
    named.filter(|_| front.checks_host_names).cloned().unwrap_or(host)
}

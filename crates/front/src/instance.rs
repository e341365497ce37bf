//! Owns our end of a running instance: its process, the stream to it, the protocol state on that.
//!
//! Does not decide when it starts, serves or ends.

use std::io;
use std::net::SocketAddr;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fastcgi::{Connection, RequestId, Side};
use platform::instance::{Channel, Process};
use platform::launch::Launch;

use crate::pool::{self, Limit};
use crate::runtime::{
    AsyncRead, AsyncWrite, Instant, PipeStream, TcpStream, mpsc, pipe_stream, select, split,
    timeout, watch, yield_now,
};
use crate::supervisor::{Message, PoolHandle};

/// How long an exchange waits for the exit status of a process whose pipe has closed. It comes at once,
/// unless the machine is busy or the process closes its pipe and lives on.
const EXIT_STATUS_WAIT: Duration = Duration::from_secs(5);

/// The same where a TCP connection has closed, which says little about the process.
const EXIT_STATUS_WAIT_TCP: Duration = Duration::from_millis(500);

/// A stream to an instance.
#[derive(Debug)]
pub(crate) enum Stream {
    Pipe(PipeStream),
    Tcp(TcpStream),
}

/// The reading half of a stream.
pub(crate) type Reader<'a> = Box<dyn AsyncRead + Send + Unpin + 'a>;
/// The writing half of a stream.
pub(crate) type Writer<'a> = Box<dyn AsyncWrite + Send + Unpin + 'a>;

impl Stream {
    pub(crate) fn halves(&mut self) -> (Reader<'_>, Writer<'_>) {
        match self {
            Stream::Pipe(stream) => {
                let (reader, writer) = split(stream);
                (Box::new(reader), Box::new(writer))
            }
            Stream::Tcp(stream) => {
                let (reader, writer) = stream.split();
                (Box::new(reader), Box::new(writer))
            }
        }
    }

    /// Whether nothing has arrived and nobody hung up since the last request.
    fn is_quiet(&self) -> bool {
        let mut byte = [0];
        let read = match self {
            Stream::Pipe(stream) => stream.try_read(&mut byte),
            Stream::Tcp(stream) => stream.try_read(&mut byte),
        };
        matches!(read, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

/// The way to an instance, kept from request to request.
#[derive(Debug)]
pub(crate) struct Link {
    /// Where to connect; `None` for a pipe, which is connected once and for all.
    address: Option<SocketAddr>,
    stream: Option<Stream>,
    connection: Connection,
    next_id: u16,
}

impl Link {
    fn new(channel: Channel<PipeStream>) -> Self {
        let (address, stream) = match channel {
            Channel::Connected(pipe) => (None, Some(Stream::Pipe(pipe))),
            Channel::Listening(address) => (Some(address), None),
        };
        // Ids are not documented for IIS, so they differ from run to run.
        let next_id = std::process::id() as u16;
        Link { address, stream, connection: Connection::new(Side::WebServer), next_id }
    }

    /// Connects, when the last connection ended or there was none.
    async fn connect(&mut self) -> io::Result<()> {
        let Some(address) = self.address else {
            return self.stream.as_ref().map(|_| ()).ok_or(io::ErrorKind::NotConnected.into());
        };
        // The runtime learns of a hang-up when it looks, and who was lent the instance at once has not let it.
        yield_now().await;
        if !self.stream.as_ref().is_some_and(Stream::is_quiet) {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(Stream::Tcp(stream));
            self.connection = Connection::new(Side::WebServer);
        }
        Ok(())
    }

    /// How long the process may take to end after it hung up.
    pub(crate) fn exit_status_wait(&self) -> Duration {
        if self.address.is_some() { EXIT_STATUS_WAIT_TCP } else { EXIT_STATUS_WAIT }
    }

    /// The stream and the state for the next request, once it is connected.
    pub(crate) fn open(&mut self, has_fixed_id: bool) -> (&mut Stream, &mut Connection, RequestId) {
        self.next_id = self.next_id.checked_add(1).filter(|_| !has_fixed_id).unwrap_or(1);
        let id = RequestId::new(self.next_id).expect("the id wraps to 1");
        let stream = self.stream.as_mut().expect("connected before it is used");
        (stream, &mut self.connection, id)
    }
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// In the system's words.
    pub(crate) told: String,
    /// Its exit status; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
}

impl Ended {
    fn new(result: io::Result<ExitStatus>) -> Self {
        match result {
            Ok(status) => Ended { told: status.to_string(), code: status.code() },
            Err(error) => Ended { told: error.to_string(), code: None },
        }
    }
}

/// A running process and what is known of its end.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) process: Process,
    /// How the process ended, once it has.
    pub(crate) exit: watch::Receiver<Option<Ended>>,
    pub(crate) activity: Arc<Activity>,
    /// The limit by which its request has failed.
    pub(crate) expired: watch::Sender<Option<Limit>>,
}

/// When something last passed between us and an instance. It is written at every read and write,
/// and read only when a limit is about to pass.
#[derive(Debug)]
pub(crate) struct Activity {
    origin: Instant,
    last_micros: AtomicU64,
}

impl Activity {
    /// While the client is waited for: the instance cannot do anything.
    const EXCUSED: u64 = u64::MAX;

    fn new(origin: Instant) -> Self {
        let activity = Activity { origin, last_micros: AtomicU64::new(0) };
        activity.note();
        activity
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(Self::EXCUSED - 1)
    }

    /// Something passed.
    pub(crate) fn note(&self) {
        self.last_micros.store(self.now(), Ordering::Relaxed);
    }

    /// The instance's silence does not count until something passes again.
    pub(crate) fn excuse(&self) {
        self.last_micros.store(Self::EXCUSED, Ordering::Relaxed);
    }

    /// When something last passed, after the origin.
    pub(crate) fn last(&self) -> Duration {
        match self.last_micros.load(Ordering::Relaxed) {
            Self::EXCUSED => self.origin.elapsed(),
            micros => Duration::from_micros(micros),
        }
    }
}

/// Ends the process and its children, in whatever way the front itself ends.
impl Drop for Running {
    fn drop(&mut self) {
        if self.exit.borrow().is_none() {
            self.process.kill_group();
        }
    }
}

/// Starts an instance; the end of its process will be told to the supervisor. Moments are counted
/// from `origin`.
pub(crate) fn start(
    launch: &Launch,
    instance: pool::Instance,
    origin: Instant,
    supervisor: mpsc::UnboundedSender<Message>,
) -> io::Result<(Running, Link)> {
    let (process, channel) = platform::instance::spawn(launch, pipe_stream)?;
    let (told, exit) = watch::channel(None);
    let waiting = process.clone();
    // A thread for each process: it works on every system, and there are 16 of them.
    std::thread::Builder::new().name(format!("wait-{}", process.id())).spawn(move || {
        told.send_replace(Some(Ended::new(waiting.wait())));
        // Without a supervisor nobody needs to know.
        let _ = supervisor.send(Message::Exited(instance));
    })?;
    let activity = Arc::new(Activity::new(origin));
    let running = Running { process, exit, activity, expired: watch::Sender::new(None) };
    Ok((running, Link::new(channel)))
}

/// An instance lent to one request. Given back unfinished (dropped), it is taken for broken: like
/// IIS, the front ends an instance whose client has gone.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) instance: pool::Instance,
    pub(crate) process_id: u32,
    pub(crate) link: Option<Link>,
    pub(crate) exit: watch::Receiver<Option<Ended>>,
    pub(crate) activity: Arc<Activity>,
    pub(crate) expired: Expired,
    pub(crate) pool: PoolHandle,
}

/// Tells by which limit a request has failed.
#[derive(Debug)]
pub(crate) struct Expired(pub(crate) watch::Receiver<Option<Limit>>);

impl Expired {
    /// Waits until a limit has passed. May be dropped and asked again.
    pub(crate) async fn limit(&mut self) -> Limit {
        let limit = self.0.wait_for(Option::is_some).await.ok().and_then(|limit| *limit);
        match limit {
            Some(limit) => limit,
            // Nobody watches any more.
            None => std::future::pending().await,
        }
    }
}

impl Lease {
    /// Opens the way to the instance, or gives the instance up.
    pub(crate) async fn connect(mut self) -> io::Result<Self> {
        let link = self.link.as_mut().expect("a lease comes with its link");
        let connected = select! {
            result = link.connect() => result,
            _ = self.expired.limit() => Err(io::ErrorKind::TimedOut.into()),
        };
        match connected {
            Ok(()) => {
                self.activity.note();
                Ok(self)
            }
            Err(error) => {
                // Before another one is asked for.
                self.give_back(pool::Outcome::Broken);
                Err(error)
            }
        }
    }

    /// Gives the instance back for the next request.
    pub(crate) fn give_back(mut self, outcome: pool::Outcome) {
        if let Some(link) = self.link.take() {
            self.pool.returned(self.instance, outcome, link);
        }
    }

    /// As above, by who may have the pool in hand already.
    pub(crate) fn give_back_later(&mut self, outcome: pool::Outcome) {
        if let Some(link) = self.link.take() {
            self.pool.tell(Message::Returned { instance: self.instance, outcome, link });
        }
    }

    /// How the process ended, when it has ended or does so presently.
    pub(crate) async fn exit_status(&mut self, wait: Duration) -> Option<Ended> {
        let ended = timeout(wait, self.exit.wait_for(Option::is_some)).await;
        ended.ok()?.ok()?.clone()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.give_back_later(pool::Outcome::Broken);
    }
}

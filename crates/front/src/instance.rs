//! Owns our end of a running instance: its process, the stream to it, the protocol state on that.
//!
//! Does not decide when it starts, serves or ends.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use fastcgi::{Connection, RequestId, Side};
use platform::instance::{Channel, Process};
use platform::launch::Launch;

use crate::pool;
use crate::runtime::{
    AsyncRead, AsyncWrite, PipeStream, TcpStream, mpsc, pipe_stream, split, timeout, watch,
};
use crate::supervisor::Message;

/// How long an exchange waits for the exit status of a process whose pipe has closed.
const EXIT_STATUS_WAIT: Duration = Duration::from_millis(500);

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
        if let Some(address) = self.address
            && !self.stream.as_ref().is_some_and(Stream::is_quiet)
        {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(Stream::Tcp(stream));
            self.connection = Connection::new(Side::WebServer);
        }
        self.stream.as_ref().map(|_| ()).ok_or(io::ErrorKind::NotConnected.into())
    }

    /// The stream and the state for the next request, once it is connected.
    pub(crate) fn open(&mut self, has_fixed_id: bool) -> (&mut Stream, &mut Connection, RequestId) {
        self.next_id = self.next_id.checked_add(1).filter(|_| !has_fixed_id).unwrap_or(1);
        let id = RequestId::new(self.next_id).expect("the id wraps to 1");
        let stream = self.stream.as_mut().expect("connected before it is used");
        (stream, &mut self.connection, id)
    }
}

/// A running process and what is known of its end.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) process: Process,
    /// How the process ended, once it has.
    pub(crate) exit: watch::Receiver<Option<String>>,
}

/// Ends the process and its children, in whatever way the front itself ends.
impl Drop for Running {
    fn drop(&mut self) {
        if self.exit.borrow().is_none() {
            self.process.kill_group();
        }
    }
}

/// Starts an instance; the end of its process will be told to the supervisor.
pub(crate) fn start(
    launch: &Launch,
    instance: pool::Instance,
    supervisor: mpsc::UnboundedSender<Message>,
) -> io::Result<(Running, Link)> {
    let (process, channel) = platform::instance::spawn(launch, pipe_stream)?;
    let (told, exit) = watch::channel(None);
    let waiting = process.clone();
    // A thread for each process: it works on every system, and there are 16 of them.
    std::thread::Builder::new().name(format!("wait-{}", process.id())).spawn(move || {
        let status = match waiting.wait() {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        told.send_replace(Some(status));
        // Without a supervisor nobody needs to know.
        let _ = supervisor.send(Message::Exited(instance));
    })?;
    let running = Running { process, exit };
    Ok((running, Link::new(channel)))
}

/// An instance lent to one request. Given back unfinished (dropped), it is taken for broken: like
/// IIS, the front ends an instance whose client has gone.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) instance: pool::Instance,
    pub(crate) process_id: u32,
    pub(crate) link: Option<Link>,
    pub(crate) exit: watch::Receiver<Option<String>>,
    pub(crate) supervisor: mpsc::UnboundedSender<Message>,
}

impl Lease {
    /// Opens the way to the instance, or gives the instance up.
    pub(crate) async fn connect(mut self) -> io::Result<Self> {
        let link = self.link.as_mut().expect("a lease comes with its link");
        link.connect().await?;
        Ok(self)
    }

    /// Gives the instance back for the next request.
    pub(crate) fn give_back(mut self, outcome: pool::Outcome) {
        self.report(outcome);
    }

    fn report(&mut self, outcome: pool::Outcome) {
        if let Some(link) = self.link.take() {
            let message = Message::Returned { instance: self.instance, outcome, link };
            // Without a supervisor the link closes here, which is as well.
            let _ = self.supervisor.send(message);
        }
    }

    /// How the process ended, when it has ended or does so presently.
    pub(crate) async fn exit_status(&mut self) -> Option<String> {
        let ended = timeout(EXIT_STATUS_WAIT, self.exit.wait_for(Option::is_some)).await;
        ended.ok()?.ok()?.clone()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.report(pool::Outcome::Broken);
    }
}

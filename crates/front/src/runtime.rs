//! Owns the choice of async runtime and HTTP library: the only file of this crate that names them.
//!
//! Does not own any rule of IIS or FastCGI; what others need is re-exported or wrapped here.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;

pub(crate) use hyper::body::{Body as HttpBody, Frame, SizeHint};
pub(crate) use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
pub(crate) use hyper::http::request::Parts;
pub(crate) use hyper::{Method, Request, Response, StatusCode, Uri, Version};
pub(crate) use tokio::fs::File;
pub(crate) use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWrite, AsyncWriteExt, split,
};
pub(crate) use tokio::net::{TcpListener, TcpStream};
pub(crate) use tokio::sync::{Notify, mpsc, oneshot, watch};
pub(crate) use tokio::task::{JoinSet, spawn_blocking, yield_now};
pub(crate) use tokio::time::{Instant, sleep_until, timeout};
pub(crate) use tokio::{select, spawn};

/// How long a connection may take to send a request's head. Ends port scanners and idle kept
/// connections; HTTP.sys gives 120 seconds, gunicorn 30.
const HEAD_TIMEOUT: Duration = Duration::from_secs(120);

/// An error of a request's body on its way in.
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;
/// A request's body, wherever it comes from.
pub(crate) type RequestBody = http_body_util::combinators::UnsyncBoxBody<Bytes, BodyError>;

/// A request's body that is all there.
pub(crate) fn whole_body(bytes: Vec<u8>) -> RequestBody {
    let body = http_body_util::Full::new(Bytes::from(bytes));
    body.map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// The next bytes of a body; `None` at its end. May be dropped and asked again.
pub(crate) async fn next_bytes(body: &mut RequestBody) -> Option<Result<Bytes, BodyError>> {
    loop {
        match body.frame().await? {
            Ok(frame) => match frame.into_data() {
                Ok(data) if !data.is_empty() => return Some(Ok(data)),
                // An empty piece, or trailers, which FastCGI cannot carry.
                _ => {}
            },
            Err(error) => return Some(Err(error)),
        }
    }
}

/// Runs a future to its end on a runtime of its own, then ends what it left running.
///
/// On this thread alone, as nginx's workers do: handing requests from thread to thread takes more time than
/// what is done for them. Files are read on others.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(future);
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(result)
}

/// Waits for Ctrl-C, SIGTERM or a shutdown event.
pub(crate) async fn termination() -> io::Result<()> {
    let told = std::sync::Arc::new(tokio::sync::Notify::new());
    let tell = std::sync::Arc::clone(&told);
    platform::termination::watch(move |_| tell.notify_one())?;
    told.notified().await;
    Ok(())
}

/// What a connection answers to a client that sends all of these bytes and then no more.
#[cfg(feature = "fuzzing")]
pub(crate) fn answers<Service, Answer, Body>(
    bytes: &[u8],
    peers: Peers,
    service: Service,
) -> Vec<u8>
where
    Service: Fn(Request<RequestBody>, Peers) -> Answer,
    Answer: Future<Output = Response<Body>>,
    Body: HttpBody<Data = Bytes> + 'static,
    Body::Error: Into<BodyError>,
{
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    }
    let stop = watch::Sender::new(false);
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let client = async {
        let (mut reader, mut writer) = split(theirs);
        let mut answered = Vec::new();
        let send = async {
            let _ = writer.write_all(bytes).await;
            let _ = writer.shutdown().await;
        };
        tokio::join!(send, async { drop(reader.read_to_end(&mut answered).await) });
        answered
    };
    RUNTIME.with(|runtime| {
        let serve = serve_connection(ours, peers, stop.subscribe(), service);
        runtime.block_on(async { tokio::join!(client, serve).0 })
    })
}

/// Our end of an instance's pipe.
#[cfg(unix)]
pub(crate) type PipeStream = tokio::net::UnixStream;
#[cfg(windows)]
pub(crate) type PipeStream = tokio::net::windows::named_pipe::NamedPipeClient;

/// Makes our end of an instance's pipe the runtime's.
#[cfg(unix)]
pub(crate) fn pipe_stream(ours: platform::instance::Ours) -> io::Result<PipeStream> {
    ours.set_nonblocking(true)?;
    PipeStream::from_std(ours)
}

/// As above: it is opened by its name.
#[cfg(windows)]
pub(crate) fn pipe_stream(ours: platform::instance::Ours) -> io::Result<PipeStream> {
    tokio::net::windows::named_pipe::ClientOptions::new().open(ours)
}

/// Gives a response the words that its application wrote behind the status.
pub(crate) fn set_reason<Body>(response: &mut Response<Body>, reason: &str) {
    let is_usual = reason.is_empty() || response.status().canonical_reason() == Some(reason);
    if !is_usual && let Ok(reason) = hyper::ext::ReasonPhrase::try_from(reason.as_bytes()) {
        response.extensions_mut().insert(reason);
    }
}

/// The words behind a response's status.
pub(crate) fn reason<Body>(response: &Response<Body>) -> String {
    let own = response.extensions().get::<hyper::ext::ReasonPhrase>();
    let own = own.map(|reason| String::from_utf8_lossy(reason.as_bytes()).into_owned());
    own.unwrap_or_else(|| response.status().canonical_reason().unwrap_or_default().to_owned())
}

/// Both ends of a TCP connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peers {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    /// The bits of the cipher's key, if nobody between them can read along.
    pub(crate) cipher_bits: Option<u16>,
}

/// Both ends of a connection that was accepted; `None` when it is gone.
pub(crate) fn accepted(stream: &TcpStream) -> Option<Peers> {
    // Small responses must not wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let (local, remote) = (stream.local_addr().ok()?, stream.peer_addr().ok()?);
    Some(Peers { local, remote, cipher_bits: None })
}

/// Serves one connection until it ends. After `stop` turns true the request under way is answered
/// and no other is taken.
pub(crate) async fn serve_connection<Stream, Service, Answer, Body>(
    stream: Stream,
    peers: Peers,
    mut stop: watch::Receiver<bool>,
    service: Service,
) where
    Stream: AsyncRead + AsyncWrite + Unpin,
    Service: Fn(Request<RequestBody>, Peers) -> Answer,
    Answer: Future<Output = Response<Body>>,
    Body: HttpBody<Data = Bytes> + 'static,
    Body::Error: Into<BodyError>,
{
    let service = hyper::service::service_fn(|request: Request<hyper::body::Incoming>| {
        let request = request.map(|body| body.map_err(BodyError::from).boxed_unsync());
        let answer = service(request, peers);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .title_case_headers(true)
        .serve_connection(hyper_util::rt::TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let result = select! {
        result = connection.as_mut() => result,
        () = async { drop(stop.wait_for(|stop| *stop).await) } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        log::debug!("connection from {}: {error}", peers.remote);
    }
}

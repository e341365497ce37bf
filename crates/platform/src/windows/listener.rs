//! Owns listening TCP sockets: accepting never blocks, and a connection that comes is news for the
//! poller.
//!
//! Does not own endpoint names (`endpoint`).

use super::event::{Event, overlapped_result, wait_any};
use super::stream::Stream;
use super::{is, last_error};
use std::io;
use std::net::TcpListener;
use std::os::windows::io::{
    AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, FromRawSocket, IntoRawSocket,
    OwnedHandle, OwnedSocket,
};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use windows_sys::Win32::Foundation::{
    ERROR_IO_INCOMPLETE, ERROR_IO_PENDING, ERROR_NETNAME_DELETED, ERROR_OPERATION_ABORTED,
};
use windows_sys::Win32::Networking::WinSock::{
    AF_INET, AF_INET6, AcceptEx, INVALID_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, SOCKADDR,
    SOCKADDR_STORAGE, SOCKET, SOL_SOCKET, WSA_FLAG_NO_HANDLE_INHERIT, WSA_FLAG_OVERLAPPED,
    WSASocketW, getpeername, getsockname, listen, setsockopt,
};
use windows_sys::Win32::System::IO::{CancelIoEx, OVERLAPPED};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// Room that `AcceptEx` wants for each of two addresses.
const ADDRESS_BYTES: u32 = size_of::<SOCKADDR_STORAGE>() as u32 + 16;

/// A listening socket. Accepting never blocks.
#[derive(Debug)]
pub struct Listener {
    handle: Arc<OwnedHandle>,
    accepting: Mutex<Accepting>,
    event: Arc<Event>,
}

/// The accept under way.
struct Accepting {
    handle: Arc<OwnedHandle>,
    event: Arc<Event>,
    overlapped: Box<OVERLAPPED>,
    addresses: Box<[u8]>,
    socket: Option<OwnedHandle>,
}

// SAFETY: what the pointers in the record name is used by the system, and by us under a lock.
unsafe impl Send for Accepting {}

impl std::fmt::Debug for Accepting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Accepting")
    }
}

impl AsHandle for Listener {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}

/// A socket as a handle: so it travels between processes, and is closed, as any other.
pub(super) fn socket_handle(socket: OwnedSocket) -> OwnedHandle {
    // SAFETY: sockets of Windows' own providers are handles of the kernel; ownership moves.
    unsafe { OwnedHandle::from_raw_handle(socket.into_raw_socket() as *mut _) }
}

fn raw_socket(handle: &OwnedHandle) -> SOCKET {
    handle.as_raw_handle() as SOCKET
}

/// Makes sure that sockets can be used in this process.
pub(super) fn start_sockets() {
    // The standard library starts them with its first socket.
    static STARTED: std::sync::Once = std::sync::Once::new();
    STARTED.call_once(|| drop(std::net::UdpSocket::bind((std::net::Ipv4Addr::LOCALHOST, 0))));
}

/// Whether a handle is a socket that listens; `None` when it is no socket.
///
/// Wine knows no options of a socket that was inherited, so the socket's two ends are asked for: one
/// that listens has a name and no peer.
pub(super) fn is_listening(handle: BorrowedHandle<'_>) -> Option<bool> {
    start_sockets();
    let socket = handle.as_raw_handle() as SOCKET;
    let has = |end: unsafe extern "system" fn(SOCKET, *mut SOCKADDR, *mut i32) -> i32| {
        let mut address = SOCKADDR_STORAGE::default();
        let mut length = size_of::<SOCKADDR_STORAGE>() as i32;
        // SAFETY: the results outlive the call and are as large as said.
        unsafe { end(socket, (&raw mut address).cast(), &mut length) == 0 }
    };
    has(getsockname).then(|| !has(getpeername))
}

impl TryFrom<TcpListener> for Listener {
    type Error = io::Error;

    /// Takes a listening socket over.
    fn try_from(listener: TcpListener) -> io::Result<Self> {
        Self::try_from(socket_handle(listener.into()))
    }
}

impl TryFrom<OwnedHandle> for Listener {
    type Error = io::Error;

    /// Takes a listening socket over.
    fn try_from(handle: OwnedHandle) -> io::Result<Self> {
        start_sockets();
        // SAFETY: the socket is open. Listening again only changes the backlog.
        unsafe { listen(raw_socket(&handle), BACKLOG) };
        let (handle, event) = (Arc::new(handle), Arc::new(Event::automatic()?));
        let accepting = Accepting {
            handle: Arc::clone(&handle),
            event: Arc::clone(&event),
            overlapped: Box::default(),
            addresses: vec![0; 2 * ADDRESS_BYTES as usize].into(),
            socket: None,
        };
        Ok(Self { handle, accepting: Mutex::new(accepting), event })
    }
}

impl Listener {
    fn lock(&self) -> MutexGuard<'_, Accepting> {
        self.accepting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens at a path.
    ///
    /// # Errors
    /// `Unsupported`: web servers on Windows know no Unix sockets.
    pub(crate) fn at_path(path: &Path) -> io::Result<Self> {
        let message = format!("no Unix socket can be made on Windows: {}", path.display());
        Err(io::Error::new(io::ErrorKind::Unsupported, message))
    }

    pub(super) fn event(&self) -> Arc<Event> {
        Arc::clone(&self.event)
    }

    pub(super) fn expect_next(&self) {
        let mut accepting = self.lock();
        if accepting.socket.is_none() && accepting.start().is_err() {
            // Whoever is woken by this tries again and is told the error.
            self.event.set();
        }
    }

    /// Takes a waiting connection, if there is one.
    ///
    /// # Errors
    /// As `AcceptEx`; running out of buffers among them.
    pub fn try_accept(&self) -> io::Result<Option<Stream>> {
        let mut accepting = self.lock();
        loop {
            if accepting.socket.is_none() {
                accepting.start()?;
            }
            match accepting.result(false) {
                None => return Ok(None),
                Some(Ok(socket)) => return Stream::new(socket).map(Some),
                // The peer gave up before it was accepted, or the thread that began has ended.
                Some(Err(error))
                    if is(&error, ERROR_NETNAME_DELETED) || is(&error, ERROR_OPERATION_ABORTED) => {
                }
                Some(Err(error)) => return Err(error),
            }
        }
    }

    /// Waits for a connection; `false` when `timeout` passes without one.
    ///
    /// # Errors
    /// As `WaitForSingleObject`.
    pub fn wait(&self, timeout: Duration) -> io::Result<bool> {
        self.expect_next();
        Ok(wait_any(&[self.event.raw()], Some(timeout))?.is_some())
    }

    /// The port of the socket.
    pub fn port(&self) -> Option<u16> {
        let (storage, _) = name(&self.handle).ok()?;
        // The port lies at the same place for both families, in network order.
        // SAFETY: an address of either family begins with family and port.
        let port = unsafe { (&raw const storage).cast::<u8>().add(2).cast::<[u8; 2]>().read() };
        Some(u16::from_be_bytes(port))
    }
}

fn name(handle: &OwnedHandle) -> io::Result<(SOCKADDR_STORAGE, i32)> {
    let mut storage = SOCKADDR_STORAGE::default();
    let mut length = size_of::<SOCKADDR_STORAGE>() as i32;
    // SAFETY: the room is as large as said.
    let failed = unsafe {
        getsockname(raw_socket(handle), (&raw mut storage).cast::<SOCKADDR>(), &mut length)
    };
    if failed == 0 { Ok((storage, length)) } else { Err(last_error()) }
}

impl Accepting {
    fn start(&mut self) -> io::Result<()> {
        let (storage, _) = name(&self.handle)?;
        let family = if storage.ss_family == AF_INET6 { AF_INET6 } else { AF_INET };
        let flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
        // SAFETY: no pointers but null.
        let socket = unsafe { WSASocketW(family.into(), 1, 6, std::ptr::null(), 0, flags) };
        if socket == INVALID_SOCKET {
            return Err(last_error());
        }
        // SAFETY: a fresh socket that nobody else owns.
        let socket = socket_handle(unsafe { OwnedSocket::from_raw_socket(socket as u64) });
        *self.overlapped = OVERLAPPED { hEvent: self.event.raw(), ..OVERLAPPED::default() };
        let mut received = 0;
        // SAFETY: record and room belong to `self`, which keeps them until the accept has ended.
        let done = unsafe {
            AcceptEx(
                raw_socket(&self.handle),
                raw_socket(&socket),
                self.addresses.as_mut_ptr().cast(),
                0,
                ADDRESS_BYTES,
                ADDRESS_BYTES,
                &mut received,
                &raw mut *self.overlapped,
            )
        };
        if done == 0 {
            let error = last_error();
            if !is(&error, ERROR_IO_PENDING) {
                return Err(error);
            }
        }
        self.socket = Some(socket);
        Ok(())
    }

    fn result(&mut self, wait: bool) -> Option<io::Result<OwnedHandle>> {
        let record = &raw const *self.overlapped;
        let (_, done) = overlapped_result(self.handle.as_raw_handle(), record, &self.event, wait);
        if let Err(error) = done {
            if is(&error, ERROR_IO_INCOMPLETE) {
                return None;
            }
            self.socket = None;
            return Some(Err(error));
        }
        let socket = self.socket.take()?;
        let listener = raw_socket(&self.handle);
        // SAFETY: the option's value outlives the call.
        unsafe {
            let value = (&raw const listener).cast();
            let length = size_of::<SOCKET>() as i32;
            setsockopt(raw_socket(&socket), SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, value, length);
        }
        Some(Ok(socket))
    }
}

impl Drop for Accepting {
    fn drop(&mut self) {
        if self.socket.is_some() {
            // SAFETY: the record is that of the pending accept.
            unsafe { CancelIoEx(self.handle.as_raw_handle(), &raw const *self.overlapped) };
            let _ = self.result(true);
        }
    }
}

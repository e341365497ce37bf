//! Owns the start and the end of an instance: a process whose standard input is a pipe or a
//! listening socket, started as IIS starts FastCGI applications: no console, no standard output,
//! no handles but the pipe and the shutdown event, in a job that ends with us.
//!
//! Knows no FastCGI and decides nothing about when to start or stop.

use super::event::Event;
use super::listener::socket_handle;
use super::pipe::{self, Kind, Making, set_inherited};
use super::stream::Stream;
use super::tether::job;
use super::{check, last_error, wide};
use crate::launch::{ChannelKind, Launch, PIPE_VARIABLE, pipe_name};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::ExitStatusExt;
use std::process::ExitStatus;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, JOB_OBJECT_LIMIT_BREAKAWAY_OK, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    CREATE_SUSPENDED, CREATE_UNICODE_ENVIRONMENT, CreateProcessW, DETACHED_PROCESS,
    DeleteProcThreadAttributeList, EXTENDED_STARTUPINFO_PRESENT, GetExitCodeProcess, INFINITE,
    InitializeProcThreadAttributeList, LPPROC_THREAD_ATTRIBUTE_LIST,
    PROC_THREAD_ATTRIBUTE_HANDLE_LIST, PROCESS_INFORMATION, ResumeThread, STARTF_USESTDHANDLES,
    STARTUPINFOEXW, TerminateProcess, UpdateProcThreadAttribute, WaitForSingleObject,
};

/// The name by which our end of a pipe is opened, once.
pub type Ours = String;

/// Whether what an instance prints reaches our standard error: as under IIS, it has none.
pub const SHARES_STANDARD_ERROR: bool = false;

/// Our way to the new process.
#[derive(Debug)]
pub enum Channel<Pipe> {
    /// Our end of the pipe, opened as the caller wants it.
    Connected(Pipe),
    /// Where it listens.
    Listening(SocketAddr),
}

/// Bytes that the pipe holds in each direction. What IIS takes is not documented.
const PIPE_BYTES: u32 = 64 * 1024;

/// The variable by which IIS tells the shutdown event.
const EVENT_VARIABLE: &str = "_FCGI_SHUTDOWN_EVENT_";

/// What the child ends up with when it is killed.
const KILLED: u32 = 1;

/// Our end as a stream of this crate.
///
/// # Errors
/// As `CreateFile`.
pub fn stream(ours: Ours) -> io::Result<Stream> {
    Stream::new(pipe::open(&ours, Kind::Bytes)?)
}

/// Starts an instance. `connect` opens our end of the pipe.
///
/// # Errors
/// When the program cannot be started.
pub fn spawn<Pipe>(
    launch: &Launch,
    connect: impl FnOnce(Ours) -> io::Result<Pipe>,
) -> io::Result<(Process, Channel<Pipe>)> {
    let name = pipe_name();
    let mut connect = Some(connect);
    let mut open = || {
        let connect = connect.take().expect("once");
        connect(name.clone()).map(Channel::Connected)
    };
    let (theirs, early) = match launch.channel {
        ChannelKind::Connected => {
            let making = Making {
                kind: Kind::Bytes,
                is_first: true,
                is_overlapped: !launch.manner.is_synchronous,
                buffer_bytes: PIPE_BYTES,
            };
            let server = pipe::make(&name, making)?;
            (server, if launch.manner.connects_late { None } else { Some(open()?) })
        }
        ChannelKind::Listening => {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let address = listener.local_addr()?;
            (socket_handle(listener.into()), Some(Channel::Listening(address)))
        }
    };
    let shutdown = launch.has_shutdown_event.then(Event::lasting).transpose()?;
    let null_file = std::fs::OpenOptions::new().read(true).write(true).open("NUL")?;
    let output = if launch.manner.gives_null { Some(null_file.as_raw_handle()) } else { None };
    let mut inherited = vec![theirs.as_raw_handle()];
    inherited.extend(shutdown.as_ref().map(Event::raw));
    inherited.extend(output);

    let mut environment = environment(launch);
    if launch.channel == ChannelKind::Connected {
        environment.insert(key(PIPE_VARIABLE.as_ref()), variable(PIPE_VARIABLE, &name));
    }
    let event = shutdown.as_ref().map(|event| (event.raw() as usize).to_string());
    match event {
        Some(value) => {
            environment.insert(key(EVENT_VARIABLE.as_ref()), variable(EVENT_VARIABLE, &value));
        }
        None => drop(environment.remove(&key(EVENT_VARIABLE.as_ref()))),
    }
    let may_leave = if launch.manner.keeps_children { 0 } else { JOB_OBJECT_LIMIT_BREAKAWAY_OK };
    let job = job(None, may_leave)?;
    let started = create(launch, &inherited, output, &block(&environment))?;
    // SAFETY: both handles are fresh and nobody else owns them.
    let (process, thread) = unsafe {
        let process = OwnedHandle::from_raw_handle(started.hProcess);
        (process, OwnedHandle::from_raw_handle(started.hThread))
    };
    // SAFETY: all handles are open.
    unsafe {
        // Before it runs, so that what it starts is in the job, too.
        if AssignProcessToJobObject(job.as_raw_handle(), process.as_raw_handle()) == 0 {
            log::debug!("an instance could not be put into a job: {}", last_error());
        }
        ResumeThread(thread.as_raw_handle());
    }
    drop(theirs);
    let inner = Inner { id: started.dwProcessId, process, job, shutdown };
    let process = Process(Arc::new(inner));
    let channel = match early {
        Some(channel) => channel,
        None => open().inspect_err(|_| process.kill())?,
    };
    Ok((process, channel))
}

/// A name as Windows compares it.
fn key(name: &OsStr) -> Vec<u16> {
    name.to_string_lossy().to_uppercase().encode_utf16().collect()
}

fn variable(name: &str, value: &str) -> (OsString, OsString) {
    (name.into(), value.into())
}

/// Our own environment with the launch's on top, sorted as Windows wants it.
fn environment(launch: &Launch) -> BTreeMap<Vec<u16>, (OsString, OsString)> {
    let ours = std::env::vars_os();
    let theirs = launch.environment.iter().rev().cloned();
    ours.chain(theirs).map(|(name, value)| (key(&name), (name, value))).collect()
}

fn block(environment: &BTreeMap<Vec<u16>, (OsString, OsString)>) -> Vec<u16> {
    let mut block = Vec::new();
    for (name, value) in environment.values() {
        block.extend(name.encode_wide());
        block.push(u16::from(b'='));
        block.extend(value.encode_wide().chain([0]));
    }
    block.push(0);
    block
}

/// The list of handles that a child inherits.
struct HandleList<'a> {
    room: Vec<u64>,
    _handles: &'a [HANDLE],
}

impl<'a> HandleList<'a> {
    fn new(handles: &'a [HANDLE]) -> io::Result<Self> {
        let mut size = 0;
        // SAFETY: the first call only tells the size.
        unsafe { InitializeProcThreadAttributeList(null_mut(), 1, 0, &mut size) };
        let mut list = Self { room: vec![0; size.div_ceil(8)], _handles: handles };
        // SAFETY: the room is as large as was asked for; the handles outlive the list.
        unsafe {
            check(InitializeProcThreadAttributeList(list.raw(), 1, 0, &mut size))?;
            check(UpdateProcThreadAttribute(
                list.raw(),
                0,
                PROC_THREAD_ATTRIBUTE_HANDLE_LIST as usize,
                handles.as_ptr().cast(),
                size_of_val(handles),
                null_mut(),
                null(),
            ))?;
        }
        Ok(list)
    }

    fn raw(&mut self) -> LPPROC_THREAD_ATTRIBUTE_LIST {
        self.room.as_mut_ptr().cast()
    }
}

impl Drop for HandleList<'_> {
    fn drop(&mut self) {
        // SAFETY: the list was initialized, or deleting it does nothing.
        unsafe { DeleteProcThreadAttributeList(self.raw()) };
    }
}

fn create(
    launch: &Launch,
    inherited: &[HANDLE],
    output: Option<HANDLE>,
    environment: &[u16],
) -> io::Result<PROCESS_INFORMATION> {
    let mut line = OsString::from("\"");
    line.push(&launch.executable);
    line.push("\" ");
    line.push(&launch.arguments);
    let mut line = wide(line);
    let application = wide(&launch.executable);
    let directory = launch.working_directory.as_ref().map(wide);
    let mut list = HandleList::new(inherited)?;
    let mut startup = STARTUPINFOEXW::default();
    startup.StartupInfo.cb = size_of::<STARTUPINFOEXW>() as u32;
    startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    startup.StartupInfo.hStdInput = inherited[0];
    // As IIS has it: not NUL, not a console, but no handle at all.
    startup.StartupInfo.hStdOutput = output.unwrap_or(INVALID_HANDLE_VALUE);
    startup.StartupInfo.hStdError = output.unwrap_or(INVALID_HANDLE_VALUE);
    startup.lpAttributeList = list.raw();
    let flags = EXTENDED_STARTUPINFO_PRESENT
        | CREATE_UNICODE_ENVIRONMENT
        | CREATE_SUSPENDED
        | DETACHED_PROCESS;
    let mut started = PROCESS_INFORMATION::default();
    for handle in inherited {
        set_inherited(*handle, true)?;
    }
    // SAFETY: everything that is pointed at outlives the call; the command line may be written to.
    let done = check(unsafe {
        CreateProcessW(
            application.as_ptr(),
            line.as_mut_ptr(),
            null(),
            null(),
            1,
            flags,
            environment.as_ptr().cast(),
            directory.as_ref().map_or(null(), |directory| directory.as_ptr()),
            (&raw const startup).cast(),
            &mut started,
        )
    });
    for handle in inherited {
        set_inherited(*handle, false)?;
    }
    done.map(|()| started)
}

/// A running instance. Clones name the same process.
#[derive(Clone)]
pub struct Process(Arc<Inner>);

struct Inner {
    id: u32,
    process: OwnedHandle,
    /// Ends the process and its children when it is closed.
    job: OwnedHandle,
    shutdown: Option<Event>,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("id", &self.0.id).finish_non_exhaustive()
    }
}

impl Process {
    /// The process id.
    pub fn id(&self) -> u32 {
        self.0.id
    }

    /// Waits for the end, blocking the thread.
    ///
    /// # Errors
    /// As `GetExitCodeProcess`.
    pub fn wait(&self) -> io::Result<ExitStatus> {
        let process = self.0.process.as_raw_handle();
        let mut code = 0;
        // SAFETY: the handle is open; the result outlives the call.
        unsafe {
            WaitForSingleObject(process, INFINITE);
            check(GetExitCodeProcess(process, &mut code))?;
        }
        Ok(ExitStatus::from_raw(code))
    }

    /// Asks the process to end, by its shutdown event. (Without one only the end of its pipe tells
    /// it.)
    pub fn terminate(&self) {
        if let Some(event) = &self.0.shutdown {
            event.set();
        }
    }

    /// Ends the process without asking.
    pub fn kill(&self) {
        // SAFETY: the handle is open. It fails for a process that has ended, which is as well.
        unsafe { TerminateProcess(self.0.process.as_raw_handle(), KILLED) };
    }

    /// Ends the process and its children without asking.
    pub fn kill_group(&self) {
        // SAFETY: the handle is open.
        unsafe { TerminateJobObject(self.0.job.as_raw_handle(), KILLED) };
        self.kill();
    }

    /// Children that outlive the process end when the last clone of this is dropped, here always.
    pub fn take_group_along(&self) {}
}

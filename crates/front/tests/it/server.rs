//! Owns a running stand-in and the sites that the tests give it.
//!
//! Does not test anything.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

use fastcgi::RecordType;
use front::{AccessRecord, Control, Direction, Hooks, Settings, SiteSource, TappedRecord};
use tempfile::TempDir;

use crate::application;

/// A stand-in on a port of its own, stopped when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) control: Control,
    pub(crate) accesses: Arc<Mutex<Vec<AccessRecord>>>,
    pub(crate) records: Arc<Mutex<Vec<Record>>>,
    thread: Option<JoinHandle<()>>,
    _folder: TempDir,
}

/// A record that passed: which way, what, for which request.
pub(crate) type Record = (Direction, RecordType, u16);

/// A site's folder whose requests all go to the test application.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "web.config", web_config(""));
    folder
}

pub(crate) fn web_config(more: &str) -> String {
    let script_processor = application::script_processor();
    format!(
        r#"<configuration><system.webServer><handlers>
        <add name="Files" path="*" verb="*" modules="StaticFileModule" resourceType="File" requireAccess="Read" />
        <add name="App" path="*" verb="*" modules="FastCgiModule" scriptProcessor="{script_processor}" />
        </handlers>{more}</system.webServer></configuration>"#
    )
}

pub(crate) fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// An `applicationHost.config` whose FastCGI application has these attributes.
pub(crate) fn with_attributes(attributes: &str) -> (TempDir, Settings) {
    let folder = folder();
    let program = std::env::current_exe().unwrap();
    let text = format!(
        r#"<configuration><system.applicationHost><sites><site name="Test" id="7">
        <application path="/" applicationPool="Pond"><virtualDirectory path="/" physicalPath="{}" /></application>
        </site></sites></system.applicationHost><system.webServer><fastCgi>
        <application fullPath="{}" arguments="{}" {attributes}><environmentVariables>
        <environmentVariable name="CONFIGURED" value="%NOT% expanded" /></environmentVariables></application>
        </fastCgi></system.webServer></configuration>"#,
        folder.path().display(),
        program.display(),
        application::ARGUMENTS,
    );
    write(folder.path(), "applicationHost.config", text);
    let file = folder.path().join("applicationHost.config");
    let settings = Settings::new(SiteSource::ApplicationHost { file, site: None });
    (folder, settings)
}

impl Server {
    pub(crate) fn start(folder: TempDir) -> Server {
        let settings = Settings::new(SiteSource::Directory(folder.path().to_owned()));
        Server::with(folder, settings)
    }

    /// With one instance at most: the next request waits until the last one has left it, so that
    /// the application's count of requests is certain.
    pub(crate) fn single(folder: TempDir) -> Server {
        let mut settings = Settings::new(SiteSource::Directory(folder.path().to_owned()));
        settings.max_instances = Some(1);
        Server::with(folder, settings)
    }

    pub(crate) fn with(folder: TempDir, mut settings: Settings) -> Server {
        settings.port = Some(0);
        if !settings.environment.iter().any(|(name, _)| name == application::VARIABLE) {
            settings.environment.push((application::VARIABLE.to_owned(), "connected".to_owned()));
        }
        let accesses = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&accesses);
        let records = Arc::new(Mutex::new(Vec::new()));
        let tapped = Arc::clone(&records);
        let tap = move |record: &TappedRecord<'_>| {
            let header = record.header;
            tapped.lock().unwrap().push((record.direction, header.record_type, header.request_id));
        };
        let hooks = Hooks {
            access: Some(Arc::new(move |record: &AccessRecord| {
                log.lock().unwrap().push(record.clone())
            })),
            tap: Some(Arc::new(tap)),
        };
        let control = Control::default();
        let (ready, banner) = mpsc::channel();
        let steered = control.clone();
        let thread = std::thread::spawn(move || {
            front::serve(settings, hooks, &steered, |banner| ready.send(banner.address).unwrap())
                .unwrap();
        });
        let address = banner.recv().expect("the stand-in starts");
        Server { address, control, accesses, records, thread: Some(thread), _folder: folder }
    }

    /// Stops the stand-in and waits until it has ended.
    pub(crate) fn stop(&mut self) {
        self.control.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where the application tells the test that it got somewhere, and waits.
pub(crate) struct Meeting {
    listener: TcpListener,
}

impl Meeting {
    pub(crate) fn new() -> Meeting {
        Meeting { listener: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// The next one who has come; dropping the stream lets it go on.
    pub(crate) fn next(&self) -> TcpStream {
        let (mut stream, _) = self.listener.accept().unwrap();
        std::io::Read::read_exact(&mut stream, &mut [0]).unwrap();
        stream
    }

    /// Whether someone else has come by now.
    pub(crate) fn is_deserted(&self) -> bool {
        self.listener.set_nonblocking(true).unwrap();
        let is_deserted = self.listener.accept().is_err();
        self.listener.set_nonblocking(false).unwrap();
        is_deserted
    }
}

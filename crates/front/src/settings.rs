//! Owns what the stand-in is asked to do, and the notes it takes about the configuration.
//!
//! Does not parse flags or print: `cli` does.

use std::fmt;
use std::path::PathBuf;

use iis::Place;

use crate::certificate::CertificateFiles;
use crate::conduct::Conduct;

/// The host that is listened at when no one says otherwise: this machine alone.
pub const HOST_DEFAULT: &str = "127.0.0.1";
/// The port when no one says otherwise: what developers' servers use.
pub const PORT_DEFAULT: u16 = 8000;
/// The port for HTTPS when no one says otherwise.
pub const HTTPS_PORT_DEFAULT: u16 = 8443;

/// Where the site is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteSource {
    /// A folder with a `web.config`, served as the root of a site on an IIS 10 with its defaults.
    Directory(PathBuf),
    /// A site of an `applicationHost.config`; without a name the first one.
    ApplicationHost {
        /// The file.
        file: PathBuf,
        /// The site's name.
        site: Option<String>,
    },
}

/// What the stand-in is asked to do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The site.
    pub source: SiteSource,
    /// The host to listen at; otherwise the site's first http binding, else [`HOST_DEFAULT`].
    pub host: Option<String>,
    /// The port to listen at, 0 for any; otherwise the binding's, else [`PORT_DEFAULT`].
    pub port: Option<u16>,
    /// The port to listen at for HTTPS, 0 for any; otherwise that of the site's first https
    /// binding, if it has one.
    pub https_port: Option<u16>,
    /// The certificate for HTTPS; otherwise the user's development certificate.
    pub certificate: Option<CertificateFiles>,
    /// Who signs on with Windows, as `DOMAIN\user`.
    pub user: Option<String>,
    /// Overrides `maxInstances` of every FastCGI application.
    pub max_instances: Option<u32>,
    /// The `iisgate` executable that a Windows `scriptProcessor` which means us stands for.
    pub local_iisgate: Option<PathBuf>,
    /// Set in every instance's environment, over everything else.
    pub environment: Vec<(String, String)>,
    /// How it behaves where IIS's way is not documented.
    pub conduct: Conduct,
}

impl Settings {
    /// Settings that only say which site.
    pub fn new(source: SiteSource) -> Self {
        Settings {
            source,
            host: None,
            port: None,
            https_port: None,
            certificate: None,
            user: None,
            max_instances: None,
            local_iisgate: None,
            environment: Vec::new(),
            conduct: Conduct::default(),
        }
    }
}

/// Something about the configuration that its owner should know before the first request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What kind.
    pub kind: NoteKind,
    /// Where it is written, when it is written somewhere.
    pub place: Option<Place>,
    /// The sentence.
    pub message: String,
}

/// The kinds of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// A Windows path stands for something on this machine.
    Mapped,
    /// IIS acts on this, the stand-in does not (yet).
    NotSimulated,
    /// Nobody acts on this, IIS neither.
    NoEffect,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:{}: ", place.path.display(), place.line)?;
        }
        match self.kind {
            NoteKind::NotSimulated => write!(f, "not simulated: {}", self.message),
            NoteKind::Mapped | NoteKind::NoEffect => f.write_str(&self.message),
        }
    }
}

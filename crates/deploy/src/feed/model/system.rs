//! Owns which systems something is for.
//!
//! Does not own telling which system a machine has (`discovery`).

/// The systems that an installer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Systems {
    /// Those of a list of the feed.
    Named(String),
    /// These.
    Listed(Vec<System>),
}

/// A system, or the name of one that stands elsewhere in the feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct System {
    /// The name that others use.
    pub id: Option<String>,
    /// The name of the one that is meant.
    pub reference: Option<String>,
    /// The oldest version.
    pub minimum: Option<SystemVersion>,
    /// The newest version.
    pub maximum: Option<SystemVersion>,
    /// The kinds, such as `Server`; none stands for all.
    pub types: Option<Vec<String>>,
}

/// A version of Windows; what is not said counts as any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SystemVersion {
    /// 6 for Vista to 8.1, 10 since.
    pub major: Option<String>,
    /// The minor version.
    pub minor: Option<String>,
    /// The service pack.
    pub service_pack: Option<String>,
    /// The service pack's minor version.
    pub service_pack_minor: Option<String>,
    /// The build.
    pub build: Option<String>,
}

//! Owns an entry of a feed: a product, and the installers that it comes in.
//!
//! Does not own what it depends on (`expression`) nor which systems it is for (`system`).

use super::expression::{Hint, Need};
use super::system::Systems;
use super::{Link, Text};

/// What `type` is for an application that Web Deploy installs.
pub(crate) const APPLICATION: &str = "application";

/// A product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// `type`: `application` for web applications, nothing for other products.
    pub kind: Option<String>,
    /// `productId`: what others call it.
    pub product: String,
    /// What people call it.
    pub title: Text,
    /// Its address, as its name in Atom.
    pub id: String,
    /// One sentence.
    pub summary: Text,
    /// When it was last changed.
    pub updated: String,
    /// When it was first published.
    pub published: Option<String>,
    /// All that is to be said.
    pub long_summary: Option<Text>,
    /// The version of the product.
    pub version: String,
    /// Pages about it.
    pub links: Vec<Link>,
    /// Who made it.
    pub author: Option<Author>,
    /// Pictures.
    pub images: Option<Images>,
    /// What it is labelled with.
    pub keywords: Vec<String>,
    /// How it is seen that it is installed.
    pub hint: Option<Hint>,
    /// What must be installed before.
    pub need: Option<Need>,
    /// What it comes in.
    pub installers: Vec<Installer>,
    /// Products that go with it.
    pub related: Vec<String>,
    /// When it came into the feed (`MM-DD-YYYY`).
    pub added: Option<String>,
    /// Its page in the gallery.
    pub page: Option<String>,
    /// What kind of product it is.
    pub family: Option<Text>,
    /// What kind of framework it is.
    pub framework_family: Option<Text>,
    /// Its category in the gallery.
    pub category: Option<Text>,
    /// `searchExclude`, as written.
    pub search_exclude: Option<String>,
    /// Packages of other systems that belong to it.
    pub external: Vec<ExternalPackage>,
}

impl Entry {
    /// Whether it is a web application.
    pub fn is_application(&self) -> bool {
        self.kind.as_deref() == Some(APPLICATION)
    }
}

/// A person or an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The address.
    pub uri: Option<String>,
}

/// Pictures of a product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Images {
    /// A small one.
    pub icon: Option<String>,
    /// Larger ones.
    pub screenshots: Vec<String>,
}

/// A package of another system, such as NuGet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExternalPackage {
    /// Its name there.
    pub id: String,
    /// Which system.
    pub kind: String,
    /// The version.
    pub version: String,
    /// Where it is.
    pub feed_url: String,
}

/// What a product comes in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installer {
    /// Its number within the entry.
    pub id: String,
    /// The languages that it is in.
    pub languages: Vec<String>,
    /// The systems that it is for.
    pub systems: Option<Systems>,
    /// The processors that it is for: `x86`, `x64`.
    pub architectures: Vec<String>,
    /// The licence that must be agreed to.
    pub eula_url: Option<String>,
    /// What is downloaded; `None` for what the system brings itself.
    pub file: Option<InstallerFile>,
    /// What is done then.
    pub action: Option<Action>,
    /// Where it tells what it did.
    pub logs: Vec<String>,
    /// Where help is.
    pub help: Option<String>,
}

/// A file to be downloaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstallerFile {
    /// `fileSize`, in KB.
    pub size_kb: Option<String>,
    /// An address that counts downloads.
    pub tracking_url: Option<String>,
    /// Where the file is.
    pub url: String,
    /// The address that people are shown.
    pub display_url: Option<String>,
    /// SHA-1 of the file, as written.
    pub sha1: Option<String>,
    /// SHA-256 of the file, in our own namespace.
    pub sha256: Option<String>,
    /// Where the file is beside the feed.
    pub relative_url: Option<String>,
}

/// What is done with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It is a Web Deploy package.
    MsDeploy {
        /// The page to be shown after installing; `None` when the element is not there.
        start_page: Option<String>,
    },
    /// Programs are run, one after the other.
    Commands(Vec<CommandLine>),
}

/// A program to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandLine {
    /// `cmdLine`.
    Program {
        /// The program; `%InstallerFile%` is the downloaded file.
        exe: String,
        /// Its command line.
        arguments: String,
        /// `ignoreExitCode`, as written.
        ignore_exit_code: Option<String>,
    },
    /// `msiInstall`: Windows Installer, silently.
    Msi(String),
}

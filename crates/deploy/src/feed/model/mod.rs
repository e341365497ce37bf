//! Owns what a feed says: one type for each part of it, in the format's own words.
//!
//! Does not own how it is written down (`read`, `write`) nor what is wrong with it (`verify`).
//!
//! All values are kept as they stand, so that a feed that is read and written says the same: a number
//! that is none, or a digest of the wrong length, is a finding and no error.

mod entry;
mod expression;
mod system;

pub(crate) use entry::APPLICATION;
pub use entry::{
    Action, Author, CommandLine, Entry, ExternalPackage, Images, Installer, InstallerFile,
};
pub use expression::{Hint, Need};
pub use system::{System, SystemVersion, Systems};

/// A text that resource files may translate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The text in the feed's own language.
    pub text: String,
    /// `resourceName`: its name in the resource files.
    pub resource: Option<String>,
}

impl Text {
    /// A text without translations.
    pub fn plain(text: impl Into<String>) -> Self {
        Text { text: text.into(), resource: None }
    }
}

/// A whole feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feed {
    /// `webpiFile@version`: of the format.
    pub format: Option<String>,
    /// Its title.
    pub title: String,
    /// When it was last changed (RFC 3339).
    pub updated: String,
    /// Who made it.
    pub author: Option<Author>,
    /// Its own address, as its name.
    pub id: String,
    /// Where it is (`self`), and feeds that belong to it (`enclosure`).
    pub links: Vec<Link>,
    /// Where the translations are.
    pub resources: Vec<Resources>,
    /// The languages that its entries may be in.
    pub languages: Vec<Language>,
    /// The products.
    pub entries: Vec<Entry>,
    /// How a program shows the entries.
    pub tabs: Vec<Tab>,
    /// The labels that entries carry.
    pub keywords: Vec<Keyword>,
    /// The systems that lists name.
    pub systems: Vec<System>,
    /// The lists of systems that installers name.
    pub system_lists: Vec<SystemList>,
    /// Dependencies that several entries share.
    pub needs: Vec<Named<Need>>,
    /// Discovery hints that several entries share.
    pub hints: Vec<Named<Hint>>,
    /// The products that are shown first.
    pub featured: Vec<String>,
    /// What tells of a new version of the reader itself.
    pub new_versions: Vec<Entry>,
}

impl Feed {
    /// The entry of a product; ids are compared without regard to case, as WebPI did.
    pub fn entry(&self, product: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.product.eq_ignore_ascii_case(product))
    }

    /// The shared dependency of that name.
    pub fn need(&self, name: &str) -> Option<&Need> {
        self.needs.iter().find(|need| need.id == name)?.value.as_ref()
    }

    /// The shared discovery hint of that name.
    pub fn hint(&self, name: &str) -> Option<&Hint> {
        self.hints.iter().find(|hint| hint.id == name)?.value.as_ref()
    }
}

/// Something under a name by which entries refer to it; `None` when nothing stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<T> {
    /// The name.
    pub id: String,
    /// What it stands for.
    pub value: Option<T>,
}

/// A link of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is to the feed.
    pub rel: Option<String>,
    /// Where it leads.
    pub href: String,
}

/// Translations into one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// The language.
    pub culture: String,
    /// The resource file; `None` for the language of the feed itself.
    pub url: Option<String>,
}

/// A language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// Its tag.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `default`, as written.
    pub default: Option<String>,
}

/// A keyword and what is shown for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    /// What entries name.
    pub id: String,
    /// What is shown.
    pub label: Text,
}

/// A tab that shows the entries with certain keywords.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tab {
    /// `keywordTab`, or `groupTab`.
    pub kind: String,
    /// Its name for programs.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// What it shows.
    pub description: Text,
    /// The keywords.
    pub keywords: Vec<String>,
}

/// Systems that an installer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemList {
    /// The name by which installers refer to it.
    pub id: String,
    /// The systems: their names, or they themselves.
    pub systems: Vec<System>,
}

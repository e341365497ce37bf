//! Owns what a package asks for: its parameters, their defaults and rules, and what each is put into.
//!
//! Does not own which values they get (`resolve`), nor putting those into files (`apply`).

mod read;
mod resolve;
mod set_file;
mod validation;
mod write;

use iis::Place;

pub(crate) use resolve::{Piece, pieces};
pub use resolve::{Problem, ProblemKind, ResolveError, Resolved};
pub use set_file::{read as read_set_file, write as write_set_file};
pub use validation::{Validation, ValidationKind};

/// All parameters, in the order in which they are asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    /// The parameters.
    pub parameters: Vec<Parameter>,
}

/// One parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameter {
    /// The name by which it is set.
    pub name: String,
    /// What is shown instead of the name.
    pub friendly_name: Option<String>,
    /// What is asked.
    pub description: Option<String>,
    /// Its value where none is given; `{Name}` in it stands for another parameter's value.
    pub default: Option<String>,
    /// What it is, for programs: `iisApp`, `Hidden`, `Password`, …
    pub tags: Vec<String>,
    /// Names and descriptions in other languages.
    pub localised: Vec<Localised>,
    /// What a value must be.
    pub validation: Option<Validation>,
    /// What the value is put into.
    pub entries: Vec<ParameterEntry>,
    /// Where it stands; `None` for one that is not read from a file.
    pub place: Option<Place>,
}

/// A text in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Localised {
    /// `friendlyName` or `description`.
    pub element: String,
    /// The language, such as `de`.
    pub culture: String,
    /// The text.
    pub text: String,
}

/// What a value is put into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterEntry {
    /// How.
    pub kind: EntryKind,
    /// A regular expression: which providers, or which files.
    pub scope: String,
    /// What is replaced there: a regular expression, an XPath or a position, by `kind`.
    pub pattern: String,
    /// Its own tags.
    pub tags: Vec<String>,
    /// Where it stands; `None` for one that is not read from a file.
    pub place: Option<Place>,
}

/// How a value is put into something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// The path of a provider becomes the value.
    ProviderPath,
    /// Each match in a file becomes the value.
    TextFile,
    /// What an XPath finds in a file becomes the value.
    XmlFile,
    /// A place in a file, by line, column and length.
    TextFilePosition,
    /// Something that only Web Deploy does: bindings, virtual directories, objects' attributes.
    Other(String),
}

impl EntryKind {
    /// Reads a kind; case does not count.
    pub fn read(text: &str) -> Self {
        let known = [Self::ProviderPath, Self::TextFile, Self::XmlFile, Self::TextFilePosition];
        let found = known.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text.trim()));
        found.unwrap_or_else(|| Self::Other(text.trim().to_owned()))
    }

    /// As it is written.
    pub fn name(&self) -> &str {
        match self {
            Self::ProviderPath => "ProviderPath",
            Self::TextFile => "TextFile",
            Self::XmlFile => "XmlFile",
            Self::TextFilePosition => "TextFilePosition",
            Self::Other(name) => name,
        }
    }

    /// Whether it changes files.
    pub fn is_of_file(&self) -> bool {
        matches!(self, Self::TextFile | Self::XmlFile | Self::TextFilePosition)
    }
}

impl ParameterEntry {
    /// An entry.
    pub fn new(kind: EntryKind, scope: &str, pattern: &str) -> Self {
        let (scope, pattern) = (scope.to_owned(), pattern.to_owned());
        Self { kind, scope, pattern, tags: Vec::new(), place: None }
    }
}

impl Parameter {
    /// A parameter with a default.
    pub fn new(name: &str, default: &str) -> Self {
        Self { name: name.to_owned(), default: Some(default.to_owned()), ..Self::default() }
    }

    /// Whether it has a tag; case does not count.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|known| known.eq_ignore_ascii_case(tag))
    }

    /// Whether nobody is asked for it.
    pub fn is_hidden(&self) -> bool {
        self.has_tag("Hidden")
    }

    /// Whether its value must not be shown.
    pub fn is_secret(&self) -> bool {
        ["Password", "New", "dbUserPassword", "dbAdminPassword"].iter().any(|tag| self.has_tag(tag))
            || self.tags.iter().any(|tag| tag.to_ascii_lowercase().ends_with("connectionstring"))
    }

    /// What is shown for it.
    pub fn title(&self) -> &str {
        self.friendly_name.as_deref().unwrap_or(&self.name)
    }
}

impl Parameters {
    /// The parameter of a name: that very one, else one that differs in case.
    pub fn find(&self, name: &str) -> Option<&Parameter> {
        let exact = self.parameters.iter().find(|parameter| parameter.name == name);
        exact.or_else(|| {
            let name = name.to_lowercase();
            self.parameters.iter().find(|parameter| parameter.name.to_lowercase() == name)
        })
    }

    /// The first with a tag.
    pub fn tagged(&self, tag: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.has_tag(tag))
    }
}

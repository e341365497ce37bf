//! Owns what products need and how they are found: expressions of `and` and `or`.
//!
//! Does not own what they come to on a machine (`resolve`, `discovery`).

/// What must be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// A product.
    Product(String),
    /// What stands in the feed under that name.
    Named(String),
    /// All of these.
    All(Vec<Need>),
    /// One of these.
    Any(Vec<Need>),
}

impl Need {
    /// Calls `see` with each product and each name in it.
    pub(crate) fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Need)) {
        match self {
            Need::Product(_) | Need::Named(_) => see(self),
            Need::All(needs) | Need::Any(needs) => {
                for need in needs {
                    need.visit(see);
                }
            }
        }
    }
}

/// How it is seen that a product is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// What stands in the feed under that name.
    Named(String),
    /// The registry has a key, in it a value, and that holds something.
    Registry {
        /// The key, as `HKLM\SOFTWARE\…` or by its root's long name.
        key: String,
        /// The value's name; `None`: the key alone counts.
        name: Option<String>,
        /// What the value is; `None`: that it is there counts.
        data: Option<String>,
    },
    /// A file is there; environment variables count.
    File(String),
    /// Windows Installer knows a product code.
    MsiProduct(String),
    /// All of these.
    All(Vec<Hint>),
    /// One of these.
    Any(Vec<Hint>),
}

impl Hint {
    /// Calls `see` with each part that is no operator.
    pub(crate) fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Hint)) {
        match self {
            Hint::All(hints) | Hint::Any(hints) => {
                for hint in hints {
                    hint.visit(see);
                }
            }
            _ => see(self),
        }
    }
}

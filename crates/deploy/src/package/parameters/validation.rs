//! Owns what a parameter's value must be, and telling whether one is that.
//!
//! Does not own which values are given (`resolve`).

use iis::Place;

use crate::package::pattern::Pattern;
use crate::package::read::comma_list;

/// The rules of one parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validation {
    /// All that hold.
    pub rules: Vec<ValidationKind>,
    /// The list or pattern, as written.
    pub text: String,
    /// Where it stands.
    pub place: Option<Place>,
}

/// A kind of rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValidationKind {
    /// Nothing is a value, too.
    AllowEmpty,
    /// True or False.
    Boolean,
    /// One of a comma list; blanks count.
    Enumeration,
    /// What a regular expression matches.
    RegularExpression,
    /// One that we do not know.
    Other(String),
}

impl ValidationKind {
    fn name(&self) -> &str {
        match self {
            Self::AllowEmpty => "AllowEmpty",
            Self::Boolean => "Boolean",
            Self::Enumeration => "Enumeration",
            Self::RegularExpression => "RegularExpression",
            Self::Other(name) => name,
        }
    }
}

impl Validation {
    /// Reads a comma list of kinds; case does not count.
    pub fn read(kinds: &str, text: &str) -> Self {
        use ValidationKind::{AllowEmpty, Boolean, Enumeration, Other, RegularExpression};
        let known = [AllowEmpty, Boolean, Enumeration, RegularExpression];
        let rule = |name: String| {
            let mut known = known.iter();
            known
                .find(|kind| kind.name().eq_ignore_ascii_case(&name))
                .cloned()
                .unwrap_or(Other(name))
        };
        let rules = comma_list(kinds).into_iter().map(rule).collect();
        Self { rules, text: text.to_owned(), place: None }
    }

    /// The kinds as written.
    pub fn kinds(&self) -> String {
        self.rules.iter().map(ValidationKind::name).collect::<Vec<_>>().join(",")
    }

    /// Whether nothing is a value.
    pub fn allows_empty(&self) -> bool {
        self.rules.contains(&ValidationKind::AllowEmpty)
    }

    /// What may be chosen, if it is a list.
    pub fn choices(&self) -> Option<Vec<&str>> {
        let has = |rule| self.rules.contains(&rule);
        if has(ValidationKind::Enumeration) {
            return Some(self.text.split(',').collect());
        }
        has(ValidationKind::Boolean).then(|| vec!["True", "False"])
    }

    /// Why a value is none; `None` when it is one. An empty value is judged by the caller.
    pub fn refusal(&self, value: &str) -> Option<String> {
        if let Some(choices) = self.choices() {
            let is_boolean = self.rules.contains(&ValidationKind::Boolean);
            let is_one = |choice: &&str| {
                *choice == value || is_boolean && choice.eq_ignore_ascii_case(value)
            };
            if !choices.iter().any(is_one) {
                return Some(format!("it must be one of: {}", choices.join(", ")));
            }
        }
        if self.rules.contains(&ValidationKind::RegularExpression) {
            return match Pattern::new(&self.text) {
                Ok(pattern) => match pattern.is_match(value) {
                    Ok(true) => None,
                    Ok(false) => Some(format!("it does not match {}", self.text)),
                    Err(why) => Some(format!("nobody can tell whether it is one: {why}")),
                },
                Err(error) => Some(format!("its pattern {} is none: {error}", self.text)),
            };
        }
        None
    }
}

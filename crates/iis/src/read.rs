//! Owns the typed reading of one element by the rows of the `attributes` table.
//!
//! Does not own the rows, nor collections.

use crate::attributes::{self, Kind, Row};
use crate::document::Element;
use crate::error::Error;
use crate::expand;

/// An element together with the path under which the table knows it.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    element: &'a Element,
    path: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(element: &'a Element, path: &'static str) -> Self {
        Reader { element, path }
    }

    /// The value as written, else the default; checked against the row.
    fn value(&self, name: &str) -> Result<(&'a str, &'static Row), Error> {
        let row = attributes::row(self.path, name).expect("attributes we read are in the table");
        let Some(value) = self.element.attribute(name) else {
            let absent = || {
                self.element.error(format!("<{}> needs the attribute: {name}", self.element.name()))
            };
            return Ok((row.default().ok_or_else(absent)?, row));
        };
        check(row.kind, value).map_err(|expected| {
            self.element.attribute_error(name, format!("{name} must be {expected}: {value}"))
        })?;
        if row.defaults.is_empty() && value.is_empty() {
            return Err(self.element.attribute_error(name, format!("{name} must not be empty")));
        }
        Ok((value, row))
    }

    /// Text, with `%VAR%` replaced where the row says so.
    pub(crate) fn text(&self, name: &str) -> Result<String, Error> {
        let (value, row) = self.value(name)?;
        Ok(match row.kind {
            Kind::Text { expanded: true } => {
                expand::environment_variables(value, expand::from_process)
            }
            _ => value.to_owned(),
        })
    }

    pub(crate) fn number(&self, name: &str) -> Result<u32, Error> {
        let (value, _) = self.value(name)?;
        Ok(number(value).expect("the value was checked to be a number"))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, Error> {
        Ok(self.value(name)?.0.eq_ignore_ascii_case("true"))
    }

    /// The index of the chosen word.
    pub(crate) fn choice(&self, name: &str) -> Result<usize, Error> {
        let (value, row) = self.value(name)?;
        let Kind::Choice(words) = row.kind else { unreachable!("{name} is a choice in the table") };
        Ok(position(words, value).expect("the value was checked to be one of the words"))
    }

    /// The chosen words as the table spells them.
    pub(crate) fn choices(&self, name: &str) -> Result<Vec<&'static str>, Error> {
        let (value, row) = self.value(name)?;
        let Kind::Choices(words) = row.kind else { unreachable!("{name} is a set in the table") };
        Ok(value
            .split(',')
            .filter_map(|word| position(words, word.trim()))
            .map(|i| words[i])
            .collect())
    }
}

/// Checks a value against a type; the error says what it must be.
pub(crate) fn check(kind: Kind, value: &str) -> Result<(), String> {
    match kind {
        Kind::Text { .. } => Ok(()),
        Kind::Flag if ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word)) => {
            Ok(())
        }
        Kind::Flag => Err("true or false".to_owned()),
        Kind::Number { min, max } => match number(value) {
            Some(n) if (min..=max).contains(&n) => Ok(()),
            _ if max == u32::MAX => Err(format!("a whole number from {min}")),
            _ => Err(format!("a whole number between {min} and {max}")),
        },
        Kind::Choice(words) if position(words, value).is_some() => Ok(()),
        Kind::Choice(words) => Err(format!("one of {}", words.join(", "))),
        Kind::Choices(words) if value.split(',').all(|w| position(words, w.trim()).is_some()) => {
            Ok(())
        }
        Kind::Choices(words) => Err(format!("a list of {}", words.join(", "))),
    }
}

/// IIS reads numbers in decimal and, after `0x`, in hexadecimal.
fn number(value: &str) -> Option<u32> {
    match value.strip_prefix("0x").or_else(|| value.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => value.parse().ok(),
    }
}

fn position(words: &[&str], value: &str) -> Option<usize> {
    words.iter().position(|word| word.eq_ignore_ascii_case(value))
}

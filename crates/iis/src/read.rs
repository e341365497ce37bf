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
    /// `None` when nothing was written at all: then all is as by default.
    element: Option<&'a Element>,
    path: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(element: &'a Element, path: &'static str) -> Self {
        Reader { element: Some(element), path }
    }

    /// Reads one attribute of a section's levels, outermost first: the innermost that has it counts.
    pub(crate) fn innermost(levels: &[&'a Element], path: &'static str, name: &str) -> Self {
        let element = levels.iter().rev().find(|level| level.attribute(name).is_some()).copied();
        Reader { element, path }
    }

    /// The value as written, else the default; checked against the row.
    fn value(&self, name: &str) -> Result<(&'a str, &'static Row), Error> {
        let row = attributes::row(self.path, name).expect("attributes we read are in the table");
        let Some(element) = self.element else {
            return Ok((row.default().expect("a section's attributes have defaults"), row));
        };
        let Some(value) = element.attribute(name) else {
            let absent =
                || element.error(format!("<{}> needs the attribute: {name}", element.name()));
            return Ok((row.default().ok_or_else(absent)?, row));
        };
        check(row.kind, value).map_err(|expected| {
            element.attribute_error(name, format!("{name} must be {expected}: {value}"))
        })?;
        if row.defaults.is_empty() && value.is_empty() {
            return Err(element.attribute_error(name, format!("{name} must not be empty")));
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

    /// A span of time in seconds.
    pub(crate) fn seconds(&self, name: &str) -> Result<u64, Error> {
        let (value, _) = self.value(name)?;
        Ok(seconds(value).expect("the value was checked to be a span of time"))
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
        Kind::TimeSpan if seconds(value).is_some() => Ok(()),
        Kind::TimeSpan => Err("a span of time, [days.]hours:minutes:seconds".to_owned()),
    }
}

/// `[days.]hours:minutes:seconds` in seconds.
fn seconds(value: &str) -> Option<u64> {
    let (days, clock) = value.split_once('.').unwrap_or(("0", value));
    let mut parts = clock.split(':').map(|part| part.parse::<u64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let is_clock = parts.next().is_none() && hours < 24 && minutes < 60 && seconds < 60;
    let days: u64 = days.parse::<u32>().ok()?.into();
    is_clock.then_some(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
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

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn spans_of_time() {
        for (value, expected) in [
            ("00:00:00", Some(0)),
            ("1.00:00:00", Some(86_400)),
            ("7.01:02:03", Some(608_523)),
            ("0:0:5", Some(5)),
            ("24:00:00", None),
            ("00:60:00", None),
            ("00:00", None),
            ("00:00:00:00", None),
            ("1.", None),
            ("", None),
        ] {
            assert_eq!(seconds(value), expected, "{value}");
        }
    }
}

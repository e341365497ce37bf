//! Owns what ECMAScript's patterns mean otherwise than the engine's: classes, escapes, `(?…`, `x++`.
//!
//! Does not check the rest: what is left, the engine refuses.

use std::iter::Peekable;
use std::str::CharIndices;

/// A pattern in the engine's language.
#[derive(Debug, Default)]
pub(super) struct Translated {
    pub(super) pattern: String,
    /// Where what begins here in the pattern stood in the text.
    origins: Vec<(usize, usize)>,
}

impl Translated {
    /// The place in the text from which a place in the pattern comes.
    pub(super) fn origin(&self, at: usize) -> usize {
        let next = self.origins.partition_point(|(made, _)| *made <= at);
        next.checked_sub(1).map_or(0, |last| self.origins[last].1)
    }

    fn push(&mut self, from: usize, text: &str) {
        self.origins.push((self.pattern.len(), from));
        self.pattern.push_str(text);
    }
}

/// A sentence about a place, which is a count of bytes.
pub(super) fn at_character(text: &str, at: usize, why: &str) -> String {
    let before = text.char_indices().take_while(|(index, _)| *index < at).count();
    format!("{why}, at character {}", before + 1)
}

struct Translator<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    made: Translated,
}

/// Translates a pattern.
///
/// # Errors
/// What the engine has and IIS has not, and what neither has, with the place.
pub(super) fn translate(text: &str) -> Result<Translated, String> {
    let rest = text.char_indices().peekable();
    let mut translator = Translator { text, rest, made: Translated::default() };
    while let Some((at, character)) = translator.rest.next() {
        translator.one(at, character)?;
    }
    Ok(translator.made)
}

impl Translator<'_> {
    fn one(&mut self, at: usize, character: char) -> Result<(), String> {
        let behind = &self.text[at + character.len_utf8()..];
        match character {
            '\\' => {
                let text = self.escape(at, false)?;
                self.made.push(at, &text);
            }
            '[' => self.class(at)?,
            '(' if behind.starts_with('?') && !behind[1..].starts_with([':', '=', '!']) => {
                return Err(self
                    .told(at, "a group that we do not know: they begin with (, (?:, (?= or (?!"));
            }
            '*' | '+' | '?' | '}' if behind.starts_with('+') => {
                return Err(
                    self.told(at + 1, "a quantifier with nothing before it but another one")
                );
            }
            '{' => match count(behind) {
                // One that begins no count is itself.
                None => self.made.push(at, "\\{"),
                Some((min, Some(max))) if max < min => {
                    return Err(self.told(at, "a count has the lower number first"));
                }
                Some(_) => self.made.push(at, "{"),
            },
            other => self.made.push(at, other.encode_utf8(&mut [0; 4])),
        }
        Ok(())
    }

    fn class(&mut self, at: usize) -> Result<(), String> {
        self.made.push(at, "[");
        let is_negated = self.rest.next_if(|(_, next)| *next == '^').is_some();
        if self.rest.next_if(|(_, next)| *next == ']').is_some() {
            // ECMAScript's class of nothing, and of everything.
            self.made.push(at, if is_negated { "\\s\\S]" } else { "^\\s\\S]" });
            return Ok(());
        }
        if is_negated {
            self.made.push(at, "^");
        }
        loop {
            let Some((at, character)) = self.rest.next() else {
                return Err(self.told(at, "a [ without a closing ]"));
            };
            match character {
                ']' => break,
                '\\' => {
                    let text = self.escape(at, true)?;
                    self.made.push(at, &text);
                }
                // The engine has classes in classes, and sets that are taken from each other.
                '[' | '&' | '~' | '^' => self.made.push(at, &format!("\\{character}")),
                other => self.made.push(at, other.encode_utf8(&mut [0; 4])),
            }
        }
        self.made.push(at, "]");
        Ok(())
    }

    /// What stands behind a backslash.
    fn escape(&mut self, at: usize, is_in_class: bool) -> Result<String, String> {
        let Some((_, character)) = self.rest.next() else {
            return Err(self.told(at, "a backslash at the end"));
        };
        Ok(match character {
            // Digits and words are ASCII's.
            'd' => "[0-9]".to_owned(),
            'D' => "[^0-9]".to_owned(),
            'w' => "[0-9A-Za-z_]".to_owned(),
            'W' => "[^0-9A-Za-z_]".to_owned(),
            's' | 'S' | 'f' | 'n' | 'r' | 't' | 'v' => format!("\\{character}"),
            'b' if is_in_class => "\\x08".to_owned(),
            'b' | 'B' if !is_in_class => format!("\\{character}"),
            '1'..='9' if !is_in_class => format!("\\{character}"),
            'x' => self.number(at, 2)?,
            'u' => self.number(at, 4)?,
            'c' => match self.rest.next() {
                Some((_, letter)) if letter.is_ascii_alphabetic() => code(letter as u32 % 32),
                _ => return Err(self.told(at, "\\c needs a letter")),
            },
            '0' => code(0),
            other if other.is_ascii_alphanumeric() => {
                return Err(self.told(at, &format!("an escape that we do not know: \\{other}")));
            }
            other => fancy_regex::escape(other.encode_utf8(&mut [0; 4])).replace('-', "\\-"),
        })
    }

    fn number(&mut self, at: usize, digits: usize) -> Result<String, String> {
        let mut value = 0;
        for _ in 0..digits {
            let digit = self.rest.next().and_then(|(_, digit)| digit.to_digit(16));
            let Some(digit) = digit else {
                return Err(self.told(at, &format!("this escape needs {digits} digits")));
            };
            value = value * 16 + digit;
        }
        if char::from_u32(value).is_none() {
            return Err(self.told(at, "half a surrogate pair: write the character itself"));
        }
        Ok(code(value))
    }

    fn told(&self, at: usize, why: &str) -> String {
        at_character(self.text, at, why)
    }
}

fn code(value: u32) -> String {
    format!("\\x{{{value:X}}}")
}

/// The least and the most of `2}`, `2,}` or `2,3}`.
fn count(behind: &str) -> Option<(u32, Option<u32>)> {
    let (count, _) = behind.split_once('}')?;
    let Some((min, max)) = count.split_once(',') else {
        let both = count.parse().ok()?;
        return Some((both, Some(both)));
    };
    let most = if max.is_empty() { None } else { Some(max.parse().ok()?) };
    Some((min.parse().ok()?, most))
}

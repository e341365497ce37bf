//! Owns the reading of a pattern into a tree.
//!
//! Does not match.

use std::iter::Peekable;
use std::str::Chars;

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Char(char),
    /// Any character but a line's end.
    Any,
    Class(Class),
    Start,
    End,
    /// A word's edge, or its absence.
    WordEdge(bool),
    /// A group with its number, if it has one.
    Group(Option<usize>, Box<Node>),
    BackReference(usize),
    /// Look-ahead, or its absence.
    Look(bool, Box<Node>),
    Repeat {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
        is_greedy: bool,
    },
    Sequence(Vec<Node>),
    Either(Vec<Node>),
}

/// A set of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) ranges: Vec<(char, char)>,
    pub(super) is_negated: bool,
}

/// The most that a counted quantifier may ask for.
const COUNT_MAX: u32 = 1000;
/// The deepest nesting of groups.
const DEPTH_MAX: usize = 50;

const DIGITS: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')];
const SPACE: &[(char, char)] = &[('\t', '\r'), (' ', ' '), ('\u{a0}', '\u{a0}')];

pub(super) fn exact(text: &str) -> Node {
    let characters = text.chars().map(Node::Char);
    Node::Sequence([Node::Start].into_iter().chain(characters).chain([Node::End]).collect())
}

pub(super) fn wildcard(text: &str) -> Node {
    let (mut nodes, mut groups) = (vec![Node::Start], 0);
    for character in text.chars() {
        if character == '*' {
            groups += 1;
            let any = Node::Class(Class { ranges: Vec::new(), is_negated: true });
            let node = Box::new(any);
            let all = Node::Repeat { node, min: 0, max: None, is_greedy: true };
            nodes.push(Node::Group(Some(groups), Box::new(all)));
        } else {
            nodes.push(Node::Char(character));
        }
    }
    nodes.push(Node::End);
    Node::Sequence(nodes)
}

pub(super) fn parse(text: &str) -> Result<Node, String> {
    let mut parser = Parser { rest: text.chars().peekable(), groups: 0, depth: 0 };
    let node = parser.either()?;
    match parser.rest.next() {
        None => Ok(node),
        Some(_) => Err("a closing parenthesis without an opening one".to_owned()),
    }
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
    groups: usize,
    depth: usize,
}

impl Parser<'_> {
    fn takes(&mut self, character: char) -> bool {
        self.rest.next_if_eq(&character).is_some()
    }

    fn either(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("groups nested deeper than {DEPTH_MAX}"));
        }
        let mut ways = vec![self.sequence()?];
        while self.takes('|') {
            ways.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(if ways.len() == 1 { ways.remove(0) } else { Node::Either(ways) })
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut nodes = Vec::new();
        while self.rest.peek().is_some_and(|next| !matches!(next, '|' | ')')) {
            let atom = self.atom()?;
            nodes.push(self.quantified(atom)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn atom(&mut self) -> Result<Node, String> {
        Ok(match self.rest.next().unwrap_or_default() {
            '.' => Node::Any,
            '^' => Node::Start,
            '$' => Node::End,
            '(' => self.group()?,
            '[' => Node::Class(self.class()?),
            '\\' => self.escape()?,
            '*' | '+' | '?' => return Err("a quantifier with nothing before it".to_owned()),
            character => Node::Char(character),
        })
    }

    fn group(&mut self) -> Result<Node, String> {
        let look = |is_wanted| move |node| Node::Look(is_wanted, Box::new(node));
        let made: Box<dyn FnOnce(Node) -> Node> = if !self.takes('?') {
            self.groups += 1;
            let number = self.groups;
            Box::new(move |node| Node::Group(Some(number), Box::new(node)))
        } else {
            match self.rest.next() {
                Some(':') => Box::new(|node| Node::Group(None, Box::new(node))),
                Some('=') => Box::new(look(true)),
                Some('!') => Box::new(look(false)),
                _ => return Err("groups begin with (, (?:, (?= or (?!".to_owned()),
            }
        };
        let node = self.either()?;
        if !self.takes(')') {
            return Err("an opening parenthesis without a closing one".to_owned());
        }
        Ok(made(node))
    }

    fn quantified(&mut self, node: Node) -> Result<Node, String> {
        let (min, max) = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.counts() {
                Some(counts) => counts,
                None => return Ok(node),
            },
            _ => return Ok(node),
        };
        self.rest.next();
        if min > COUNT_MAX || max.is_some_and(|max| max > COUNT_MAX || max < min) {
            return Err(format!("counts go from 0 to {COUNT_MAX}, the lower one first"));
        }
        let is_greedy = !self.takes('?');
        Ok(Node::Repeat { node: Box::new(node), min, max, is_greedy })
    }

    /// `{2}`, `{2,}`, `{2,5}`, up to the closing brace; other braces are literals, as on the web.
    fn counts(&mut self) -> Option<(u32, Option<u32>)> {
        let mut ahead = self.rest.clone();
        ahead.next();
        let inner: String = ahead.by_ref().take_while(|next| *next != '}').collect();
        let number = |text: &str| text.parse::<u32>().ok();
        let counts = match inner.split_once(',') {
            None => number(&inner).map(|count| (count, Some(count))),
            Some((min, "")) => number(min).map(|min| (min, None)),
            Some((min, max)) => number(min).zip(number(max)).map(|(min, max)| (min, Some(max))),
        }?;
        for _ in 0..inner.chars().count() + 1 {
            self.rest.next();
        }
        // The brace itself is taken by whoever asked.
        (self.rest.peek() == Some(&'}')).then_some(counts)
    }

    fn escape(&mut self) -> Result<Node, String> {
        let escaped = self.rest.next().ok_or("a backslash at the end")?;
        if let Some(class) = shorthand(escaped) {
            return Ok(Node::Class(class));
        }
        Ok(match escaped {
            'b' => Node::WordEdge(true),
            'B' => Node::WordEdge(false),
            digit @ '1'..='9' => Node::BackReference(digit as usize - '0' as usize),
            other => Node::Char(self.character(other)?),
        })
    }

    /// The character that an escape stands for.
    fn character(&mut self, escaped: char) -> Result<char, String> {
        let digits = match escaped {
            't' => return Ok('\t'),
            'n' => return Ok('\n'),
            'r' => return Ok('\r'),
            'f' => return Ok('\u{c}'),
            'v' => return Ok('\u{b}'),
            '0' => return Ok('\0'),
            'x' => 2,
            'u' => 4,
            other if other.is_ascii_alphanumeric() => {
                return Err(format!("an escape that we do not know: \\{other}"));
            }
            other => return Ok(other),
        };
        let text: String = self.rest.by_ref().take(digits).collect();
        let code = u32::from_str_radix(&text, 16).ok().filter(|_| text.len() == digits);
        code.and_then(char::from_u32).ok_or_else(|| format!("\\{escaped} needs {digits} digits"))
    }

    fn class(&mut self) -> Result<Class, String> {
        let is_negated = self.takes('^');
        let mut ranges = Vec::new();
        loop {
            let first = match self.rest.next() {
                None => return Err("an opening bracket without a closing one".to_owned()),
                Some(']') => return Ok(Class { ranges, is_negated }),
                Some(first) => first,
            };
            let Some(first) = self.member(first, &mut ranges)? else { continue };
            let mut last = first;
            let mut ahead = self.rest.clone();
            if ahead.next() == Some('-') && ahead.next().is_some_and(|next| next != ']') {
                self.rest.next();
                let next = self.rest.next().unwrap_or_default();
                last = self.member(next, &mut ranges)?.ok_or("a range that ends with a class")?;
            }
            if last < first {
                return Err(format!("a range that goes backwards: {first}-{last}"));
            }
            ranges.push((first, last));
        }
    }

    /// A character within brackets, or nothing when it was a whole class.
    fn member(
        &mut self,
        character: char,
        ranges: &mut Vec<(char, char)>,
    ) -> Result<Option<char>, String> {
        if character != '\\' {
            return Ok(Some(character));
        }
        let escaped = self.rest.next().ok_or("a backslash at the end")?;
        match shorthand(escaped) {
            Some(class) if class.is_negated => {
                Err(format!("\\{escaped} within brackets is not understood"))
            }
            Some(class) => {
                ranges.extend(class.ranges);
                Ok(None)
            }
            None if escaped == 'b' => Ok(Some('\u{8}')),
            None => self.character(escaped).map(Some),
        }
    }
}

fn shorthand(letter: char) -> Option<Class> {
    let ranges = match letter.to_ascii_lowercase() {
        'd' => DIGITS,
        'w' => WORD,
        's' => SPACE,
        _ => return None,
    };
    Some(Class { ranges: ranges.to_vec(), is_negated: letter.is_ascii_uppercase() })
}

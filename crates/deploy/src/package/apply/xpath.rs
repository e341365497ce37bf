//! Owns the XPaths that parameters use: steps by name, `//`, `*`, attributes, `text()`, and predicates
//! that compare attributes or children with texts or count.
//!
//! Does not own all of XPath 1.0: axes, functions and unions are refused by name. Namespace prefixes
//! are not looked at.

use std::collections::HashSet;

use xml::{Document, Element, ElementId};

use crate::package::limits::{XPATH_STEPS_MAX, XPATH_TESTS_MAX};

/// An element, and its attribute if one is meant.
pub(super) type Found = (ElementId, Option<String>);

/// A path, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    steps: Vec<Step>,
    /// The attribute that is meant, in the elements that the steps find.
    attribute: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    /// Whether it looks at all elements below, not only at the children.
    is_deep: bool,
    /// `*` for any.
    name: String,
    predicates: Vec<Predicate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Predicate {
    /// The so-manieth, from 1.
    Number(usize),
    /// All of these hold.
    All(Vec<Test>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Test {
    subject: Subject,
    /// `None`: it is there.
    value: Option<String>,
    is_not: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Attribute(String),
    Child(String),
    LocalName,
    Text,
}

impl Path {
    /// Reads a path.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text.trim(), tests: 0 };
        let mut path = Path { steps: Vec::new(), attribute: None };
        if reader.rest.is_empty() {
            return Err("an empty XPath".to_owned());
        }
        let mut is_first = true;
        while !reader.rest.is_empty() {
            let is_deep = reader.take("//");
            if !is_deep && !reader.take("/") && !is_first {
                return Err(reader.unexpected());
            }
            // A path that does not begin with a slash looks everywhere.
            let is_deep = is_deep || is_first && !text.trim_start().starts_with('/');
            is_first = false;
            if reader.take("text()") && reader.rest.is_empty() && !path.steps.is_empty() {
                return Ok(path);
            }
            if reader.take("@") {
                path.attribute = Some(reader.name()?);
                if is_deep {
                    path.steps.push(Step { is_deep, name: "*".to_owned(), predicates: Vec::new() });
                }
                return if reader.rest.is_empty() { Ok(path) } else { Err(reader.unexpected()) };
            }
            let name = if reader.take("*") { "*".to_owned() } else { reader.name()? };
            let mut predicates = Vec::new();
            while reader.take("[") {
                predicates.push(reader.predicate()?);
            }
            if path.steps.len() == XPATH_STEPS_MAX {
                return Err(format!("an XPath with more than {XPATH_STEPS_MAX} steps"));
            }
            path.steps.push(Step { is_deep, name, predicates });
        }
        Ok(path)
    }

    /// What it finds, in the order of the text: elements, with the attribute that is meant. Attributes
    /// that are not there are not found.
    pub(super) fn find(&self, document: &Document) -> Vec<Found> {
        let mut found = vec![document.root()];
        for (at, step) in self.steps.iter().enumerate() {
            // Above the root is the document, of which it is the only child.
            let mut next = if at == 0 { step.chosen(found.iter().copied()) } else { Vec::new() };
            let parents = match (step.is_deep, at) {
                (true, _) => with_all_below(found),
                (false, 0) => Vec::new(),
                (false, _) => found,
            };
            // No element comes twice: each has one parent, and no parent comes twice.
            next.extend(parents.iter().flat_map(|parent| step.chosen(parent.children())));
            next.sort_by_key(|element| element.span().start);
            found = next;
        }
        let wanted = |element: Element<'_>| match &self.attribute {
            Some(name) => {
                let name = attribute(element, name)?.name().to_owned();
                Some((element.id(), Some(name)))
            }
            None => Some((element.id(), None)),
        };
        found.into_iter().filter_map(wanted).collect()
    }
}

/// Elements and all below them, each once, however they stand within each other.
fn with_all_below(elements: Vec<Element<'_>>) -> Vec<Element<'_>> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    let mut open = elements;
    while let Some(next) = open.pop() {
        // What was seen has been gone through with all below it, or will be.
        if seen.insert(next.id()) {
            out.push(next);
            open.extend(next.children());
        }
    }
    out
}

fn attribute<'a>(element: Element<'a>, name: &str) -> Option<xml::Attribute<'a>> {
    element.attributes().find(|attribute| same(attribute.name(), name))
}

/// Whether a name is meant, with or without its prefix.
fn same(name: &str, wanted: &str) -> bool {
    let local = |name| str::rsplit(name, ':').next();
    wanted == "*" || name == wanted || local(name) == local(wanted)
}

impl Step {
    /// Those that are meant among the children of one parent.
    fn chosen<'a>(&self, children: impl Iterator<Item = Element<'a>>) -> Vec<Element<'a>> {
        let mut chosen: Vec<Element<'a>> =
            children.filter(|element| same(element.name(), &self.name)).collect();
        for predicate in &self.predicates {
            chosen = match predicate {
                Predicate::Number(number) => chosen.into_iter().skip(number - 1).take(1).collect(),
                Predicate::All(tests) => chosen
                    .into_iter()
                    .filter(|element| tests.iter().all(|test| test.holds(*element)))
                    .collect(),
            };
        }
        chosen
    }
}

impl Test {
    fn holds(&self, element: Element<'_>) -> bool {
        let values: Vec<String> = match &self.subject {
            Subject::Attribute(name) => {
                attribute(element, name).map(|a| a.value()).into_iter().collect()
            }
            Subject::Child(name) => element
                .children()
                .filter(|child| same(child.name(), name))
                .map(|child| child.text())
                .collect(),
            Subject::LocalName => vec![element.local_name().to_owned()],
            Subject::Text => vec![element.text()],
        };
        match &self.value {
            None => !values.is_empty(),
            Some(wanted) => values.iter().any(|value| (value == wanted) != self.is_not),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    /// How many numbers and tests were read.
    tests: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Counts a number or test.
    fn count(&mut self) -> Result<(), String> {
        self.tests += 1;
        if self.tests > XPATH_TESTS_MAX {
            return Err(format!("an XPath with more than {XPATH_TESTS_MAX} predicates"));
        }
        Ok(())
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn unexpected(&self) -> String {
        let part: String = self.rest.chars().take(30).collect();
        format!("XPath that is not understood, from: {part}")
    }

    fn name(&mut self) -> Result<String, String> {
        let is_of_name = |c: char| c.is_alphanumeric() || "_-.:".contains(c);
        let end = self.rest.find(|c| !is_of_name(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if matches!(name, "" | "." | "..") || name.contains("::") || rest.starts_with('(') {
            return Err(self.unexpected());
        }
        self.rest = rest;
        Ok(name.to_owned())
    }

    /// Behind a `[`.
    fn predicate(&mut self) -> Result<Predicate, String> {
        self.blanks();
        let digits =
            self.rest.len() - self.rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            self.count()?;
            let number = self.rest[..digits].parse().ok().filter(|number| *number > 0);
            let number = number.ok_or_else(|| self.unexpected())?;
            self.rest = &self.rest[digits..];
            self.blanks();
            return if self.take("]") {
                Ok(Predicate::Number(number))
            } else {
                Err(self.unexpected())
            };
        }
        let mut tests = vec![self.test()?];
        loop {
            self.blanks();
            if self.take("]") {
                return Ok(Predicate::All(tests));
            }
            if !self.take("and ") {
                return Err(self.unexpected());
            }
            tests.push(self.test()?);
        }
    }

    fn test(&mut self) -> Result<Test, String> {
        self.count()?;
        self.blanks();
        let subject = if self.take("@") {
            Subject::Attribute(self.name()?)
        } else if self.take("local-name()") {
            Subject::LocalName
        } else if self.take("text()") || self.take(".") {
            Subject::Text
        } else {
            Subject::Child(self.name()?)
        };
        self.blanks();
        let is_not = self.take("!=");
        if !is_not && !self.take("=") {
            return Ok(Test { subject, value: None, is_not });
        }
        self.blanks();
        let quote = self.rest.chars().next().filter(|c| ['\'', '"'].contains(c));
        let quote = quote.ok_or_else(|| self.unexpected())?;
        let inner = &self.rest[1..];
        let end = inner.find(quote).ok_or_else(|| self.unexpected())?;
        self.rest = &inner[end + 1..];
        Ok(Test { subject, value: Some(inner[..end].to_owned()), is_not })
    }
}

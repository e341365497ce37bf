//! Owns URL Rewrite's inbound rules and rewrite maps.
//!
//! Does not apply them (`front::rewrite` does). Outbound rules and providers are not read.

use crate::attributes::{
    REWRITE_ACTION, REWRITE_CONDITION, REWRITE_CONDITIONS, REWRITE_MAP, REWRITE_MAP_ADD,
    REWRITE_MATCH, REWRITE_RULE, REWRITE_VARIABLE,
};
use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::pattern::Pattern;
use crate::place::Place;
use crate::read::Reader;

/// The effective rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewriting {
    /// The rules in their order, those that are switched off left out.
    pub rules: Vec<Rule>,
    maps: Vec<RewriteMap>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct RewriteMap {
    name: String,
    default: String,
    ignores_case: bool,
    pairs: Vec<(String, String)>,
}

impl Rewriting {
    /// What a map has for a key; `None` when there is no such map.
    pub fn map(&self, name: &str, key: &str) -> Option<&str> {
        let map = self.maps.iter().find(|map| map.name.eq_ignore_ascii_case(name))?;
        let is_it = |other: &str| {
            other == key || (map.ignores_case && crate::letter_case::alike(other, key))
        };
        let found = map.pairs.iter().find(|(other, _)| is_it(other));
        Some(found.map_or(map.default.as_str(), |(_, value)| value))
    }
}

/// A `<rule>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// How many segments the path has for which it was written: it sees what follows them.
    pub depth: usize,
    /// What the path must match, or must not.
    pub url: (Pattern, bool),
    /// The conditions.
    pub conditions: Vec<Condition>,
    /// One condition is enough.
    pub any_is_enough: bool,
    /// Groups of all conditions can be referred to, not those of the last one alone.
    pub tracks_all_captures: bool,
    /// Names, values, and whether a value that is there gives way.
    pub variables: Vec<(String, String, bool)>,
    /// What is done.
    pub action: Action,
    /// No rule after it is looked at.
    pub stops: bool,
    /// Where it is written.
    pub place: Place,
}

/// An `<add>` of `<conditions>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What is looked at, with `{VARIABLES}`.
    pub input: String,
    /// What must be so.
    pub test: Test,
    /// Rather must not.
    pub is_negated: bool,
}

/// What a condition asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The text matches.
    Matches(Pattern),
    /// It is the path of a file.
    IsFile,
    /// It is the path of a folder.
    IsDirectory,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Nothing, beyond setting variables.
    None,
    /// Another URL is executed.
    Rewrite {
        /// The URL, with references.
        url: String,
        /// The query string that came is added.
        appends_query: bool,
    },
    /// The client is sent elsewhere.
    Redirect {
        /// The URL, with references.
        url: String,
        /// The query string that came is added.
        appends_query: bool,
        /// 301, 302, 303 or 307.
        status: u16,
    },
    /// A status is answered.
    CustomResponse {
        /// The status.
        status: u16,
        /// The sub-status.
        sub_status: u16,
        /// The words behind the status.
        reason: String,
        /// What is told about it.
        description: String,
    },
    /// The connection is cut.
    Abort,
}

/// Reads and merges `<globalRules>`, `<rules>` and `<rewriteMaps>`, outermost first; rules come with
/// the depth of their folders.
///
/// # Errors
/// On attributes of another type, missing ones, duplicates, and patterns that are not understood.
pub fn read(
    global: &[(usize, &Element)],
    levels: &[(usize, &Element)],
    maps: &[&Element],
) -> Result<Rewriting, Error> {
    let mut rules = Vec::new();
    for levels in [global, levels] {
        let elements: Vec<&Element> = levels.iter().map(|(_, element)| *element).collect();
        for element in collections::of_items(REWRITE_RULE).merge(&elements)? {
            let owner = levels
                .iter()
                .find(|(_, level)| level.children().any(|child| std::ptr::eq(child, element)));
            if Reader::new(element, REWRITE_RULE).flag("enabled")? {
                rules.push(rule(element, owner.map_or(0, |(depth, _)| *depth))?);
            }
        }
    }
    let maps = collections::of_items(REWRITE_MAP)
        .merge(maps)?
        .into_iter()
        .map(rewrite_map)
        .collect::<Result<_, _>>()?;
    Ok(Rewriting { rules, maps })
}

fn rewrite_map(element: &Element) -> Result<RewriteMap, Error> {
    let reader = Reader::new(element, REWRITE_MAP);
    let pair = |item| {
        let reader = Reader::new(item, REWRITE_MAP_ADD);
        Ok((reader.text("key")?, reader.text("value")?))
    };
    Ok(RewriteMap {
        name: reader.text("name")?,
        default: reader.text("defaultValue")?,
        ignores_case: reader.flag("ignoreCase")?,
        pairs: collections::of_items(REWRITE_MAP_ADD)
            .merge(&[element])?
            .into_iter()
            .map(pair)
            .collect::<Result<_, Error>>()?,
    })
}

fn rule(element: &Element, depth: usize) -> Result<Rule, Error> {
    let reader = Reader::new(element, REWRITE_RULE);
    let syntax = reader.choice("patternSyntax")?;
    let Some(matching) = element.child("match") else {
        return Err(element.error("a <rule> needs a <match>"));
    };
    let of_match = Reader::new(matching, REWRITE_MATCH);
    let url = pattern(matching, "url", &of_match, syntax)?;
    let conditions = element.child("conditions");
    let of_conditions: Vec<&Element> = conditions.into_iter().collect();
    let flag = |name| Reader::innermost(&of_conditions, REWRITE_CONDITIONS, name);
    let items = conditions.into_iter().flat_map(Element::children);
    let variables = element.child("serverVariables").into_iter().flat_map(Element::children);
    let variable = |item: &Element| {
        let reader = Reader::new(item, REWRITE_VARIABLE);
        Ok((reader.text("name")?, reader.text("value")?, reader.flag("replace")?))
    };
    Ok(Rule {
        name: reader.text("name")?,
        depth,
        url: (url, of_match.flag("negate")?),
        conditions: items
            .filter(|item| item.name() == "add")
            .map(|item| condition(item, syntax))
            .collect::<Result<_, _>>()?,
        any_is_enough: flag("logicalGrouping").choice("logicalGrouping")? == 1,
        tracks_all_captures: flag("trackAllCaptures").flag("trackAllCaptures")?,
        variables: variables
            .filter(|item| item.name() == "set")
            .map(variable)
            .collect::<Result<_, Error>>()?,
        action: element.child("action").map_or(Ok(Action::None), action)?,
        stops: reader.flag("stopProcessing")?,
        place: element.place(),
    })
}

fn pattern(
    element: &Element,
    name: &str,
    reader: &Reader<'_>,
    syntax: usize,
) -> Result<Pattern, Error> {
    let (text, ignores_case) = (reader.text(name)?, reader.flag("ignoreCase")?);
    let read = [Pattern::regular, Pattern::wildcard, Pattern::exact][syntax];
    read(&text, ignores_case).map_err(|why| {
        element.attribute_error(name, format!("the pattern is not understood: {why}: {text}"))
    })
}

fn condition(element: &Element, syntax: usize) -> Result<Condition, Error> {
    let reader = Reader::new(element, REWRITE_CONDITION);
    Ok(Condition {
        input: reader.text("input")?,
        test: match reader.choice("matchType")? {
            0 => Test::Matches(pattern(element, "pattern", &reader, syntax)?),
            1 => Test::IsFile,
            _ => Test::IsDirectory,
        },
        is_negated: reader.flag("negate")?,
    })
}

fn action(element: &Element) -> Result<Action, Error> {
    let reader = Reader::new(element, REWRITE_ACTION);
    let url = reader.text("url")?;
    let appends_query = reader.flag("appendQueryString")?;
    let number = |name| Ok::<u16, Error>(u16::try_from(reader.number(name)?).unwrap_or(500));
    Ok(match reader.choice("type")? {
        0 => Action::None,
        1 => Action::Rewrite { url, appends_query },
        2 => {
            let status = [301, 302, 303, 307][reader.choice("redirectType")?];
            Action::Redirect { url, appends_query, status }
        }
        3 => Action::CustomResponse {
            status: number("statusCode")?,
            sub_status: number("subStatusCode")?,
            reason: reader.text("statusReason")?,
            description: reader.text("statusDescription")?,
        },
        _ => Action::Abort,
    })
}

#[cfg(test)]
mod tests {
    use super::{Action, Rewriting, read};
    use crate::document::{self, Element};
    use crate::error::Error;
    use crate::place::Source;

    fn rules(inner: &str) -> Result<Rewriting, Error> {
        let level = |xml: &str| -> Element {
            document::parse(Source::new("web.config", format!("<x>{xml}</x>"))).unwrap()
        };
        let outer = level("<rule name='outer'><match url='x'/></rule>");
        let maps =
            level("<rewriteMap name='M' defaultValue='d'><add key='/A' value='/b'/></rewriteMap>");
        read(&[], &[(0, &outer), (2, &level(inner))], &[&maps])
    }

    #[test]
    fn rules_are_read_in_order() {
        let rewriting = rules(
            "<rule name='inner' stopProcessing='true'><match url='^a' negate='true'/>\
             <conditions logicalGrouping='MatchAny'><add input='{HTTPS}' pattern='off'/><add input='{REQUEST_FILENAME}' matchType='IsFile' negate='true'/></conditions>\
             <action type='Redirect' url='/b' redirectType='Found'/></rule>\
             <rule name='off' enabled='false'><match url='['/></rule>",
        )
        .unwrap();
        let [outer, inner] = &rewriting.rules[..] else { panic!("{rewriting:?}") };
        assert_eq!((outer.depth, inner.depth, inner.stops), (0, 2, true));
        assert_eq!((&outer.action, inner.url.1, inner.any_is_enough), (&Action::None, true, true));
        assert_eq!(inner.conditions.len(), 2);
        assert!(matches!(inner.action, Action::Redirect { status: 302, appends_query: true, .. }));
        assert_eq!(rewriting.map("m", "/a"), Some("/b"));
        assert_eq!((rewriting.map("M", "/x"), rewriting.map("N", "/a")), (Some("d"), None));
    }

    #[test]
    fn what_cannot_be() {
        for (xml, expected) in [
            ("<rule name='a'/>", "needs a <match>"),
            ("<rule name='Outer'><match url='x'/></rule>", "duplicate <rule>"),
            ("<rule name='a'><match url='('/></rule>", "the pattern is not understood"),
            ("<rule name='a'><match url='x'/><action type='CustomResponse'/></rule>", "statusCode"),
            ("<rule name='a'><match url='x'/><action type='Send'/></rule>", "type must be one of"),
        ] {
            let told = rules(xml).unwrap_err().to_string();
            assert!(told.contains(expected), "{told}");
        }
    }
}

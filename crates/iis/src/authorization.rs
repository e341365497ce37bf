//! Owns `<authorization>`: which users may ask for what.
//!
//! Does not know who a user is, nor what groups there are (`front::sign_on` asks).

use crate::attributes::AUTHORIZATION_ADD;
use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::place::Place;
use crate::read::Reader;

/// The effective rules, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authorization {
    /// The rules.
    pub rules: Vec<AuthorizationRule>,
    /// Nobody says anything about it, so everyone may ask for everything.
    is_silent: bool,
}

/// An `<add>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRule {
    /// It allows; otherwise it denies.
    pub allows: bool,
    /// Users: names, `*` for all, `?` for those who did not sign on.
    pub users: Vec<String>,
    /// Groups.
    pub roles: Vec<String>,
    /// Verbs; none means all.
    pub verbs: Vec<String>,
    /// Where it is written.
    pub place: Place,
}

/// Reads and merges `<authorization>` elements, outermost first.
///
/// # Errors
/// On attributes of another type and duplicates.
pub fn read(levels: &[&Element]) -> Result<Authorization, Error> {
    let list = |text: String| -> Vec<String> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let rule = |element: &Element| {
        let reader = Reader::new(element, AUTHORIZATION_ADD);
        Ok(AuthorizationRule {
            allows: reader.choice("accessType")? == 0,
            users: list(reader.text("users")?),
            roles: list(reader.text("roles")?),
            verbs: list(reader.text("verbs")?),
            place: element.place(),
        })
    };
    let rules = collections::of_items(AUTHORIZATION_ADD)
        .merge(levels)?
        .into_iter()
        .map(rule)
        .collect::<Result<_, Error>>()?;
    // A server without the feature URL Authorization has an empty section, and nothing that acts on it.
    let is_silent = levels.iter().all(|level| level.children().next().is_none());
    Ok(Authorization { rules, is_silent })
}

impl AuthorizationRule {
    /// Whether it is about a user, `None` being one who did not sign on.
    fn is_about(&self, user: Option<&str>, verb: &str) -> bool {
        let is_verb = self.verbs.is_empty() || self.verbs.iter().any(|told| told == verb);
        let bare = user.and_then(|user| user.rsplit_once('\\')).map(|(_, name)| name);
        let is_user = |told: &String| match (told.as_str(), user) {
            ("*", _) => true,
            ("?", user) => user.is_none(),
            // A name alone is an account of the server.
            (told, Some(user)) => {
                told.eq_ignore_ascii_case(user)
                    || bare.is_some_and(|bare| told.eq_ignore_ascii_case(bare))
            }
            (_, None) => false,
        };
        is_verb && self.users.iter().any(is_user)
    }
}

impl Authorization {
    /// What forbids a request; `Ok` when it is allowed. A rule that denies goes before all that allow,
    /// and what no rule is about is denied.
    ///
    /// # Errors
    /// The rule that denies, `None` when there is none that allows.
    pub fn check(&self, user: Option<&str>, verb: &str) -> Result<(), Option<&AuthorizationRule>> {
        if self.is_silent {
            return Ok(());
        }
        let find = |allows: bool| {
            let mut rules = self.rules.iter().filter(|rule| rule.allows == allows);
            rules.find(|rule| rule.is_about(user, verb))
        };
        match (find(false), find(true)) {
            (Some(rule), _) => Err(Some(rule)),
            (None, Some(_)) => Ok(()),
            (None, None) => Err(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Authorization, read};
    use crate::document::{self, Element};
    use crate::place::Source;

    fn rules(levels: &[&str]) -> Authorization {
        let parse = |xml: &&str| -> Element {
            let text = format!("<authorization>{xml}</authorization>");
            document::parse(Source::new("web.config", text)).unwrap()
        };
        let levels: Vec<Element> = levels.iter().map(parse).collect();
        read(&levels.iter().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn who_may_ask() {
        const ALL: &str = "<add accessType='Allow' users='*'/>";
        let signed = "<add accessType='Deny' users='?'/>";
        let ann = "<clear/><add accessType='Allow' users='CORP\\Ann, bob'/>";
        let reads = "<clear/><add accessType='Allow' users='*' verbs='GET, HEAD'/>";
        let group = "<clear/><add accessType='Allow' roles='Staff'/>";
        for (levels, user, verb, expected) in [
            (&[][..], None, "GET", true),
            (&[""], None, "GET", true),
            (&[ALL], None, "GET", true),
            (&[ALL, signed], None, "GET", false),
            (&[ALL, signed], Some(r"A\x"), "GET", true),
            (&[ALL, ann], None, "GET", false),
            (&[ALL, ann], Some(r"corp\ann"), "GET", true),
            (&[ALL, ann], Some(r"OTHER\ann"), "GET", false),
            (&[ALL, ann], Some(r"HOST\Bob"), "GET", true),
            (&[ALL, reads], None, "HEAD", true),
            (&[ALL, reads], None, "POST", false),
            (&[ALL, group], Some(r"CORP\ann"), "GET", false),
            (&["<clear/>"], Some(r"CORP\ann"), "GET", false),
        ] {
            let found = rules(levels).check(user, verb).is_ok();
            assert_eq!(found, expected, "{levels:?} {user:?} {verb}");
        }
        let parent = rules(&[
            "<add accessType='Deny' users='fred'/>",
            "<add accessType='Allow' users='*'/>",
        ]);
        let denied = parent.check(Some(r"X\Fred"), "GET").unwrap_err().unwrap();
        assert_eq!(denied.place.line, 1);
    }
}

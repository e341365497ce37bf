//! Owns the work of URL Rewrite: a request's URL passes the inbound rules, and comes out rewritten,
//! redirected, answered, or as it was.
//!
//! Does not read rules (`iis::rewrite` does). Rewriting to another server, which takes Application
//! Request Routing, and setting other variables than request headers (`HTTP_…`) is not simulated.

use iis::rewrite::{Action, Rewriting, Rule, Test};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::answer::{Answer, Refused};
use crate::asked::Asked;
use crate::body::{Body, Truncated};
use crate::redirect;
use crate::rewrite_variables::{Scope, expand};
use crate::runtime::{HeaderName, HeaderValue, Response, Uri, mpsc};
use crate::site::ServedSite;
use crate::url::UrlPath;
use crate::windows_names;

/// What a path in a URL must not have as it is.
const IN_A_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`');
/// The same where escapes are escapes already: queries, and whole URLs.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

/// What the rules come to.
#[derive(Debug)]
pub(crate) enum Rewritten {
    Unchanged,
    Instead(Box<Asked>),
    Answer(Box<Answer>),
}

/// The URL on its way through the rules.
struct Passing<'a> {
    site: &'a ServedSite,
    rewriting: &'a Rewriting,
    asked: Asked,
    /// Decoded.
    path: String,
    query: String,
    is_changed: bool,
    /// No other rule is looked at.
    is_done: bool,
}

/// Passes a request through the rules.
pub(crate) fn apply(
    site: &ServedSite,
    rewriting: &Rewriting,
    asked: &Asked,
) -> Result<Rewritten, Refused> {
    if rewriting.rules.is_empty() {
        return Ok(Rewritten::Unchanged);
    }
    let mut passing = Passing {
        site,
        rewriting,
        asked: asked.again(asked.path.clone()),
        path: asked.path.text(),
        query: asked.parts.uri.query().unwrap_or_default().to_owned(),
        is_changed: false,
        is_done: false,
    };
    let segments = iis::inherit::segments(&passing.path);
    for rule in &rewriting.rules {
        let base: String = segments.iter().take(rule.depth).map(|s| format!("/{s}")).collect();
        match passing.pass(rule, &base)? {
            Some(answer) => return Ok(Rewritten::Answer(Box::new(answer))),
            None if passing.is_done => break,
            None => {}
        }
    }
    passing.leave()
}

impl Passing<'_> {
    /// Passes one rule, which sees what follows `base` in the path.
    fn pass(&mut self, rule: &Rule, base: &str) -> Result<Option<Answer>, Refused> {
        let Some(input) = self.path.strip_prefix(base) else { return Ok(None) };
        let (pattern, is_negated) = &rule.url;
        let found = pattern.find(input.trim_start_matches('/'));
        if found.is_some() == *is_negated {
            return Ok(None);
        }
        let groups = found.unwrap_or_default();
        let Some(captures) = self.conditions(rule, &groups) else { return Ok(None) };
        let scope = Scope {
            site: self.site,
            rewriting: self.rewriting,
            asked: &self.asked,
            path: &self.path,
            query: &self.query,
            rule: &groups,
            conditions: &captures,
        };
        let expanded = |template: &str| expand(template, &scope);
        let variables: Vec<_> = rule
            .variables
            .iter()
            .map(|(name, value, replaces)| (name, expanded(value), *replaces))
            .collect();
        let outcome = match &rule.action {
            Action::None => None,
            Action::Rewrite { url, appends_query } => {
                let url = expanded(url);
                let lower = url.to_ascii_lowercase();
                if ["http://", "https://"].iter().any(|scheme| lower.starts_with(scheme)) {
                    return Err(self.not_simulated(rule, &url));
                }
                let (path, query) = url.split_once('?').unwrap_or((&url, ""));
                let path = absolute(path, base);
                let query = joined(query, &self.query, *appends_query);
                Some((path, query))
            }
            Action::Redirect { url, appends_query, status } => {
                let url = expanded(url);
                let (path, query) = url.split_once('?').unwrap_or((&url, ""));
                let path = absolute(path, base);
                let query = joined(query, &self.query, *appends_query);
                let mark = if query.is_empty() { "" } else { "?" };
                let location = format!("{path}{mark}{query}");
                let location = utf8_percent_encode(&location, ESCAPED).to_string();
                return Ok(Some(redirect::answer(*status, &location)));
            }
            Action::CustomResponse { status, sub_status, reason, description } => {
                let (reason, description) = (expanded(reason), expanded(description));
                if *status < 400 {
                    let mut answer =
                        Answer::text(*status, "text/plain; charset=utf-8", description);
                    crate::runtime::set_reason(&mut answer.response, &reason);
                    return Ok(Some(answer));
                }
                let title =
                    if reason.is_empty() { "A rule of URL Rewrite answers" } else { &reason };
                return Err(Refused::new(*status, *sub_status, title, &self.asked.path.text())
                    .words(&reason)
                    .lead(description)
                    .fact("Rule", rule.name.as_str()));
            }
            Action::Abort => return Ok(Some(aborted())),
        };
        self.set(variables);
        if let Some((path, query)) = outcome {
            (self.path, self.query, self.is_changed) = (path, query, true);
        }
        self.is_done = rule.stops;
        Ok(None)
    }

    /// The groups that conditions leave behind; `None` when they do not hold.
    fn conditions(
        &self,
        rule: &Rule,
        groups: &iis::pattern::Groups,
    ) -> Option<iis::pattern::Groups> {
        let mut captures = iis::pattern::Groups::default();
        let mut holds_any = rule.conditions.is_empty();
        for condition in &rule.conditions {
            let scope = Scope {
                site: self.site,
                rewriting: self.rewriting,
                asked: &self.asked,
                path: &self.path,
                query: &self.query,
                rule: groups,
                conditions: &captures,
            };
            let input = expand(&condition.input, &scope);
            let can_be = || !windows_names::has_impossible(&self.path);
            let found = match &condition.test {
                Test::Matches(pattern) => pattern.find(&input),
                Test::IsFile => {
                    (can_be() && std::path::Path::new(&input).is_file()).then(Default::default)
                }
                Test::IsDirectory => {
                    (can_be() && std::path::Path::new(&input).is_dir()).then(Default::default)
                }
            };
            let holds = found.is_some() != condition.is_negated;
            if !holds && !rule.any_is_enough {
                return None;
            }
            holds_any |= holds;
            if let Some(found) = found.filter(|_| holds) {
                if rule.tracks_all_captures {
                    captures.extend(&found);
                } else {
                    captures = found;
                }
            }
            if holds && rule.any_is_enough {
                break;
            }
        }
        holds_any.then_some(captures)
    }

    /// Sets request headers, which the application sees as `HTTP_…`.
    fn set(&mut self, variables: Vec<(&String, String, bool)>) {
        for (name, value, replaces) in variables {
            let upper = name.to_ascii_uppercase();
            let Some(name) = upper.strip_prefix("HTTP_") else { continue };
            let name = HeaderName::from_bytes(name.replace('_', "-").to_lowercase().as_bytes());
            let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) else { continue };
            if replaces || !self.asked.parts.headers.contains_key(&name) {
                self.asked.parts.headers.insert(name, value);
            }
        }
    }

    /// The request with what the rules made of its URL.
    fn leave(mut self) -> Result<Rewritten, Refused> {
        if !self.is_changed {
            return Ok(Rewritten::Instead(Box::new(self.asked)));
        }
        let no_url = |path: &str| Refused::new(400, 0, "A rule of URL Rewrite made no URL", path);
        let encoded = utf8_percent_encode(&self.path, IN_A_PATH).to_string();
        let path = UrlPath::decode(&encoded).ok_or_else(|| no_url(&self.path))?;
        let query = utf8_percent_encode(&self.query, ESCAPED).to_string();
        let mark = if query.is_empty() { "" } else { "?" };
        let uri: Uri = format!("{encoded}{mark}{query}").parse().map_err(|_| no_url(&self.path))?;
        let original = self.asked.request_uri().to_owned();
        if let Ok(original) = HeaderValue::from_str(&original) {
            self.asked.parts.headers.insert("x-original-url", original);
        }
        self.asked.rewritten_from = Some(original);
        self.asked.parts.uri = uri;
        self.asked.path = path;
        Ok(Rewritten::Instead(Box::new(self.asked)))
    }

    fn not_simulated(&self, rule: &Rule, url: &str) -> Refused {
        Refused::new(
            500,
            0,
            "Rewriting to another server is not simulated",
            &self.asked.path.text(),
        )
        .lead("On IIS it takes Application Request Routing with its proxy switched on.")
        .fact("Rule", rule.name.as_str())
        .fact("URL", url)
    }
}

/// A rule's path without a slash in front lies in the folder that the rule was written for.
fn absolute(path: &str, base: &str) -> String {
    let has_scheme = path.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if path.starts_with('/') || has_scheme { path.to_owned() } else { format!("{base}/{path}") }
}

/// The new query string, with the one that came behind it.
fn joined(new: &str, came: &str, appends: bool) -> String {
    match (new, came) {
        (new, came) if !appends || came.is_empty() => new.to_owned(),
        ("", came) => came.to_owned(),
        (new, came) => format!("{new}&{came}"),
    }
}

/// A response that breaks off before it has begun.
fn aborted() -> Answer {
    let (sender, receiver) = mpsc::channel(1);
    let _ = sender.try_send(Err(Truncated("a rule of URL Rewrite aborts the request".to_owned())));
    Answer::new(Response::new(Body::pieces(receiver)))
}

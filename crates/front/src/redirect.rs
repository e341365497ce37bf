//! Owns the work of IIS's `HttpRedirectionModule`: requests for what has moved.
//!
//! Does not own the redirects of folders without their slash, nor URL Rewrite's.

use iis::http_redirect::HttpRedirect;

use crate::answer::Answer;
use crate::body::Body;
use crate::pattern;
use crate::runtime::{HeaderValue, Response, header};

/// A request as redirects look at it; all as the client sent it.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    /// Whether the path leads to a file or folder below another one.
    pub(crate) segments: usize,
}

/// Where a request goes; `None` when it stays.
pub(crate) fn location(redirect: &HttpRedirect, wanted: &Wanted<'_>) -> Option<String> {
    let suffix = suffix(wanted.path, redirect.depth);
    if redirect.is_for_children_only && wanted.segments > redirect.depth + 1 {
        return None;
    }
    for (wildcard, destination) in &redirect.wildcards {
        if let Some(parts) = pattern::captures(wildcard, wanted.path) {
            return Some(fill(destination, wanted, suffix, &parts));
        }
    }
    let destination = redirect.destination.as_str();
    if destination.is_empty() {
        return None;
    }
    if redirect.is_exact || destination.contains('$') {
        return Some(fill(destination, wanted, suffix, &[]));
    }
    // The rest follows the destination as it would have followed the folder.
    let query = wanted.query.map(|query| format!("?{query}")).unwrap_or_default();
    let rest = suffix.trim_start_matches('/');
    let slash = if rest.is_empty() || destination.ends_with('/') { "" } else { "/" };
    Some(format!("{destination}{slash}{rest}{query}"))
}

/// What follows the first segments of a path, with its slash.
fn suffix(path: &str, depth: usize) -> &str {
    let mut rest = path;
    for _ in 0..depth {
        let inner = rest.trim_start_matches('/');
        rest = inner.find('/').map_or("", |at| &inner[at..]);
    }
    rest
}

/// Replaces `$S` (what follows the folder), `$Q` and `$P` (the query with and without its question
/// mark), `$V` (the path), and `$0` to `$9` (what the wildcards stood for).
fn fill(destination: &str, wanted: &Wanted<'_>, suffix: &str, parts: &[&str]) -> String {
    let query = wanted.query.unwrap_or_default();
    let mut filled = String::with_capacity(destination.len());
    let mut characters = destination.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied().filter(|_| character == '$');
        match next {
            Some('S' | 's') => filled.push_str(suffix),
            Some('Q' | 'q') if query.is_empty() => {}
            Some('Q' | 'q') => filled.extend(["?", query]),
            Some('P' | 'p') => filled.push_str(query),
            Some('V' | 'v') => filled.push_str(wanted.path),
            Some(digit @ '0'..='9') => {
                let part = parts.get(digit as usize - '0' as usize);
                filled.push_str(part.copied().unwrap_or_default());
            }
            _ => {
                filled.push(character);
                continue;
            }
        }
        characters.next();
    }
    filled
}

/// An answer that sends the client elsewhere.
pub(crate) fn answer(status: u16, location: &str) -> Answer {
    let escaped = location.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let body = format!(
        "<!doctype html>\n<title>Document Moved</title>\n<h1>Object Moved</h1>\n\
         <p>This document may be found <a href=\"{escaped}\">here</a></p>\n"
    );
    let answer = Answer::status(status);
    let (mut parts, _) = answer.response.into_parts();
    if let Ok(location) = HeaderValue::from_str(location) {
        parts.headers.insert(header::LOCATION, location);
    }
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    parts.headers.insert(header::CONTENT_TYPE, html);
    Answer::new(Response::from_parts(parts, Body::whole(body)))
}

#[cfg(test)]
mod tests {
    use iis::http_redirect::HttpRedirect;

    use super::{Wanted, location};

    fn redirect(destination: &str, depth: usize) -> HttpRedirect {
        HttpRedirect {
            destination: destination.to_owned(),
            wildcards: Vec::new(),
            is_exact: false,
            is_for_children_only: false,
            status: 302,
            depth,
        }
    }

    fn goes(redirect: &HttpRedirect, path: &str, query: Option<&str>) -> Option<String> {
        let segments = path.split('/').filter(|segment| !segment.is_empty()).count();
        location(redirect, &Wanted { path, query, segments })
    }

    #[test]
    fn the_rest_follows() {
        for (destination, depth, path, query, expected) in [
            ("http://new", 0, "/", None, "http://new"),
            ("http://new", 0, "/a/b", Some("x=1"), "http://new/a/b?x=1"),
            ("http://new/", 0, "/a%20b", None, "http://new/a%20b"),
            ("/new", 1, "/old/a", None, "/new/a"),
            ("/new", 1, "/old", Some("x"), "/new?x"),
            ("/new", 2, "/old/a/b/c/", None, "/new/b/c/"),
            ("http://new$S$Q", 1, "/old/a", Some("x=1"), "http://new/a?x=1"),
            ("http://new/?was=$V&$P", 0, "/old", Some("x"), "http://new/?was=/old&x"),
            ("/price$", 0, "/a", None, "/price$"),
        ] {
            let found = goes(&redirect(destination, depth), path, query);
            assert_eq!(found.as_deref(), Some(expected), "{destination} {path}");
        }
        let exact = HttpRedirect { is_exact: true, ..redirect("http://new/x", 0) };
        assert_eq!(goes(&exact, "/a/b", Some("q")).as_deref(), Some("http://new/x"));
        assert_eq!(goes(&redirect("", 0), "/a", None), None);
    }

    #[test]
    fn children_alone_and_wildcards() {
        let children = HttpRedirect { is_for_children_only: true, ..redirect("/new", 1) };
        assert_eq!(goes(&children, "/old/a.htm", None).as_deref(), Some("/new/a.htm"));
        assert_eq!(goes(&children, "/old/deep/a.htm", None), None);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let wildcards = vec![pair("*.php", "/default.htm"), pair("/docs/*/v*", "/new/$1/$0$Q")];
        let wild = HttpRedirect { wildcards, ..redirect("", 0) };
        assert_eq!(goes(&wild, "/a/B.PHP", None).as_deref(), Some("/default.htm"));
        assert_eq!(goes(&wild, "/docs/x/v3", Some("q")).as_deref(), Some("/new/3/x?q"));
        assert_eq!(goes(&wild, "/other", None), None);
    }
}

//! Owns the path rules: from what IIS, nginx, Apache and lighttpd send to WSGI's `SCRIPT_NAME` and
//! `PATH_INFO`, and the URL scheme.
//!
//! Does not own configuration: the mount, when the user named one, is given.

use crate::names::Special;
use percent_encoding::percent_decode;
use std::borrow::Cow;

/// The values of the deciding params of one request; `None` for those that were not sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpecialValues<'a>([Option<&'a [u8]>; Special::COUNT]);

impl<'a> SpecialValues<'a> {
    /// Remembers a value; the last one sent counts.
    pub const fn set(&mut self, special: Special, value: &'a [u8]) {
        self.0[special.index()] = Some(value);
    }

    /// The value, if the param was sent.
    pub const fn get(&self, special: Special) -> Option<&'a [u8]> {
        self.0[special.index()]
    }

    /// The value, empty if it was not sent.
    pub fn or_empty(&self, special: Special) -> &'a [u8] {
        self.get(special).unwrap_or_default()
    }
}

/// What the site's configuration says of paths.
#[derive(Clone, Debug, Default)]
pub struct PathRules {
    /// The mount, when the user named one (wfastcgi's `SCRIPT_NAME` setting): no trailing slash.
    pub script_name: Option<String>,
    /// Whether a client's own `X-Original-URL` header is believed. URL Rewrite's is, always.
    pub trust_original_url: bool,
}

/// WSGI's two paths, decoded bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths<'a> {
    /// `SCRIPT_NAME`: empty, or begins with a slash and ends without one.
    pub script_name: Cow<'a, [u8]>,
    /// `PATH_INFO`: empty, or begins with a slash.
    pub path_info: Cow<'a, [u8]>,
}

/// Splits a path at the mount, ignoring case but keeping the client's spelling.
fn strip_mount<'p>(path: &'p [u8], mount: &[u8]) -> Option<(&'p [u8], &'p [u8])> {
    let (head, rest) = path.split_at_checked(mount.len())?;
    let ends = rest.is_empty() || rest.starts_with(b"/");
    (ends && head.eq_ignore_ascii_case(mount)).then_some((head, rest))
}

/// As [`strip_mount`], for borrowed and made paths alike; a path outside the mount stays whole.
fn split<'a>(path: Cow<'a, [u8]>, mount: &[u8]) -> Paths<'a> {
    let cut = strip_mount(&path, mount).map_or(0, |(head, _)| head.len());
    match path {
        Cow::Borrowed(path) => {
            Paths { script_name: path[..cut].into(), path_info: path[cut..].into() }
        }
        Cow::Owned(mut head) => {
            let rest = head.split_off(cut);
            Paths { script_name: head.into(), path_info: rest.into() }
        }
    }
}

/// The path of a URL as sent (`/a%20b?q`, `http://host/a?q`), decoded; `None` if it has none.
fn decoded_path(url: &[u8]) -> Option<Cow<'_, [u8]>> {
    let path = url.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let path = match path.windows(3).position(|window| window == b"://") {
        // The absolute form, which proxies send.
        Some(scheme) if !path.starts_with(b"/") => {
            let host = &path[scheme + 3..];
            host.iter().position(|byte| *byte == b'/').map_or(&b"/"[..], |slash| &host[slash..])
        }
        _ => path,
    };
    path.starts_with(b"/").then(|| percent_decode(path).into())
}

/// The mount of an IIS site application, from `/LM/W3SVC/1/ROOT/app1`: what follows `/ROOT`.
fn mount_of_metabase_path(path: &[u8]) -> &[u8] {
    const ROOT: &[u8] = b"/ROOT";
    let at = path.windows(ROOT.len()).position(|window| window.eq_ignore_ascii_case(ROOT));
    let rest = at.map_or(&b""[..], |at| &path[at + ROOT.len()..]);
    rest.strip_suffix(b"/").unwrap_or(rest)
}

/// Where the mount ends in the `SCRIPT_NAME` of Apache's mod_proxy_fcgi, which leaves `PATH_INFO` out
/// and tells the path behind the mount in `SCRIPT_FILENAME` only, undecoded:
/// `ProxyPass /app/ fcgi://host:9000/` gives `/app/x` and `proxy:fcgi://host:9000/x`.
fn proxy_fcgi_mount(script_filename: &[u8], script_name: &[u8]) -> Option<usize> {
    let url = script_filename.strip_prefix(b"proxy:")?;
    let rest = decoded_path(url)?;
    let split = script_name.len().checked_sub(rest.len())?;
    script_name.ends_with(&rest).then_some(split)
}

impl PathRules {
    /// Derives both paths.
    ///
    /// From IIS, `SCRIPT_NAME` and `PATH_INFO` both hold the full decoded path, maybe mangled by
    /// the ANSI code page; so the raw URL is preferred where its bytes are UTF-8: URL Rewrite's
    /// `X-Original-URL`, then `REQUEST_URI`, then `PATH_INFO`. The mount is the user's, or what
    /// `APPL_MD_PATH` ends with.
    ///
    /// From other servers both are taken as sent, but for those that put the whole path into
    /// `SCRIPT_NAME` and nothing into `PATH_INFO` (nginx's and lighttpd's plain set-ups).
    pub fn paths<'a>(&self, values: &SpecialValues<'a>) -> Paths<'a> {
        let is_iis = values.get(Special::ApplMdPath).is_some()
            || values.or_empty(Special::ServerSoftware).starts_with(b"Microsoft-IIS");
        if is_iis { self.iis_paths(values) } else { self.cgi_paths(values) }
    }

    fn iis_paths<'a>(&self, values: &SpecialValues<'a>) -> Paths<'a> {
        let rewritten = values.get(Special::WasUrlRewritten).is_some_and(|value| !value.is_empty());
        let original = (rewritten || self.trust_original_url)
            .then(|| values.get(Special::OriginalUrl))
            .flatten();
        let utf8 = |path: &Cow<'_, [u8]>| std::str::from_utf8(path).is_ok();
        let path = [original, values.get(Special::RequestUri)]
            .into_iter()
            .flatten()
            .find_map(|url| decoded_path(url).filter(utf8))
            .unwrap_or_else(|| {
                let path = values.or_empty(Special::PathInfo);
                path.split(|byte| *byte == b'?').next().unwrap_or_default().into()
            });
        let mount = match &self.script_name {
            Some(mount) => mount.as_bytes(),
            None => mount_of_metabase_path(values.or_empty(Special::ApplMdPath)),
        };
        split(path, mount)
    }

    fn cgi_paths<'a>(&self, values: &SpecialValues<'a>) -> Paths<'a> {
        let script_name = values.or_empty(Special::ScriptName);
        let path_info = values.or_empty(Special::PathInfo);
        if let Some(mount) = &self.script_name {
            let whole = match (script_name, path_info) {
                (script_name, b"" | b"/")
                    if strip_mount(script_name, mount.as_bytes()).is_some() =>
                {
                    Cow::Borrowed(script_name)
                }
                (b"", path_info) => Cow::Borrowed(path_info),
                // The server split it, maybe elsewhere: joined, our own split decides.
                (script_name, path_info) => Cow::Owned([script_name, path_info].concat()),
            };
            return split(whole, mount.as_bytes());
        }
        let software = values.or_empty(Special::ServerSoftware);
        let puts_all_into_script_name =
            software.starts_with(b"nginx") || software.starts_with(b"lighttpd");
        if path_info.is_empty() && (puts_all_into_script_name || script_name == b"/") {
            return Paths { script_name: (&b""[..]).into(), path_info: script_name.into() };
        }
        let proxied = proxy_fcgi_mount(values.or_empty(Special::ScriptFilename), script_name);
        if let (Some(split), true) = (proxied, path_info.is_empty()) {
            let (mount, rest) = script_name.split_at(split);
            return Paths { script_name: mount.into(), path_info: rest.into() };
        }
        let script_name = script_name.strip_suffix(b"/").unwrap_or(script_name);
        Paths { script_name: script_name.into(), path_info: path_info.into() }
    }
}

/// Whether the client came by HTTPS, by whichever param the server says it.
pub fn is_https(values: &SpecialValues<'_>) -> bool {
    let https = values.or_empty(Special::Https);
    https.eq_ignore_ascii_case(b"on")
        || https == b"1"
        || values.or_empty(Special::ServerPortSecure) == b"1"
        || values.or_empty(Special::RequestScheme).eq_ignore_ascii_case(b"https")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rules: &PathRules, params: &[(Special, &str)], expected: (&str, &str)) {
        let mut values = SpecialValues::default();
        for (special, value) in params {
            values.set(*special, value.as_bytes());
        }
        let paths = rules.paths(&values);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let got = (text(&paths.script_name), text(&paths.path_info));
        assert_eq!((&*got.0, &*got.1), expected, "{params:?}");
    }

    use Special::{
        ApplMdPath, OriginalUrl, PathInfo, RequestUri, ScriptName, ServerSoftware, WasUrlRewritten,
    };
    const ROOT: (Special, &str) = (ApplMdPath, "/LM/W3SVC/1/ROOT");
    const APP: (Special, &str) = (ApplMdPath, "/LM/W3SVC/1/ROOT/App1");

    #[test]
    fn iis_sends_the_full_path_twice() {
        let rules = PathRules::default();
        let full = [(ScriptName, "/fob/oar/baz"), (PathInfo, "/fob/oar/baz")];
        check(&rules, &[&full[..], &[ROOT]].concat(), ("", "/fob/oar/baz"));
        let full = [(ScriptName, "/app1/x"), (PathInfo, "/app1/x")];
        check(&rules, &[&full[..], &[APP]].concat(), ("/app1", "/x"));
        let near = [(ScriptName, "/app10/x"), (PathInfo, "/app10/x")];
        check(&rules, &[&near[..], &[APP]].concat(), ("", "/app10/x"));
        check(&rules, &[(PathInfo, "/app1"), APP], ("/app1", ""));
        let nested = (ApplMdPath, "/LM/W3SVC/2/ROOT/a/b");
        check(&rules, &[(PathInfo, "/a/b/c"), nested], ("/a/b", "/c"));
    }

    #[test]
    fn iis_code_pages_are_passed_by() {
        let rules = PathRules::default();
        let lossy = [ROOT, (PathInfo, "/caf?"), (RequestUri, "/caf%C3%A9?x=1")];
        check(&rules, &lossy, ("", "/café"));
        let not_utf8 = [ROOT, (PathInfo, "/cafe"), (RequestUri, "/caf%E9")];
        check(&rules, &not_utf8, ("", "/cafe"));
        check(&rules, &[ROOT, (RequestUri, "http://host/a%2Fb?x")], ("", "/a/b"));
        check(&rules, &[ROOT, (RequestUri, "*"), (PathInfo, "/x?y")], ("", "/x"));
    }

    #[test]
    fn the_original_url_counts_when_url_rewrite_set_it() {
        let forged = [ROOT, (RequestUri, "/real"), (OriginalUrl, "/forged")];
        check(&PathRules::default(), &forged, ("", "/real"));
        let rewritten = [&forged[..], &[(WasUrlRewritten, "1")]].concat();
        check(&PathRules::default(), &rewritten, ("", "/forged"));
        let trusting = PathRules { trust_original_url: true, ..PathRules::default() };
        check(&trusting, &forged, ("", "/forged"));
    }

    #[test]
    fn a_named_mount_counts_everywhere() {
        let rules = PathRules { script_name: Some("/mnt".into()), ..PathRules::default() };
        check(&rules, &[ROOT, (PathInfo, "/Mnt/x")], ("/Mnt", "/x"));
        check(&rules, &[ROOT, (PathInfo, "/other")], ("", "/other"));
        check(&rules, &[(ScriptName, "/mnt/x")], ("/mnt", "/x"));
        check(&rules, &[(ScriptName, "/mnt"), (PathInfo, "/x")], ("/mnt", "/x"));
        check(&rules, &[(ScriptName, ""), (PathInfo, "/mnt/x")], ("/mnt", "/x"));
        check(&rules, &[(ScriptName, "/mnt"), (PathInfo, "")], ("/mnt", ""));
    }

    #[test]
    fn other_servers_ways() {
        let rules = PathRules::default();
        let nginx = (ServerSoftware, "nginx/1.22.1");
        check(&rules, &[nginx, (ScriptName, "/a/b")], ("", "/a/b"));
        check(&rules, &[nginx, (ScriptName, "/app"), (PathInfo, "/b")], ("/app", "/b"));
        let apache = (ServerSoftware, "Apache/2.4.71 (Debian)");
        check(&rules, &[apache, (ScriptName, "/app")], ("/app", ""));
        check(&rules, &[apache, (ScriptName, "/app"), (PathInfo, "/x")], ("/app", "/x"));
        check(&rules, &[(ScriptName, "/"), (PathInfo, "")], ("", "/"));
        let proxied = |script_name, script_filename, expected| {
            let filename = (Special::ScriptFilename, script_filename);
            check(&rules, &[apache, (ScriptName, script_name), filename], expected);
        };
        proxied("/hello", "proxy:fcgi://127.0.0.1:9000/hello", ("", "/hello"));
        proxied("/app/é x", "proxy:fcgi://localhost/%C3%A9%20x", ("/app", "/é x"));
        proxied("/app/", "proxy:fcgi://localhost:9000/", ("/app", "/"));
        proxied("/app", "proxy:fcgi://localhost:9000/", ("/app", ""));
        proxied("/app/x", "/srv/cgi/app", ("/app/x", ""));
        check(&rules, &[(ScriptName, "/app/"), (PathInfo, "/x")], ("/app", "/x"));
    }

    #[test]
    fn https_is_told_in_four_ways() {
        for (special, value, expected) in [
            (Special::Https, "on", true),
            (Special::Https, "ON", true),
            (Special::Https, "1", true),
            (Special::Https, "off", false),
            (Special::Https, "", false),
            (Special::ServerPortSecure, "1", true),
            (Special::ServerPortSecure, "0", false),
            (Special::RequestScheme, "https", true),
            (Special::RequestScheme, "http", false),
        ] {
            let mut values = SpecialValues::default();
            values.set(special, value.as_bytes());
            assert_eq!(is_https(&values), expected, "{special:?}={value}");
        }
    }
}

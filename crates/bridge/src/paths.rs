//! Owns the path rules: from what IIS, nginx, Apache and lighttpd send to WSGI's `SCRIPT_NAME` and
//! `PATH_INFO`, and the URL scheme.
//!
//! Does not own configuration: the mount, when the user named one, is given. Which of IIS's params
//! has the path whole, `iis_path` knows.

use crate::ansi::Ansi;
use crate::iis_path;
use crate::names::Special;
use percent_encoding::percent_decode;
use std::borrow::Cow;

/// The values of the deciding params of one request; `None` for those that were not sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpecialValues<'a>([Option<&'a [u8]>; Special::COUNT]);

impl<'a> SpecialValues<'a> {
    /// Remembers a value; the last one sent counts. Gives the one before.
    pub const fn set(&mut self, special: Special, value: &'a [u8]) -> Option<&'a [u8]> {
        self.0[special.index()].replace(value)
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
    /// How names and paths are read that IIS sends in its system's ANSI code page.
    pub ansi: Ansi,
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
    let (head, rest) = path.split_at_checked(mount_length(path, mount)?)?;
    (rest.is_empty() || rest.starts_with(b"/")).then_some((head, rest))
}

/// How many bytes of the path the mount takes, when the path begins with it.
fn mount_length(path: &[u8], mount: &[u8]) -> Option<usize> {
    let has_lost = mount.contains(&b'?');
    if mount.is_ascii() && !has_lost {
        let is_mount = path.get(..mount.len())?.eq_ignore_ascii_case(mount);
        return is_mount.then_some(mount.len());
    }
    // Upper and lower case of a character may differ in length. No mount of IIS's has a `?` of its
    // own: it stands for a character that the system's code page lacks.
    let (path, mount) = (std::str::from_utf8(path).ok()?, std::str::from_utf8(mount).ok()?);
    let mut rest = path.chars();
    mount
        .chars()
        .all(|wanted| {
            rest.next().is_some_and(|c| {
                wanted == '?' && !c.is_ascii() || c.to_lowercase().eq(wanted.to_lowercase())
            })
        })
        .then(|| path.len() - rest.as_str().len())
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
pub(crate) fn decoded_path(url: &[u8]) -> Option<Cow<'_, [u8]>> {
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
    /// From IIS, `SCRIPT_NAME` and `PATH_INFO` both hold the full path; where the mount ends is told
    /// by the user or by what `APPL_MD_PATH` ends with.
    ///
    /// From other servers both are taken as sent, but for those that put the whole path into
    /// `SCRIPT_NAME` and nothing into `PATH_INFO` (nginx's and lighttpd's plain set-ups).
    pub fn paths<'a>(&self, values: &SpecialValues<'a>) -> Paths<'a> {
        if is_iis(values) { self.iis_paths(values) } else { self.cgi_paths(values) }
    }

    fn iis_paths<'a>(&self, values: &SpecialValues<'a>) -> Paths<'a> {
        let path = iis_path::path(values, self.trust_original_url, &self.ansi);
        if let Some(mount) = &self.script_name {
            return split(path, mount.as_bytes());
        }
        let metabase_path = self.ansi.repaired(values.or_empty(Special::ApplMdPath));
        split(path, mount_of_metabase_path(&metabase_path))
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

/// Whether IIS sent the request, or something that takes its part.
pub fn is_iis(values: &SpecialValues<'_>) -> bool {
    values.get(Special::ApplMdPath).is_some()
        || values.or_empty(Special::ServerSoftware).starts_with(b"Microsoft-IIS")
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
#[path = "paths_tests.rs"]
mod tests;

//! Owns finding the whole decoded path that a client asked IIS for, among params of which some have
//! lost characters on the way.
//!
//! Does not own where the mount ends in it (`paths`) nor reading a code page (`ansi`).

use crate::ansi::Ansi;
use crate::names::Special;
use crate::paths::{SpecialValues, decoded_path};
use std::borrow::Cow;

/// Finds the path. `SCRIPT_NAME` and `PATH_INFO` both hold all of it, decoded, and maybe in an ANSI
/// code page that lacks some of its characters. A URL holds them all. So these are asked, in order:
///
/// 1. the URLs that are whole and UTF-8: URL Rewrite's `X-Original-URL`, `REQUEST_URI`,
///    `UNENCODED_URL`;
/// 2. `PATH_INFO`, read in the code page if need be, when it has no `?`;
/// 3. the whole URLs, read in the code page: a client may have encoded `é` as `%E9`;
/// 4. `PATH_INFO` as it is. Its `?` are kept, for a page that is not found is better than another.
pub(crate) fn path<'a>(
    values: &SpecialValues<'a>,
    trust_original_url: bool,
    ansi: &Ansi,
) -> Cow<'a, [u8]> {
    let is_rewritten = values.get(Special::WasUrlRewritten).is_some_and(|value| !value.is_empty());
    let original =
        (is_rewritten || trust_original_url).then(|| values.get(Special::OriginalUrl)).flatten();
    let urls = [original, values.get(Special::RequestUri), values.get(Special::UnencodedUrl)];
    let whole = || {
        let urls = urls.iter().copied().flatten();
        urls.filter(|url| !is_decoded(url, values)).filter_map(decoded_path)
    };
    let is_utf8 = |path: &Cow<'_, [u8]>| std::str::from_utf8(path).is_ok();
    let path_info = without_query(values);
    let has_lost = path_info.contains(&b'?');
    whole()
        .find(is_utf8)
        .or_else(|| if has_lost { None } else { ansi.read(path_info.into()) })
        .or_else(|| whole().find_map(|path| ansi.read(path)))
        .unwrap_or_else(|| ansi.repaired(path_info))
}

/// Whether a URL is no URL but the decoded path: `PATH_INFO` begins it with `?` and all. Then these
/// `?` stand for lost characters, and the first of them begins no query.
fn is_decoded(url: &[u8], values: &SpecialValues<'_>) -> bool {
    let path = without_query(values);
    path.contains(&b'?') && url.starts_with(path)
}

/// `PATH_INFO`, without the query that some rewriting modules leave in it.
fn without_query<'a>(values: &SpecialValues<'a>) -> &'a [u8] {
    let path = values.or_empty(Special::PathInfo);
    let query = values.or_empty(Special::QueryString);
    let is_query = |cut: &&[u8]| !query.is_empty() && cut.ends_with(b"?");
    path.strip_suffix(query).filter(is_query).map_or(path, |cut| &cut[..cut.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use Special::{OriginalUrl, PathInfo, QueryString, RequestUri, UnencodedUrl, WasUrlRewritten};

    type Params<'a> = &'a [(Special, &'a [u8])];

    fn found(ansi: &Ansi, params: Params<'_>) -> Vec<u8> {
        let mut values = SpecialValues::default();
        for (special, value) in params {
            values.set(*special, value);
        }
        path(&values, false, ansi).into_owned()
    }

    #[test]
    fn where_a_path_is_whole() {
        let latin1 = Ansi::new(|bytes| Some(bytes.iter().map(|b| char::from(*b)).collect()));
        let cases: &[(Params<'_>, &str)] = &[
            // The URL is encoded: the code page does not matter.
            (&[(PathInfo, b"/caf?"), (RequestUri, b"/caf%C3%A9?x=1")], "/café"),
            (&[(PathInfo, b"/caf\xE9"), (RequestUri, b"/caf%C3%A9")], "/café"),
            (&[(PathInfo, b"/??"), (RequestUri, "/日本?x=1".as_bytes())], "/日本"),
            // The client encoded in its own code page.
            (&[(PathInfo, b"/caf\xE9"), (RequestUri, b"/caf%E9")], "/café"),
            (&[(PathInfo, b"/caf?"), (RequestUri, b"/caf%E9")], "/café"),
            // The URL is decoded like the path.
            (&[(PathInfo, b"/caf\xE9"), (RequestUri, b"/caf\xE9?x=1")], "/café"),
            (&[(PathInfo, b"/caf\xE9 \xF8"), (RequestUri, b"/caf\xE9 \xF8")], "/café ø"),
            // … and both have lost characters: no other page is meant than the one asked for.
            (&[(PathInfo, b"/??"), (RequestUri, b"/??")], "/??"),
            (&[(PathInfo, b"/??"), (RequestUri, b"/???x=1"), (QueryString, b"x=1")], "/??"),
            (&[(PathInfo, b"/\xE9/?"), (RequestUri, b"/\xE9/?")], "/é/?"),
            // … but a third one has not.
            (&[(PathInfo, b"/??"), (RequestUri, b"/??"), (UnencodedUrl, b"/%E6%97%A5?x")], "/日"),
            (
                &[
                    (PathInfo, b"/real.py"),
                    (WasUrlRewritten, b"1"),
                    (OriginalUrl, b"/%C3%A9?q"),
                    (RequestUri, b"/real.py?q"),
                    (UnencodedUrl, b"/%C3%A8?q"),
                ],
                "/é",
            ),
            // A `?` that the client encoded.
            (&[(PathInfo, b"/a?b"), (RequestUri, b"/a%3Fb?c")], "/a?b"),
            (&[(PathInfo, b"/a?b"), (RequestUri, b"/a?b?c"), (QueryString, b"c")], "/a?b"),
            // PATH_INFO alone.
            (&[(PathInfo, b"/caf\xE9")], "/café"),
            (&[(PathInfo, "/café".as_bytes())], "/café"),
            (&[(PathInfo, b"/x?y"), (QueryString, b"y"), (RequestUri, b"*")], "/x"),
            (&[(PathInfo, b"/x?y"), (QueryString, b""), (RequestUri, b"*")], "/x?y"),
            (&[(PathInfo, b"/x"), (RequestUri, b"")], "/x"),
            (&[], ""),
        ];
        for (params, expected) in cases {
            let path = found(&latin1, params);
            assert_eq!(String::from_utf8_lossy(&path), *expected, "{params:?}");
        }
    }

    #[test]
    fn without_a_code_page_bytes_stay_as_they_are() {
        let ansi = Ansi::default();
        let alone: Params<'_> = &[(PathInfo, b"/caf\xE9")];
        assert_eq!(found(&ansi, alone), b"/caf\xE9");
        let encoded: Params<'_> = &[(PathInfo, b"/caf\xE9"), (RequestUri, b"/caf%E9")];
        assert_eq!(found(&ansi, encoded), b"/caf\xE9");
    }
}

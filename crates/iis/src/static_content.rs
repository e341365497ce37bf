//! Owns `<staticContent>`: which file name extensions IIS serves, as what, and how long clients may
//! keep them.
//!
//! Does not serve files.

use std::collections::HashMap;

use crate::attributes::{CLIENT_CACHE, MIME_MAP};
use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::read::Reader;

/// The effective MIME map. What is not in it is not served (404.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MimeMap {
    /// Extension in lower case, with its dot, to content type.
    types: HashMap<String, String>,
}

impl MimeMap {
    /// The content type of a file name. `.` stands for names without an extension, `.*` for all.
    pub fn get(&self, file_name: &str) -> Option<&str> {
        let extension = file_name.rfind('.').map_or(".", |at| &file_name[at..]);
        let known = self.types.get(&extension.to_lowercase()).or_else(|| self.types.get(".*"));
        known.map(String::as_str)
    }
}

/// Reads and merges `<staticContent>` elements, outermost first.
///
/// # Errors
/// On missing attributes and duplicate extensions.
pub fn read(levels: &[&Element]) -> Result<MimeMap, Error> {
    let pair = |element| {
        let reader = Reader::new(element, MIME_MAP);
        Ok((reader.text("fileExtension")?.to_lowercase(), reader.text("mimeType")?))
    };
    let types = collections::of_items(MIME_MAP)
        .merge(levels)?
        .into_iter()
        .map(pair)
        .collect::<Result<_, _>>()?;
    Ok(MimeMap { types })
}

/// How long clients may keep files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheControl {
    /// Nothing is said.
    NoControl,
    /// Not without asking again.
    DisableCache,
    /// So many seconds.
    MaxAge(u64),
    /// Until [`ClientCache::expires`].
    Expires,
}

/// The effective `<clientCache>` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCache {
    /// How long files may be kept.
    pub control: CacheControl,
    /// A date as HTTP writes it; empty for none.
    pub expires: String,
    /// Words in front of what `control` says; empty for none.
    pub custom: String,
    /// Whether files have an ETag.
    pub sets_etag: bool,
}

/// Reads and merges the `<clientCache>`s of `<staticContent>` elements, outermost first.
///
/// # Errors
/// On attributes of another type.
pub fn read_client_cache(levels: &[&Element]) -> Result<ClientCache, Error> {
    let levels: Vec<_> = levels.iter().filter_map(|level| level.child("clientCache")).collect();
    let reader = |name| Reader::innermost(&levels, CLIENT_CACHE, name);
    let max_age = reader("cacheControlMaxAge").seconds("cacheControlMaxAge")?;
    use CacheControl::{DisableCache, Expires, MaxAge, NoControl};
    let mode = reader("cacheControlMode").choice("cacheControlMode")?;
    Ok(ClientCache {
        control: [NoControl, DisableCache, MaxAge(max_age), Expires][mode],
        expires: reader("httpExpires").text("httpExpires")?,
        custom: reader("cacheControlCustom").text("cacheControlCustom")?,
        sets_etag: reader("setEtag").flag("setEtag")?,
    })
}

#[cfg(test)]
mod tests {
    use super::{CacheControl, read_client_cache};
    use crate::document;
    use crate::place::Source;

    #[test]
    fn client_caches() {
        let level = |xml: &str| {
            let xml = format!("<staticContent><clientCache {xml}/></staticContent>");
            document::parse(Source::new("web.config", xml)).unwrap()
        };
        let usual = read_client_cache(&[]).unwrap();
        assert_eq!((usual.control, usual.sets_etag), (CacheControl::NoControl, true));
        let outer = level("cacheControlMode='UseMaxAge' cacheControlMaxAge='7.00:00:00'");
        let inner = level("cacheControlMaxAge='00:01:00' setEtag='false'");
        let cache = read_client_cache(&[&outer, &inner]).unwrap();
        assert_eq!((cache.control, cache.sets_etag), (CacheControl::MaxAge(60), false));
        let wrong = level("cacheControlMaxAge='60'");
        let message = read_client_cache(&[&wrong]).unwrap_err().to_string();
        assert!(message.contains("cacheControlMaxAge must be a span of time"), "{message}");
    }
}

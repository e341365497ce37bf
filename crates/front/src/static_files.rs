//! Owns the work of IIS's `StaticFileModule`: files as they are, with conditions and ranges.
//!
//! Does not own what answers for folders. Never leaves the folder, not through `..` (the URL has none
//! left) and not through symbolic links; never serves source code and settings, whatever the MIME
//! map says.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use iis::handlers::HandlerMapping;
use iis::static_content::{CacheControl, ClientCache};

use crate::answer::{Answer, Refused};
use crate::body::{Body, PIECES_MAX, Truncated};
use crate::conditional::{Validators, Verdict, etag};
use crate::folders::Folder;
use crate::range::{self, Range};
use crate::respond::Asked;
use crate::runtime::{
    AsyncReadExt, AsyncSeekExt, File, HeaderMap, HeaderValue, Response, StatusCode, header, mpsc,
    spawn,
};
use crate::{directory, windows_names};

/// Bytes read from a file at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Never served: what runs, and what configures it. IIS knows no type for them either (404.3), but
/// a `<mimeMap>` for one of them is a slip that must not publish a password.
const NEVER_SERVED: [&str; 12] =
    ["py", "pyc", "pyo", "pyw", "pyd", "ini", "toml", "cfg", "env", "sqlite3", "config", "fs"];

/// A file or folder that a URL stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The folder that it must lie in; canonical.
    pub(crate) root: &'a Path,
    pub(crate) file: &'a Path,
    /// Its path below that folder.
    pub(crate) rest: &'a str,
    pub(crate) url_path: &'a str,
}

/// What a request for something on disk comes to.
#[derive(Debug)]
pub(crate) enum Served {
    Answer(Box<Answer>),
    /// The same request for another URL path.
    Instead(String),
}

/// Whether a file is source code or settings by its name.
pub(crate) fn is_source(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
    extension.is_some_and(|extension| NEVER_SERVED.contains(&extension.as_str()))
}

/// Answers for a file or a folder.
pub(crate) async fn answer(
    asked: &Asked,
    wanted: Wanted<'_>,
    mapping: &HandlerMapping,
    folder: &Folder,
) -> Result<Served, Refused> {
    let path = wanted.url_path;
    let parts = &asked.parts;
    if windows_names::has_impossible(wanted.rest) {
        return Err(Refused::new(404, 0, "The resource does not exist", path)
            .lead("Windows has no files of such a name."));
    }
    let real = resolve(wanted)?;
    if real.is_dir() {
        return directory::answer(asked, path, &real, mapping, folder);
    }
    if !matches!(parts.method.as_str(), "GET" | "HEAD") {
        return Err(Refused::new(405, 0, "Static files take GET and HEAD", path));
    }
    let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if is_source(&name) {
        return Err(Refused::new(404, 7, "The file extension is denied", path));
    }
    let Some(content_type) = folder.mime_map.get(&name) else {
        return Err(Refused::new(404, 3, "The MIME map has no type for the file extension", path)
            .hint(
                "Add <staticContent><mimeMap fileExtension=\"…\" mimeType=\"…\" /> to web.config",
            ));
    };
    let gone = |error| unreadable(&error, path);
    let file = File::open(&real).await.map_err(gone)?;
    let metadata = file.metadata().await.map_err(gone)?;
    let modified = metadata.modified().ok();
    let etag = modified.filter(|_| folder.client_cache.sets_etag).and_then(etag);
    let validators = Validators { etag, modified };
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    cache_headers(headers, &folder.client_cache);
    if let Some(modified) = modified.and_then(|time| header_value(&httpdate::fmt_http_date(time))) {
        headers.insert(header::LAST_MODIFIED, modified);
    }
    if let Some(etag) = validators.etag.as_deref().and_then(header_value) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    match validators.weigh(&parts.headers) {
        Verdict::Proceed => {}
        Verdict::NotModified => {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(Served::Answer(Box::new(Answer::new(response))));
        }
        Verdict::Failed => {
            return Err(Refused::new(
                412,
                0,
                "The file is not the one that the request means",
                path,
            ));
        }
    }
    if let Some(content_type) = header_value(content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    let asked_range = parts.headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let asked_range = asked_range.filter(|_| validators.allow_range(&parts.headers));
    let range = asked_range.map_or(Range::Whole, |asked| range::parse(asked, metadata.len()));
    let (start, length) = match range {
        Range::Whole => (0, metadata.len()),
        Range::Part { start, length } => {
            let told = format!("bytes {start}-{}/{}", start + length - 1, metadata.len());
            headers.extend(header_value(&told).map(|told| (header::CONTENT_RANGE, told)));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            (start, length)
        }
        Range::Unsatisfiable => {
            let told = header_value(&format!("bytes */{}", metadata.len()));
            headers.extend(told.map(|told| (header::CONTENT_RANGE, told)));
            headers.remove(header::CONTENT_TYPE);
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(Served::Answer(Box::new(Answer::new(response))));
        }
    };
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if parts.method == "GET" && length > 0 {
        let (sender, receiver) = mpsc::channel(PIECES_MAX);
        *response.body_mut() = Body::pieces(receiver);
        spawn(async move {
            if let Err(error) = send(file, start, length, &sender).await {
                log::error!("{} is cut off: {error}", real.display());
                let _ = sender.send(Err(Truncated(format!("{}: {error}", real.display())))).await;
            }
        });
    }
    Ok(Served::Answer(Box::new(Answer::new(response))))
}

/// What `<clientCache>` says about how long a client may keep files.
fn cache_headers(headers: &mut HeaderMap, cache: &ClientCache) {
    let control = match cache.control {
        CacheControl::DisableCache => Some("no-cache".to_owned()),
        CacheControl::MaxAge(seconds) => Some(format!("max-age={seconds}")),
        CacheControl::NoControl | CacheControl::Expires => None,
    };
    let custom = Some(cache.custom.clone()).filter(|custom| !custom.is_empty());
    let control: Vec<String> = custom.into_iter().chain(control).collect();
    if let Some(control) = header_value(&control.join(",")).filter(|_| !control.is_empty()) {
        headers.insert(header::CACHE_CONTROL, control);
    }
    if cache.control == CacheControl::Expires
        && let Some(expires) = header_value(&cache.expires)
    {
        headers.insert(header::EXPIRES, expires);
    }
}

/// The file itself, all links followed; it must still lie in the root.
fn resolve(wanted: Wanted<'_>) -> Result<PathBuf, Refused> {
    let path = wanted.url_path;
    let real = dunce::canonicalize(wanted.file).map_err(|error| unreadable(&error, path))?;
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let asked_name = name(wanted.file);
    let is_short_name = asked_name.as_ref().is_some_and(|name| name.contains('~'));
    if is_short_name && asked_name != name(&real) {
        // IIS takes no 8.3 names: rules for the long one would not apply.
        Err(Refused::new(404, 0, "The resource does not exist", path))
    } else if real.starts_with(wanted.root) {
        Ok(real)
    } else {
        log::warn!("not served, it lies outside of the site: {}", real.display());
        Err(Refused::new(404, 0, "The resource does not exist", path))
    }
}

fn unreadable(error: &std::io::Error, path: &str) -> Refused {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            Refused::new(401, 3, "The file may not be read", path)
        }
        _ => Refused::new(404, 0, "The resource does not exist", path),
    }
}

async fn send(
    mut file: File,
    start: u64,
    mut left: u64,
    sender: &mpsc::Sender<Result<Bytes, Truncated>>,
) -> std::io::Result<()> {
    file.seek(std::io::SeekFrom::Start(start)).await?;
    while left > 0 {
        let mut piece = vec![0; PIECE_BYTES.min(usize::try_from(left).unwrap_or(PIECE_BYTES))];
        let count = file.read(&mut piece).await?;
        if count == 0 {
            return Err(std::io::Error::other("the file became shorter"));
        }
        piece.truncate(count);
        left -= count as u64;
        if sender.send(Ok(piece.into())).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

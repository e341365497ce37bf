//! Owns the work of IIS's `StaticFileModule`: files as they are, with conditions and ranges.
//!
//! Does not own default documents, directory listings and ETags yet. Never leaves the folder, not
//! through `..` (the URL has none left) and not through symbolic links; never serves source code
//! and settings, whatever the MIME map says.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use iis::static_content::MimeMap;

use crate::answer::{Answer, Refused};
use crate::body::{Body, PIECES_MAX, Truncated};
use crate::range::{self, Range};
use crate::runtime::{
    AsyncReadExt, AsyncSeekExt, File, HeaderMap, HeaderValue, Parts, Response, StatusCode, header,
    mpsc, spawn,
};

/// Bytes read from a file at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Never served: what runs, and what configures it. IIS knows no type for them either (404.3), but
/// a `<mimeMap>` for one of them is a slip that must not publish a password.
const NEVER_SERVED: [&str; 12] =
    ["py", "pyc", "pyo", "pyw", "pyd", "ini", "toml", "cfg", "env", "sqlite3", "config", "fs"];

/// A file that a URL stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The folder that it must lie in; canonical.
    pub(crate) root: &'a Path,
    pub(crate) file: &'a Path,
    pub(crate) url_path: &'a str,
}

/// Answers GET and HEAD for a file.
pub(crate) async fn answer(
    parts: &Parts,
    wanted: Wanted<'_>,
    mime_map: &MimeMap,
) -> Result<Answer, Refused> {
    let path = wanted.url_path;
    if !matches!(parts.method.as_str(), "GET" | "HEAD") {
        return Err(Refused::new(405, 0, "Static files take GET and HEAD", path));
    }
    let real = resolve(wanted)?;
    if real.is_dir() {
        return Err(Refused::new(403, 14, "The folder's contents are not listed", path));
    }
    let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
    if extension.is_some_and(|extension| NEVER_SERVED.contains(&extension.as_str())) {
        return Err(Refused::new(404, 7, "The file extension is denied", path));
    }
    let Some(content_type) = mime_map.get(&name) else {
        return Err(Refused::new(404, 3, "The MIME map has no type for the file extension", path)
            .hint(
                "Add <staticContent><mimeMap fileExtension=\"…\" mimeType=\"…\" /> to web.config",
            ));
    };
    let gone = |error| unreadable(&error, path);
    let file = File::open(&real).await.map_err(gone)?;
    let metadata = file.metadata().await.map_err(gone)?;
    let modified = metadata.modified().ok();
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    if let Some(modified) = modified.and_then(|time| header_value(&httpdate::fmt_http_date(time))) {
        headers.insert(header::LAST_MODIFIED, modified);
    }
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if is_not_modified(&parts.headers, modified) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(Answer::new(response));
    }
    if let Some(content_type) = header_value(content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    let (start, length) = match wanted_range(&parts.headers, modified, metadata.len()) {
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
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(Answer::new(response));
        }
    };
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if parts.method == "GET" && length > 0 {
        let (sender, receiver) = mpsc::channel(PIECES_MAX);
        *response.body_mut() = Body::pieces(receiver);
        spawn(async move {
            if let Err(error) = send(file, start, length, &sender).await {
                let _ = sender.send(Err(Truncated(format!("{}: {error}", real.display())))).await;
            }
        });
    }
    Ok(Answer::new(response))
}

/// The file itself, all links followed; it must still lie in the root.
fn resolve(wanted: Wanted<'_>) -> Result<PathBuf, Refused> {
    let path = wanted.url_path;
    let real = dunce::canonicalize(wanted.file).map_err(|error| unreadable(&error, path))?;
    if real.starts_with(wanted.root) {
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

/// HTTP dates have whole seconds.
fn seconds(time: SystemTime) -> Option<u64> {
    time.duration_since(SystemTime::UNIX_EPOCH).ok().map(|duration| duration.as_secs())
}

fn date(headers: &HeaderMap, name: header::HeaderName) -> Option<u64> {
    seconds(httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?)
}

fn is_not_modified(headers: &HeaderMap, modified: Option<SystemTime>) -> bool {
    let since = date(headers, header::IF_MODIFIED_SINCE);
    modified.and_then(seconds).zip(since).is_some_and(|(modified, since)| modified <= since)
}

/// The range asked for; the whole when the file has changed since the client got its part of it.
fn wanted_range(headers: &HeaderMap, modified: Option<SystemTime>, size: u64) -> Range {
    let is_current = !headers.contains_key(header::IF_RANGE)
        || date(headers, header::IF_RANGE) == modified.and_then(seconds);
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    asked.filter(|_| is_current).map_or(Range::Whole, |asked| range::parse(asked, size))
}

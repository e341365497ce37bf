//! Owns the work of IIS's `CustomErrorModule`: what the client sees of an answer of 400 or above.
//!
//! Does not decide that a request has failed. A body that came with an error is passed on, or
//! replaced by details or by a custom page:
//!
//! | `existingResponse` | with a body | without |
//! |---|---|---|
//! | `PassThrough` | the body | a line |
//! | `Auto`, details | the body | details |
//! | `Auto`, custom | the custom page | the custom page |
//! | `Replace` | details or the custom page | the same |
//!
//! `errorMode` says whether details or custom pages are shown. FastCGI applications do not set the
//! flag (`fTrySkipCustomErrors`) by which a module may keep its body under `Auto`.

use std::path::{Path, PathBuf};

use iis::http_errors::{ErrorMode, ExistingResponse, HttpErrors, ResponseMode};
use page::Page;

use crate::answer::{Answer, Refused, accept, status_code};
use crate::body::Body;
use crate::folders::Folder;
use crate::redirect;
use crate::respond::{Asked, Front};
use crate::runtime::{HeaderValue, Response, header, spawn};
use crate::url;

/// The largest file that is sent as a custom page.
const PAGE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// The language of the pages that IIS ships; others are looked for first when a client asks.
const LANGUAGE: &str = "en-US";
/// Headers that belong to the body that is replaced.
const OF_THE_BODY: [header::HeaderName; 7] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::ACCEPT_RANGES,
];

/// What the client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Original,
    Details,
    Custom,
    Line,
}

fn shown(errors: &HttpErrors, has_body: bool, is_local: bool) -> Shown {
    let details = match errors.mode {
        ErrorMode::DetailedLocalOnly => is_local,
        ErrorMode::Custom => false,
        ErrorMode::Detailed => true,
    };
    let made = if details { Shown::Details } else { Shown::Custom };
    match errors.existing_response {
        ExistingResponse::PassThrough if has_body => Shown::Original,
        ExistingResponse::PassThrough => Shown::Line,
        ExistingResponse::Auto if has_body && details => Shown::Original,
        ExistingResponse::Auto | ExistingResponse::Replace => made,
    }
}

/// Passes an answer on, or puts another in its place.
pub(crate) async fn finish(
    front: &Front,
    asked: &Asked,
    folder: &Folder,
    result: Result<Answer, Refused>,
) -> Answer {
    let accept = accept(&asked.parts.headers);
    let (mut original, details) = match result {
        Ok(answer) if answer.response.status().as_u16() < 400 => return answer,
        Ok(answer) => (answer, None),
        Err(refused) => (refused.bare(), Some(refused)),
    };
    let is_local =
        asked.peers.remote.ip().is_loopback() || asked.peers.remote.ip() == asked.peers.local.ip();
    let has_body = details.is_none() && has_body(asked, &mut original).await;
    let status = original.response.status().as_u16();
    let made = match shown(&folder.errors, has_body, is_local) {
        Shown::Original => return original,
        Shown::Details => match details {
            Some(refused) => refused.answer(accept.as_deref()),
            None => Refused::new(status, original.sub_status, reason(status), &asked.path.text())
                .answer(accept.as_deref()),
        },
        Shown::Custom => custom(front, asked, folder, &original).await,
        Shown::Line => line(status, accept.as_deref()),
    };
    replace(original, made)
}

/// Whether an answer comes with a body. The first piece of one that is still coming is awaited.
async fn has_body(asked: &Asked, answer: &mut Answer) -> bool {
    let headers = answer.response.headers();
    if asked.parts.method == "HEAD" {
        return headers.contains_key(header::CONTENT_TYPE);
    }
    answer.response.body_mut().has_piece().await
}

/// Puts a page in an answer's place, keeping the headers that say no word about the body.
fn replace(original: Answer, made: Answer) -> Answer {
    let words = crate::runtime::reason(&original.response);
    let (parts, mut body) = original.response.into_parts();
    // Dropped in the middle, it would look as if the client had gone.
    spawn(async move { while body.next().await.is_some() {} });
    let mut response = made.response;
    if response.status() == parts.status {
        crate::runtime::set_reason(&mut response, &words);
    }
    let told = response.headers().clone();
    for (name, value) in &parts.headers {
        if !told.contains_key(name) && !OF_THE_BODY.contains(name) {
            response.headers_mut().append(name, value.clone());
        }
    }
    Answer { response, sub_status: original.sub_status, instance: original.instance }
}

/// The words behind a status.
fn reason(status: u16) -> &'static str {
    status_code(status).canonical_reason().unwrap_or("Error")
}

/// The least that can be said.
fn line(status: u16, accept: Option<&str>) -> Answer {
    Answer::page(status, &Page::new(status.to_string(), reason(status)), accept)
}

async fn custom(front: &Front, asked: &Asked, folder: &Folder, original: &Answer) -> Answer {
    let status = original.response.status().as_u16();
    let accept = accept(&asked.parts.headers);
    let found = folder.errors.find(status, original.sub_status);
    let (mode, path, prefix) = match (found, &folder.errors.default) {
        (Some(error), _) => (error.mode, &error.path, error.language_prefix.as_str()),
        (None, Some((mode, path))) => (*mode, path, ""),
        (None, None) => return line(status, accept.as_deref()),
    };
    match mode {
        ResponseMode::Redirect => redirect::answer(302, path),
        ResponseMode::ExecuteUrl => match front.execute_instead(asked, path, status).await {
            Ok(answer) => answer,
            Err(_) => {
                log::error!("the custom page for {status} cannot be executed: {path}");
                line(status, accept.as_deref())
            }
        },
        ResponseMode::File => {
            let root = front.site.root();
            let languages = asked.parts.headers.get(header::ACCEPT_LANGUAGE);
            let languages = languages.and_then(|told| told.to_str().ok()).unwrap_or_default();
            let file = candidates(root, prefix, path, languages).into_iter().find(|f| f.is_file());
            let read = file.and_then(|file| Some((read(&file)?, file)));
            let Some((bytes, file)) = read else {
                if prefix.is_empty() {
                    log::error!("the custom page for {status} cannot be read: {path}");
                }
                return line(status, accept.as_deref());
            };
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let content_type = folder.mime_map.get(&name).unwrap_or("text/html");
            let mut response = Response::new(Body::whole(bytes));
            *response.status_mut() = status_code(status);
            if let Ok(content_type) = HeaderValue::from_str(content_type) {
                response.headers_mut().insert(header::CONTENT_TYPE, content_type);
            }
            Answer::new(response)
        }
    }
}

/// Where a custom page may lie: below its prefix by language, else where the path says, else below
/// the site's root.
fn candidates(root: &Path, prefix: &str, path: &str, languages: &str) -> Vec<PathBuf> {
    if prefix.is_empty() {
        let below = url::below(root, &path.replace('\\', "/"));
        return if Path::new(path).is_absolute() { vec![path.into(), below] } else { vec![below] };
    }
    let asked = languages.split(',').filter_map(|range| range.split(';').next()).map(str::trim);
    let is_name = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    asked
        .filter(|name| !name.is_empty())
        .filter(is_name)
        .chain([LANGUAGE])
        .map(|language| Path::new(prefix).join(language).join(path))
        .collect()
}

fn read(file: &Path) -> Option<Vec<u8>> {
    let length = std::fs::metadata(file).ok()?.len();
    if length > PAGE_BYTES_MAX {
        log::error!("a custom page is larger than {PAGE_BYTES_MAX} bytes: {}", file.display());
        return None;
    }
    std::fs::read(file).ok()
}

#[cfg(test)]
#[path = "http_errors_tests.rs"]
mod tests;

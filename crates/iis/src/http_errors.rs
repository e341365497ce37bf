//! Owns `<httpErrors>`: which page takes the place of an error, and whether one does.
//!
//! Does not produce pages: `front::http_errors` does.

use crate::attributes::{HTTP_ERROR, HTTP_ERRORS};
use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::place::Place;
use crate::read::Reader;
use crate::site::WEB_CONFIG;

/// Who is shown what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorMode {
    /// Details for clients on the same machine, custom pages for all others.
    DetailedLocalOnly,
    /// Custom pages for everyone.
    Custom,
    /// Details for everyone.
    Detailed,
}

/// What becomes of a body that an error comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExistingResponse {
    /// It stays where details are shown, and is replaced where custom pages are.
    Auto,
    /// It is replaced.
    Replace,
    /// It stays.
    PassThrough,
}

/// What a custom page's path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// A file whose contents are sent.
    File,
    /// A URL of the same site that is executed.
    ExecuteUrl,
    /// A URL that the client is sent to.
    Redirect,
}

const MODES: [ResponseMode; 3] =
    [ResponseMode::File, ResponseMode::ExecuteUrl, ResponseMode::Redirect];

/// A custom page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomError {
    /// The status that it is for.
    pub status: u16,
    /// The sub-status; `None` for any.
    pub sub_status: Option<u16>,
    /// Where the page is, as `mode` says.
    pub path: String,
    /// In front of a language's name and `path`; empty for none.
    pub language_prefix: String,
    /// What the path is.
    pub mode: ResponseMode,
    /// Where it is written.
    pub place: Place,
}

/// The effective `<httpErrors>` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpErrors {
    /// Who is shown what.
    pub mode: ErrorMode,
    /// What becomes of bodies.
    pub existing_response: ExistingResponse,
    /// The page of a status without one of its own; `None` when there is none.
    pub default: Option<(ResponseMode, String)>,
    errors: Vec<CustomError>,
}

impl HttpErrors {
    /// The page for a status: that of the sub-status, else that of any.
    pub fn find(&self, status: u16, sub_status: u16) -> Option<&CustomError> {
        let with = |wanted: Option<u16>| {
            self.errors.iter().find(move |e| e.status == status && e.sub_status == wanted)
        };
        with(Some(sub_status)).or_else(|| with(None))
    }
}

/// Reads and merges `<httpErrors>` elements, outermost first.
///
/// # Errors
/// On attributes out of range, missing ones, duplicates, and absolute paths in a `web.config`.
pub fn read(levels: &[&Element]) -> Result<HttpErrors, Error> {
    let reader = |name| Reader::innermost(levels, HTTP_ERRORS, name);
    use ErrorMode::{Custom, Detailed, DetailedLocalOnly};
    use ExistingResponse::{Auto, PassThrough, Replace};
    let mode = reader("errorMode").choice("errorMode")?;
    let existing = reader("existingResponse").choice("existingResponse")?;
    let default_mode = reader("defaultResponseMode").choice("defaultResponseMode")?;
    let default_path = reader("defaultPath").text("defaultPath")?;
    let allows_absolute =
        reader("allowAbsolutePathsWhenDelegated").flag("allowAbsolutePathsWhenDelegated")?;
    let error = |element| custom_error(element, allows_absolute);
    Ok(HttpErrors {
        mode: [DetailedLocalOnly, Custom, Detailed][mode],
        existing_response: [Auto, Replace, PassThrough][existing],
        default: (!default_path.is_empty()).then(|| (MODES[default_mode], default_path)),
        errors: collections::of_items(HTTP_ERROR)
            .merge(levels)?
            .into_iter()
            .map(error)
            .collect::<Result<_, _>>()?,
    })
}

fn custom_error(element: &Element, allows_absolute: bool) -> Result<CustomError, Error> {
    let reader = Reader::new(element, HTTP_ERROR);
    let sub_status = reader.text("subStatusCode")?;
    let sub_status = match sub_status.as_str() {
        "-1" => None,
        text => Some(text.parse().ok().filter(|n| *n <= 999).ok_or_else(|| {
            let message = format!("subStatusCode must be a whole number from -1 to 999: {text}");
            element.attribute_error("subStatusCode", message)
        })?),
    };
    let path = reader.text("path")?;
    let mode = MODES[reader.choice("responseMode")?];
    let name = element.path().file_name().and_then(|name| name.to_str());
    let is_delegated = name.is_some_and(|name| name.eq_ignore_ascii_case(WEB_CONFIG));
    if mode == ResponseMode::File && is_delegated && !allows_absolute && is_absolute(&path) {
        let message = format!(
            "absolute paths are not allowed in <httpErrors> of a web.config: {path} (a path below \
             the site's root is; allowAbsolutePathsWhenDelegated in applicationHost.config allows both)"
        );
        return Err(element.attribute_error("path", message));
    }
    let language_prefix = reader.text("prefixLanguageFilePath")?;
    let status = u16::try_from(reader.number("statusCode")?).unwrap_or_default();
    Ok(CustomError { status, sub_status, path, language_prefix, mode, place: element.place() })
}

/// Whether a path names a drive or another machine. `/errors/404.htm` lies below the site's root.
fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    path.starts_with(r"\\")
        || (bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':')
}

#[cfg(test)]
mod tests {
    use super::{ErrorMode, ExistingResponse, ResponseMode, read};
    use crate::document::{self, Element};
    use crate::place::Source;

    fn level(file: &str, xml: &str) -> Element {
        let xml = format!("<httpErrors {xml}</httpErrors>");
        document::parse(Source::new(file, xml)).unwrap()
    }

    #[test]
    fn pages_are_found_by_status_and_sub_status() {
        let server = level(
            "applicationHost.config",
            r"><error statusCode='404' path='404.htm' prefixLanguageFilePath='C:\custerr'/><error statusCode='500' path='C:\500.htm'/>",
        );
        let web = level(
            "web.config",
            "errorMode='custom' existingResponse='Replace' defaultResponseMode='ExecuteURL' defaultPath='/any'>\
             <remove statusCode='404'/><error statusCode='404' path='mine.htm'/>\
             <error statusCode='404' subStatusCode='8' path='/hidden' responseMode='ExecuteURL'/>",
        );
        let errors = read(&[&server, &web]).unwrap();
        assert_eq!(errors.mode, ErrorMode::Custom);
        assert_eq!(errors.existing_response, ExistingResponse::Replace);
        assert_eq!(errors.default, Some((ResponseMode::ExecuteUrl, "/any".to_owned())));
        let path = |status, sub| errors.find(status, sub).map(|error| error.path.as_str());
        assert_eq!(path(404, 0), Some("mine.htm"));
        assert_eq!(path(404, 8), Some("/hidden"));
        assert_eq!(path(500, 19), Some(r"C:\500.htm"));
        assert_eq!(path(403, 14), None);
        assert_eq!(read(&[]).unwrap().existing_response, ExistingResponse::Auto);
    }

    #[test]
    fn what_iis_refuses() {
        for (xml, expected) in [
            (
                "><error statusCode='404' path='a'/><error statusCode='404' subStatusCode='-1' path='b'/>",
                "duplicate <error> with statusCode, subStatusCode: 404,-1 (the first is at web.config:1:14; \
              put <remove statusCode=\"404\" subStatusCode=\"-1\" /> before it)",
            ),
            (
                "><error statusCode='200' path='a'/>",
                "statusCode must be a whole number between 400 and 999",
            ),
            ("><error statusCode='404' subStatusCode='1000' path='a'/>", "subStatusCode must be"),
            (r"><error statusCode='404' path='C:\404.htm'/>", "absolute paths are not allowed"),
            ("errorMode='Loud'>", "errorMode must be one of"),
        ] {
            let message = read(&[&level("web.config", xml)]).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        let allowed = r"allowAbsolutePathsWhenDelegated='true'><error statusCode='404' path='\\srv\404.htm'/>";
        read(&[&level("web.config", allowed)]).unwrap();
    }
}

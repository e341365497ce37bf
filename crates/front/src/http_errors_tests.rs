//! Owns the tests of `http_errors`.
//!
//! Does not test whole answers: `tests/serve/test_serve_errors.py` does.

use std::path::{Path, PathBuf};

use iis::http_errors::{ErrorMode, ExistingResponse, HttpErrors};

use super::{Shown, candidates, shown};

fn errors(mode: ErrorMode, existing_response: ExistingResponse) -> HttpErrors {
    let mut errors = iis::http_errors::read(&[]).unwrap();
    (errors.mode, errors.existing_response) = (mode, existing_response);
    errors
}

#[test]
fn what_is_shown() {
    use ErrorMode::{Custom, Detailed, DetailedLocalOnly};
    use ExistingResponse::{Auto, PassThrough, Replace};
    use Shown::{Custom as Page, Details, Line, Original};
    for (mode, existing, is_local, with_body, without) in [
        (DetailedLocalOnly, Auto, true, Original, Details),
        (DetailedLocalOnly, Auto, false, Page, Page),
        (DetailedLocalOnly, Replace, true, Details, Details),
        (DetailedLocalOnly, Replace, false, Page, Page),
        (DetailedLocalOnly, PassThrough, true, Original, Line),
        (DetailedLocalOnly, PassThrough, false, Original, Line),
        (Custom, Auto, true, Page, Page),
        (Custom, Replace, true, Page, Page),
        (Custom, PassThrough, true, Original, Line),
        (Detailed, Auto, false, Original, Details),
        (Detailed, Replace, false, Details, Details),
        (Detailed, PassThrough, false, Original, Line),
    ] {
        let errors = errors(mode, existing);
        let found = (shown(&errors, true, is_local), shown(&errors, false, is_local));
        assert_eq!(found, (with_body, without), "{mode:?} {existing:?} {is_local}");
    }
}

#[test]
fn where_pages_lie() {
    let root = Path::new("site");
    let below = |path: &str| root.join(path);
    assert_eq!(candidates(root, "", "404.htm", "de"), [below("404.htm")]);
    assert_eq!(candidates(root, "", r"errors\404.htm", ""), [below("errors").join("404.htm")]);
    assert_eq!(candidates(root, "", "/404.htm", "").last(), Some(&below("404.htm")));
    let err = |language: &str| PathBuf::from("err").join(language).join("404.htm");
    assert_eq!(
        candidates(root, "err", "404.htm", "de-CH, de;q=0.8, ../x"),
        [err("de-CH"), err("de"), err("en-US")]
    );
}

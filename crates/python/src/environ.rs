//! Owns the making of an environ: a copy of the template, filled from the params.
//!
//! Does not own what params mean (`bridge`).

use crate::raw::latin1_str;
use bridge::{Ansi, Name, NameTable, PathRules, Special, SpecialValues};
use fastcgi::Params;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use smallvec::SmallVec;
use std::fmt;

/// What the rest of the worker needs to know of a request.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) method: MethodKind,
    pub(crate) content_length: Option<u64>,
}

/// Which methods matter to a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MethodKind {
    Head,
    Other,
}

impl MethodKind {
    pub(crate) const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Head => b"HEAD",
            Self::Other => b"",
        }
    }
}

/// Why a request does not reach the app.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Its params are malformed or over a limit.
    Params(fastcgi::Error),
    /// It is for another site application than the one that this worker was started for.
    OtherSite { asked: String, bound_to: String },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Params(error) => write!(f, "{error}"),
            Self::OtherSite { asked, bound_to } => write!(
                f,
                "the request is for the site application in {asked}, this worker serves {bound_to}: both \
                 share one scriptProcessor, and IIS gives instances of the same one to either. Give \
                 each its own arguments: iisgate.exe|fcgi --site DIR"
            ),
        }
    }
}

/// Makes environs; belongs to one thread.
pub(crate) struct Maker {
    names: NameTable<Py<PyString>>,
    template: Py<PyDict>,
    rules: PathRules,
    bound_to: Option<String>,
}

impl Maker {
    pub(crate) fn new(template: Py<PyDict>, rules: PathRules, bound_to: Option<String>) -> Self {
        Self { names: NameTable::default(), template, rules, bound_to }
    }

    /// Makes an environ, without `wsgi.input`.
    ///
    /// # Errors
    /// `Ok(Err(_))` when the request is refused; `Err` when Python fails (out of memory).
    pub(crate) fn make<'py>(
        &mut self,
        py: Python<'py>,
        params: Params<'_>,
    ) -> PyResult<Result<(Bound<'py, PyDict>, Facts), Refusal>> {
        let environ = self.template.bind(py).copy()?;
        let mut values = SpecialValues::default();
        let mut damaged = SmallVec::<[_; 4]>::new();
        for pair in params.pairs() {
            let (name, value) = match pair {
                Ok(pair) => pair,
                Err(error) => return Ok(Err(Refusal::Params(error))),
            };
            let make = |name: &[u8]| latin1_str(py, name).map(Bound::unbind);
            let (key, name_kind) = self.names.get(name, make)?;
            let key = key.bind_borrowed(py);
            match name_kind {
                Name::Dropped => continue,
                Name::Special(special) => {
                    let before = values.set(special, value);
                    if matches!(special, Special::ScriptName | Special::PathInfo) {
                        // Set from `bridge::paths` below.
                        continue;
                    }
                    if value.is_empty() && special.is_nothing_when_empty() {
                        if before.is_some_and(|before| !before.is_empty()) {
                            // It was sent twice, and the last one counts.
                            match self.template.bind(py).get_item(key)? {
                                Some(default) => environ.set_item(key, default)?,
                                None => environ.del_item(key)?,
                            }
                        }
                        continue;
                    }
                }
                Name::Plain | Name::Text => {}
            }
            if Ansi::is_damaged(name_kind, value) {
                damaged.push((key.to_owned(), name_kind, value));
            }
            environ.set_item(key, latin1_str(py, value)?)?;
        }
        if let (Some(bound_to), Some(asked)) =
            (&self.bound_to, values.get(Special::ApplPhysicalPath))
            && let Some(asked) = self.other_than(bound_to, asked)
        {
            return Ok(Err(Refusal::OtherSite { asked, bound_to: bound_to.clone() }));
        }
        // Which server sent it is known only now.
        if bridge::is_iis(&values) {
            for (key, name, value) in damaged {
                let repaired = self.rules.ansi.repaired_param(name, value);
                environ.set_item(key, latin1_str(py, &repaired)?)?;
            }
        }
        let paths = self.rules.paths(&values);
        environ.set_item(intern!(py, "SCRIPT_NAME"), latin1_str(py, &paths.script_name)?)?;
        environ.set_item(intern!(py, "PATH_INFO"), latin1_str(py, &paths.path_info)?)?;
        if bridge::is_https(&values) {
            environ.set_item(intern!(py, "wsgi.url_scheme"), intern!(py, "https"))?;
        }
        let facts = Facts {
            method: match values.or_empty(Special::RequestMethod) {
                b"HEAD" => MethodKind::Head,
                _ => MethodKind::Other,
            },
            content_length: values
                .get(Special::ContentLength)
                .and_then(|value| std::str::from_utf8(value).ok()?.trim().parse().ok()),
        };
        Ok(Ok((environ, facts)))
    }

    /// Names the folder that was asked for when it is another than the worker's. What a gate could
    /// not read either, it named as lossily as here.
    fn other_than(&self, bound_to: &str, asked: &[u8]) -> Option<String> {
        let repaired = self.rules.ansi.repaired(asked);
        let texts = [String::from_utf8_lossy(&repaired), String::from_utf8_lossy(asked)];
        (!texts.contains(&bound_to.into())).then(|| texts[0].to_string())
    }
}

/// The entries that are the same for every request of a worker, and those that every environ has.
pub(crate) fn template(
    py: Python<'_>,
    errors: &Bound<'_, PyAny>,
    multithread: bool,
    multiprocess: bool,
) -> PyResult<Py<PyDict>> {
    let all = PyDict::new(py);
    for (name, default) in Special::REQUIRED {
        all.set_item(name, default)?;
    }
    all.set_item("wsgi.version", (1, 0))?;
    all.set_item("wsgi.url_scheme", "http")?;
    all.set_item("wsgi.errors", errors)?;
    all.set_item("wsgi.multithread", multithread)?;
    all.set_item("wsgi.multiprocess", multiprocess)?;
    all.set_item("wsgi.run_once", false)?;
    all.set_item("wsgi.input_terminated", true)?;
    all.set_item("wsgi.file_wrapper", py.get_type::<crate::file_wrapper::FileWrapper>())?;
    with_room(&all)
}

/// A copy with room for the params of a usual request: its copies need not grow, entry by entry, for
/// each. CPython's `dict.update` makes room for both sides before it looks which keys are the same; a
/// Python that did otherwise would give a template that grows, and nothing else.
fn with_room(all: &Bound<'_, PyDict>) -> PyResult<Py<PyDict>> {
    /// As many as fill a table of 16 slots to its bound of two thirds.
    const FIRST: usize = 10;
    let template = PyDict::new(all.py());
    for (key, value) in all.iter().take(FIRST) {
        template.set_item(key, value)?;
    }
    template.update(all.as_mapping())?;
    Ok(template.unbind())
}

//! Owns every raw call of CPython's C API, behind safe signatures.
//!
//! Owns nothing else: no rule of WSGI is decided here.
#![expect(unsafe_code, reason = "PyO3 has no safe form of these, and they are on the hot path")]

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// A `str` whose characters are the given bytes, as PEP 3333 wants environ values.
#[inline]
pub(crate) fn latin1_str<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    // A Rust slice is never longer than isize::MAX, which Py_ssize_t is.
    let length = bytes.len() as ffi::Py_ssize_t;
    // SAFETY: the interpreter is attached; the pointer is valid for `length` bytes, which are
    // copied; the result is a new reference to a str, or null with an exception set.
    unsafe {
        let object = ffi::PyUnicode_DecodeLatin1(bytes.as_ptr().cast(), length, std::ptr::null());
        Ok(Bound::from_owned_ptr_or_err(py, object)?.cast_into_unchecked())
    }
}

/// The bytes of a `str` that has only Latin-1 characters, without a copy; `None` for others.
#[inline]
pub(crate) fn latin1_bytes<'a>(text: &'a Bound<'_, PyString>) -> Option<&'a [u8]> {
    let object = text.as_ptr();
    // SAFETY: `text` is a str, ready since Python 3.12 and made ready by PyUnicode_READY before;
    // of kind 1 its data are `length` bytes that live and never change as long as the str does,
    // which the returned lifetime borrows.
    unsafe {
        #[cfg(not(Py_3_12))]
        if ffi::PyUnicode_READY(object) != 0 {
            ffi::PyErr_Clear();
            return None;
        }
        if ffi::PyUnicode_KIND(object) != ffi::PyUnicode_1BYTE_KIND {
            return None;
        }
        let length = ffi::PyUnicode_GET_LENGTH(object) as usize;
        Some(std::slice::from_raw_parts(ffi::PyUnicode_DATA(object).cast(), length))
    }
}

/// Whether nobody but the caller holds the object. Always `false` on free-threaded builds, where
/// counts are split between threads.
#[inline]
pub(crate) fn is_unshared<T>(object: &Bound<'_, T>) -> bool {
    if cfg!(Py_GIL_DISABLED) {
        return false;
    }
    // SAFETY: the object is alive, for `object` holds a reference to it.
    unsafe { ffi::Py_REFCNT(object.as_ptr()) == 1 }
}

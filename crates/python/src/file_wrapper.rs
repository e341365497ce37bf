//! Owns `wsgi.file_wrapper`: an iterable over a file-like object in blocks.
//!
//! Does not send files by descriptor: FastCGI wraps every byte in records.

use bridge::limits::FILE_BLOCK_BYTES;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// PEP 3333's optional file wrapper. The block size that the app suggests is raised to a record's
/// worth: the app chose it for its own memory, and 8 KiB blocks would cost eight times the calls.
#[pyclass(frozen, module = "iisgate")]
pub(crate) struct FileWrapper {
    file: Py<PyAny>,
    block: usize,
}

#[pymethods]
impl FileWrapper {
    #[new]
    #[pyo3(signature = (filelike, blksize=FILE_BLOCK_BYTES))]
    fn new(filelike: Py<PyAny>, blksize: usize) -> Self {
        Self { file: filelike, block: blksize.max(FILE_BLOCK_BYTES) }
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let data = self.file.bind(py).call_method1(intern!(py, "read"), (self.block,))?;
        let ended = match data.cast::<PyBytes>() {
            Ok(bytes) => bytes.as_bytes().is_empty(),
            Err(_) => !data.is_truthy()?,
        };
        Ok((!ended).then_some(data))
    }

    /// Closes the file, if it can be closed.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        match self.file.bind(py).getattr_opt(intern!(py, "close"))? {
            Some(close) => close.call0().map(drop),
            None => Ok(()),
        }
    }

    /// The wrapped object, under the name that `wsgiref` uses.
    #[getter]
    fn filelike(&self, py: Python<'_>) -> Py<PyAny> {
        self.file.clone_ref(py)
    }
}

//! What a call gave, as Python objects; and the one exception of this module, which the package turns into its own classes.

use midjourney_imagine_bridge::{Error, Event, Reply, payload};
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

create_exception!(
    midjourney_imagine._native,
    NativeError,
    PyException,
    "A failure; `args[0]` is its payload as JSON text."
);

pub(crate) fn error(error: &Error) -> PyErr {
    NativeError::new_err(payload(error))
}

pub(crate) fn object(py: Python<'_>, reply: Reply) -> PyResult<Bound<'_, PyAny>> {
    Ok(match reply {
        Reply::Text(text) => PyString::new(py, &text).into_any(),
        Reply::Bytes(bytes) => PyBytes::new(py, &bytes).into_any(),
        Reply::Pulled(pulled) => match pulled.take() {
            Ok(Some(text)) => PyString::new(py, &text).into_any(),
            Ok(None) => py.None().into_bound(py),
            Err(failure) => return Err(error(&failure)),
        },
    })
}

/// The end of a call.
pub(crate) fn of_last(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyAny>> {
    match event {
        Event::Done(Ok(reply)) => object(py, reply),
        Event::Done(Err(failure)) => Err(error(&failure)),
        Event::Lost | Event::Progress(_) | Event::Log(_) => Err(PyRuntimeError::new_err(
            "the call ended without an answer: a defect in midjourney-imagine",
        )),
    }
}

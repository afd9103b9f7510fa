//! The client's handle.

use std::sync::Arc;

use midjourney_imagine_bridge as bridge;
use pyo3::prelude::*;

use crate::completion::{Ask, Call};
use crate::stream::Stream;
use crate::{blocking, reply};

/// A client.
#[pyclass(frozen, module = "midjourney_imagine._native")]
pub(crate) struct Client(Arc<bridge::Client>);

#[pymethods]
impl Client {
    #[new]
    fn new(settings: &str) -> PyResult<Self> {
        match bridge::Client::new(settings) {
            Ok(client) => Ok(Self(Arc::new(client))),
            Err(error) => Err(reply::error(&error)),
        }
    }

    /// Where the API is.
    #[getter]
    fn base_url(&self) -> &str {
        self.0.base_url()
    }

    /// Calls, and waits for the answer.
    #[pyo3(signature = (command, on_progress=None))]
    fn call<'py>(
        &self,
        py: Python<'py>,
        command: &str,
        on_progress: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        blocking::wait(py, on_progress, |listener| self.0.call(command, listener))
    }

    /// A call that begins when it is awaited.
    #[pyo3(signature = (command, on_progress=None))]
    fn call_async(&self, command: String, on_progress: Option<Py<PyAny>>) -> Call {
        Call::new(Ask::Command(Arc::clone(&self.0), command), on_progress)
    }

    /// A stream that begins when it is first asked for an update.
    fn stream(&self, command: &str) -> PyResult<Stream> {
        match self.0.stream(command) {
            Ok(stream) => Ok(Stream::new(stream)),
            Err(error) => Err(reply::error(&error)),
        }
    }
}

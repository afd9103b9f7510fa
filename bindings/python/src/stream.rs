//! The stream's handle.

use std::sync::Arc;

use midjourney_imagine_bridge as bridge;
use pyo3::prelude::*;

use crate::blocking;
use crate::completion::{Ask, Call};

/// The updates of one generation.
#[pyclass(frozen, module = "midjourney_imagine._native")]
pub(crate) struct Stream(Arc<bridge::Stream>);

impl Stream {
    pub(crate) fn new(stream: bridge::Stream) -> Self {
        Self(Arc::new(stream))
    }
}

#[pymethods]
impl Stream {
    /// The task, once the service has named it.
    #[getter]
    fn task_id(&self) -> Option<String> {
        self.0.task_id()
    }

    /// Waits for the next update; nothing at the end.
    fn next<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        blocking::wait(py, None, |_| Ok(Box::pin(self.0.pull())))
    }

    /// The next update when it is awaited; nothing at the end. Leaving it loses nothing.
    fn next_async(&self) -> Call {
        Call::new(Ask::Pull(Arc::clone(&self.0)), None)
    }

    /// Ends the exchange at once.
    fn close(&self) {
        self.0.close();
    }
}

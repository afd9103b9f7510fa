//! The emulator's handle.

use std::sync::{Mutex, PoisonError};

use midjourney_imagine_bridge as bridge;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::shutdown::Inside;
use crate::{blocking, reply};

/// A running emulator.
#[pyclass(frozen, module = "midjourney_imagine._native")]
pub(crate) struct Emulator {
    url: String,
    bridge: Mutex<Option<bridge::Emulator>>,
}

#[pymethods]
impl Emulator {
    #[new]
    fn new(options: &str) -> PyResult<Self> {
        match bridge::Emulator::start(options) {
            Ok(emulator) => Ok(Self {
                url: emulator.url().to_owned(),
                bridge: Mutex::new(Some(emulator)),
            }),
            Err(error) => Err(reply::error(&error)),
        }
    }

    /// The base URL.
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    /// A call of the administration.
    fn call<'py>(&self, py: Python<'py>, command: &str) -> PyResult<Bound<'py, PyAny>> {
        let call = match &*self.bridge.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(emulator) => emulator
                .call(command)
                .map_err(|error| reply::error(&error))?,
            None => return Err(PyRuntimeError::new_err("the emulator was stopped")),
        };
        blocking::wait(py, None, |_| Ok(call))
    }

    /// Stops it, and waits until its port is free. A second time does nothing.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        let emulator = self
            .bridge
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Inside::enter(py)?.detached(py, move || drop(emulator));
        Ok(())
    }
}

//! The core's log records in Python's own log: the logger `midjourney_imagine`.

use midjourney_imagine_bridge::{LogLevel, LogRecord};
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// How important a line must be to be wanted. A program that has not imported `logging` wants none.
pub(crate) fn wanted(py: Python<'_>) -> PyResult<Option<LogLevel>> {
    let logger = match LOGGER.get(py) {
        Some(logger) => logger.bind(py),
        None if !py.import("sys")?.getattr("modules")?.contains("logging")? => return Ok(None),
        None => LOGGER
            .get_or_try_init(py, || {
                let logger = py
                    .import("logging")?
                    .call_method1("getLogger", ("midjourney_imagine",))?;
                Ok::<_, PyErr>(logger.unbind())
            })?
            .bind(py),
    };
    let level = effective_level(logger)?;
    let levels = [
        LogLevel::Debug,
        LogLevel::Info,
        LogLevel::Warning,
        LogLevel::Error,
    ];
    Ok(levels.into_iter().find(|wanted| level <= number(*wanted)))
}

/// What `Logger.getEffectiveLevel` gives, without running Python code at every call.
fn effective_level(logger: &Bound<'_, PyAny>) -> PyResult<i64> {
    let py = logger.py();
    let mut logger = logger.clone();
    loop {
        let level = logger.getattr(intern!(py, "level"))?.extract()?;
        let parent = logger.getattr(intern!(py, "parent"))?;
        if level != 0 || parent.is_none() {
            return Ok(level);
        }
        logger = parent;
    }
}

/// Writes one record, on the thread that waits for the call. A handler that raises does not end a call that is paid for; what is no
/// `Exception`, such as `KeyboardInterrupt`, does.
pub(crate) fn write(py: Python<'_>, line: &LogRecord) -> PyResult<()> {
    let Some(logger) = LOGGER.get(py) else {
        return Ok(());
    };
    match logger.call_method1(py, "log", (number(line.level), &line.message)) {
        Err(error) if !error.is_instance_of::<PyException>(py) => Err(error),
        _ => Ok(()),
    }
}

/// Python's numbers for them.
fn number(level: LogLevel) -> i64 {
    match level {
        LogLevel::Debug => 10,
        LogLevel::Info => 20,
        LogLevel::Warning => 30,
        LogLevel::Error => 40,
    }
}

//! The native module of the Python package. It hands JSON text and bytes over the border, and decides on which thread and under
//! which lock that happens; names, defaults and documentation are the package's own, in Python.

#![expect(
    clippy::needless_pass_by_value,
    reason = "pyo3 hands arguments over by value"
)]

mod blocking;
mod client;
mod completion;
mod emulator;
mod logging;
mod reply;
mod shutdown;
mod stream;

use midjourney_imagine_bridge as bridge;
use pyo3::prelude::*;

/// `midjourney_imagine._native`: not for direct use.
#[pymodule]
mod _native {
    use super::{PyResult, Python, bridge, reply, shutdown};
    use pyo3::types::{PyAnyMethods as _, PyDict, PyModule};
    use pyo3::{Bound, pyfunction, wrap_pyfunction};

    #[pymodule_export]
    use crate::client::Client;
    #[pymodule_export]
    use crate::completion::Call;
    #[pymodule_export]
    use crate::emulator::Emulator;
    #[pymodule_export]
    use crate::reply::NativeError;
    #[pymodule_export]
    use crate::stream::Stream;

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's own name for it")]
    const __version__: &str = bridge::VERSION;

    /// What an image's JSON says by itself.
    #[pyfunction]
    fn inspect(image: &str) -> PyResult<String> {
        bridge::inspect(image).map_err(|error| reply::error(&error))
    }

    /// The media type of a picture file's content.
    #[pyfunction]
    fn media_type(content: &[u8]) -> &'static str {
        bridge::media_type(content)
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        bridge::install_log();
        let close = wrap_pyfunction!(shutdown::close, module)?;
        py.import("atexit")?.call_method1("register", (close,))?;
        register_at_fork(py, module)
    }

    /// Forks find the thread of the calls at rest. Windows has no forks, and no such hook.
    fn register_at_fork(py: Python<'_>, module: &Bound<'_, PyModule>) -> PyResult<()> {
        let os = py.import("os")?;
        if !os.hasattr("register_at_fork")? {
            return Ok(());
        }
        let hooks = PyDict::new(py);
        hooks.set_item("before", wrap_pyfunction!(shutdown::before_fork, module)?)?;
        hooks.set_item(
            "after_in_parent",
            wrap_pyfunction!(shutdown::after_fork_in_parent, module)?,
        )?;
        hooks.set_item(
            "after_in_child",
            wrap_pyfunction!(shutdown::after_fork_in_child, module)?,
        )?;
        os.call_method("register_at_fork", (), Some(&hooks))?;
        Ok(())
    }
}

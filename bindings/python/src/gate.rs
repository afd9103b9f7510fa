//! Leaving the interpreter and coming back to it: never after it has begun to end, and not in the middle of a fork.
//!
//! CPython up to 3.13 ends a thread that asks for the interpreter during finalization by unwinding it, and Rust aborts the
//! process when its frames are unwound so. So every thread that comes back passes a gate that an `atexit` hook closes; the hook
//! waits for those who are inside, who may still have the interpreter, and those who come later rest until the process ends.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use midjourney_imagine_bridge::{Paused, PerProcess, Runtime};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

static GATE: PerProcess<Gate> = PerProcess::new();

/// Each process has its own: a forked child has none of the threads that stood in its parent's.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    somebody_left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    inside: usize,
}

impl Gate {
    /// This process's gate. Asked for with the interpreter in hand.
    pub(crate) fn of_this_process(_: Python<'_>) -> Arc<Self> {
        match GATE.get_or_make(|_| Ok::<_, std::convert::Infallible>(Self::default())) {
            Ok(gate) => gate,
        }
    }

    /// Whether the caller may ask for the interpreter; if so, it says [`Gate::leave`] when it has it.
    pub(crate) fn enter(&self) -> bool {
        let mut state = self.state();
        if !state.closed {
            state.inside += 1;
        }
        !state.closed
    }

    pub(crate) fn leave(&self) {
        self.state().inside -= 1;
        self.somebody_left.notify_all();
    }

    fn is_closed(&self) -> bool {
        self.state().closed
    }

    fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        while state.inside > 0 {
            state = self
                .somebody_left
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Nothing panics while the lock is held.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does some waiting without the interpreter. On the main thread, which is the one that ends the interpreter, nothing can go
/// wrong; any other thread comes back through the gate.
///
/// Errors: `RuntimeError` when the interpreter is ending and there would be no way back. A daemon thread, which nobody waits
/// for, rests instead, as CPython would have it do a moment later.
pub(crate) fn detached<R: Send>(
    py: Python<'_>,
    on_main_thread: bool,
    wait: impl FnOnce() -> R + Send,
) -> PyResult<R> {
    if on_main_thread {
        return Ok(py.detach(wait));
    }
    let gate = Gate::of_this_process(py);
    if gate.is_closed() && !is_daemon(py)? {
        return Err(PyRuntimeError::new_err("the interpreter is shutting down"));
    }
    let result = py.detach(|| {
        let result = wait();
        while !gate.enter() {
            std::thread::park();
        }
        result
    });
    gate.leave();
    Ok(result)
}

/// Whether this is the thread that runs signal handlers. After a fork it is the one that forked.
pub(crate) fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    static MAIN_THREAD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static CURRENT_ID: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let main = MAIN_THREAD
        .import(py, "threading", "main_thread")?
        .call0()?
        .getattr("ident")?;
    main.eq(CURRENT_ID.import(py, "threading", "get_ident")?.call0()?)
}

fn is_daemon(py: Python<'_>) -> PyResult<bool> {
    py.import("threading")?
        .call_method0("current_thread")?
        .getattr("daemon")?
        .extract()
}

/// The `atexit` hook.
#[pyfunction]
pub(crate) fn close(py: Python<'_>) {
    let gate = Gate::of_this_process(py);
    py.detach(|| gate.close());
}

/// What the thread of the calls waits for while a fork is under way.
static PAUSED: Mutex<Option<Paused>> = Mutex::new(None);

#[pyfunction]
pub(crate) fn before_fork() {
    *PAUSED.lock().unwrap_or_else(PoisonError::into_inner) = Runtime::pause();
}

#[pyfunction]
pub(crate) fn after_fork() {
    *PAUSED.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

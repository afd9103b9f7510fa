//! Being in the interpreter from Rust, leaving it, and coming back: never after it has begun to end, and not in the middle of a
//! fork.
//!
//! CPython up to 3.13 ends any other thread that asks for the interpreter during finalization by unwinding it, and Rust frames
//! cannot be unwound so: the process crashes. A thread asks for it when it comes back from waiting, and also whenever Python
//! code that Rust called makes way for other threads. So a thread is inside a gate for as long as it runs code of this module
//! with the interpreter in hand. An `atexit` hook closes the gate and waits for those who are inside; those who come later
//! rest until the process ends. The main thread is the one that ends the interpreter, and needs no gate.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use midjourney_imagine_bridge::{Paused, PerProcess, Runtime};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

static GATE: PerProcess<Gate> = PerProcess::new();

/// How long the end of the interpreter waits for those who are inside: a callback of the user's may be among them, and that
/// may take for ever.
const PATIENCE: Duration = Duration::from_secs(1);

/// Each process has its own: a forked child has none of the threads that stood in its parent's.
#[derive(Debug)]
pub(crate) struct Gate {
    process: u32,
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
        let make = || Self {
            process: std::process::id(),
            state: Mutex::default(),
            somebody_left: Condvar::new(),
        };
        match GATE.get_or_make(|_| Ok::<_, std::convert::Infallible>(make())) {
            Ok(gate) => gate,
        }
    }

    /// Whether the caller may have the interpreter; if so, it says [`Gate::leave`] when it has let it go.
    pub(crate) fn enter(&self) -> bool {
        let mut state = self.state();
        if !state.closed {
            state.inside += 1;
        }
        !state.closed
    }

    pub(crate) fn leave(&self) {
        // Whoever forked while inside is inside nothing in the child, where the lock may be held by a thread that is not there.
        if self.process == std::process::id() {
            self.state().inside -= 1;
            self.somebody_left.notify_all();
        }
    }

    fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        // Whether it was in time makes no difference any more.
        drop(
            self.somebody_left
                .wait_timeout_while(state, PATIENCE, |state| state.inside > 0),
        );
    }

    /// Nothing panics while the lock is held.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread in code of this module, with the interpreter in hand.
pub(crate) struct Inside {
    /// Nothing on the main thread.
    gate: Option<Arc<Gate>>,
}

impl Inside {
    /// Begins it. A thread that comes when the interpreter is ending does not come back from here, as it would not from
    /// CPython a moment later.
    pub(crate) fn enter(py: Python<'_>) -> PyResult<Self> {
        if is_main_thread(py)? {
            return Ok(Self { gate: None });
        }
        let gate = Gate::of_this_process(py);
        if !gate.enter() {
            py.detach(|| enter_or_rest(&gate));
        }
        Ok(Self { gate: Some(gate) })
    }

    pub(crate) fn is_on_the_main_thread(&self) -> bool {
        self.gate.is_none()
    }

    /// Does some waiting without the interpreter.
    pub(crate) fn detached<R: Send>(&self, py: Python<'_>, wait: impl FnOnce() -> R + Send) -> R {
        let Some(gate) = &self.gate else {
            return py.detach(wait);
        };
        // Between here and letting go nothing asks for the interpreter.
        gate.leave();
        py.detach(|| {
            let result = wait();
            enter_or_rest(gate);
            result
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        if let Some(gate) = &self.gate {
            gate.leave();
        }
    }
}

fn enter_or_rest(gate: &Gate) {
    while !gate.enter() {
        std::thread::park();
    }
}

/// The main thread's id in Python's own count; 0 when it is not known yet.
static MAIN_THREAD: AtomicU64 = AtomicU64::new(0);

/// Whether this is the thread that runs signal handlers.
fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    let own = current_thread(py)?;
    let main = match MAIN_THREAD.load(Ordering::Relaxed) {
        0 => {
            let main = py.import("threading")?.call_method0("main_thread")?;
            let main = main.getattr("ident")?.extract()?;
            MAIN_THREAD.store(main, Ordering::Relaxed);
            main
        }
        main => main,
    };
    Ok(own == main)
}

fn current_thread(py: Python<'_>) -> PyResult<u64> {
    static GET_IDENT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    GET_IDENT
        .import(py, "_thread", "get_ident")?
        .call0()?
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
pub(crate) fn after_fork_in_parent() {
    *PAUSED.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// The thread that forked is the child's main thread.
#[pyfunction]
pub(crate) fn after_fork_in_child(py: Python<'_>) -> PyResult<()> {
    *PAUSED.lock().unwrap_or_else(PoisonError::into_inner) = None;
    MAIN_THREAD.store(current_thread(py)?, Ordering::Relaxed);
    Ok(())
}

//! Holding the GIL from Rust, letting it go and taking it again: never after the interpreter has begun to shut down, and not in the
//! middle of a fork.
//!
//! CPython up to 3.13 ends any other thread that asks for the GIL during finalization by unwinding it, and Rust frames cannot be
//! unwound so: the process crashes. A thread asks for it when it comes back from waiting, and also whenever Python code that Rust
//! called gives the GIL to other threads. So a thread is counted by the shutdown guard for as long as it runs code of this module
//! with the GIL. An `atexit` hook closes the guard and waits for the threads that are counted; a thread that comes later is parked
//! until the process ends. The main thread is the one that shuts the interpreter down, and needs no guard.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use midjourney_imagine_bridge::{Paused, PerProcess, Runtime};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

static GUARD: PerProcess<ShutdownGuard> = PerProcess::new();

/// How long the shutdown waits for the threads that are counted: one of them may run a callback of the user's that never ends.
const PATIENCE: Duration = Duration::from_secs(1);

/// Each process has its own: a forked child has none of its parent's threads.
#[derive(Debug)]
pub(crate) struct ShutdownGuard {
    process: u32,
    state: Mutex<State>,
    one_left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    inside: usize,
}

impl ShutdownGuard {
    /// This process's guard. The caller holds the GIL.
    pub(crate) fn of_this_process(_: Python<'_>) -> Arc<Self> {
        let make = || Self {
            process: std::process::id(),
            state: Mutex::default(),
            one_left: Condvar::new(),
        };
        match GUARD.get_or_make(|_| Ok::<_, std::convert::Infallible>(make())) {
            Ok(guard) => guard,
        }
    }

    /// Whether the caller may hold the GIL; if so, it calls [`ShutdownGuard::leave`] when it has let it go.
    pub(crate) fn enter(&self) -> bool {
        let mut state = self.state();
        if !state.closed {
            state.inside += 1;
        }
        !state.closed
    }

    pub(crate) fn leave(&self) {
        // After a fork the child's guard counts no thread, and the lock may be held by a thread that does not exist there.
        if self.process == std::process::id() {
            self.state().inside -= 1;
            self.one_left.notify_all();
        }
    }

    fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        // Whether it was in time makes no difference any more.
        drop(
            self.one_left
                .wait_timeout_while(state, PATIENCE, |state| state.inside > 0),
        );
    }

    /// Nothing panics while the lock is held.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread in code of this module that holds the GIL.
pub(crate) struct Inside {
    /// Nothing on the main thread.
    guard: Option<Arc<ShutdownGuard>>,
}

impl Inside {
    /// Begins it. A thread that comes during the shutdown does not return from here, as it would not from CPython a moment later.
    pub(crate) fn enter(py: Python<'_>) -> PyResult<Self> {
        if is_main_thread(py)? {
            return Ok(Self { guard: None });
        }
        let guard = ShutdownGuard::of_this_process(py);
        if !guard.enter() {
            py.detach(|| enter_or_park(&guard));
        }
        Ok(Self { guard: Some(guard) })
    }

    pub(crate) fn is_on_the_main_thread(&self) -> bool {
        self.guard.is_none()
    }

    /// Does some waiting without the interpreter.
    pub(crate) fn detached<R: Send>(&self, py: Python<'_>, wait: impl FnOnce() -> R + Send) -> R {
        let Some(guard) = &self.guard else {
            return py.detach(wait);
        };
        // Between here and letting go nothing asks for the interpreter.
        guard.leave();
        py.detach(|| {
            let result = wait();
            enter_or_park(guard);
            result
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        if let Some(guard) = &self.guard {
            guard.leave();
        }
    }
}

fn enter_or_park(guard: &ShutdownGuard) {
    while !guard.enter() {
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
    let guard = ShutdownGuard::of_this_process(py);
    py.detach(|| guard.close());
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

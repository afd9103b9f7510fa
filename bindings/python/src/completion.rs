//! How a finished call wakes the asyncio code that awaits it.
//!
//! One queue for each event loop, and one wake-up for each batch: a call that ends, on the runtime's thread, puts its result in
//! the queue, still as Rust data, and asks for a wake-up unless one is on its way. One helper thread takes the GIL, once
//! for all loops that are due, and has each loop call [`LoopBridge::drain`], which completes everything that has arrived. The
//! Python object is made when the awaiting code resumes. Dropping the awaitable ends the call.
//!
//! The helper is counted by the guard of `shutdown.rs`, so that nothing asks for the GIL once the interpreter shuts down.

use std::collections::HashMap;
use std::io;
use std::mem;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use midjourney_imagine_bridge::{self as bridge, Event, Listener, PerProcess, Running, Runtime};
use pyo3::exceptions::{PyBaseException, PyRuntimeError, PyStopIteration};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyWeakrefReference;

use crate::shutdown::{Inside, ShutdownGuard};
use crate::{logging, reply};

/// What is asked for.
pub(crate) enum Ask {
    Command(Arc<bridge::Client>, String),
    Pull(Arc<bridge::Stream>),
}

/// A call that begins when it is awaited, once.
#[pyclass(module = "midjourney_imagine._native")]
pub(crate) struct Call(Stage);

enum Stage {
    New {
        ask: Ask,
        on_progress: Option<Py<PyAny>>,
    },
    Waiting(Waiting),
    Over,
}

struct Waiting {
    ticket: Ticket,
    /// Dropped with the rest, which ends the call.
    _running: Running,
}

#[pymethods]
impl Call {
    fn __await__(call: Py<Self>) -> Py<Self> {
        call
    }

    /// For `yield from`, in which asyncio wraps awaitables that are no coroutines.
    fn __iter__(call: Py<Self>) -> Py<Self> {
        call
    }

    /// A step of `await`: the first begins the call and gives the loop's own future to wait for, the second has the answer.
    fn __next__(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let _inside = Inside::enter(py)?;
        match mem::replace(&mut self.0, Stage::Over) {
            Stage::New { ask, on_progress } => {
                let (waiting, future) = begin(py, ask, on_progress)?;
                self.0 = Stage::Waiting(waiting);
                // The word of asyncio's own `Future.__await__` for "I was awaited, not yielded".
                future.setattr(intern!(py, "_asyncio_future_blocking"), true)?;
                Ok(future.unbind())
            }
            Stage::Waiting(waiting) => {
                let answer = waiting.ticket.redeem(py)?;
                Err(PyStopIteration::new_err((answer.unbind(),)))
            }
            Stage::Over => Err(PyRuntimeError::new_err(
                "cannot reuse an already awaited call",
            )),
        }
    }

    /// Cancelling comes in here. The exchange ends now, however long the exception's traceback keeps this object.
    #[pyo3(signature = (error, value=None, traceback=None))]
    fn throw(
        &mut self,
        py: Python<'_>,
        error: Bound<'_, PyAny>,
        value: Option<Bound<'_, PyAny>>,
        traceback: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let _inside = Inside::enter(py)?;
        self.close();
        // Three arguments are the older form; the first is then a class.
        let error = match value {
            Some(value) if value.is_instance_of::<PyBaseException>() => value,
            Some(value) => error.call1((value,))?,
            None if error.is_instance_of::<PyBaseException>() => error,
            None => error.call0()?,
        };
        if let Some(traceback) = traceback {
            error.setattr(intern!(py, "__traceback__"), traceback)?;
        }
        Err(PyErr::from_value(error))
    }

    /// Ends the exchange. A call that had not begun never will.
    fn close(&mut self) {
        drop(mem::replace(&mut self.0, Stage::Over));
    }
}

impl Call {
    pub(crate) fn new(ask: Ask, on_progress: Option<Py<PyAny>>) -> Self {
        Self(Stage::New { ask, on_progress })
    }
}

fn begin(
    py: Python<'_>,
    ask: Ask,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<(Waiting, Bound<'_, PyAny>)> {
    let bridge = LoopBridge::of_running_loop(py)?;
    let future = bridge
        .event_loop(py)?
        .call_method0(intern!(py, "create_future"))?;
    let on_progress = on_progress
        .map(|callback| Progress::new(py, callback))
        .transpose()?;
    let tells_progress = on_progress.is_some();
    let ticket = bridge.enter(Waiter {
        future: future.clone().unbind(),
        on_progress,
        last: None,
    });
    let listener: Arc<dyn Listener> = Arc::new(Inbox {
        bridge,
        number: ticket.number,
    });
    let call = match ask {
        Ask::Pull(stream) => Box::pin(stream.pull()),
        Ask::Command(client, command) => {
            let progress = tells_progress.then(|| Arc::clone(&listener));
            client
                .call(&command, progress)
                .map_err(|error| reply::error(&error))?
        }
    };
    let running = Runtime::of_this_process()?.start(call, listener, logging::wanted(py)?);
    Ok((
        Waiting {
            ticket,
            _running: running,
        },
        future,
    ))
}

/// A callback and the context variables of the code that gave it.
struct Progress {
    callback: Py<PyAny>,
    context: Py<PyAny>,
}

impl Progress {
    fn new(py: Python<'_>, callback: Py<PyAny>) -> PyResult<Self> {
        static COPY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let context = COPY
            .import(py, "contextvars", "copy_context")?
            .call0()?
            .unbind();
        Ok(Self { callback, context })
    }
}

/// Who awaits a call.
struct Waiter {
    future: Py<PyAny>,
    on_progress: Option<Progress>,
    last: Option<PyResult<Event>>,
}

/// A place among the waiters; it is given up when this is dropped.
struct Ticket {
    bridge: Arc<LoopBridge>,
    number: u64,
}

impl Ticket {
    /// What the call gave, made a Python object now.
    fn redeem(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let waiter = self.bridge.waiters().of_number.remove(&self.number);
        match waiter.and_then(|waiter| waiter.last) {
            Some(Ok(last)) => reply::of_last(py, last),
            Some(Err(error)) if error.is_instance_of::<PyStopIteration>(py) => {
                // Raised as it is, it would be taken for the answer.
                let stopped = PyRuntimeError::new_err("on_progress raised StopIteration");
                stopped.set_cause(py, Some(error));
                Err(stopped)
            }
            Some(Err(error)) => Err(error),
            None => Err(PyRuntimeError::new_err(
                "the call was resumed before it had ended",
            )),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // Bound first: what is removed is dropped when the lock is free again.
        let waiter = self.bridge.waiters().of_number.remove(&self.number);
        drop(waiter);
    }
}

/// Where a running call puts what it has to tell.
struct Inbox {
    bridge: Arc<LoopBridge>,
    number: u64,
}

impl Listener for Inbox {
    fn tell(&self, event: Event) {
        let mut arrived = self.bridge.arrived();
        arrived.events.push((self.number, event));
        if !mem::replace(&mut arrived.armed, true) {
            drop(arrived);
            self.bridge.waker.wake(Arc::clone(&self.bridge));
        }
    }
}

/// One event loop's queue and waiters.
struct LoopBridge {
    /// Weak: what waits must not keep a loop alive that its owner has let go.
    event_loop: Py<PyWeakrefReference>,
    waker: Arc<Waker>,
    arrived: Mutex<Arrived>,
    /// Only touched with the interpreter in hand.
    waiters: Mutex<Waiters>,
}

#[derive(Default)]
struct Arrived {
    events: Vec<(u64, Event)>,
    /// A wake-up is on its way.
    armed: bool,
}

#[derive(Default)]
struct Waiters {
    of_number: HashMap<u64, Waiter>,
    next_number: u64,
}

thread_local! {
    /// The bridge of the loop that ran on this thread last, which is mostly the one that runs now.
    static LATEST: std::cell::RefCell<Option<(u32, Arc<LoopBridge>)>> = const { std::cell::RefCell::new(None) };
}

impl LoopBridge {
    fn of_running_loop(py: Python<'_>) -> PyResult<Arc<Self>> {
        static RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let event_loop = RUNNING_LOOP
            .import(py, "asyncio", "get_running_loop")?
            .call0()?;
        let process = std::process::id();
        let latest = LATEST.with_borrow(|latest| {
            let (_, bridge) = latest
                .as_ref()
                .filter(|(of_process, _)| *of_process == process)?;
            Some(Arc::clone(bridge))
        });
        if let Some(bridge) = latest
            && bridge
                .event_loop
                .bind(py)
                .upgrade()
                .is_some_and(|latest| latest.is(&event_loop))
        {
            return Ok(bridge);
        }
        let bridge = Arc::new(Self {
            event_loop: PyWeakrefReference::new(&event_loop)?.unbind(),
            waker: Waker::of_this_process(py)?,
            arrived: Mutex::default(),
            waiters: Mutex::default(),
        });
        match LATEST.replace(Some((process, Arc::clone(&bridge)))) {
            // A parent's: the locks in it may be held by threads that are not here.
            Some((of_process, parents)) if of_process != process => mem::forget(parents),
            before => drop(before),
        }
        Ok(bridge)
    }

    fn event_loop<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let event_loop = self.event_loop.bind(py).upgrade();
        event_loop.ok_or_else(|| PyRuntimeError::new_err("the event loop is gone"))
    }

    fn enter(self: &Arc<Self>, waiter: Waiter) -> Ticket {
        let mut waiters = self.waiters();
        let number = waiters.next_number;
        waiters.next_number += 1;
        waiters.of_number.insert(number, waiter);
        drop(waiters);
        Ticket {
            bridge: Arc::clone(self),
            number,
        }
    }

    /// Has the loop drain the queue. On a loop that is closed or gone no call is awaited.
    fn wake(self: Arc<Self>, py: Python<'_>) {
        let Ok(event_loop) = self.event_loop(py) else {
            return;
        };
        let drain = Drain(self);
        // `RuntimeError: Event loop is closed` is the only way for this to fail.
        drop(event_loop.call_method1(intern!(py, "call_soon_threadsafe"), (drain,)));
    }

    /// Completes all that has arrived.
    fn drain(&self, py: Python<'_>) -> PyResult<()> {
        let events = {
            let mut arrived = self.arrived();
            arrived.armed = false;
            mem::take(&mut arrived.events)
        };
        // A log record that cannot be written must not keep the other calls from their answers.
        let mut failed = Ok(());
        for (number, event) in events {
            let done = match event {
                Event::Log(line) => logging::write(py, &line),
                Event::Progress(update) => self.progress(py, number, update),
                last @ (Event::Done(_) | Event::Lost) => self.complete(py, number, Ok(last)),
            };
            failed = failed.and(done);
        }
        failed
    }

    /// An exception of the callback ends the call: the awaiting code raises it and lets go.
    fn progress(&self, py: Python<'_>, number: u64, update: String) -> PyResult<()> {
        let run = {
            let waiters = self.waiters();
            let progress = waiters
                .of_number
                .get(&number)
                .and_then(|waiter| waiter.on_progress.as_ref());
            progress.map(|progress| {
                (
                    progress.context.clone_ref(py),
                    progress.callback.clone_ref(py),
                )
            })
        };
        let Some((context, callback)) = run else {
            return Ok(());
        };
        match context.call_method1(py, intern!(py, "run"), (callback, update)) {
            Ok(_) => Ok(()),
            Err(error) => self.complete(py, number, Err(error)),
        }
    }

    fn complete(&self, py: Python<'_>, number: u64, last: PyResult<Event>) -> PyResult<()> {
        let future = {
            let mut waiters = self.waiters();
            // The call may have been cancelled; an answer after an exception of the callback comes too late.
            let Some(waiter) = waiters
                .of_number
                .get_mut(&number)
                .filter(|waiter| waiter.last.is_none())
            else {
                drop(waiters);
                drop(last);
                return Ok(());
            };
            waiter.last = Some(last);
            waiter.future.clone_ref(py)
        };
        // A future that was cancelled is done, and its awaiting code is about to let go.
        if !future
            .call_method0(py, intern!(py, "done"))?
            .is_truthy(py)?
        {
            future.call_method1(py, intern!(py, "set_result"), (py.None(),))?;
        }
        Ok(())
    }

    /// Nothing panics while the lock is held.
    fn arrived(&self) -> MutexGuard<'_, Arrived> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a loop is given to call.
#[pyclass(frozen, module = "midjourney_imagine._native")]
struct Drain(Arc<LoopBridge>);

#[pymethods]
impl Drain {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let _inside = Inside::enter(py)?;
        self.0.drain(py)
    }
}

static WAKER: PerProcess<Waker> = PerProcess::new();

/// The helper thread that takes the interpreter for those who must not wait for it.
struct Waker(Sender<Arc<LoopBridge>>);

impl Waker {
    fn of_this_process(py: Python<'_>) -> io::Result<Arc<Self>> {
        let guard = ShutdownGuard::of_this_process(py);
        WAKER.get_or_make(|_| {
            let (sender, due) = channel();
            std::thread::Builder::new()
                .name("midjourney-imagine-wake".to_owned())
                .spawn(move || serve(&due, &guard))?;
            Ok(Self(sender))
        })
    }

    fn wake(&self, bridge: Arc<LoopBridge>) {
        // The helper has gone only when the interpreter is ending.
        drop(self.0.send(bridge));
    }
}

fn serve(due: &Receiver<Arc<LoopBridge>>, guard: &ShutdownGuard) {
    while let Ok(first) = due.recv() {
        if !guard.enter() {
            return;
        }
        Python::try_attach(|py| {
            for bridge in [first].into_iter().chain(due.try_iter()) {
                bridge.wake(py);
            }
        });
        guard.leave();
    }
}

//! Waiting for a call on the thread that made it.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use midjourney_imagine_bridge::{Call, Error, Event, Listener, Runtime};
use pyo3::prelude::*;

use crate::shutdown::Inside;
use crate::{logging, reply};

/// How often the main thread looks whether a signal has come: Python runs its handlers nowhere else, and only when asked.
const SIGNALS: Duration = Duration::from_millis(50);

/// Runs a call to its end without the interpreter. Progress and log lines are written from this thread; an exception of theirs,
/// or of a signal handler, ends the call.
pub(crate) fn wait<'py>(
    py: Python<'py>,
    on_progress: Option<Bound<'py, PyAny>>,
    begin: impl FnOnce(Option<Arc<dyn Listener>>) -> Result<Call, Error>,
) -> PyResult<Bound<'py, PyAny>> {
    let inside = Inside::enter(py)?;
    let (sender, mut events) = channel();
    let listener: Arc<dyn Listener> = Arc::new(sender);
    let call = begin(on_progress.as_ref().map(|_| Arc::clone(&listener)))
        .map_err(|error| reply::error(&error))?;
    let on_main_thread = inside.is_on_the_main_thread();
    let running = Runtime::of_this_process()?.start(call, listener, logging::wanted(py)?);
    loop {
        let event;
        (events, event) = inside.detached(py, move || {
            let event = if on_main_thread {
                events.recv_timeout(SIGNALS)
            } else {
                events.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            (events, event)
        });
        match event {
            Ok(Event::Progress(update)) => {
                if let Some(on_progress) = &on_progress {
                    on_progress.call1((update,))?;
                }
            }
            Ok(Event::Log(line)) => logging::write(py, &line)?,
            Ok(last) => {
                drop(running);
                return reply::of_last(py, last);
            }
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => return reply::of_last(py, Event::Lost),
        }
    }
}

//! A stream as a handle: pulled one step at a time, closed at any time, and no step lost to a pull that was left.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use midjourney_imagine::{Error, Result, Updates};
use tokio::sync::watch;

use crate::client::update_text;
use crate::event::Reply;
use crate::runtime::Runtime;

/// A step: an update as JSON text, nothing at the end, or why it failed.
type Step = Result<Option<String>>;

/// The updates of one generation, as a handle.
#[derive(Debug)]
pub struct Stream(Arc<State>);

#[derive(Debug)]
struct State {
    /// One pull at a time drives the exchange; the others wait their turn.
    updates: tokio::sync::Mutex<Option<Updates>>,
    seen: Mutex<Seen>,
    closed: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Seen {
    task_id: Option<String>,
    /// Steps that were pulled and not taken.
    returned: VecDeque<Step>,
}

impl Stream {
    pub(crate) fn new(updates: Updates) -> Self {
        Self(Arc::new(State {
            updates: tokio::sync::Mutex::new(Some(updates)),
            seen: Mutex::default(),
            closed: watch::Sender::new(false),
        }))
    }

    /// The task, once the service has named it.
    #[must_use]
    pub fn task_id(&self) -> Option<String> {
        self.0.seen().task_id.clone()
    }

    /// The next step. Leaving this future, or not taking what it gave, loses nothing.
    pub fn pull(&self) -> impl Future<Output = Result<Reply>> + Send + use<> {
        let state = Arc::clone(&self.0);
        async move {
            let mut closed = state.closed.subscribe();
            let step = tokio::select! {
                biased;
                _ = closed.wait_for(|closed| *closed) => Ok(None),
                step = state.step() => step,
            };
            Ok(Reply::Pulled(Pulled {
                step: Some(step),
                state,
            }))
        }
    }

    /// Ends the exchange at once. Pulls that wait end with nothing, and so do all later ones.
    pub fn close(&self) {
        if self.0.closed.send_replace(true) {
            return;
        }
        let state = Arc::clone(&self.0);
        // Where no thread runs, nothing was pulled, and so nothing was sent.
        let Ok(runtime) = Runtime::of_this_process() else {
            return;
        };
        runtime.run(move || {
            // A pull that still holds them drops them when it sees that the stream is closed.
            if let Ok(mut updates) = state.updates.try_lock() {
                *updates = None;
            }
        });
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.close();
    }
}

impl State {
    async fn step(&self) -> Step {
        let mut updates = Held {
            updates: self.updates.lock().await,
            closed: &self.closed,
        };
        if let Some(step) = self.seen().returned.pop_front() {
            return step;
        }
        let Some(open) = updates.updates.as_mut() else {
            return Ok(None);
        };
        let step = open.next().await.transpose();
        self.seen().task_id = open.task_id().map(str::to_owned);
        step.map(|update| update.as_ref().map(update_text))
    }

    /// Nothing panics while the lock is held.
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The updates in the hands of one pull, which lets them go for good when the stream was closed meanwhile.
struct Held<'a> {
    updates: tokio::sync::MutexGuard<'a, Option<Updates>>,
    closed: &'a watch::Sender<bool>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if *self.closed.borrow() {
            *self.updates = None;
        }
    }
}

/// A step on its way to the host. Dropped without being taken, it goes back and is the next one.
#[derive(Debug)]
pub struct Pulled {
    step: Option<Step>,
    state: Arc<State>,
}

impl Pulled {
    /// Takes the step: an update as JSON text, or nothing at the end.
    ///
    /// Errors: those of the generation.
    pub fn take(mut self) -> Result<Option<String>, Error> {
        self.step.take().unwrap_or(Ok(None))
    }
}

impl Drop for Pulled {
    fn drop(&mut self) {
        if let Some(step) = self.step.take()
            && !matches!(step, Ok(None))
        {
            self.state.seen().returned.push_back(step);
        }
    }
}

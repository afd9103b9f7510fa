//! A stream as a handle: pulled one step at a time, closed at any time, and no step lost to a pull that was cancelled.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use midjourney_imagine::{Result, Updates};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::event::{Pulled, Reply, Returned, Step, json};
use crate::runtime::Runtime;

/// The updates of one generation, as a handle.
#[derive(Debug)]
pub struct Stream(Arc<State>);

#[derive(Debug)]
struct State {
    /// One pull at a time drives the exchange; the others wait their turn.
    source: tokio::sync::Mutex<Source>,
    task_id: Mutex<Option<String>>,
    returned: Returned,
    closed: watch::Sender<bool>,
}

/// What the steps come from.
enum Source {
    /// What comes before the first step, such as reading a mask's file. A pull that is cancelled leaves it under way.
    Opening(Pin<Box<dyn Future<Output = Result<Updates>> + Send>>),
    Open(Updates),
    Closed,
}

impl Stream {
    pub(crate) fn new(opening: impl Future<Output = Result<Updates>> + Send + 'static) -> Self {
        Self(Arc::new(State {
            source: tokio::sync::Mutex::new(Source::Opening(Box::pin(opening))),
            task_id: Mutex::default(),
            returned: Returned::default(),
            closed: watch::Sender::new(false),
        }))
    }

    /// The task, once the service has named it.
    #[must_use]
    pub fn task_id(&self) -> Option<String> {
        self.0.task_id.lock().clone()
    }

    /// The next step. Dropping this future, or not taking what it gave, loses nothing.
    pub fn pull(&self) -> impl Future<Output = Result<Reply>> + Send + use<> {
        let state = Arc::clone(&self.0);
        async move {
            let mut closed = state.closed.subscribe();
            let step = tokio::select! {
                biased;
                _ = closed.wait_for(|closed| *closed) => Ok(None),
                step = state.step() => step,
            };
            Ok(Reply::Pulled(Pulled::new(step, state.returned.clone())))
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
            // A pull that still holds it drops it when it sees that the stream is closed.
            if let Ok(mut source) = state.source.try_lock() {
                *source = Source::Closed;
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
        let mut held = Held {
            source: self.source.lock().await,
            closed: &self.closed,
        };
        if let Some(step) = self.returned.next() {
            return step;
        }
        let source = &mut *held.source;
        if let Source::Opening(opening) = source {
            let opened = opening.await;
            *source = Source::Closed;
            *source = Source::Open(opened?);
        }
        let Source::Open(updates) = source else {
            return Ok(None);
        };
        let step = updates.next().await.transpose();
        *self.task_id.lock() = updates.task_id().map(str::to_owned);
        step.map(|update| update.as_ref().map(json))
    }
}

/// The source in the hands of one pull, which drops it for good when the stream was closed meanwhile.
struct Held<'a> {
    source: tokio::sync::MutexGuard<'a, Source>,
    closed: &'a watch::Sender<bool>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if *self.closed.borrow() {
            *self.source = Source::Closed;
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Opening(_) => "Opening",
            Self::Open(_) => "Open",
            Self::Closed => "Closed",
        })
    }
}

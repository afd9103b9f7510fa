//! What a call is, and what it says to its host while it runs: the ground of this crate, which imports nothing of it.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use midjourney_imagine::{Result, Update};
use parking_lot::Mutex;
use serde::Serialize;

/// A call that has not begun.
pub type Call = Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;

/// One thing that happened to a call, in order; nothing follows [`Event::Done`] and [`Event::Lost`].
#[derive(Debug)]
pub enum Event {
    /// An update, as JSON text: `task_id`, `progress` (percent), `image`, `done`.
    Progress(String),
    /// A line for the host's own log, where it asked for them.
    Log(LogRecord),
    /// It ended.
    Done(Result<Reply>),
    /// It ended without an answer: it panicked, or its process is ending.
    Lost,
}

impl Event {
    pub(crate) fn progress(update: &Update) -> Self {
        Self::Progress(json(update))
    }
}

/// What a call gives.
#[derive(Debug)]
pub enum Reply {
    /// JSON text.
    Text(String),
    /// A picture's content.
    Bytes(Bytes),
    /// A stream's next step, which goes back to the stream when nobody takes it.
    Pulled(Pulled),
}

impl Reply {
    pub(crate) fn json(value: &impl Serialize) -> Self {
        Self::Text(json(value))
    }
}

/// A step of a stream: an update as JSON text, nothing at the end, or why it failed.
pub(crate) type Step = Result<Option<String>>;

/// Steps that were pulled and not taken, the oldest first. Clones are the same queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Returned(Arc<Mutex<VecDeque<Step>>>);

impl Returned {
    pub(crate) fn next(&self) -> Option<Step> {
        self.0.lock().pop_front()
    }
}

/// A step on its way to the host. Dropped without being taken, it goes back and is the next one.
#[derive(Debug)]
pub struct Pulled {
    step: Option<Step>,
    returned: Returned,
}

impl Pulled {
    pub(crate) fn new(step: Step, returned: Returned) -> Self {
        Self {
            step: Some(step),
            returned,
        }
    }

    /// Takes the step: an update as JSON text, or nothing at the end.
    ///
    /// Errors: those of the generation.
    pub fn take(mut self) -> Result<Option<String>> {
        self.step.take().unwrap_or(Ok(None))
    }
}

impl Drop for Pulled {
    fn drop(&mut self) {
        if let Some(step) = self.step.take()
            && !matches!(step, Ok(None))
        {
            self.returned.0.lock().push_back(step);
        }
    }
}

/// How important a line is, in the order of importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words say it")]
pub enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
}

/// A line of the log. It never holds the token, a prompt or a signed URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// How important it is.
    pub level: LogLevel,
    /// What happened, with its facts as `name=value`.
    pub message: String,
}

/// Who is told. It is called on the runtime's thread, which serves all other calls too: it hands on and returns.
pub trait Listener: Send + Sync + 'static {
    /// Takes one event.
    fn tell(&self, event: Event);
}

impl Listener for std::sync::mpsc::Sender<Event> {
    /// A receiver that is gone belongs to a call that was cancelled and is about to end.
    fn tell(&self, event: Event) {
        drop(self.send(event));
    }
}

pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("models, facts and paths are values that JSON has")
}

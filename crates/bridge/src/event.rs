//! What a running call tells its host.

use bytes::Bytes;
use midjourney_imagine::Error;

use crate::log::LogRecord;
use crate::stream::Pulled;

/// One thing that happened to a call, in order; nothing follows [`Event::Done`] and [`Event::Lost`].
#[derive(Debug)]
pub enum Event {
    /// An update, as JSON text: `task_id`, `progress` (percent), `image`, `done`.
    Progress(String),
    /// A line for the host's own log, where it asked for them.
    Log(LogRecord),
    /// It ended.
    Done(Result<Reply, Error>),
    /// It ended without an answer: it panicked, or its process is ending.
    Lost,
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

/// Who is told. It is called on the runtime's thread, which serves all other calls too: it hands on and returns.
pub trait Listener: Send + Sync + 'static {
    /// Takes one event.
    fn tell(&self, event: Event);
}

impl Listener for std::sync::mpsc::Sender<Event> {
    /// Whoever no longer listens has left the call, which is about to end.
    fn tell(&self, event: Event) {
        drop(self.send(event));
    }
}

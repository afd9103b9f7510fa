//! The stream's handle.

use midjourney_imagine_bridge as bridge;
use napi::Env;
use napi_derive::napi;

use crate::completion::Channel;
use crate::reply::Thrown;

/// The updates of one generation.
#[napi]
pub struct Stream(bridge::Stream);

impl Stream {
    pub(crate) fn new(stream: bridge::Stream) -> Self {
        Self(stream)
    }
}

#[napi]
impl Stream {
    /// The task, once the service has named it.
    #[napi(getter)]
    pub fn task_id(&self) -> Option<String> {
        self.0.task_id()
    }

    /// Asks for the next update; null at the end. Leaving the call loses nothing.
    #[napi]
    pub fn pull(
        &self,
        env: Env,
        channel: &Channel,
        number: i64,
        tells_progress: bool,
    ) -> Result<(), Thrown> {
        channel.begin(env, number, tells_progress, |_| Ok(Box::pin(self.0.pull())))
    }

    /// Ends the exchange at once.
    #[napi]
    pub fn close(&self) {
        self.0.close();
    }
}

//! The client's handle.

use midjourney_imagine_bridge as bridge;
use napi::Env;
use napi_derive::napi;

use crate::completion::Channel;
use crate::reply::{Thrown, refusal};
use crate::stream::Stream;

/// A client.
#[napi]
pub struct Client(bridge::Client);

#[napi]
impl Client {
    /// With settings as JSON text. Nothing is sent.
    #[napi(constructor)]
    pub fn new(settings: String) -> Result<Self, Thrown> {
        match bridge::Client::new(&settings) {
            Ok(client) => Ok(Self(client)),
            Err(error) => Err(refusal(&error)),
        }
    }

    /// Where the API is.
    #[napi(getter)]
    pub fn base_url(&self) -> &str {
        self.0.base_url()
    }

    /// Sets a call going.
    #[napi]
    pub fn call(
        &self,
        env: Env,
        channel: &Channel,
        number: i64,
        tells_progress: bool,
        command: String,
    ) -> Result<(), Thrown> {
        channel.begin(env, number, tells_progress, |listener| {
            self.0.call(&command, listener)
        })
    }

    /// A stream that begins when it is first asked for an update.
    #[napi]
    pub fn stream(&self, command: String) -> Result<Stream, Thrown> {
        match self.0.stream(&command) {
            Ok(stream) => Ok(Stream::new(stream)),
            Err(error) => Err(refusal(&error)),
        }
    }
}

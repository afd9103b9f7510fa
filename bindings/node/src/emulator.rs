//! The emulator's handle.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use midjourney_imagine_bridge::{self as bridge, Reply, Runtime};
use napi::Env;
use napi_derive::napi;

use crate::completion::Channel;
use crate::reply::{Thrown, failure};

/// An emulator: to be started, running or stopped. Starting and stopping wait for threads and files, so both happen aside.
#[napi]
pub struct Emulator {
    slot: Arc<Slot>,
    /// Nobody can want it when this object is collected, or its context ends.
    _stop: StopAside,
}

#[napi]
impl Emulator {
    /// One that is not started.
    #[napi(constructor)]
    pub fn new() -> Self {
        let slot = Arc::<Slot>::default();
        Self {
            _stop: StopAside::of(&slot),
            slot,
        }
    }

    /// Starts it; gives its base URL when it accepts connections. Ending the call before that stops it.
    #[napi]
    pub fn start(
        &self,
        env: Env,
        channel: &Channel,
        number: i64,
        tells_progress: bool,
        options: String,
    ) -> Result<(), Thrown> {
        let runtime = Runtime::of_this_process().map_err(failure)?;
        let slot = Arc::clone(&self.slot);
        let stop = StopAside::of(&slot);
        let work = async move {
            let started = runtime.aside(move || {
                let emulator = bridge::Emulator::start(&options)?;
                let url = serde_json::json!(emulator.url()).to_string();
                slot.run(emulator);
                Ok(Reply::Text(url))
            });
            let started = started.await;
            stop.never();
            started
        };
        channel.begin(env, number, tells_progress, |_| Ok(Box::pin(work)))
    }

    /// Sets a call of the administration going.
    #[napi]
    pub fn call(
        &self,
        env: Env,
        channel: &Channel,
        number: i64,
        tells_progress: bool,
        command: String,
    ) -> Result<(), Thrown> {
        let work = match &*self.slot.stage() {
            Stage::Running(emulator) => emulator.call(&command),
            Stage::New => return Err(failure("the emulator is not started")),
            Stage::Stopped => return Err(failure("the emulator was stopped")),
        };
        channel.begin(env, number, tells_progress, |_| work)
    }

    /// Stops it, and gives null when its port is free. A second time does nothing.
    #[napi]
    pub fn stop(
        &self,
        env: Env,
        channel: &Channel,
        number: i64,
        tells_progress: bool,
    ) -> Result<(), Thrown> {
        let runtime = Runtime::of_this_process().map_err(failure)?;
        let slot = Arc::clone(&self.slot);
        let work = async move {
            runtime.aside(move || slot.stop()).await;
            Ok(Reply::Text("null".to_owned()))
        };
        channel.begin(env, number, tells_progress, |_| Ok(Box::pin(work)))
    }
}

/// Stops an emulator when it is dropped, where nobody waits and nothing may block.
struct StopAside(Option<Arc<Slot>>);

impl StopAside {
    fn of(slot: &Arc<Slot>) -> Self {
        Self(Some(Arc::clone(slot)))
    }

    fn never(mut self) {
        self.0 = None;
    }
}

impl Drop for StopAside {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take()
            && let Ok(runtime) = Runtime::of_this_process()
        {
            drop(runtime.aside(move || slot.stop()));
        }
    }
}

#[derive(Default)]
struct Slot(Mutex<Stage>);

#[derive(Default)]
enum Stage {
    #[default]
    New,
    Running(bridge::Emulator),
    Stopped,
}

impl Slot {
    /// One that was stopped before it ran stops at once.
    fn run(&self, emulator: bridge::Emulator) {
        let mut stage = self.stage();
        if matches!(*stage, Stage::New) {
            *stage = Stage::Running(emulator);
        }
    }

    fn stop(&self) {
        let stopped = mem::replace(&mut *self.stage(), Stage::Stopped);
        // The lock is free again: dropping takes until the port is.
        drop(stopped);
    }

    /// Nothing panics while the lock is held.
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

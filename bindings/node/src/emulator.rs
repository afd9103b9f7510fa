//! The emulator's handle.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use midjourney_imagine_bridge::{self as bridge, Reply, Runtime};
use napi::Env;
use napi_derive::napi;

use crate::completion::Call;
use crate::reply::{Thrown, failure};

/// An emulator: to be started, running or stopped. Starting and stopping wait for threads and files, so both happen aside.
#[napi]
pub struct Emulator(Arc<Slot>);

#[napi]
impl Emulator {
    /// One that is not started.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Starts it; gives its base URL when it accepts connections. A call that is ended meanwhile does not stop it.
    #[napi]
    pub fn start(&self, env: Env, into: &Call, options: String) -> Result<(), Thrown> {
        let runtime = Runtime::of_this_process().map_err(failure)?;
        let slot = Arc::clone(&self.0);
        let work = async move {
            let started = runtime.aside(move || {
                let emulator = bridge::Emulator::start(&options)?;
                let url = serde_json::json!(emulator.url()).to_string();
                slot.run(emulator);
                Ok(Reply::Text(url))
            });
            started.await
        };
        into.begin(env, Ok(Box::pin(work)))
    }

    /// Sets one verb of the administration going.
    #[napi]
    pub fn call(
        &self,
        env: Env,
        into: &Call,
        verb: String,
        arguments: String,
    ) -> Result<(), Thrown> {
        let work = match &*self.0.stage() {
            Stage::Running(emulator) => emulator.call(&verb, &arguments),
            Stage::New => return Err(failure("the emulator is not started")),
            Stage::Stopped => return Err(failure("the emulator was stopped")),
        };
        into.begin(env, work)
    }

    /// Stops it, and gives null when its port is free. A second time does nothing.
    #[napi]
    pub fn stop(&self, env: Env, into: &Call) -> Result<(), Thrown> {
        let runtime = Runtime::of_this_process().map_err(failure)?;
        let slot = Arc::clone(&self.0);
        let work = async move {
            runtime.aside(move || slot.stop()).await;
            Ok(Reply::Text("null".to_owned()))
        };
        into.begin(env, Ok(Box::pin(work)))
    }
}

impl Drop for Emulator {
    /// It was collected, or its context ended: nobody waits, and nothing here may.
    fn drop(&mut self) {
        if let Ok(runtime) = Runtime::of_this_process() {
            let slot = Arc::clone(&self.0);
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

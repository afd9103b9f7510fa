//! How what happens to calls reaches JavaScript.
//!
//! There is one [`Channel`] for each JavaScript context that loads the package, with one queue and one thread-safe function. An event
//! of a call is put in the queue on the runtime's thread, still as Rust data, and a delivery is scheduled unless one is pending. The
//! delivery runs on the context's own thread and hands over everything that has arrived, as one text.
//!
//! A thread stays alive for as long as one of its calls is pending: the function holds the event loop from the first pending
//! call to the last. When the context ends (`process.exit`, `worker.terminate`), Node closes the function and drops the channel,
//! which ends the exchanges of its calls; their later events find the function closed.

use std::collections::HashMap;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use midjourney_imagine_bridge::{self as bridge, Event, Listener, LogLevel, Running, Runtime};
use napi::bindgen_prelude::{FnArgs, Function, Uint8Array};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;

use crate::reply::{Batch, Thrown, failure, refusal};

/// What `hear` is given: the events as JSON text, and the contents that they name by index.
type Heard = FnArgs<(String, Vec<Uint8Array>)>;

/// The function that delivers. It gets a weak reference to its queue: what Node never delivers is never freed either.
type Delivery = ThreadsafeFunction<Weak<Queue>, (), Heard, Status, false, true>;

/// One JavaScript context's connection to the thread of the calls.
#[napi]
pub struct Channel {
    queue: Arc<Queue>,
    log: Option<LogLevel>,
}

#[napi]
impl Channel {
    /// `hear` is given the events of this channel's calls, in batches; `debug`: whether log records are wanted.
    #[napi(constructor)]
    pub fn new(hear: Function<'_, Heard, ()>, debug: bool) -> napi::Result<Self> {
        let delivery = hear
            .build_threadsafe_function::<Weak<Queue>>()
            .callee_handled::<false>()
            .weak::<true>()
            .build_callback(|due| {
                let batch = match due.value.upgrade() {
                    Some(queue) => queue.take(due.env)?,
                    None => Batch::default(),
                };
                Ok(FnArgs::from(batch.finish()))
            })?;
        Ok(Self {
            queue: Arc::new(Queue {
                arrived: Mutex::default(),
                delivery: Mutex::new(delivery),
                pending: Mutex::default(),
            }),
            log: debug.then_some(LogLevel::Debug),
        })
    }

    /// Ends a call's exchange at once; no event of it is delivered any more. A call that is over may be ended too.
    #[napi]
    pub fn end(&self, env: Env, number: i64) -> napi::Result<()> {
        self.queue.forget(number, env)
    }
}

impl Channel {
    /// Begins a call on this channel. Its number, which no other call has, is how `hear` knows it. Work that was refused is thrown
    /// as its payload; it is given a listener for updates, where they are wanted.
    pub(crate) fn begin(
        &self,
        env: Env,
        number: i64,
        tells_progress: bool,
        work: impl FnOnce(Option<Arc<dyn Listener>>) -> Result<bridge::Call, bridge::Error>,
    ) -> Result<(), Thrown> {
        let inbox = Arc::new(Inbox {
            queue: Arc::clone(&self.queue),
            number,
            is_cancelled: AtomicBool::new(false),
        });
        let listener: Arc<dyn Listener> = Arc::<Inbox>::clone(&inbox);
        let progress = tells_progress.then(|| Arc::clone(&listener));
        let work = work(progress).map_err(|error| refusal(&error))?;
        let runtime = Runtime::of_this_process().map_err(failure)?;
        let running = runtime.start(work, listener, self.log);
        let pending = Pending { inbox, running };
        self.queue.remember(number, pending, env).map_err(failure)
    }
}

impl Drop for Channel {
    /// The context ended. The calls hold the queue that holds them, so they are dropped by hand.
    fn drop(&mut self) {
        let pending = mem::take(&mut *locked(&self.queue.pending));
        for call in pending.into_values() {
            call.end();
        }
    }
}

/// A call that waits for its end.
struct Pending {
    inbox: Arc<Inbox>,
    running: Running,
}

impl Pending {
    fn end(self) {
        self.inbox.is_cancelled.store(true, Ordering::Release);
        drop(self.running);
    }
}

/// Where a running call puts its events.
struct Inbox {
    queue: Arc<Queue>,
    number: i64,
    /// Whether the call was cancelled.
    is_cancelled: AtomicBool,
}

impl Listener for Inbox {
    fn tell(&self, event: Event) {
        if !self.is_cancelled.load(Ordering::Acquire) {
            self.queue.put(self.number, event);
        }
    }
}

struct Queue {
    arrived: Mutex<Arrived>,
    delivery: Mutex<Delivery>,
    /// The calls that have not ended, by their numbers. Only touched on the context's own thread.
    pending: Mutex<HashMap<i64, Pending>>,
}

#[derive(Default)]
struct Arrived {
    events: Vec<(i64, Event)>,
    /// Whether a delivery is scheduled.
    armed: bool,
}

impl Queue {
    fn put(self: &Arc<Self>, number: i64, event: Event) {
        let mut arrived = locked(&self.arrived);
        arrived.events.push((number, event));
        if mem::replace(&mut arrived.armed, true) {
            return;
        }
        drop(arrived);
        // It fails when the context has ended, and then no call is awaited.
        locked(&self.delivery).call(
            Arc::downgrade(self),
            ThreadsafeFunctionCallMode::NonBlocking,
        );
    }

    /// All that has arrived for calls that are still awaited.
    fn take(&self, env: Env) -> napi::Result<Batch> {
        let events = {
            let mut arrived = locked(&self.arrived);
            arrived.armed = false;
            mem::take(&mut arrived.events)
        };
        let mut batch = Batch::default();
        for (number, event) in events {
            // A step of a stream whose pull was cancelled goes back to the stream when it is dropped here.
            if !locked(&self.pending).contains_key(&number) {
                continue;
            }
            if matches!(event, Event::Done(_) | Event::Lost) {
                self.forget(number, env)?;
            }
            batch.add(number, event);
        }
        Ok(batch)
    }

    fn remember(&self, number: i64, call: Pending, env: Env) -> napi::Result<()> {
        let mut pending = locked(&self.pending);
        pending.insert(number, call);
        if pending.len() == 1 {
            hold(&mut locked(&self.delivery), env)?;
        }
        Ok(())
    }

    /// Also what ends it.
    fn forget(&self, number: i64, env: Env) -> napi::Result<()> {
        let mut pending = locked(&self.pending);
        let Some(call) = pending.remove(&number) else {
            return Ok(());
        };
        call.end();
        if pending.is_empty() {
            let_go(&mut locked(&self.delivery), env)?;
        }
        Ok(())
    }
}

/// Keeps the event loop going.
#[expect(
    deprecated,
    reason = "clones, its replacement, are all strong or all weak"
)]
fn hold(delivery: &mut Delivery, env: Env) -> napi::Result<()> {
    delivery.refer(&env)
}

/// Lets the event loop end.
#[expect(deprecated, reason = "as above")]
fn let_go(delivery: &mut Delivery, env: Env) -> napi::Result<()> {
    delivery.unref(&env)
}

/// Nothing panics while one of the locks is held.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! How what happens to calls reaches JavaScript.
//!
//! One [`Line`] for each JavaScript context that loads the package, with one queue and one thread-safe function. A call that has
//! something to tell puts it in the queue, on the runtime's thread and still as Rust data, and arms a crossing unless one is on
//! its way. The crossing runs on the context's own thread and hands over everything that has arrived, as one text.
//!
//! A thread stays alive for as long as one of its calls is pending: the function holds the event loop from the first pending
//! call to the last. When the context ends (`process.exit`, `worker.terminate`), Node closes the function and drops the calls,
//! which ends their exchanges; what they still have to tell finds it closed.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
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

/// The way into JavaScript. It is told which queue is due, weakly: what Node never delivers is never freed either.
type Crossing = ThreadsafeFunction<Weak<Queue>, (), Heard, Status, false, true>;

/// One JavaScript context's connection to the thread of the calls.
#[napi]
pub struct Line {
    queue: Arc<Queue>,
    log: Option<LogLevel>,
}

#[napi]
impl Line {
    /// `hear` is given what happens to the calls of this line, in batches; `debug`: whether log lines are wanted.
    #[napi(constructor)]
    pub fn new(hear: Function<'_, Heard, ()>, debug: bool) -> napi::Result<Self> {
        let crossing = hear
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
                crossing: Mutex::new(crossing),
                pending: Mutex::default(),
            }),
            log: debug.then_some(LogLevel::Debug),
        })
    }

    /// A call to be: what begins it is given it. Its number is how `hear` knows it.
    #[napi]
    pub fn open(&self, number: i64, tells_progress: bool) -> Call {
        Call {
            inbox: Arc::new(Inbox {
                queue: Arc::clone(&self.queue),
                number,
                left: AtomicBool::new(false),
            }),
            tells_progress,
            log: self.log,
            running: RefCell::default(),
            begun: Cell::default(),
        }
    }
}

/// A call. When JavaScript lets it go, its exchange ends.
#[napi]
pub struct Call {
    inbox: Arc<Inbox>,
    tells_progress: bool,
    log: Option<LogLevel>,
    running: RefCell<Option<Running>>,
    begun: Cell<bool>,
}

#[napi]
impl Call {
    /// Ends the exchange at once, and nothing is heard of it again. A second time does nothing.
    #[napi]
    pub fn end(&self, env: Env) -> napi::Result<()> {
        self.inbox.left.store(true, Ordering::Release);
        drop(self.running.take());
        self.inbox.queue.is_over(self.inbox.number, env)
    }
}

impl Call {
    /// Who is told of updates, where they are wanted.
    pub(crate) fn progress(&self) -> Option<Arc<dyn Listener>> {
        self.tells_progress.then(|| self.listener())
    }

    /// Sets it going, once. Work that was refused is thrown as its payload.
    pub(crate) fn begin(
        &self,
        env: Env,
        work: Result<bridge::Call, bridge::Error>,
    ) -> Result<(), Thrown> {
        let work = work.map_err(|error| refusal(&error))?;
        if self.begun.replace(true) {
            return Err(failure("a call begins once"));
        }
        let runtime = Runtime::of_this_process().map_err(failure)?;
        let queue = &self.inbox.queue;
        queue.is_pending(self.inbox.number, env).map_err(failure)?;
        let running = runtime.start(work, self.listener(), self.log);
        self.running.replace(Some(running));
        Ok(())
    }

    fn listener(&self) -> Arc<dyn Listener> {
        Arc::<Inbox>::clone(&self.inbox)
    }
}

/// Where a running call puts what it has to tell.
struct Inbox {
    queue: Arc<Queue>,
    number: i64,
    /// Nobody waits any more.
    left: AtomicBool,
}

impl Listener for Inbox {
    fn tell(&self, event: Event) {
        if !self.left.load(Ordering::Acquire) {
            self.queue.put(self.number, event);
        }
    }
}

struct Queue {
    arrived: Mutex<Arrived>,
    crossing: Mutex<Crossing>,
    /// The numbers of the calls that wait for their end. Only touched on the line's own thread.
    pending: Mutex<HashSet<i64>>,
}

#[derive(Default)]
struct Arrived {
    events: Vec<(i64, Event)>,
    /// A crossing is on its way.
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
        // It fails when the context has ended, and then nobody waits.
        locked(&self.crossing).call(
            Arc::downgrade(self),
            ThreadsafeFunctionCallMode::NonBlocking,
        );
    }

    /// All that has arrived for calls that somebody still waits for.
    fn take(&self, env: Env) -> napi::Result<Batch> {
        let events = {
            let mut arrived = locked(&self.arrived);
            arrived.armed = false;
            mem::take(&mut arrived.events)
        };
        let mut batch = Batch::default();
        for (number, event) in events {
            // A step of a stream that arrives for nobody goes back to the stream when it is dropped here.
            if !locked(&self.pending).contains(&number) {
                continue;
            }
            if matches!(event, Event::Done(_) | Event::Lost) {
                self.is_over(number, env)?;
            }
            batch.add(number, event);
        }
        Ok(batch)
    }

    fn is_pending(&self, number: i64, env: Env) -> napi::Result<()> {
        let mut pending = locked(&self.pending);
        pending.insert(number);
        if pending.len() == 1 {
            hold(&mut locked(&self.crossing), env)?;
        }
        Ok(())
    }

    fn is_over(&self, number: i64, env: Env) -> napi::Result<()> {
        let mut pending = locked(&self.pending);
        if pending.remove(&number) && pending.is_empty() {
            let_go(&mut locked(&self.crossing), env)?;
        }
        Ok(())
    }
}

/// Keeps the event loop going.
#[expect(
    deprecated,
    reason = "clones, its replacement, are all strong or all weak"
)]
fn hold(crossing: &mut Crossing, env: Env) -> napi::Result<()> {
    crossing.refer(&env)
}

/// Lets the event loop end.
#[expect(deprecated, reason = "as above")]
fn let_go(crossing: &mut Crossing, env: Env) -> napi::Result<()> {
    crossing.unref(&env)
}

/// Nothing panics while one of the locks is held.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The one thread on which all calls of a process run, and starting, ending and pausing them.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use midjourney_imagine::Error;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::event::{Event, Listener, LogLevel, Reply};
use crate::log;
use crate::process::{OfThisProcess, PerProcess};

static RUNTIME: PerProcess<Runtime> = PerProcess::new();

/// How long a fork waits for the thread to come to rest.
const REST: Duration = Duration::from_secs(1);

/// A process's thread for calls. It ends with the process.
///
/// One thread is enough, and cheaper than a pool: a call waits a minute and works a millisecond. It is also what makes forks
/// safe, since everything that the core and its HTTP library lock is locked on this thread alone ([`Runtime::pause`]).
#[derive(Debug)]
pub struct Runtime {
    handle: Handle,
}

impl Runtime {
    /// This process's runtime, started at the first call.
    ///
    /// # Errors
    ///
    /// The system refuses another thread.
    pub fn of_this_process() -> io::Result<Arc<Self>> {
        RUNTIME.get_or_make(|_| Self::start_thread())
    }

    fn start_thread() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            // For files and host names.
            .max_blocking_threads(8)
            .thread_name("midjourney-imagine-io")
            .build()?;
        let handle = runtime.handle().clone();
        std::thread::Builder::new()
            .name("midjourney-imagine".to_owned())
            .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
        Ok(Self { handle })
    }

    /// Starts a call. `listener` is told when it ends, and with `log` also what the core has to say that is so important.
    pub fn start(
        &self,
        call: impl Future<Output = Result<Reply, Error>> + Send + 'static,
        listener: Arc<dyn Listener>,
        log: Option<LogLevel>,
    ) -> Running {
        let call = async move {
            let mut last_words = LastWords(Some(Arc::clone(&listener)));
            let answer = match log {
                Some(level) => log::to(Arc::clone(&listener), level, call).await,
                None => call.await,
            };
            last_words.0 = None;
            listener.tell(Event::Done(answer));
        };
        Running(OfThisProcess::new(self.handle.spawn(call).abort_handle()))
    }

    /// Runs something small on the thread, for what must be dropped there.
    pub(crate) fn run(&self, work: impl FnOnce() + Send + 'static) {
        drop(self.handle.spawn(async move { work() }));
    }

    /// Runs something that waits, for files or threads, beside the thread of the calls. It runs to its end even when the future
    /// is dropped.
    pub fn aside<T, W>(&self, work: W) -> impl Future<Output = T> + Send + use<T, W>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let work = self.handle.spawn_blocking(work);
        async move {
            match work.await {
                Ok(done) => done,
                Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
            }
        }
    }

    /// Brings this process's thread to rest, so that a fork finds no lock of it held: a child would wait for such a lock for
    /// ever. Nothing happens where no thread runs.
    #[must_use]
    pub fn pause() -> Option<Paused> {
        let runtime = RUNTIME.existing()?;
        let (resting, rests) = mpsc::channel();
        let (resume, resumed) = mpsc::channel();
        runtime.run(move || rest(&resting, &resumed));
        // A thread that does not come to rest is in a long step; the fork then takes its chance, as every fork does.
        _ = rests.recv_timeout(REST);
        Some(Paused(OfThisProcess::new(resume)))
    }
}

fn rest(resting: &Sender<()>, resumed: &Receiver<()>) {
    _ = resting.send(());
    // The other end is dropped, in the parent.
    _ = resumed.recv();
}

/// A thread at rest, until this is dropped in the process that brought it to rest.
#[derive(Debug)]
pub struct Paused(
    #[expect(dead_code, reason = "it is held to be dropped")] OfThisProcess<Sender<()>>,
);

/// A call under way. Dropping it ends the exchange; the task, if there is one, goes on at the service.
#[derive(Debug)]
#[must_use = "dropping it ends the call"]
pub struct Running(OfThisProcess<AbortHandle>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(call) = self.0.take() {
            call.abort();
        }
    }
}

/// Tells a listener that its call has gone, if nothing else does.
struct LastWords(Option<Arc<dyn Listener>>);

impl Drop for LastWords {
    fn drop(&mut self) {
        if let Some(listener) = self.0.take() {
            listener.tell(Event::Lost);
        }
    }
}

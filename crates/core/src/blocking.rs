//! For programs without an async runtime: everything that can be awaited can be waited for with [`Block::block`].
//!
//! ```no_run
//! use midjourney_imagine::Client;
//! use midjourney_imagine::blocking::Block as _;
//!
//! # fn main() -> midjourney_imagine::Result<()> {
//! let client = Client::from_env()?;
//! let grid = client.imagine("A cat sitting on a table").mode("fast").block()?;
//! let path = grid.upscale(2).block()?.save("cat.png").block()?;
//!
//! for update in client.imagine("A dog").stream().block_each() {
//!     println!("{} %", update?.progress);
//! }
//! # Ok(()) }
//! ```

use std::future::IntoFuture;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

use crate::error::Result;
use crate::updates::{Update, Updates};

/// Waits for a call on the calling thread.
pub trait Block: IntoFuture + Sized {
    /// Runs the call to its end and gives what it gives.
    ///
    /// # Panics
    ///
    /// Inside an async runtime, where it would block a thread that others need: `.await` the call there. And when the
    /// system refuses to start a thread.
    fn block(self) -> Self::Output {
        let future = self.into_future();
        runtime().block_on(future)
    }
}

impl<F: IntoFuture> Block for F {}

impl Updates {
    /// The updates as an iterator that waits for each. Dropping it ends the exchange.
    ///
    /// # Panics
    ///
    /// As [`Block::block`].
    pub fn block_each(self) -> BlockingUpdates {
        BlockingUpdates(self)
    }
}

/// The updates of one generation, one at a time; see [`Updates::block_each`].
#[derive(Debug)]
#[must_use = "a stream does nothing until it is pulled"]
pub struct BlockingUpdates(Updates);

impl Iterator for BlockingUpdates {
    type Item = Result<Update>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().block()
    }
}

/// One runtime for the process. Its one thread also notices, between two calls, that a server closed a connection.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("midjourney-imagine")
            .enable_all()
            .build()
            .expect("the system can start one more thread")
    })
}

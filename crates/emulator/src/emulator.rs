//! The handle of a running emulator, its builder, and the thread that it runs on.
//!
//! An emulator always has a thread and a runtime of its own. So it starts from anywhere, with a runtime or without, and it
//! answers even while the test that started it blocks.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;

use crate::jobs::engine::Settings;
use crate::jobs::ledger::{Ledger, Limits, Prices};
use crate::jobs::prompt::DEFAULT_MODERATED_WORDS;
use crate::jobs::state_folder::StateFolder;
use crate::jobs::store::Bounds;
use crate::jobs::timeline::Speed;
use crate::server;
use crate::server::admin::EmulatorState;
use crate::server::deliveries::Delivery;
use crate::server::request_log::JournalEntry;
use crate::server::rules::FaultRule;
use crate::server::script::ScriptedReply;
use crate::server::service::{Config, Service};
use crate::server::token::Token;

/// Connections that may wait to be accepted: thousands connect at once in a load test.
const BACKLOG: u32 = 4_096;
/// Finished tasks that stay in memory by default.
const RETAINED_TASKS: usize = 50_000;
/// Bytes of finished tasks that stay in memory.
const RETAINED_BYTES: usize = 96 * 1024 * 1024;

/// Sets up an emulator; made by [`Emulator::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `start`"]
pub struct Builder {
    address: IpAddr,
    public_url: Option<String>,
    port: u16,
    speed: Speed,
    seed: Option<u64>,
    tokens: Vec<Token>,
    moderated_words: Vec<String>,
    limits: Limits,
    prices: Prices,
    retained_tasks: usize,
    overlay: bool,
    state_folder: Option<PathBuf>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            address: Ipv4Addr::LOCALHOST.into(),
            public_url: None,
            port: 0,
            speed: Speed::default(),
            seed: None,
            tokens: Vec::new(),
            moderated_words: DEFAULT_MODERATED_WORDS
                .iter()
                .map(|&word| word.to_owned())
                .collect(),
            limits: Limits::default(),
            prices: Prices::default(),
            retained_tasks: RETAINED_TASKS,
            overlay: false,
            state_folder: None,
        }
    }
}

impl Builder {
    /// The port to listen on; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How fast generations run; [`Speed::Instant`] by default.
    pub fn speed(mut self, speed: Speed) -> Self {
        self.speed = speed;
        self
    }

    /// Makes the run repeat itself: the n-th accepted submission has the same ids and the same picture in every run with
    /// this seed. With [`Speed::Instant`] and [`Speed::Virtual`] the time stamps repeat as well, so that whole answers are equal byte
    /// for byte, up to the port in the URLs.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The valid tokens. Without any, every non-empty token is valid.
    pub fn tokens(mut self, tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tokens = tokens.into_iter().map(Token::new).collect();
        self
    }

    /// The words that moderation refuses, in the place of `forbidden-word` and `gore`; letter case does not matter.
    pub fn moderated_words(mut self, words: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.moderated_words = words
            .into_iter()
            .map(|word| word.as_ref().to_lowercase())
            .collect();
        self
    }

    /// What the emulator allows; without limits by default.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What successful jobs are charged.
    pub fn prices(mut self, prices: Prices) -> Self {
        self.prices = prices;
        self
    }

    /// How many finished tasks stay in memory, 50,000 by default, within 96 MiB; the oldest are forgotten first.
    pub fn retained_tasks(mut self, tasks: usize) -> Self {
        self.retained_tasks = tasks.max(1);
        self
    }

    /// Prints the prompt, the tile's number, the action and the seed on each tile; off by default.
    pub fn overlay(mut self, overlay: bool) -> Self {
        self.overlay = overlay;
        self
    }

    /// Stores finished tasks in this folder, the newest thousand, so that a later emulator finds them; several may use one
    /// folder at a time. A seeded run gives the same ids each time, and so overwrites what an earlier one stored.
    pub fn state_folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_folder = Some(path.into());
        self
    }

    /// The address to listen on, 127.0.0.1 by default. With `0.0.0.0` other machines and containers can use the API, and
    /// still not the administration; the pictures' URLs then need [`Builder::public_url`].
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = address;
        self
    }

    /// The base of the pictures' URLs where it is not the address itself, without a final slash.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into().trim_end_matches('/').to_owned());
        self
    }

    /// Starts the emulator; it accepts connections when this returns.
    ///
    /// # Errors
    ///
    /// The port cannot be bound, or no thread can be started.
    #[expect(
        clippy::unused_async,
        reason = "async for later: a start that has to wait must not change the interface"
    )]
    pub async fn start(self) -> io::Result<Emulator> {
        // Binding a socket on this machine and starting a thread do not wait for anything.
        self.start_blocking()
    }

    /// As [`Builder::start`], for programs without an async runtime.
    ///
    /// # Errors
    ///
    /// The port cannot be bound, or no thread can be started.
    pub fn start_blocking(self) -> io::Result<Emulator> {
        let runtime = OwnRuntime::new()?;
        let listener = {
            let _context = runtime.handle.enter();
            self.listen()?
        };
        let url = match self.public_url {
            Some(url) => url,
            None => format!("http://{}", listener.local_addr()?),
        };
        let config = Config {
            url: url.clone(),
            tokens: self.tokens,
            moderated_words: self.moderated_words,
            overlay: self.overlay,
        };
        let settings = Settings {
            speed: self.speed,
            seed: self.seed,
            limits: self.limits,
            prices: self.prices,
            bounds: Bounds {
                tasks: self.retained_tasks,
                bytes: RETAINED_BYTES,
            },
            state_folder: self.state_folder.map(StateFolder::open).transpose()?,
        };
        let service = Service::new(config, settings, runtime.handle.clone());
        let (ended, has_ended) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("midjourney-emulator".to_owned())
            .spawn({
                let service = Arc::clone(&service);
                move || {
                    runtime.block_on(server::serve(listener, Arc::clone(&service)));
                    if let Some(folder) = &service.settings.state_folder {
                        folder.close();
                    }
                    drop(runtime);
                    _ = ended.send(());
                }
            })?;
        Ok(Emulator {
            url,
            service,
            thread: Some(thread),
            has_ended: Some(has_ended),
        })
    }

    fn listen(&self) -> io::Result<TcpListener> {
        let address = SocketAddr::new(self.address, self.port);
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // On Windows the option would let two listeners share the port.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    }
}

/// A runtime that may be dropped anywhere, on a thread of another runtime too: it does not wait for a picture that is
/// still being drawn, since no client is left to take it.
#[derive(Debug)]
struct OwnRuntime {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl OwnRuntime {
    fn new() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            // Pictures are drawn two at a time; the rest is for files and masks.
            .max_blocking_threads(8)
            .thread_name("midjourney-emulator-work")
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    fn block_on(&self, work: impl Future<Output = ()>) {
        if let Some(runtime) = &self.runtime {
            runtime.block_on(work);
        }
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A running emulator. Dropping it stops it.
#[derive(Debug)]
pub struct Emulator {
    url: String,
    service: Arc<Service>,
    thread: Option<JoinHandle<()>>,
    has_ended: Option<oneshot::Receiver<()>>,
}

impl Emulator {
    /// Starts an emulator on a free port of 127.0.0.1, without waits.
    ///
    /// # Errors
    ///
    /// No port can be bound, or no thread can be started.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// As [`Emulator::start`], for programs without an async runtime.
    ///
    /// # Errors
    ///
    /// No port can be bound, or no thread can be started.
    pub fn start_blocking() -> io::Result<Self> {
        Self::builder().start_blocking()
    }

    /// Sets up an emulator in detail.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL, without a final slash: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The ledger: what was asked for, what ran, what was charged.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.service.session().jobs.ledger.read()
    }

    /// Waits until the ledger is as `wanted`, and gives it, so that a test need not guess when a job has started.
    pub async fn ledger_until(&self, wanted: impl FnMut(&Ledger) -> bool) -> Ledger {
        let session = self.service.session();
        session.jobs.ledger.read_when(wanted).await
    }

    /// The newest thousand requests, without their tokens.
    #[must_use]
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.service.session().requests.read()
    }

    /// Waits until the journal is as `wanted`, and gives it, so that a test need not guess when a request has arrived.
    pub async fn journal_until(
        &self,
        wanted: impl FnMut(&[JournalEntry]) -> bool,
    ) -> Vec<JournalEntry> {
        let session = self.service.session();
        session.requests.read_when(wanted).await
    }

    /// The newest thousand callbacks.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.service.session().deliveries.read()
    }

    /// Speed, clock and counts.
    #[must_use]
    pub fn state(&self) -> EmulatorState {
        self.service.state()
    }

    /// Adds answers to the script: each is given word for word to the next request of its path, in order, before anything
    /// else.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the first answer that cannot be given; then none is added.
    pub fn script(&self, replies: Vec<ScriptedReply>) -> Result<(), String> {
        replies.iter().try_for_each(ScriptedReply::check)?;
        self.service.session().script.add(replies);
        Ok(())
    }

    /// Makes a fault strike coming requests; a bare [`Fault`](crate::Fault) strikes once.
    pub fn add_fault(&self, rule: impl Into<FaultRule>) {
        self.service.session().rules.add(rule.into());
    }

    /// The rules in force, each with the times that it is still to strike.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultRule> {
        self.service.session().rules.list()
    }

    /// Forgets all rules.
    pub fn clear_faults(&self) {
        self.service.session().rules.clear();
    }

    /// Sets what may still be spent; `None` lifts the limit.
    pub fn set_balance(&self, balance: Option<f64>) {
        self.service.session().jobs.ledger.set_balance(balance);
    }

    /// Moves the clock of a [`Speed::Virtual`] emulator on. Every step that falls due has been taken when this returns.
    /// Returns false, and does nothing, at another speed.
    #[expect(
        clippy::must_use_candidate,
        reason = "a caller that set the speed knows the answer"
    )]
    pub fn clock_advance(&self, by: Duration) -> bool {
        self.service.session().jobs.advance(by)
    }

    /// Begins anew: tasks, ledger, rules and logs are forgotten, unfinished tasks fail, and a seeded run starts
    /// over.
    pub fn reset(&self) {
        self.service.reset();
    }

    /// Stops the emulator and waits until it has: open connections end, and the port is free.
    pub async fn stop(mut self) {
        self.service.stopping.cancel();
        if let Some(has_ended) = self.has_ended.take() {
            drop(has_ended.await);
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.service.stopping.cancel();
        if let Some(thread) = self.thread.take() {
            // The thread waits only for what the token ends.
            drop(thread.join());
        }
    }
}

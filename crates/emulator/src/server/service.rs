//! What all requests share: the service, and in it the session that the next reset replaces.

use std::sync::Arc;

use parking_lot::RwLock;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::deliveries::Deliveries;
use super::outbound::Outbound;
use super::request_log::RequestLog;
use super::rules::Rules;
use super::script::Script;
use super::token::Token;
use crate::jobs::engine::{Jobs, Settings};

/// What the HTTP side of an emulator is set up with.
#[derive(Debug)]
pub(crate) struct Config {
    /// The base URL, without a final slash.
    pub(crate) url: String,
    /// The valid tokens; without any, every non-empty token is valid.
    pub(crate) tokens: Vec<Token>,
    /// The words that moderation refuses, in lower case.
    pub(crate) moderated_words: Vec<String>,
    /// Whether each tile has the prompt, its number, the action and the seed printed on it.
    pub(crate) overlay: bool,
}

/// Everything between two resets.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) config: Arc<Config>,
    pub(crate) jobs: Arc<Jobs>,
    pub(crate) rules: Rules,
    pub(crate) script: Script,
    pub(crate) requests: RequestLog,
    pub(crate) deliveries: Deliveries,
}

/// A running emulator, as its requests see it.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) config: Arc<Config>,
    pub(crate) settings: Arc<Settings>,
    session: RwLock<Arc<Session>>,
    pub(crate) outbound: Arc<Outbound>,
    runtime: Handle,
    /// Cancelled when the emulator stops.
    pub(crate) stopping: CancellationToken,
}

impl Service {
    pub(crate) fn new(config: Config, settings: Settings, runtime: Handle) -> Arc<Self> {
        let (config, settings) = (Arc::new(config), Arc::new(settings));
        let stopping = CancellationToken::new();
        let session = begin(&config, &settings, &stopping, &runtime);
        Arc::new(Self {
            config,
            settings,
            session: RwLock::new(session),
            outbound: Arc::new(Outbound::new()),
            runtime,
            stopping,
        })
    }

    pub(crate) fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.read())
    }

    /// Begins anew: no tasks, an empty ledger, no rules, and the clock at its start.
    pub(crate) fn reset(&self) {
        let fresh = begin(&self.config, &self.settings, &self.stopping, &self.runtime);
        let old = std::mem::replace(&mut *self.session.write(), fresh);
        old.jobs.end();
    }
}

fn begin(
    config: &Arc<Config>,
    settings: &Arc<Settings>,
    stopping: &CancellationToken,
    runtime: &Handle,
) -> Arc<Session> {
    let jobs = Arc::new(Jobs::new(settings, stopping.child_token()));
    runtime.spawn(Arc::clone(&jobs).drive());
    Arc::new(Session {
        config: Arc::clone(config),
        jobs,
        rules: Rules::default(),
        script: Script::default(),
        requests: RequestLog::default(),
        deliveries: Deliveries::default(),
    })
}

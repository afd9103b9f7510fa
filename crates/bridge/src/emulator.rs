//! The emulator as a handle: its options in, and one way in for every command of its administration.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use midjourney_imagine::{Error, ErrorKind, Result};
use midjourney_imagine_emulator::{
    Emulator as Core, FaultRule, JournalEntry, Limits, Prices, ScriptedReply, Speed,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::arguments::{Seconds, read};
use crate::event::{Call, Reply};
use crate::failure::mistake;
use crate::process::OfThisProcess;

/// A running emulator. Dropping it stops it; in a forked child it is the parent's and answers nothing.
#[derive(Debug)]
pub struct Emulator {
    url: String,
    core: OfThisProcess<Arc<Core>>,
    /// Ends the waits for its journal, which hold it as well.
    stopping: watch::Sender<bool>,
}

/// What an emulator is started with; what is absent has the emulator's default.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmulatorSettings {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[serde(default)]
    port: u16,
    /// How fast generations run.
    #[serde(default)]
    speed: Speed,
    /// Makes the run repeat itself.
    seed: Option<u64>,
    /// The tokens that are right; without any, every one is.
    #[serde(default)]
    tokens: Vec<String>,
    /// The words that moderation refuses.
    moderated_words: Option<Vec<String>>,
    /// The limits of the service.
    #[serde(default)]
    limits: Limits,
    /// What successful jobs are charged.
    prices: Option<Prices>,
    /// How many finished tasks stay in memory.
    retained_tasks: Option<usize>,
    /// Whether prompt, tile, action and seed are printed on each tile.
    #[serde(default)]
    overlay: bool,
    /// A folder that keeps finished tasks for later emulators.
    state_folder: Option<PathBuf>,
}

/// A call of the emulator's administration.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmulatorCommand {
    /// Gives the ledger.
    Ledger(Nothing),
    /// Gives the newest requests, once there are so many.
    Journal(Look),
    /// Gives the newest callbacks.
    Deliveries(Nothing),
    /// Gives speed, seed, clock, counts and limits.
    State(Nothing),
    /// Gives the rules in force.
    Faults(Nothing),
    /// Adds a rule.
    AddFault(AddedFault),
    /// Forgets all rules.
    ClearFaults(Nothing),
    /// Lays down answers word for word.
    Script(Script),
    /// Begins anew.
    Reset(Nothing),
    /// Sets what may still be spent.
    SetBalance(Balance),
    /// Moves a virtual clock.
    ClockAdvance(Advance),
}

impl Emulator {
    /// Starts an emulator; it accepts connections when this returns.
    ///
    /// Errors: `config` for options that cannot be read, a port that cannot be had, a folder that cannot be written.
    pub fn start(options: &str) -> Result<Self> {
        let options: EmulatorSettings = read(ErrorKind::Config, "options", options)?;
        let mut builder = Core::builder()
            .port(options.port)
            .speed(options.speed)
            .tokens(options.tokens)
            .limits(options.limits)
            .overlay(options.overlay);
        if let Some(seed) = options.seed {
            builder = builder.seed(seed);
        }
        if let Some(words) = options.moderated_words {
            builder = builder.moderated_words(words);
        }
        if let Some(prices) = options.prices {
            builder = builder.prices(prices);
        }
        if let Some(tasks) = options.retained_tasks {
            builder = builder.retained_tasks(tasks);
        }
        if let Some(folder) = options.state_folder {
            builder = builder.state_folder(folder);
        }
        let core = builder.start_blocking().map_err(|error| {
            Error::of_kind(
                ErrorKind::Config,
                format!("the emulator cannot start: {error}"),
            )
        })?;
        Ok(Self {
            url: core.url().to_owned(),
            core: OfThisProcess::new(Arc::new(core)),
            stopping: watch::Sender::new(false),
        })
    }

    /// The base URL, without a final slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A call of the administration, from its command as JSON text. All but `journal` have happened when this returns; that one
    /// waits until it holds so many requests (`requests`), and so many whose client has left (`abandoned`), in all or on one
    /// `path`, for at most `wait_seconds` (10), and is given as it then is.
    ///
    /// Errors: `invalid_request`.
    pub fn call(&self, command: &str) -> Result<Call> {
        let core = self.core()?;
        let reply = match read(ErrorKind::InvalidRequest, "command", command)? {
            EmulatorCommand::Ledger(_) => Reply::json(&core.ledger()),
            EmulatorCommand::Journal(look) => return self.journal(look),
            EmulatorCommand::Deliveries(_) => Reply::json(&core.deliveries()),
            EmulatorCommand::State(_) => Reply::json(&core.state()),
            EmulatorCommand::Faults(_) => Reply::json(&core.faults()),
            EmulatorCommand::AddFault(rule) => Reply::json(&core.add_fault(rule.read()?)),
            EmulatorCommand::ClearFaults(_) => Reply::json(&core.clear_faults()),
            EmulatorCommand::Script(Script { replies }) => {
                let laid_down = core.script(replies);
                Reply::json(&laid_down.map_err(|problem| mistake("replies", problem))?)
            }
            EmulatorCommand::Reset(_) => Reply::json(&core.reset()),
            EmulatorCommand::SetBalance(set) => Reply::json(&core.set_balance(set.balance)),
            EmulatorCommand::ClockAdvance(Advance { seconds }) => {
                let by = Duration::try_from_secs_f64(seconds)
                    .map_err(|_| mistake("seconds", "expected a number of seconds, 0 or more"))?;
                if !core.clock_advance(by) {
                    return Err(mistake(
                        "speed",
                        "the clock moves by itself: start the emulator with the speed virtual",
                    ));
                }
                Reply::json(&core.state())
            }
        };
        Ok(Box::pin(async move { Ok(reply) }))
    }

    fn journal(&self, look: Look) -> Result<Call> {
        let core = Arc::clone(self.core()?);
        let limit = look
            .wait_seconds
            .map_or(Duration::from_secs(10), Into::into);
        let mut stopping = self.stopping.subscribe();
        Ok(Box::pin(async move {
            let entries = tokio::select! {
                entries = core.journal_until(|entries| look.is_met_by(entries)) => entries,
                () = tokio::time::sleep(limit) => core.journal(),
                _ = stopping.wait_for(|stopping| *stopping) => core.journal(),
            };
            Ok(Reply::json(&entries))
        }))
    }

    fn core(&self) -> Result<&Arc<Core>> {
        self.core.get().ok_or_else(|| {
            mistake(
                "emulator",
                "it runs in the process that started it, which is not this one",
            )
        })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stopping.send_replace(true);
    }
}

/// No arguments.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Answers, as the emulator's README describes them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    /// Each is for the next request of its path.
    #[schemars(with = "Vec<Map<String, Value>>")]
    replies: Vec<ScriptedReply>,
}

/// What may still be spent.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Balance {
    /// In the units of the prices; null lifts the limit.
    balance: Option<f64>,
}

/// How far to move the clock.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advance {
    /// In seconds.
    seconds: f64,
}

/// What the journal is to hold.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Look {
    /// So many requests.
    #[serde(default)]
    requests: usize,
    /// So many that their clients abandoned.
    #[serde(default)]
    abandoned: usize,
    /// Counts those of one path alone.
    path: Option<String>,
    /// How long to wait, in seconds.
    wait_seconds: Option<Seconds>,
}

/// A fault that is to happen to coming requests.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddedFault {
    /// Its name.
    fault: String,
    /// Its argument, a number or a word.
    arg: Option<Value>,
    /// How often; 0 means until the rules are cleared.
    times: Option<u32>,
    /// The exact path of the requests that it happens to.
    path: Option<String>,
}

impl AddedFault {
    /// Errors have the emulator's own words: they name the faults that there are, or the argument that one takes.
    fn read(self) -> Result<FaultRule> {
        serde_json::to_value(self)
            .and_then(FaultRule::deserialize)
            .map_err(|problem| mistake("fault", problem))
    }
}

impl Look {
    fn is_met_by(&self, entries: &[JournalEntry]) -> bool {
        let counted = || {
            entries
                .iter()
                .filter(|entry| self.path.as_ref().is_none_or(|path| *path == entry.path))
        };
        counted().count() >= self.requests
            && counted().filter(|entry| entry.abandoned).count() >= self.abandoned
    }
}

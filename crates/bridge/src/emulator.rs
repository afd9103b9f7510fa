//! The emulator as a handle: its options and its administration in JSON.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use midjourney_imagine::{Error, ErrorKind, Result};
use midjourney_imagine_emulator::{
    Emulator as Core, FaultRule, JournalEntry, Limits, Prices, ScriptedReply, Speed,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::arguments::{Seconds, read};
use crate::client::Call;
use crate::event::Reply;
use crate::failure::{new, refuse};
use crate::process::OfThisProcess;

/// A running emulator. Dropping it stops it; in a forked child it is the parent's and answers nothing.
#[derive(Debug)]
pub struct Emulator {
    url: String,
    core: OfThisProcess<Arc<Core>>,
    /// Ends the waits for its journal, which hold it as well.
    stopping: watch::Sender<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    port: u16,
    speed: Speed,
    seed: Option<u64>,
    tokens: Vec<String>,
    moderated_words: Option<Vec<String>>,
    limits: Limits,
    prices: Option<Prices>,
    retained_tasks: Option<usize>,
    overlay: bool,
    state_folder: Option<PathBuf>,
}

impl Emulator {
    /// Starts an emulator; it accepts connections when this returns.
    ///
    /// Errors: `config` for options that cannot be read, a port that cannot be had, a folder that cannot be written.
    pub fn start(options: &str) -> Result<Self> {
        let options: Options = read(ErrorKind::Config, options)?;
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
            new(
                ErrorKind::Config,
                &format!("the emulator cannot start: {error}"),
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

    /// One verb of the administration, with its arguments as a JSON object. All but `journal` have happened when this returns;
    /// that one waits until it holds so many requests (`requests`), and so many whose client has left (`abandoned`), in all or
    /// on one `path`, for at most `wait_seconds` (10), and is given as it then is.
    ///
    /// Errors: `invalid_request`.
    pub fn call(&self, verb: &str, arguments: &str) -> Result<Call> {
        let core = self.core()?;
        let said = match verb {
            "ledger" => value(core.ledger()),
            "journal" => return self.journal(arguments_of(arguments)?),
            "deliveries" => value(core.deliveries()),
            "state" => value(core.state()),
            "faults" => value(core.faults()),
            "add_fault" => {
                core.add_fault(fault(arguments_of(arguments)?)?);
                Value::Null
            }
            "clear_faults" => {
                core.clear_faults();
                Value::Null
            }
            "script" => {
                let Script { replies } = arguments_of(arguments)?;
                core.script(replies)
                    .map_err(|problem| mistake("replies", &problem))?;
                Value::Null
            }
            "reset" => {
                core.reset();
                Value::Null
            }
            "set_balance" => {
                core.set_balance(arguments_of::<Balance>(arguments)?.balance);
                Value::Null
            }
            "clock_advance" => {
                let Advance { seconds } = arguments_of(arguments)?;
                let by = Duration::try_from_secs_f64(seconds)
                    .map_err(|_| mistake("seconds", "it is 0 or more"))?;
                if !core.clock_advance(by) {
                    return Err(mistake(
                        "speed",
                        "the clock moves by itself: start the emulator with the speed virtual",
                    ));
                }
                value(core.state())
            }
            other => return Err(mistake("verb", &format!("there is no {other}"))),
        };
        Ok(Box::pin(async move { Ok(Reply::Text(said.to_string())) }))
    }

    fn journal(&self, look: Look) -> Result<Call> {
        let core = Arc::clone(self.core()?);
        let limit = look
            .wait_seconds
            .map_or(Ok(Duration::from_secs(10)), |wait| {
                wait.duration(ErrorKind::InvalidRequest, "wait_seconds")
            })?;
        let mut stopping = self.stopping.subscribe();
        Ok(Box::pin(async move {
            let entries = tokio::select! {
                entries = core.journal_until(|entries| look.is_met_by(entries)) => entries,
                () = tokio::time::sleep(limit) => core.journal(),
                _ = stopping.wait_for(|stopping| *stopping) => core.journal(),
            };
            Ok(Reply::Text(value(entries).to_string()))
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    replies: Vec<ScriptedReply>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Balance {
    balance: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

/// What the journal is to hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    #[serde(default)]
    requests: usize,
    #[serde(default)]
    abandoned: usize,
    path: Option<String>,
    wait_seconds: Option<Seconds>,
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

/// The emulator's own words: they name the faults that there are, or the argument that one takes.
fn fault(rule: Map<String, Value>) -> Result<FaultRule> {
    FaultRule::deserialize(Value::Object(rule))
        .map_err(|problem| mistake("fault", &problem.to_string()))
}

fn arguments_of<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    read(ErrorKind::InvalidRequest, text)
}

fn mistake(field: &str, problem: &str) -> Error {
    refuse(ErrorKind::InvalidRequest, field, problem)
}

fn value(said: impl Serialize) -> Value {
    serde_json::to_value(said).unwrap_or_else(|error| json!({ "error": error.to_string() }))
}

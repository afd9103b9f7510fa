//! The client that a command asks, as its options set it up: for the service, or for an emulator inside this process.

use std::path::{Path, PathBuf};
use std::time::Duration;

use midjourney_imagine::{Client, ErrorKind};
use midjourney_imagine_emulator::{Emulator, Speed};

use crate::args::{self, ClientArgs};
use crate::exit::{Explain, Failure, Result, quote};
use crate::terminal::Screen;

/// The variable that holds the token. It is looked at here only to tell a missing token from every other mistake.
const TOKEN_VARIABLE: &str = "ACEDATACLOUD_API_TOKEN";

/// The variable that moves what the emulator remembers.
const STATE_VARIABLE: &str = "MJ_EMULATOR_STATE";

/// How often a task of the emulator is looked up: it is done in three seconds, and costs nobody anything.
const EMULATOR_POLL_INTERVAL: Duration = Duration::from_millis(200);

/// A client, and the emulator that it asks, if it does: dropping the session stops it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: Client,
    emulator: Option<Emulator>,
}

impl Session {
    pub(crate) fn open(options: &ClientArgs, screen: &Screen) -> Result<Self> {
        let mut builder = Client::builder().retry_server_errors(options.retry_server_errors);
        let mut emulator = None;
        if options.emulator {
            let started = start_emulator(options)?;
            screen.note(
                "this is the emulator: nothing is sent to the service, and nothing is charged",
            );
            builder = builder
                .base_url(started.url())
                .token("emulator")
                .poll_interval(EMULATOR_POLL_INTERVAL);
            emulator = Some(started);
        } else if let Some(file) = &options.token_file {
            builder = builder.token(token_of(file)?);
        } else if std::env::var(TOKEN_VARIABLE).map_or(true, |token| token.trim().is_empty()) {
            return Err(Failure::token("there is no API token").hint(format!(
                "set {TOKEN_VARIABLE}, or add --emulator to try the command without an account"
            )));
        }
        if let Some(base_url) = &options.base_url {
            builder = builder.base_url(base_url);
        }
        if let Some(deadline) = options.deadline {
            builder = builder.deadline(deadline);
        }
        if let Some(limit) = options.connect_timeout {
            builder = builder.connect_timeout(limit);
        }
        if let Some(count) = options.max_retries {
            builder = builder.max_retries(count);
        }
        if let Some(interval) = options.poll_interval {
            builder = builder.poll_interval(interval);
        }
        if let Some(proxy) = &options.proxy {
            builder = builder.proxy(proxy);
        }
        if let Some(file) = &options.ca_certificates {
            builder = builder.ca_certificates(read(file)?);
        }
        if let Some(name) = &options.app_name {
            builder = builder.app_name(name);
        }
        let client = builder.build().map_err(|error| {
            if error.kind() == ErrorKind::Config && error.message().contains("token`") {
                Failure::token(error)
            } else {
                Explain::default().error(error)
            }
        })?;
        Ok(Self { client, emulator })
    }

    /// Stops the emulator, once what it remembers is on the disk.
    pub(crate) async fn close(self) {
        if let Some(emulator) = self.emulator {
            emulator.stop().await;
        }
    }
}

/// The options that lead a later command to the same service.
pub(crate) fn connection_options(options: &ClientArgs) -> String {
    let mut words = Vec::new();
    let mut add = |name: &str, value: &str| words.push(format!(" {name} {}", quote(value)));
    if let Some(base_url) = &options.base_url {
        add("--base-url", base_url);
    }
    if let Some(file) = &options.token_file {
        add("--token-file", &file.to_string_lossy());
    }
    if let Some(folder) = options.emulator_state.as_ref().filter(|_| options.emulator) {
        add("--emulator-state", &folder.to_string_lossy());
    }
    if options.emulator {
        words.push(" --emulator".to_owned());
    }
    words.concat()
}

fn token_of(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| {
        Failure::token(format!(
            "the token file {} cannot be read: {error}",
            file.display()
        ))
    })
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", file.display())))
}

fn start_emulator(options: &ClientArgs) -> Result<Emulator> {
    let mut builder = Emulator::builder().speed(match options.emulator_speed {
        args::Speed::Instant => Speed::Instant,
        args::Speed::Fast => Speed::Fast,
        args::Speed::Real => Speed::Real,
    });
    // A user without a home has an emulator without a memory.
    if let Some(folder) = options.emulator_state.clone().or_else(state_folder) {
        builder = builder.state_folder(folder);
    }
    builder.start_blocking().map_err(|error| {
        Failure::machine(format!("the emulator cannot be started: {error}"))
            .hint("--emulator-state DIR moves what it remembers to another place")
    })
}

/// Where the environment says, else where the system keeps what programs remember from run to run; systems without such
/// a place have one for their data.
fn state_folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(STATE_VARIABLE).filter(|folder| !folder.is_empty()) {
        return Some(PathBuf::from(folder));
    }
    let folder = dirs::state_dir().or_else(dirs::data_local_dir)?;
    Some(folder.join("midjourney-imagine").join("emulator"))
}

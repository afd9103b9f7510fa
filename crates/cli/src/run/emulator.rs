//! `mj emulator`: the emulator as a server of its own, until it is told to stop.

use midjourney_imagine_emulator::{Builder, Emulator, Limits, Speed};

use crate::args::{EmulatorArgs, ServerSpeed};
use crate::exit::{Failure, Result};
use crate::output::print_json;
use crate::signals::Signals;
use crate::terminal::Screen;

pub(super) fn run(arguments: EmulatorArgs, screen: &Screen) -> Result<()> {
    let port = arguments.port;
    let emulator = as_asked(arguments).start_blocking().map_err(|error| {
        let failure = Failure::machine(format!("the emulator cannot be started: {error}"));
        if port == 0 {
            failure
        } else {
            failure.hint("--port 0 takes a free port")
        }
    })?;
    super::on_runtime(serve(emulator, screen))
}

async fn serve(emulator: Emulator, screen: &Screen) -> Result<()> {
    // Before the ready line: who reads it may stop the emulator at once.
    let mut signals = Signals::listen()
        .map_err(|error| Failure::machine(format!("signals cannot be listened for: {error}")))?;
    print_json(&serde_json::json!({ "url": emulator.url() }))?;
    screen.note(&format!(
        "clients find it with ACEDATACLOUD_API_BASE_URL={} and any token; Ctrl-C stops it",
        emulator.url()
    ));
    signals.next().await;
    emulator.stop().await;
    Ok(())
}

fn as_asked(arguments: EmulatorArgs) -> Builder {
    let mut builder = Emulator::builder()
        .address(arguments.address)
        .port(arguments.port)
        .speed(match arguments.speed {
            ServerSpeed::Instant => Speed::Instant,
            ServerSpeed::Fast => Speed::Fast,
            ServerSpeed::Real => Speed::Real,
            ServerSpeed::Virtual => Speed::Virtual,
        })
        .tokens(arguments.tokens)
        .limits(Limits {
            in_flight: arguments.max_in_flight,
            submissions_per_second: arguments.max_per_second,
            balance: arguments.balance,
        });
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    if let Some(folder) = arguments.state {
        builder = builder.state_folder(folder);
    }
    if !arguments.moderated_words.is_empty() {
        builder = builder.moderated_words(arguments.moderated_words);
    }
    if let Some(url) = arguments.public_url {
        builder = builder.public_url(url);
    }
    builder.overlay(arguments.overlay)
}

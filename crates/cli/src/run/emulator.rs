//! `mj emulator`: the emulator as a server of its own, until it is told to stop.

use midjourney_imagine_emulator::Emulator;

use crate::args::EmulatorArgs;
use crate::exit::{Failure, Result};
use crate::output::print_json;
use crate::session::speed;
use crate::signals::Signals;
use crate::terminal::Screen;

pub(super) fn run(arguments: &EmulatorArgs, screen: &Screen) -> Result<()> {
    super::on_runtime(serve(arguments, screen))
}

async fn serve(arguments: &EmulatorArgs, screen: &Screen) -> Result<()> {
    // Before the ready line: who reads it may stop the emulator at once.
    let mut signals = Signals::listen()
        .map_err(|error| Failure::machine(format!("signals cannot be listened for: {error}")))?;
    let builder = Emulator::builder()
        .port(arguments.port)
        .speed(speed(arguments.speed));
    let emulator = builder
        .start()
        .await
        .map_err(|error| Failure::machine(format!("the emulator cannot be started: {error}")))?;
    print_json(&serde_json::json!({ "url": emulator.url() }))?;
    screen.note(&format!(
        "ACEDATACLOUD_API_BASE_URL={} leads clients here; Ctrl-C stops it",
        emulator.url()
    ));
    signals.next().await;
    emulator.stop().await;
    Ok(())
}

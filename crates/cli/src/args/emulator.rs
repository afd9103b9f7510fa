//! The options of `mj emulator`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args, Debug)]
pub(crate) struct EmulatorArgs {
    /// The port; 0 takes a free one, which the ready line names
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// How fast generations run
    #[arg(long, value_enum, value_name = "SPEED", default_value_t = ServerSpeed::Fast)]
    pub(crate) speed: ServerSpeed,
    /// Repeat the same run: the same requests get the same ids and pictures
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// Remember finished tasks in this folder [default: none, they are forgotten at the end]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) state: Option<PathBuf>,
    /// Take this token only; repeat it for more [default: any]
    #[arg(long = "token", value_name = "TOKEN", help_heading = "Rules")]
    pub(crate) tokens: Vec<String>,
    /// Let moderation refuse this word; repeat it for more [default: forbidden-word, gore]
    #[arg(long = "moderated-word", value_name = "WORD", help_heading = "Rules")]
    pub(crate) moderated_words: Vec<String>,
    /// Refuse with 429 what would be more jobs at once
    #[arg(long, value_name = "COUNT", help_heading = "Rules")]
    pub(crate) max_in_flight: Option<u32>,
    /// Refuse with 429 what would be more submissions within a second
    #[arg(long, value_name = "COUNT", help_heading = "Rules")]
    pub(crate) max_per_second: Option<u32>,
    /// Refuse with 403 used_up what the rest does not cover; a generation costs 1, an upscale 0.2
    #[arg(long, value_name = "UNITS", value_parser = units, help_heading = "Rules")]
    pub(crate) balance: Option<f64>,
    /// The address to listen on; with another one, other machines may use the API, never its administration
    #[arg(
        long,
        value_name = "IP",
        default_value = "127.0.0.1",
        hide_short_help = true
    )]
    pub(crate) address: IpAddr,
    /// The base of the pictures' URLs, where it is not the address itself
    #[arg(long, value_name = "URL", hide_short_help = true, value_hint = clap::ValueHint::Url)]
    pub(crate) public_url: Option<String>,
    /// Print the prompt, the tile's number, the action and the seed on each tile
    #[arg(long, hide_short_help = true)]
    pub(crate) overlay: bool,
}

/// How fast an emulator works that is a server of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ServerSpeed {
    /// No wait at all
    Instant,
    /// About three seconds
    Fast,
    /// As long as the service takes: half a minute, more in relax mode
    Real,
    /// Only as the clock is moved, by POST /_emulator/clock
    Virtual,
}

fn units(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|units| units.is_finite() && *units >= 0.0)
        .ok_or_else(|| "a number of zero or more is wanted".to_owned())
}

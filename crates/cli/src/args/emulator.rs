//! The options of `mj emulator`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args, Debug)]
pub(crate) struct EmulatorArgs {
    /// The port; 0 takes a free one
    ///
    /// One line on stdout names the address, once the emulator answers.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// How fast generations run
    #[arg(long, value_enum, value_name = "SPEED", default_value_t = ServerSpeed::Fast)]
    pub(crate) speed: ServerSpeed,
    /// Repeat a run: the same requests get the same pictures
    ///
    /// The n-th submission has the same ids and the same picture in each run with this seed.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// Remember finished tasks in this folder [default: nowhere]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) state: Option<PathBuf>,
    /// Accept only this token [default: any]
    ///
    /// Repeat the option for more tokens.
    #[arg(long = "token", value_name = "TOKEN", help_heading = "Rules")]
    pub(crate) tokens: Vec<String>,
    /// Refuse this word [default: forbidden-word, gore]
    ///
    /// A prompt with it is answered as moderation answers, 403 `forbidden`. Repeat the option for more words.
    #[arg(long = "moderated-word", value_name = "WORD", help_heading = "Rules")]
    pub(crate) moderated_words: Vec<String>,
    /// Most jobs at once [default: no limit]
    ///
    /// More are refused with 429.
    #[arg(long, value_name = "COUNT", help_heading = "Rules")]
    pub(crate) max_in_flight: Option<u32>,
    /// Most submissions in a second [default: no limit]
    ///
    /// More are refused with 429.
    #[arg(long, value_name = "COUNT", help_heading = "Rules")]
    pub(crate) max_per_second: Option<u32>,
    /// What may be spent [default: no limit]
    ///
    /// A generation costs 1 unit, an upscale 0.2. What costs more than is left is refused with 403 `used_up`.
    #[arg(long, value_name = "UNITS", value_parser = units, help_heading = "Rules")]
    pub(crate) balance: Option<f64>,
    /// The address to listen on
    ///
    /// Machines that can reach another address can use the API there, but never its administration.
    #[arg(
        long,
        value_name = "IP",
        default_value = "127.0.0.1",
        hide_short_help = true
    )]
    pub(crate) address: IpAddr,
    /// What the URLs of the pictures begin with [default: the address and the port]
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

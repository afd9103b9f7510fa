//! The options of `mj emulator`.

use clap::Args;

use super::Speed;

#[derive(Args, Debug)]
pub(crate) struct EmulatorArgs {
    /// The port on 127.0.0.1; 0 takes a free one, which the ready line names
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// How fast generations run
    #[arg(long, value_enum, default_value = "fast")]
    pub(crate) speed: Speed,
}

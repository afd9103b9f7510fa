//! The options of the client: they hold for every command that asks the service.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values::{Speed, seconds};

#[derive(Args, Debug)]
pub(crate) struct ClientArgs {
    /// Run the command against an emulator of the service inside this process
    ///
    /// It needs no token and no network, and its pictures are emulated, too. It remembers what it made, so that a later
    /// command finds it.
    #[arg(long, global = true, conflicts_with_all = ["base_url", "token_file"], help_heading = "Emulator")]
    pub(crate) emulator: bool,
    /// How fast the emulator of --emulator works
    #[arg(
        long,
        global = true,
        value_name = "SPEED",
        value_enum,
        default_value = "fast",
        hide_short_help = true,
        help_heading = "Emulator"
    )]
    pub(crate) emulator_speed: Speed,
    /// Where the emulator of --emulator remembers what it made [default: MJ_EMULATOR_STATE, else below
    /// the user's state folder]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        hide_short_help = true,
        value_hint = clap::ValueHint::DirPath,
        help_heading = "Emulator"
    )]
    pub(crate) emulator_state: Option<PathBuf>,
    /// Where the API is; a path is kept as a prefix [default: ACEDATACLOUD_API_BASE_URL, else https://api.acedata.cloud]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        hide_short_help = true,
        value_hint = clap::ValueHint::Url,
        help_heading = "Connection"
    )]
    pub(crate) base_url: Option<String>,
    /// Read the API token from this file [default: ACEDATACLOUD_API_TOKEN]
    ///
    /// There is no --token: every user of a machine can see the arguments of its processes.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        hide_short_help = true,
        value_hint = clap::ValueHint::FilePath,
        help_heading = "Connection"
    )]
    pub(crate) token_file: Option<PathBuf>,
    /// How long the whole generation may take [default: the service's own wait and a minute]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, help_heading = "Connection")]
    pub(crate) deadline: Option<Duration>,
    /// How long one attempt to connect may take [default: 10]
    #[arg(
        long,
        global = true,
        value_name = "SECONDS",
        value_parser = seconds,
        hide_short_help = true,
        help_heading = "Connection"
    )]
    pub(crate) connect_timeout: Option<Duration>,
    /// How often a request is tried again that was not sent, was refused with 429, or is free [default: 4]
    #[arg(
        long,
        global = true,
        value_name = "COUNT",
        hide_short_help = true,
        help_heading = "Connection"
    )]
    pub(crate) max_retries: Option<u32>,
    /// How often a running task is looked up [default: 2, with --emulator 0.2]
    #[arg(
        long,
        global = true,
        value_name = "SECONDS",
        value_parser = seconds,
        hide_short_help = true,
        help_heading = "Connection"
    )]
    pub(crate) poll_interval: Option<Duration>,
    /// Send a paid request again after a 500 `api_error`, which the vendor says is free
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        help_heading = "Connection"
    )]
    pub(crate) retry_server_errors: bool,
    /// The proxy for every request [default: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        hide_short_help = true,
        value_hint = clap::ValueHint::Url,
        help_heading = "Connection"
    )]
    pub(crate) proxy: Option<String>,
    /// Trust the certificates of this PEM file, too
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        hide_short_help = true,
        value_hint = clap::ValueHint::FilePath,
        help_heading = "Connection"
    )]
    pub(crate) ca_certificates: Option<PathBuf>,
    /// Name your application to the service
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        hide_short_help = true,
        help_heading = "Connection"
    )]
    pub(crate) app_name: Option<String>,
}

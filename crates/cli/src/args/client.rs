//! The options of the client: they hold for every command that asks the service, and are explained in `mj --help` alone.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values::{Speed, seconds};

#[derive(Args, Debug)]
pub(crate) struct ClientArgs {
    /// Ask an emulator in this process: no account, no cost
    ///
    /// It needs no network either. Its pictures are emulated, too. It remembers what it made, so that a later command with
    /// --emulator finds it.
    #[arg(long, global = true, conflicts_with_all = ["base_url", "token_file"])]
    pub(crate) emulator: bool,
    /// How fast --emulator draws
    #[arg(
        long,
        global = true,
        value_name = "SPEED",
        value_enum,
        default_value = "fast",
        hide_short_help = true
    )]
    pub(crate) emulator_speed: Speed,
    /// The folder where --emulator remembers what it made [default: MJ_EMULATOR_STATE, else one in the user's state folder]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        hide_short_help = true,
        value_hint = clap::ValueHint::DirPath
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
    /// How long the whole generation may take, in seconds [default: --timeout and 60 more, so 540]
    ///
    /// The task goes on at the service after that, and the error names the command that picks it up.
    #[arg(
        long,
        global = true,
        value_name = "SECONDS",
        value_parser = seconds,
        hide_short_help = true,
        help_heading = "Connection"
    )]
    pub(crate) deadline: Option<Duration>,
    /// How long one attempt to connect may take, in seconds [default: 10]
    #[arg(
        long,
        global = true,
        value_name = "SECONDS",
        value_parser = seconds,
        hide_short_help = true,
        help_heading = "Connection"
    )]
    pub(crate) connect_timeout: Option<Duration>,
    /// How many times a request is tried again, where that is safe [default: 4]
    ///
    /// It is safe when the request was not sent, when it was refused with 429, and when it is free.
    #[arg(
        long,
        global = true,
        value_name = "COUNT",
        hide_short_help = true,
        help_heading = "Connection"
    )]
    pub(crate) max_retries: Option<u32>,
    /// How long to wait between two polls of a running task, in seconds [default: 2, and 1 near the end; with --emulator 0.2]
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
    /// The proxy for every request [default: what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        hide_short_help = true,
        value_hint = clap::ValueHint::Url,
        help_heading = "Connection"
    )]
    pub(crate) proxy: Option<String>,
    /// Trust the certificates of this PEM file as well
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        hide_short_help = true,
        value_hint = clap::ValueHint::FilePath,
        help_heading = "Connection"
    )]
    pub(crate) ca_certificates: Option<PathBuf>,
    /// The name of your application, which then opens the User-Agent header [default: none]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        hide_short_help = true,
        help_heading = "Connection"
    )]
    pub(crate) app_name: Option<String>,
}

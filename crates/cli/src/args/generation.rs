//! The commands that make pictures, and the options of a generation.

use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::values::{extra, seconds};
use super::{GENERATION, OutputArgs};

#[derive(Args, Debug)]
pub(crate) struct ImagineArgs {
    /// What to draw, Midjourney's flags included; `-` reads stdin
    ///
    /// Flags such as --ar 16:9 are part of the prompt: quote the whole.
    pub(crate) prompt: String,
    #[command(flatten)]
    pub(crate) generation: GenerationArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// The picture that an action is for.
#[derive(Args, Debug)]
pub(crate) struct ImageArg {
    /// The picture's id, or `-` to read its JSON from stdin
    ///
    /// --json and --jsonl print that JSON. With it, an action that the picture does not offer is refused before anything is
    /// sent.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,
}

#[derive(Args, Debug)]
pub(crate) struct QuadrantArgs {
    #[command(flatten)]
    pub(crate) image: ImageArg,
    /// The quadrant: 1 top left, 2 top right, 3 bottom left, 4 bottom right
    #[arg(value_name = "1-4", value_parser = clap::value_parser!(u8).range(1..=4))]
    pub(crate) quadrant: u8,
    #[command(flatten)]
    pub(crate) generation: GenerationArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct RerollArgs {
    #[command(flatten)]
    pub(crate) image: ImageArg,
    #[command(flatten)]
    pub(crate) generation: GenerationArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ZoomOutArgs {
    #[command(flatten)]
    pub(crate) image: ImageArg,
    /// How many times as far away
    #[arg(value_parser = ["2", "1.5"])]
    pub(crate) factor: String,
    #[command(flatten)]
    pub(crate) generation: GenerationArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct PanArgs {
    #[command(flatten)]
    pub(crate) image: ImageArg,
    /// The side to continue on
    #[arg(value_parser = ["left", "right", "up", "down"])]
    pub(crate) direction: String,
    #[command(flatten)]
    pub(crate) generation: GenerationArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ActArgs {
    #[command(flatten)]
    pub(crate) image: ImageArg,
    /// The API's name for the action, such as upscale_2x
    pub(crate) action: String,
    /// For variation_region: a mask, white where to redraw
    ///
    /// A file or a URL: a greyscale picture of the same size.
    #[arg(long, value_name = "FILE|URL", value_hint = clap::ValueHint::FilePath)]
    pub(crate) mask: Option<String>,
    /// For variation_region: what to draw there
    #[arg(long, value_name = "TEXT")]
    pub(crate) prompt: Option<String>,
    #[command(flatten)]
    pub(crate) generation: GenerationArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What every generation can be asked with.
#[derive(Args, Debug)]
#[command(next_help_heading = GENERATION)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct GenerationArgs {
    /// fast (the service's default), relax or turbo
    #[arg(long)]
    pub(crate) mode: Option<String>,
    /// The model's version, such as 7 [default: the service's]
    ///
    /// The prompt usually says --version as well.
    #[arg(long, value_name = "VERSION", hide_short_help = true)]
    pub(crate) model_version: Option<String>,
    /// Save the four quadrants as well, as NAME-1 to NAME-4
    #[arg(long)]
    pub(crate) split_images: bool,
    /// Have the service translate the prompt to English
    #[arg(long)]
    pub(crate) translation: bool,
    /// .25, .5, 1 (the service's default), 2 or 4; not every version takes each
    #[arg(long, hide_short_help = true)]
    pub(crate) quality: Option<String>,
    /// High definition, for versions of the V8 family alone
    #[arg(long, hide_short_help = true)]
    pub(crate) hd: bool,
    /// Declare that the prompt uses --sref, which the price depends on
    #[arg(long, hide_short_help = true)]
    pub(crate) style_reference: bool,
    /// Declare that the prompt uses a moodboard, which the price depends on
    #[arg(long, hide_short_help = true)]
    pub(crate) moodboard: bool,
    /// How long the service lets the generation take, in seconds [default: 480]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, hide_short_help = true)]
    pub(crate) timeout: Option<Duration>,
    /// A URL that the service posts the result to as well
    #[arg(long, value_name = "URL", hide_short_help = true, value_hint = clap::ValueHint::Url)]
    pub(crate) callback_url: Option<String>,
    /// A field of the request that this version has no option for; repeat it for more
    #[arg(long, value_name = "KEY=JSON", value_parser = extra, hide_short_help = true)]
    pub(crate) extra: Vec<(String, Value)>,
    /// Print the task's id and do not wait
    ///
    /// `mj task ID -o PATH` saves the picture later.
    #[arg(long, visible_alias = "no-wait", conflicts_with_all = ["output", "stream", "jsonl"])]
    pub(crate) submit: bool,
    /// Read every frame from one open connection, instead of polling the task
    #[arg(long, hide_short_help = true)]
    pub(crate) stream: bool,
}

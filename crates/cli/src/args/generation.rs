//! The commands that make pictures, and the options of a generation.

use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::OutputArgs;
use super::values::{extra, seconds};

#[derive(Args, Debug)]
pub(crate) struct ImagineArgs {
    /// What to draw; Midjourney's own flags such as --ar 16:9 are part of it, so quote the whole; `-` reads stdin
    pub(crate) prompt: String,
    #[command(flatten)]
    pub(crate) generation: GenerationArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// The picture that an action is for.
#[derive(Args, Debug)]
pub(crate) struct ImageArg {
    /// The picture's id, or `-` for its JSON on stdin, as --json and --jsonl print it
    ///
    /// With the JSON, an action that the picture does not offer is refused before anything is sent.
    #[arg(value_name = "IMAGE_ID")]
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
    /// How much further away
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
    /// The side
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
    /// The action's name on the wire, such as upscale_2x, variation_subtle or variation_region
    pub(crate) action: String,
    /// For variation_region: a greyscale picture of the same size, white where to draw anew; a file or a URL
    #[arg(long, value_name = "FILE|URL", value_hint = clap::ValueHint::FilePath)]
    pub(crate) mask: Option<String>,
    /// What to draw there
    #[arg(long, value_name = "TEXT")]
    pub(crate) prompt: Option<String>,
    #[command(flatten)]
    pub(crate) generation: GenerationArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What every generation can be asked with.
#[derive(Args, Debug)]
#[command(next_help_heading = "Generation")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct GenerationArgs {
    /// fast (the service's default), relax or turbo
    #[arg(long)]
    pub(crate) mode: Option<String>,
    /// The model's version, such as 7; the prompt usually says --version as well
    #[arg(long, value_name = "VERSION", hide_short_help = true)]
    pub(crate) model_version: Option<String>,
    /// Have the four quadrants as pictures, too; they are saved beside the grid as NAME-1 to NAME-4
    #[arg(long)]
    pub(crate) split_images: bool,
    /// Have the service translate the prompt to English
    #[arg(long)]
    pub(crate) translation: bool,
    /// .25, .5, 1 (the service's default), 2 or 4, as the version admits
    #[arg(long, hide_short_help = true)]
    pub(crate) quality: Option<String>,
    /// High definition; the V8 family only
    #[arg(long, hide_short_help = true)]
    pub(crate) hd: bool,
    /// Declare that the prompt uses --sref, which the price depends on
    #[arg(long, hide_short_help = true)]
    pub(crate) style_reference: bool,
    /// Declare that the prompt uses a moodboard, which the price depends on
    #[arg(long, hide_short_help = true)]
    pub(crate) moodboard: bool,
    /// How long the service itself waits [default: 480]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, hide_short_help = true)]
    pub(crate) timeout: Option<Duration>,
    /// Where the service shall post the result, too
    #[arg(long, value_name = "URL", hide_short_help = true, value_hint = clap::ValueHint::Url)]
    pub(crate) callback_url: Option<String>,
    /// A field that the API has learned since this version; repeat it for more
    #[arg(long, value_name = "KEY=JSON", value_parser = extra, hide_short_help = true)]
    pub(crate) extra: Vec<(String, Value)>,
    /// Submit, print the task's id and stop; `mj task ID -o …` has the picture later
    #[arg(long, visible_alias = "no-wait", conflicts_with_all = ["output", "stream", "jsonl"])]
    pub(crate) submit: bool,
    /// Read every frame from the open connection, instead of looking the task up
    #[arg(long, hide_short_help = true)]
    pub(crate) stream: bool,
}

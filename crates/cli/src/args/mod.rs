//! What `mj` can be asked, as clap reads it: the commands, and the options that several of them share. What the answers
//! mean is in `run`.

mod client;
mod emulator;
mod generation;
mod values;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::{ArgAction, Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

pub(crate) use client::ClientArgs;
pub(crate) use emulator::{EmulatorArgs, ServerSpeed};
pub(crate) use generation::{
    ActArgs, GenerationArgs, ImagineArgs, PanArgs, QuadrantArgs, RerollArgs, ZoomOutArgs,
};
pub(crate) use values::Speed;

const EXAMPLES: &str = "\
Examples:
  Try it, with no account and no network
    mj imagine \"A cat sitting on a table\" --emulator -o cat.png
  Ask the service, with ACEDATACLOUD_API_TOKEN set
    mj imagine \"A cat sitting on a table --ar 16:9\"
  Make one quadrant of the grid a picture of its own
    mj upscale 1211290228438868029 2 -o cat.png
  Do one after the other
    mj imagine \"A cat\" --json | mj upscale - 2
  Pick up what was begun before
    mj task 27a1128f-14b5-440e-a82d-510c81e6fcd4 -o cat.png";

const MORE: &str = "\
Output:
  Data goes to stdout: the saved path; with --json one object; with --jsonl one
  object per update. Bars, previews, warnings and errors go to stderr. With
  --json and --jsonl a failure prints {\"error\": {…}} to stdout as well, but for
  a command line that cannot be read. A picture that was made and could not be
  saved prints its own object, with `error` in it.

Exit codes:
    0  done
    1  another failure
    2  usage
    3  token
    4  balance
    5  moderation
    6  rate limit
    7  deadline
    8  outcome unknown: the service may have started the job; it is not sent again
  130  Ctrl-C, and 143 SIGTERM: the task goes on at the service, and stderr names
       the command that picks it up

Environment:
  ACEDATACLOUD_API_TOKEN
       The API token. There is no --token: every user of a machine can see the
       arguments of its processes.
  ACEDATACLOUD_API_BASE_URL
       Where the API is, instead of https://api.acedata.cloud
  MJ_EMULATOR_STATE
       Where --emulator remembers what it made
  NO_COLOR
       No colour, and no preview out of coloured blocks";

/// Midjourney pictures from the command line, by the Ace Data Cloud API
///
/// It never pays twice and never loses a picture: a request whose fate is unknown is not sent again, and a task that is
/// under way is picked up by its id.
#[derive(Debug, Parser)]
#[command(
    name = "mj",
    bin_name = "mj",
    version,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{MORE}"),
    max_term_width = 110,
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
    /// Say more on stderr: -v what the client does, -vv what its libraries do
    #[arg(short, long, action = ArgAction::Count, global = true, help_heading = "Messages")]
    pub(crate) verbose: u8,
    /// Say nothing on stderr but warnings and errors
    #[arg(short, long, global = true, help_heading = "Messages")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a picture from a prompt: a 2×2 grid
    Imagine(ImagineArgs),
    /// Make one quadrant of a grid a picture of its own
    Upscale(QuadrantArgs),
    /// Make a new grid of variations of one quadrant
    Variation(QuadrantArgs),
    /// Make a new grid from the same prompt
    Reroll(RerollArgs),
    /// See an upscaled picture from further away
    ZoomOut(ZoomOutArgs),
    /// Continue an upscaled picture to one side
    Pan(PanArgs),
    /// Do anything that a picture offers, by its name on the wire
    Act(ActArgs),
    /// Show a task; with -o, wait for it and save its picture
    Task(TaskArgs),
    /// Serve an emulator of the API on this machine
    Emulator(EmulatorArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// Where the picture goes, and what is told of it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct OutputArgs {
    /// Save the picture as this file, or into this folder; `-` is stdout
    ///
    /// A name without an extension gets the picture's. Folders that are missing are made. Without -o the picture is saved
    /// in the working directory, named after the prompt or the action and its id; with --json or --jsonl it is not saved.
    #[arg(short, long, value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) output: Option<PathBuf>,
    /// Replace files that exist
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Print one JSON object: the picture's fields and `saved`, a list of paths
    #[arg(long)]
    pub(crate) json: bool,
    /// Print one JSON object per update, with `progress` and `done`; the last has `saved`
    #[arg(long, conflicts_with = "json")]
    pub(crate) jsonl: bool,
    /// How to show the picture in the terminal
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        default_value_t,
        hide_short_help = true
    )]
    pub(crate) preview: PreviewChoice,
    /// Do not show the picture in the terminal
    #[arg(long, conflicts_with = "preview")]
    pub(crate) no_preview: bool,
}

/// How a picture is shown in a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreviewChoice {
    /// By what the terminal says that it is
    #[default]
    Auto,
    /// Kitty's graphics (kitty, Ghostty)
    Kitty,
    /// iTerm's inline images (iTerm2, WezTerm, Konsole)
    Iterm,
    /// Sixel (foot, mlterm, Contour)
    Sixel,
    /// Coloured half blocks: any terminal with 24-bit colour
    Blocks,
    /// Not at all
    None,
}

#[derive(Args, Debug)]
pub(crate) struct TaskArgs {
    /// The task's id
    #[arg(value_name = "TASK_ID", required_unless_present = "trace")]
    pub(crate) id: Option<String>,
    /// Look the task up by a trace id that an error named, instead
    #[arg(long, value_name = "TRACE_ID", conflicts_with = "id")]
    pub(crate) trace: Option<String>,
    /// Wait for the task to end, and then show it
    #[arg(short, long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// The completion script of a shell.
pub(crate) fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "mj", &mut script);
    script
}

/// Prints what clap has to say: a refusal, or the help that was asked for.
pub(crate) fn refuse(error: &clap::Error) -> ExitCode {
    // A reader that has gone away has read enough.
    let _ = error.print();
    if let Some(hint) = hint(error) {
        let _ = writeln!(anstream::stderr(), "\nhint: {hint}");
    }
    if error.use_stderr() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}

/// Midjourney's own flags look like ours; without quotes the shell hands them to us.
fn hint(error: &clap::Error) -> Option<&'static str> {
    let is_stray = error.kind() == ErrorKind::UnknownArgument;
    let of_imagine = error
        .get(ContextKind::Usage)
        .is_some_and(|usage| usage.to_string().contains("mj imagine"));
    (is_stray && of_imagine).then_some("quote the whole prompt, flags such as --ar 16:9 included")
}

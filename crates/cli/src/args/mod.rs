//! What `mj` can be asked, as clap reads it: the commands, the options that several of them share, and where each option
//! is explained. What the answers mean is in `run`.

mod client;
mod emulator;
mod generation;
mod values;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::Resettable;
use clap::error::{ContextKind, ErrorKind};
use clap::{
    Arg, ArgAction, Args, CommandFactory, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};

pub(crate) use client::ClientArgs;
pub(crate) use emulator::{EmulatorArgs, ServerSpeed};
pub(crate) use generation::{
    ActArgs, GenerationArgs, ImagineArgs, PanArgs, QuadrantArgs, RerollArgs, ZoomOutArgs,
};
pub(crate) use values::Speed;

const EXAMPLE: &str = "Example: mj imagine \"A cat sitting on a table\" --emulator -o cat.png";

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
  --json and --jsonl a failure prints {\"error\": {…}} to stdout as well, unless
  the command line itself cannot be read. A picture that was made and could not
  be saved prints its own object, with `error` in it.

Exit codes:
    0  done
    1  another failure
    2  usage
    3  token
    4  balance
    5  moderation
    6  rate limit
    7  deadline
    8  outcome unknown: the service may have started the job; mj does not send it
       again
  130  Ctrl-C, 143 SIGTERM, 129 SIGHUP: the task goes on at the service, and
       stderr names the command that picks it up

Environment:
  ACEDATACLOUD_API_TOKEN
       The API token
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
    after_help = EXAMPLE,
    after_long_help = format!("{EXAMPLES}\n\n{MORE}"),
    max_term_width = 110
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
    /// Say more on stderr: -v what the client does, -vv what its libraries do
    #[arg(
        short,
        long,
        action = ArgAction::Count,
        global = true,
        hide_short_help = true,
        help_heading = "Messages"
    )]
    pub(crate) verbose: u8,
    /// Say nothing on stderr but warnings and errors
    #[arg(
        short,
        long,
        global = true,
        hide_short_help = true,
        help_heading = "Messages"
    )]
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
    /// Do any action that a picture offers, by the API's name for it
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
#[command(next_help_heading = OUTPUT)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(crate) struct OutputArgs {
    /// Save as this file or into this folder; `-` is stdout
    ///
    /// A name without an extension gets the picture's. Folders that are missing are made. Without -o the picture is saved
    /// in the working directory, named after the prompt or the action and its id; with --json or --jsonl it is not saved.
    #[arg(short, long, value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) output: Option<PathBuf>,
    /// Replace files that exist
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Print one JSON object: the picture's fields, and `saved`
    ///
    /// `saved` is the list of the files that were written.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print one JSON object for each update
    ///
    /// Each has `progress`, in percent, and `done`; the last has `saved` as well, the list of the files that were written.
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
    #[arg(long, conflicts_with = "preview", hide_short_help = true)]
    pub(crate) no_preview: bool,
}

/// How a picture is shown in a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreviewChoice {
    /// The best that the terminal says it can show
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
    /// Find the task by the trace id that an error named
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
    /// The shell that the script is for
    pub(crate) shell: clap_complete::Shell,
}

/// The heading of the options of a generation, in the help of `mj imagine`.
const GENERATION: &str = "Generation";

/// The heading of the options of a picture's destination, in the help of `mj imagine`.
const OUTPUT: &str = "Output";

/// Reads the command line.
pub(crate) fn parse() -> Result<Arguments, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(with_prompt_last(std::env::args_os()))?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// `mj imagine "--ar 16:9 a cat"`: what follows `imagine`, begins with a hyphen and holds white space is a prompt and no option.
/// It goes to the end, where a `--` says so.
fn with_prompt_last(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let first = arguments.iter().position(|argument| argument == "imagine");
    let first = first.map_or(arguments.len(), |at| at + 1);
    let is_prompt = |argument: &OsString| {
        let text = argument.to_string_lossy();
        let head = text.split_whitespace().next().unwrap_or_default();
        // `--output=my cat.png` and `-omy cat.png` are options.
        let is_option = head.contains('=') || head.starts_with("-o");
        text.starts_with('-') && text.contains(char::is_whitespace) && !is_option
    };
    if arguments.get(first).is_some_and(is_prompt) && !arguments.iter().any(|it| it == "--") {
        let prompt = arguments.remove(first);
        arguments.extend(["--".into(), prompt]);
    }
    arguments
}

/// The command line with a help that explains each option once: those of every command in `mj --help`, those of every
/// picture in `mj imagine --help`. Everywhere else they are hidden, which changes nothing but the help.
fn command() -> clap::Command {
    let command = Arguments::command();
    let common: Vec<Arg> = command
        .get_arguments()
        .filter(|option| option.is_global_set())
        .map(|option| option.clone().hide(true))
        .collect();
    command.mut_subcommands(|command| {
        let has = |heading| {
            command
                .get_arguments()
                .any(|option| option.get_help_heading() == Some(heading))
        };
        let (command, more) = match (has(GENERATION), has(OUTPUT)) {
            _ if command.get_name() == "imagine" => (command, "Common options: `mj --help`"),
            (true, _) => (
                command.mut_args(without_explanation),
                "Generation and output options: `mj imagine --help`; common ones: `mj --help`",
            ),
            (false, true) => (
                command.mut_args(without_explanation),
                "Output options: `mj imagine --help`; common ones: `mj --help`",
            ),
            (false, false) => (command, ""),
        };
        // An option that is there already is not inherited, and so stays hidden.
        command.args(&common).after_help(more)
    })
}

/// Hides what `mj imagine --help` explains. `-o` stays: every picture needs a destination.
fn without_explanation(option: Arg) -> Arg {
    match option.get_help_heading() {
        Some(OUTPUT) if option.get_id() == "output" => option
            .help_heading(Resettable::Reset)
            .long_help(Resettable::Reset),
        Some(GENERATION | OUTPUT) => option.hide(true),
        _ => option,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_read_wherever_it_is_written() {
        let read = |words: &[&str]| {
            let matches = command().try_get_matches_from([&["mj"], words].concat());
            Arguments::from_arg_matches(&matches.expect("it is read")).expect("it is understood")
        };
        let common = ["--poll-interval", "1", "--app-name", "me", "-v"];
        for words in [
            ["imagine", "A cat"].as_slice(),
            &["upscale", "121", "1"],
            &["task", "27a"],
            &["emulator"],
            &["completions", "bash"],
        ] {
            for words in [[&common, words].concat(), [words, &common].concat()] {
                let arguments = read(&words);
                assert_eq!(
                    arguments.client.app_name.as_deref(),
                    Some("me"),
                    "{words:?}"
                );
                assert_eq!(arguments.verbose, 1, "{words:?}");
            }
        }
        let upscale = read(&["upscale", "121", "1", "--mode", "turbo", "--json", "-f"]);
        let Command::Upscale(upscale) = upscale.command else {
            panic!("{upscale:?}");
        };
        assert_eq!(upscale.generation.mode.as_deref(), Some("turbo"));
        assert!(upscale.output.json && upscale.output.force);
    }

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }
}

//! What each command does, and how every one of them ends: an exit code, a message for people, an object for programs.

mod completions;
mod emulator;
mod follow;
mod generation;
mod save;
mod task;

use std::future::Future;
use std::process::ExitCode;

use crate::args::{Arguments, Command, OutputArgs, PreviewChoice};
use crate::exit::{Failure, Result};
use crate::output::Shape;
use crate::terminal::{Screen, Talk};

/// Runs a command to its end.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    let output = output_of(&arguments.command);
    let shape = output.map_or(Shape::Plain, Shape::of);
    let preview = match output {
        Some(output) if !output.no_preview => output.preview,
        _ => PreviewChoice::None,
    };
    let talk = Talk {
        quiet: arguments.quiet,
        verbose: arguments.verbose > 0,
    };
    let screen = Screen::new(talk, preview);
    start_log(arguments.verbose);
    match carry_out(arguments, &screen) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            screen.fail(&failure);
            // The failure itself is what there is to tell; that stdout is gone as well changes nothing.
            let _ = shape.failure(&failure);
            ExitCode::from(failure.exit())
        }
    }
}

fn output_of(command: &Command) -> Option<&OutputArgs> {
    Some(match command {
        Command::Imagine(arguments) => &arguments.output,
        Command::Upscale(arguments) | Command::Variation(arguments) => &arguments.output,
        Command::Reroll(arguments) => &arguments.output,
        Command::ZoomOut(arguments) => &arguments.output,
        Command::Pan(arguments) => &arguments.output,
        Command::Act(arguments) => &arguments.output,
        Command::Task(arguments) => &arguments.output,
        Command::Emulator(_) | Command::Completions(_) => return None,
    })
}

fn carry_out(arguments: Arguments, screen: &Screen) -> Result<()> {
    let Arguments {
        command, client, ..
    } = arguments;
    match command {
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Emulator(arguments) => emulator::run(arguments, screen),
        Command::Task(arguments) => task::run(&arguments, &client, screen),
        command => match generation::Order::of(command)? {
            Some(order) => generation::run(order, &client, screen),
            None => Ok(()),
        },
    }
}

/// One generation needs one thread: it waits nearly all the time.
fn on_runtime<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::machine(format!("no runtime can be started: {error}")))?
        .block_on(work)
}

/// Log lines on stderr: the client's with -v, everybody's with -vv. The client never logs the token.
fn start_log(verbose: u8) {
    let filter = match verbose {
        0 => return,
        1 => "warn,midjourney_imagine=debug,midjourney_imagine_emulator=warn",
        _ => "debug,midjourney_imagine=trace",
    };
    let writer = || anstream::AutoStream::auto(std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(writer)
        .init();
}

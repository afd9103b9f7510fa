//! `mj`: Midjourney pictures from the command line. Here is only the way in and the way out; `run` does the work.

#![forbid(unsafe_code)]

#[expect(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "these comments are what --help prints, and terminals show no Markdown"
)]
mod args;
mod exit;
mod naming;
mod output;
mod run;
mod session;
mod signals;
mod target;
mod terminal;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else is built: `--help` and `--version` answer at once.
    let arguments = match args::parse() {
        Ok(arguments) => arguments,
        Err(error) => return args::refuse(&error),
    };
    run::run(arguments)
}

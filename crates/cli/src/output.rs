//! What goes to stdout, and in which shape: paths for people and scripts, JSON for programs. Nothing else writes there.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use midjourney_imagine::{ImageData, Update};
use serde::Serialize;
use serde_json::Value;

use crate::args::OutputArgs;
use crate::exit::{Failure, Result};

/// How the data of a command are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One path to a line, or text.
    Plain,
    /// One object.
    Json,
    /// One object to a line, as things happen.
    Lines,
}

impl Shape {
    pub(crate) fn of(output: &OutputArgs) -> Self {
        match output {
            OutputArgs { json: true, .. } => Self::Json,
            OutputArgs { jsonl: true, .. } => Self::Lines,
            _ => Self::Plain,
        }
    }

    /// Tells of a failure those who read JSON; people read stderr.
    pub(crate) fn failure(self, failure: &Failure) -> Result<()> {
        match self {
            Self::Plain => Ok(()),
            _ if failure.is_told() => Ok(()),
            Self::Json | Self::Lines => {
                print_json(&serde_json::json!({ "error": failure.to_json() }))
            }
        }
    }
}

/// A step of a generation as one flat object: where it stands first, then what the picture has beside that.
#[derive(Serialize)]
pub(crate) struct UpdateLine {
    task_id: Option<String>,
    /// Percent.
    progress: u8,
    done: bool,
    #[serde(flatten)]
    image: Option<ImageData>,
    #[serde(flatten)]
    outcome: Option<Outcome>,
}

impl UpdateLine {
    pub(crate) fn new(update: &Update, outcome: Option<Outcome>) -> Self {
        let image = update.image.as_ref().map(|image| {
            let mut image = image.data().clone();
            // They stand at the top; twice in one object would be no JSON.
            image.task_id = None;
            image.progress = None;
            image
        });
        Self {
            task_id: update.task_id.clone(),
            progress: update.progress,
            done: update.done,
            image,
            outcome,
        }
    }
}

/// A finished picture as one object: its wire fields, and what became of it here.
#[derive(Serialize)]
pub(crate) struct Finished<'a> {
    #[serde(flatten)]
    pub(crate) image: &'a ImageData,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

/// What became of a picture on this machine.
#[derive(Clone, Serialize)]
pub(crate) struct Outcome {
    saved: Value,
    /// Why it was not saved, though it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

impl Outcome {
    pub(crate) fn new(saved: &[PathBuf], problem: Option<&Failure>) -> Self {
        Self {
            saved: paths(saved),
            error: problem.map(Failure::to_json),
        }
    }
}

/// A list of paths as JSON. A path that is no Unicode is shown as well as it can be.
fn paths(saved: &[PathBuf]) -> Value {
    saved
        .iter()
        .map(|path| Value::from(path.to_string_lossy()))
        .collect()
}

pub(crate) fn print_json(value: &impl Serialize) -> Result<()> {
    let mut line = serde_json::to_vec(value).map_err(|error| {
        Failure::machine(format!("the result cannot be written as JSON: {error}"))
    })?;
    line.push(b'\n');
    print_bytes(&line)
}

pub(crate) fn print_line(line: &str) -> Result<()> {
    print_bytes(format!("{line}\n").as_bytes())
}

/// A path on a line of its own, byte for byte where the system has bytes.
pub(crate) fn print_path(path: &Path) -> Result<()> {
    #[cfg(unix)]
    let mut line = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec();
    #[cfg(not(unix))]
    let mut line = path.to_string_lossy().into_owned().into_bytes();
    line.push(b'\n');
    print_bytes(&line)
}

pub(crate) fn print_bytes(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        // The reader has seen enough. The command goes on: what is paid for is still to be saved.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::machine(format!(
            "stdout cannot be written to: {error}"
        ))),
        Ok(()) => Ok(()),
    }
}

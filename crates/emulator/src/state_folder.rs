//! Finished tasks on disk: one small file each, found again by a later emulator, or by one that runs at the same time.
//!
//! A file's name holds when its task was made, its ids and its result's id, so that a look-up reads one directory and at
//! most one file; nothing is read at the start. What runs is in memory alone.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::action::Picture;
use crate::fault::Fault;
use crate::wire::error::ErrorObject;
use crate::wire::request::Mode;
use crate::work::job::{Facts, Frame, Job, State};

/// The newest tasks stay; older files go.
const MAX_FILES: usize = 1_000;
/// So many more may gather before the oldest go, because finding out takes a look at the folder.
const SLACK: usize = 64;
/// Echoes of requests that are longer, in bytes, lose their mask: the picture's recipe has its own, smaller copy.
const MAX_REQUEST: usize = 64 * 1024;
/// A temporary file of this age was left behind by a process that died.
const STALE: Duration = Duration::from_secs(3600);
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    version: u32,
    task_id: Cow<'a, str>,
    trace_id: Cow<'a, str>,
    action: Cow<'a, str>,
    mode: Mode,
    request: Cow<'a, RawValue>,
    picture: Cow<'a, Picture>,
    file: Cow<'a, str>,
    split: bool,
    streamed: bool,
    faults: Vec<String>,
    created: f64,
    started: Option<f64>,
    finished: Option<f64>,
    image_id: Option<u64>,
    failure: Option<ErrorObject>,
}

/// What a file's name says.
struct Name<'a> {
    task: &'a str,
    trace: &'a str,
    image: &'a str,
}

impl<'a> Name<'a> {
    /// Reads `created.task.trace.image.json`; `created` is only there to sort by.
    fn parse(name: &'a str) -> Option<Self> {
        let mut parts = name.strip_suffix(".json")?.split('.');
        let (_created, task) = (parts.next()?, parts.next()?);
        Some(Self {
            task,
            trace: parts.next()?,
            image: parts.next()?,
        })
    }
}

fn file_name(job: &Job) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time stamp of this century"
    )]
    let created_ms = (job.created * 1000.0) as u64;
    let image = job
        .result_id()
        .map_or_else(|| "failed".to_owned(), |id| id.to_string());
    format!(
        "{created_ms:015}.{}.{}.{image}.json",
        job.task_id, job.trace_id
    )
}

#[derive(Debug)]
struct Writer {
    queue: Sender<Arc<Job>>,
    thread: JoinHandle<()>,
}

/// A folder of finished tasks.
#[derive(Debug)]
pub(crate) struct StateFolder {
    path: PathBuf,
    writer: Mutex<Option<Writer>>,
}

impl StateFolder {
    /// Opens a folder, and makes it if need be, readable for its owner alone.
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        let (queue, finished) = mpsc::channel::<Arc<Job>>();
        let folder = path.clone();
        let thread = thread::Builder::new()
            .name("midjourney-emulator-state".to_owned())
            .spawn(move || {
                let mut unpruned = MAX_FILES;
                for job in finished {
                    if let Err(error) = write(&folder, &job) {
                        tracing::warn!(%error, "cannot keep a finished task");
                    }
                    unpruned += 1;
                    // The first write prunes too: what was there before is not counted.
                    if unpruned > MAX_FILES {
                        unpruned = prune(&folder) + MAX_FILES - SLACK;
                    }
                }
            })?;
        Ok(Self {
            path,
            writer: Mutex::new(Some(Writer { queue, thread })),
        })
    }

    /// Keeps a finished job; it is on disk at the latest when the folder is closed.
    pub(crate) fn keep(&self, job: &Arc<Job>) {
        if let Some(writer) = &*self.writer.lock().unwrap_or_else(PoisonError::into_inner) {
            // The writer ends only after the queue.
            _ = writer.queue.send(Arc::clone(job));
        }
    }

    /// Waits until all that was kept is on disk.
    pub(crate) fn close(&self) {
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(Writer { queue, thread }) = writer {
            drop(queue);
            drop(thread.join());
        }
    }

    /// Reads the task with this id. Blocks.
    pub(crate) fn by_task(&self, task_id: &str) -> Option<Job> {
        self.find(|name| name.task == task_id)
    }

    /// Reads the task with this trace. Blocks.
    pub(crate) fn by_trace(&self, trace_id: &str) -> Option<Job> {
        self.find(|name| name.trace == trace_id)
    }

    /// Reads the task that made this image. Blocks.
    pub(crate) fn by_image(&self, image_id: u64) -> Option<Job> {
        let image_id = image_id.to_string();
        self.find(|name| name.image == image_id)
    }

    /// Files that cannot be read are as good as absent.
    fn find(&self, is_wanted: impl Fn(&Name<'_>) -> bool) -> Option<Job> {
        let name = names(&self.path)
            .into_iter()
            .find(|name| Name::parse(name).is_some_and(|name| is_wanted(&name)))?;
        let text = fs::read(self.path.join(&name)).ok()?;
        match read(&text) {
            Ok(job) => job,
            Err(error) => {
                tracing::debug!(%error, name, "cannot read a kept task");
                None
            }
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// Writes beside the file and renames, so that nobody reads half of it.
fn write(folder: &Path, job: &Job) -> io::Result<()> {
    let (started, finished, failure) = {
        let state = job.state();
        (state.started, state.finished, state.failure.clone())
    };
    let kept = Kept {
        version: VERSION,
        task_id: job.task_id.as_str().into(),
        trace_id: job.trace_id.as_str().into(),
        action: job.action.as_str().into(),
        mode: job.mode,
        request: without_large_mask(&job.request),
        picture: Cow::Borrowed(&job.picture),
        file: job.file.as_str().into(),
        split: job.split,
        streamed: job.streamed,
        faults: job.faults.iter().map(ToString::to_string).collect(),
        created: job.created,
        started,
        finished,
        image_id: job.result_id(),
        failure,
    };
    let name = file_name(job);
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    fs::write(&temporary, serde_json::to_vec(&kept)?)?;
    fs::rename(&temporary, folder.join(&name)).inspect_err(|_| drop(fs::remove_file(&temporary)))
}

fn without_large_mask(request: &RawValue) -> Cow<'_, RawValue> {
    if request.get().len() <= MAX_REQUEST {
        return Cow::Borrowed(request);
    }
    let shortened =
        serde_json::from_str(request.get()).and_then(|mut request: serde_json::Value| {
            if let Some(mask) = request.get_mut("mask") {
                *mask = serde_json::Value::Null;
            }
            serde_json::value::to_raw_value(&request)
        });
    shortened.map_or(Cow::Borrowed(request), Cow::Owned)
}

/// Reads a kept job; nothing if another version of this program wrote it.
fn read(text: &[u8]) -> serde_json::Result<Option<Job>> {
    let kept: Kept<'_> = serde_json::from_slice(text)?;
    if kept.version != VERSION {
        return Ok(None);
    }
    let frames = kept.image_id.map(|image_id| Frame {
        image_id,
        progress: 100,
    });
    let faults: Vec<Fault> = kept
        .faults
        .iter()
        .filter_map(|fault| fault.parse().ok())
        .collect();
    let facts = Facts {
        sequence: None,
        task_id: kept.task_id.into_owned(),
        trace_id: kept.trace_id.into_owned(),
        action: kept.action.into_owned(),
        mode: kept.mode,
        request: kept.request.into_owned(),
        picture: kept.picture.into_owned(),
        file: kept.file.into_owned(),
        split: kept.split,
        streamed: kept.streamed,
        hidden: false,
        faults,
        doom: None,
        created: kept.created,
        accepted: Duration::ZERO,
        visible_from: Duration::ZERO,
    };
    let state = State {
        started: kept.started,
        finished: kept.finished.or(Some(kept.created)),
        frames: frames.into_iter().collect(),
        failure: kept.failure,
        ..State::default()
    };
    Ok(Some(Job::new(facts, state)))
}

/// Removes the oldest files beyond the bound, and what dead processes left. Returns how many files stay.
fn prune(folder: &Path) -> usize {
    let (mut kept, others): (Vec<String>, Vec<String>) = names(folder)
        .into_iter()
        .partition(|name| Name::parse(name).is_some());
    kept.sort_unstable();
    let surplus = kept.len().saturating_sub(MAX_FILES);
    for name in kept.drain(..surplus) {
        // Another process may have been faster.
        drop(fs::remove_file(folder.join(name)));
    }
    for name in others
        .iter()
        .filter(|name| name.starts_with('.') && name.strip_suffix(".tmp").is_some())
    {
        let path = folder.join(name);
        let written = fs::metadata(&path).and_then(|metadata| metadata.modified());
        let is_stale = |written| {
            SystemTime::now()
                .duration_since(written)
                .is_ok_and(|age| age > STALE)
        };
        if written.is_ok_and(is_stale) {
            drop(fs::remove_file(path));
        }
    }
    kept.len()
}

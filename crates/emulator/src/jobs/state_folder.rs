//! Finished tasks on disk: one small file each, found again by a later emulator, or by one that runs at the same time.
//!
//! A file's name holds when its task was made, its ids and its result's id, so that a look-up reads one directory and at
//! most one file; nothing is read at the start. Running tasks are in memory alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::job::{Facts, Job, State};
use super::store::Key;

/// The newest tasks stay; older files go.
const MAX_FILES: usize = 1_000;
/// So many more may gather before the oldest go, because finding out takes a look at the folder.
const SLACK: usize = 64;
/// A temporary file of this age was left behind by a process that died.
const STALE: Duration = Duration::from_secs(3600);
/// A file of another version is not read.
const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Stored<F, S> {
    version: u32,
    facts: F,
    state: S,
}

/// Whether a file holds a task, the wanted one where one is given. It is named `created.task.trace.image.json`, where
/// `created` is there to sort by.
fn is_of(name: &str, wanted: Option<&Key>) -> bool {
    let parts: Option<Vec<&str>> = name
        .strip_suffix(".json")
        .map(|name| name.split('.').collect());
    let Some([_created, task, trace, image, ..]) = parts.as_deref() else {
        return false;
    };
    match wanted {
        None => true,
        Some(Key::Task(id)) => task == id,
        Some(Key::Trace(id)) => trace == id,
        Some(Key::Image(id)) => *image == id.to_string(),
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
                        tracing::warn!(%error, "cannot store a finished task");
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

    /// Stores a finished job; it is on disk at the latest when the folder is closed.
    pub(crate) fn add(&self, job: &Arc<Job>) {
        if let Some(writer) = &*self.writer.lock() {
            // The writer ends only after the queue.
            _ = writer.queue.send(Arc::clone(job));
        }
    }

    /// Waits until all jobs that were added are on disk.
    pub(crate) fn close(&self) {
        let writer = self.writer.lock().take();
        if let Some(Writer { queue, thread }) = writer {
            drop(queue);
            drop(thread.join());
        }
    }

    /// Reads a finished job. Blocks. A file that cannot be read counts as absent.
    pub(crate) fn find(&self, key: &Key) -> Option<Job> {
        let name = names(&self.path)
            .into_iter()
            .find(|name| is_of(name, Some(key)))?;
        let text = fs::read(self.path.join(&name)).ok()?;
        let read: serde_json::Result<Stored<Facts, State>> = serde_json::from_slice(&text);
        match read {
            Ok(stored) => (stored.version == VERSION).then(|| Job::new(stored.facts, stored.state)),
            Err(error) => {
                tracing::debug!(%error, name, "cannot read a stored task");
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

/// Writes beside the file and renames, so that no other process reads half of it.
fn write(folder: &Path, job: &Job) -> io::Result<()> {
    // The state is locked while it is held. The job's name asks for it again, which would wait for ever once a step waits too.
    let text = serde_json::to_vec(&Stored::<&Facts, &State> {
        version: VERSION,
        facts: job,
        state: &job.state(),
    })?;
    let name = file_name(job);
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    fs::write(&temporary, text)?;
    fs::rename(&temporary, folder.join(&name)).inspect_err(|_| drop(fs::remove_file(&temporary)))
}

/// Removes the oldest files beyond the bound, and the temporary files of dead processes. Returns how many files stay.
fn prune(folder: &Path) -> usize {
    let (mut tasks, others): (Vec<String>, Vec<String>) = names(folder)
        .into_iter()
        .partition(|name| is_of(name, None));
    tasks.sort_unstable();
    let surplus = tasks.len().saturating_sub(MAX_FILES);
    for name in tasks.drain(..surplus) {
        // Another process may have been faster.
        drop(fs::remove_file(folder.join(name)));
    }
    let is_stale = |path: &Path| {
        fs::metadata(path)
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|written| {
                SystemTime::now()
                    .duration_since(written)
                    .is_ok_and(|age| age > STALE)
            })
    };
    let is_temporary =
        |name: &&String| name.starts_with('.') && name.strip_suffix(".tmp").is_some();
    for name in others.iter().filter(is_temporary) {
        let path = folder.join(name);
        if is_stale(&path) {
            drop(fs::remove_file(path));
        }
    }
    tasks.len()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::jobs::action::Picture;
    use crate::jobs::fault::Fault;
    use crate::jobs::job::Frame;
    use crate::wire::request::Mode;

    fn facts(request: &Value) -> Facts {
        Facts {
            sequence: Some(3),
            task_id: "task".to_owned(),
            trace_id: "trace".to_owned(),
            action: "variation_region".to_owned(),
            mode: Mode::Relax,
            request: serde_json::value::to_raw_value(request).unwrap(),
            picture: Picture::generate("a cat", 1, (1, 1), true),
            file: "a_cat".to_owned(),
            split: true,
            streamed: false,
            hidden: false,
            faults: vec![Fault::NumberIds, Fault::LateTask(5)],
            planned_failure: None,
            created: 1_790_000_000.5,
            accepted: Duration::from_secs(1),
            visible_from: Duration::from_secs(2),
        }
    }

    #[test]
    fn storing_a_job_and_notifying_its_followers_do_not_wait_for_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let job = Job::new(facts(&json!({ "prompt": "a cat" })), State::default());
        thread::scope(|scope| {
            let stored = scope.spawn(|| {
                for _ in 0..300 {
                    write(folder.path(), &job).unwrap();
                }
            });
            while !stored.is_finished() {
                job.announce();
            }
        });
    }

    #[test]
    fn a_stored_job_comes_back_without_its_large_mask() {
        let folder = tempfile::tempdir().unwrap();
        let request =
            json!({ "prompt": "a cat", "mask": "A".repeat(70_000), "novelty": [1, null] });
        let state = State {
            started: Some(1_790_000_001.0),
            finished: Some(1_790_000_002.0),
            frames: vec![Frame {
                image_id: 9,
                progress: 100,
            }],
            ..State::default()
        };
        write(folder.path(), &Job::new(facts(&request), state)).unwrap();
        let opened = StateFolder::open(folder.path().to_owned()).unwrap();
        for key in [
            Key::Task("task".to_owned()),
            Key::Trace("trace".to_owned()),
            Key::Image(9),
        ] {
            let job = opened.find(&key).unwrap();
            let request: Value = serde_json::from_str(job.request.get()).unwrap();
            assert_eq!(
                request,
                json!({ "prompt": "a cat", "mask": null, "novelty": [1, null] })
            );
            assert_eq!((job.sequence, job.result_id()), (None, Some(9)));
            assert_eq!(job.faults, [Fault::NumberIds, Fault::LateTask(5)]);
            assert_eq!(job.state().started, Some(1_790_000_001.0));
        }
        assert!(opened.find(&Key::Image(8)).is_none());
    }
}

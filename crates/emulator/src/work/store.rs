//! The tasks and pictures of a run that are in memory: all that run, and as many finished ones as the bounds allow.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::job::{Frame, Job};

/// How much of what is finished stays in memory. The oldest goes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) tasks: usize,
    pub(crate) bytes: usize,
}

#[derive(Debug, Default)]
struct Tables {
    by_task: HashMap<String, Arc<Job>>,
    by_trace: HashMap<String, Arc<Job>>,
    /// Results, and the unfinished frames of what still runs.
    images: HashMap<u64, Arc<Job>>,
    finished: VecDeque<Arc<Job>>,
    finished_bytes: usize,
}

#[derive(Debug)]
pub(crate) struct Store {
    tables: Mutex<Tables>,
    bounds: Bounds,
}

impl Store {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            tables: Mutex::default(),
            bounds,
        }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, job: &Arc<Job>) {
        let mut tables = self.tables();
        tables.by_task.insert(job.task_id.clone(), Arc::clone(job));
        tables
            .by_trace
            .insert(job.trace_id.clone(), Arc::clone(job));
    }

    pub(crate) fn add_frame(&self, job: &Arc<Job>, frame: Frame) {
        self.tables().images.insert(frame.image_id, Arc::clone(job));
    }

    /// Takes note that a job is finished: its unfinished frames are forgotten, its result is found by id, and the
    /// oldest finished jobs make room.
    pub(crate) fn finish(&self, job: &Arc<Job>) {
        let frames = job.state().frames.clone();
        let result = job.result_id();
        let mut tables = self.tables();
        for frame in frames {
            if Some(frame.image_id) != result {
                tables.images.remove(&frame.image_id);
            }
        }
        if let Some(result) = result {
            tables.images.insert(result, Arc::clone(job));
        }
        tables.finished_bytes += job.weight();
        tables.finished.push_back(Arc::clone(job));
        while tables.finished.len() > self.bounds.tasks || tables.finished_bytes > self.bounds.bytes
        {
            // The newest stays, however heavy: somebody is about to ask for it.
            if tables.finished.len() == 1 {
                break;
            }
            let Some(oldest) = tables.finished.pop_front() else {
                break;
            };
            tables.finished_bytes -= oldest.weight();
            tables.by_task.remove(&oldest.task_id);
            tables.by_trace.remove(&oldest.trace_id);
            if let Some(result) = oldest.result_id() {
                tables.images.remove(&result);
            }
        }
    }

    /// Takes in a finished job from the state folder, unless somebody else just did.
    pub(crate) fn adopt(&self, job: Arc<Job>) -> Arc<Job> {
        if let Some(known) = self.tables().by_task.get(&job.task_id) {
            return Arc::clone(known);
        }
        self.add(&job);
        self.finish(&job);
        job
    }

    pub(crate) fn by_task(&self, task_id: &str) -> Option<Arc<Job>> {
        self.tables().by_task.get(task_id).cloned()
    }

    pub(crate) fn by_trace(&self, trace_id: &str) -> Option<Arc<Job>> {
        self.tables().by_trace.get(trace_id).cloned()
    }

    pub(crate) fn by_image(&self, image_id: u64) -> Option<Arc<Job>> {
        self.tables().images.get(&image_id).cloned()
    }

    /// All tasks in memory, the newest first.
    pub(crate) fn newest_first(&self) -> Vec<Arc<Job>> {
        let mut jobs: Vec<_> = self.tables().by_task.values().cloned().collect();
        jobs.sort_by(|a, b| {
            b.created
                .total_cmp(&a.created)
                .then(b.sequence.cmp(&a.sequence))
        });
        jobs
    }

    pub(crate) fn retained(&self) -> usize {
        self.tables().by_task.len()
    }
}

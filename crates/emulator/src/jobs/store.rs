//! The tasks of a run that are in memory: all that are running, and as many finished ones as the bounds allow.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;

use super::job::Job;

/// How many finished tasks stay in memory, and how many bytes of them. The oldest goes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) tasks: usize,
    pub(crate) bytes: usize,
}

/// What a job can be found by.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    Task(String),
    Trace(String),
    /// A result or an unfinished frame.
    Image(u64),
}

#[derive(Debug, Default)]
struct Tables {
    by_task: HashMap<String, Arc<Job>>,
    by_trace: HashMap<String, Arc<Job>>,
    /// By the ids of results, and of the unfinished frames of running jobs.
    by_image: HashMap<u64, Arc<Job>>,
    finished: VecDeque<Arc<Job>>,
    finished_bytes: usize,
}

impl Tables {
    fn forget_oldest(&mut self) {
        let Some(oldest) = self.finished.pop_front() else {
            return;
        };
        self.finished_bytes -= oldest.weight();
        self.by_task.remove(&oldest.task_id);
        self.by_trace.remove(&oldest.trace_id);
        if let Some(result) = oldest.result_id() {
            self.by_image.remove(&result);
        }
    }
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

    pub(crate) fn add(&self, job: &Arc<Job>) {
        let mut tables = self.tables.lock();
        tables.by_task.insert(job.task_id.clone(), Arc::clone(job));
        tables
            .by_trace
            .insert(job.trace_id.clone(), Arc::clone(job));
    }

    pub(crate) fn add_frame(&self, job: &Arc<Job>, image_id: u64) {
        let mut tables = self.tables.lock();
        tables.by_image.insert(image_id, Arc::clone(job));
    }

    /// Notes that a job is finished: its unfinished frames are forgotten, its result is found by id, and the
    /// oldest finished jobs make room.
    pub(crate) fn finish(&self, job: &Arc<Job>) {
        let frames = job.state().frames.clone();
        let result = job.result_id();
        let mut tables = self.tables.lock();
        for frame in frames {
            tables.by_image.remove(&frame.image_id);
        }
        if let Some(result) = result {
            tables.by_image.insert(result, Arc::clone(job));
        }
        tables.finished_bytes += job.weight();
        tables.finished.push_back(Arc::clone(job));
        // The newest stays, however heavy: its caller is about to ask for it.
        while tables.finished.len() > 1
            && (tables.finished.len() > self.bounds.tasks
                || tables.finished_bytes > self.bounds.bytes)
        {
            tables.forget_oldest();
        }
    }

    /// Takes in a finished job from the state folder, unless another request just did.
    pub(crate) fn adopt(&self, job: Job) -> Arc<Job> {
        if let Some(known) = self.find(&Key::Task(job.task_id.clone())) {
            return known;
        }
        let job = Arc::new(job);
        self.add(&job);
        self.finish(&job);
        job
    }

    pub(crate) fn find(&self, key: &Key) -> Option<Arc<Job>> {
        let tables = self.tables.lock();
        match key {
            Key::Task(id) => tables.by_task.get(id),
            Key::Trace(id) => tables.by_trace.get(id),
            Key::Image(id) => tables.by_image.get(id),
        }
        .cloned()
    }

    /// All tasks in memory, the newest first.
    pub(crate) fn newest_first(&self) -> Vec<Arc<Job>> {
        let mut jobs: Vec<_> = self.tables.lock().by_task.values().cloned().collect();
        jobs.sort_by(|a, b| {
            b.created
                .total_cmp(&a.created)
                .then(b.sequence.cmp(&a.sequence))
        });
        jobs
    }

    pub(crate) fn retained(&self) -> usize {
        self.tables.lock().by_task.len()
    }
}

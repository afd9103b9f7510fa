//! When each job takes its next step: one queue, and so one timer, for all jobs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::job::Job;

/// A step that is to be taken.
#[derive(Debug)]
pub(crate) struct Due {
    /// Time since the start of the run.
    pub(crate) at: Duration,
    pub(crate) job: Arc<Job>,
}

/// The moment of a step and the number of its job; a job has at most one step on the schedule.
type Turn = (Duration, Option<u64>);

/// The steps still to be taken, the earliest first; of two at one moment, the older job's first.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    steps: Mutex<BTreeMap<Turn, Arc<Job>>>,
    earlier: Notify,
}

impl Schedule {
    pub(crate) fn add(&self, due: Due) {
        let Due { at, job } = due;
        let mut steps = self.steps.lock();
        let is_earliest = steps.keys().next().is_none_or(|&(first, _)| at < first);
        steps.insert((at, job.sequence), job);
        drop(steps);
        if is_earliest {
            self.earlier.notify_one();
        }
    }

    /// Takes the earliest step that is due by `now`.
    pub(crate) fn take_due(&self, now: Duration) -> Option<Due> {
        let mut steps = self.steps.lock();
        let first = steps.first_entry().filter(|first| first.key().0 <= now)?;
        let ((at, _), job) = first.remove_entry();
        Some(Due { at, job })
    }

    pub(crate) fn earliest(&self) -> Option<Duration> {
        self.steps.lock().keys().next().map(|&(at, _)| at)
    }

    /// Waits until a step was added that comes before all others.
    pub(crate) async fn earlier(&self) {
        self.earlier.notified().await;
    }

    /// Takes all steps out and gives the jobs that they are of.
    pub(crate) fn drain(&self) -> Vec<Arc<Job>> {
        std::mem::take(&mut *self.steps.lock())
            .into_values()
            .collect()
    }
}

//! Which job takes its next step when: one queue, and so one timer, for all jobs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::job::Job;

#[derive(Debug)]
pub(crate) struct Due {
    /// Time since the start of the run.
    pub(crate) at: Duration,
    pub(crate) job: Arc<Job>,
}

impl Due {
    fn key(&self) -> (Duration, Option<u64>) {
        (self.at, self.job.sequence)
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// Steps that are still to come, the earliest first; of two at one moment, the older job's first.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    heap: Mutex<BinaryHeap<Reverse<Due>>>,
    earlier: Notify,
}

impl Schedule {
    fn heap(&self) -> MutexGuard<'_, BinaryHeap<Reverse<Due>>> {
        self.heap.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, due: Due) {
        let at = due.at;
        let mut heap = self.heap();
        let earliest = heap.peek().is_none_or(|Reverse(first)| at < first.at);
        heap.push(Reverse(due));
        drop(heap);
        if earliest {
            self.earlier.notify_one();
        }
    }

    /// Takes the earliest step that is due by `now`.
    pub(crate) fn take_due(&self, now: Duration) -> Option<Due> {
        let mut heap = self.heap();
        if heap.peek().is_some_and(|Reverse(first)| first.at <= now) {
            return heap.pop().map(|Reverse(due)| due);
        }
        None
    }

    pub(crate) fn earliest(&self) -> Option<Duration> {
        self.heap().peek().map(|Reverse(first)| first.at)
    }

    /// Waits until a step was added that comes before all others.
    pub(crate) async fn earlier(&self) {
        self.earlier.notified().await;
    }

    /// Takes all steps out, in no order.
    pub(crate) fn drain(&self) -> Vec<Due> {
        self.heap().drain().map(|Reverse(due)| due).collect()
    }
}

//! Waiting for tasks: one look-up at a time for all that wait on a client.
//!
//! There is no background task: whoever waits and is polled when a look-up is due makes it for everyone. A waiter that is
//! dropped or left alone in the middle of one gives up its turn after [`TURN`].

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use crate::client::Client;
use crate::error::{Error, Result};
use crate::exchange::is_passing;
use crate::model::TaskData;

/// How long a waiter has for one look-up before another may make it.
const TURN: Duration = Duration::from_secs(10);

/// What the latest look-up said of a task: its record, nothing where the service does not know it, or a refusal.
type Seen = Result<Option<TaskData>>;

/// The tasks that are waited for, and when the next look-up is due.
#[derive(Debug)]
pub(crate) struct Lookups {
    waiting: Mutex<HashMap<String, watch::Sender<Option<Seen>>>>,
    due: watch::Sender<Instant>,
    /// Why the latest look-up brought nothing, for the error of those whose deadline passes.
    trouble: Mutex<Option<String>>,
}

impl Default for Lookups {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            due: watch::Sender::new(Instant::now()),
            trouble: Mutex::default(),
        }
    }
}

impl Lookups {
    pub(crate) fn trouble(&self) -> Option<String> {
        lock(&self.trouble).clone()
    }
}

/// One waiter for one task.
#[derive(Debug)]
pub(crate) struct Watch {
    client: Client,
    task_id: String,
    /// A task that was only just submitted has nothing to say yet.
    not_before: Instant,
    seen: watch::Receiver<Option<Seen>>,
    due: watch::Receiver<Instant>,
}

impl Watch {
    pub(crate) fn new(client: Client, task_id: String, not_before: Instant) -> Self {
        let lookups = client.lookups();
        let seen = lock(&lookups.waiting)
            .entry(task_id.clone())
            .or_insert_with(|| watch::Sender::new(None))
            .subscribe();
        let due = lookups.due.subscribe();
        Self {
            client,
            task_id,
            not_before,
            seen,
            due,
        }
    }

    /// Waits for the next look-up and gives what it said of this task. Network failures are sat out: the caller has a
    /// deadline.
    pub(crate) async fn next(&mut self) -> Seen {
        loop {
            let due = (*self.due.borrow_and_update()).max(self.not_before);
            tokio::select! {
                biased;
                // The sender lives in the table for as long as this receiver does.
                Ok(()) = self.seen.changed() => {
                    if let Some(seen) = self.seen.borrow_and_update().clone() {
                        return seen;
                    }
                }
                Ok(()) = self.due.changed() => {}
                () = sleep_until(due) => {
                    if let Some(turn) = Turn::take(&self.client) {
                        turn.look_up().await;
                    }
                }
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut waiting = lock(&self.client.lookups().waiting);
        // This receiver is still counted.
        if waiting
            .get(&self.task_id)
            .is_some_and(|sender| sender.receiver_count() <= 1)
        {
            waiting.remove(&self.task_id);
        }
    }
}

/// The right to make the look-up that is due.
struct Turn<'a> {
    client: &'a Client,
    next: Instant,
}

impl<'a> Turn<'a> {
    fn take(client: &'a Client) -> Option<Self> {
        let now = Instant::now();
        let taken = client.lookups().due.send_if_modified(|due| {
            let free = *due <= now;
            if free {
                *due = now + TURN;
            }
            free
        });
        taken.then(|| Self {
            client,
            next: now + client.settings().poll_interval,
        })
    }

    async fn look_up(mut self) {
        let lookups = self.client.lookups();
        let ids: Vec<String> = lock(&lookups.waiting).keys().cloned().collect();
        let Ok(answer) = timeout(TURN, self.client.look_up(&ids)).await else {
            *lock(&lookups.trouble) = Some(format!("it took longer than {} s", TURN.as_secs()));
            return;
        };
        match answer {
            Ok(tasks) => {
                *lock(&lookups.trouble) = None;
                let mut found: HashMap<String, TaskData> = tasks
                    .into_iter()
                    .map(|task| (task.task_id.clone(), task))
                    .collect();
                // Only those that were asked for: one that came since has not been looked up.
                tell(lookups, &ids, |id| Ok(found.remove(id)));
            }
            Err(error) if is_passing(&error) => {
                tracing::debug!(
                    kind = error.kind().as_str(),
                    "a look-up failed; the wait goes on"
                );
                self.next += error.retry_after().unwrap_or_default().min(FOR_A_WHILE);
                *lock(&lookups.trouble) = Some(error.to_string());
            }
            Err(error) => tell(lookups, &ids, |id| {
                Err::<_, Error>(error.clone().with_task(Some(id.to_owned())))
            }),
        }
    }
}

/// A service that asks for more patience than this is asked again all the same: waiting is what the caller paid for.
const FOR_A_WHILE: Duration = Duration::from_secs(60);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.client.lookups().due.send_replace(self.next);
    }
}

fn tell(lookups: &Lookups, ids: &[String], mut said: impl FnMut(&str) -> Seen) {
    let waiting = lock(&lookups.waiting);
    for id in ids {
        if let Some(sender) = waiting.get(id) {
            sender.send_replace(Some(said(id)));
        }
    }
}

/// Nothing panics while a lock is held; a poisoned one is as good as new.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Waiting for tasks: one look-up at a time for all that wait on a client.
//!
//! There is no background task: whoever waits and is polled when a look-up is due makes it for everyone. The right to make it
//! is a lease that is renewed while the look-up is driven, so a waiter that is dropped, or left alone half-way, holds nobody up.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::client::{BATCH, Client};
use crate::error::{Error, ErrorKind, Result};
use crate::model::TaskData;

/// How long the right to look up lasts without being renewed.
const LEASE: Duration = Duration::from_secs(5);

/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(2);

/// A service that asks for more patience than this is asked again all the same: waiting is what the caller paid for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Tasks beyond one batch are looked up in turns, not more often than this unless the caller's interval is shorter.
const BETWEEN_BATCHES: Duration = Duration::from_secs(1);

/// What the latest look-up said of a task: its record, nothing where the service does not know it, or a refusal.
type Seen = Result<Option<TaskData>>;

/// The tasks that are waited for, and when the next look-up is due.
#[derive(Debug)]
pub(crate) struct Lookups {
    state: Mutex<State>,
    due: watch::Sender<Instant>,
}

#[derive(Debug)]
struct State {
    waiting: HashMap<String, Waiting>,
    /// How many ids one look-up asks for: fewer after one that was too much for the service, or for us.
    batch: usize,
    /// Counts the look-ups.
    turn: u64,
    /// Why the latest look-up brought nothing, for the error of those whose deadline passes.
    trouble: Option<String>,
}

/// One task and those who wait for it.
#[derive(Debug)]
struct Waiting {
    watchers: usize,
    /// The turn in which it was last asked for; the longest ago comes first.
    asked: u64,
    seen: watch::Sender<Option<Seen>>,
}

impl Default for Lookups {
    fn default() -> Self {
        let state = State {
            waiting: HashMap::new(),
            batch: BATCH,
            turn: 0,
            trouble: None,
        };
        Self {
            state: Mutex::new(state),
            due: watch::Sender::new(Instant::now()),
        }
    }
}

impl Lookups {
    pub(crate) fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    /// Nothing panics while the lock is held; a poisoned one is as good as new.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        let seen = {
            let mut state = lookups.lock();
            let fresh = || Waiting {
                watchers: 0,
                asked: 0,
                seen: watch::Sender::new(None),
            };
            let waiting = state.waiting.entry(task_id.clone()).or_insert_with(fresh);
            waiting.watchers += 1;
            waiting.seen.subscribe()
        };
        let due = lookups.due.subscribe();
        Self {
            client,
            task_id,
            not_before,
            seen,
            due,
        }
    }

    /// Waits for the next look-up and gives what it said of this task. Failures of the network and of the service are sat
    /// out: the caller has a deadline.
    pub(crate) async fn next(&mut self) -> Seen {
        loop {
            let due = (*self.due.borrow_and_update()).max(self.not_before);
            tokio::select! {
                biased;
                // The sender lives in the table for as long as this waiter does.
                Ok(()) = self.seen.changed() => {
                    if let Some(seen) = self.seen.borrow_and_update().clone() {
                        return seen;
                    }
                }
                Ok(()) = self.due.changed() => {}
                () = sleep_until(due) => {
                    if let Some(turn) = Turn::take(&self.client) {
                        turn.make().await;
                    }
                }
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = self.client.lookups().lock();
        if let Some(waiting) = state.waiting.get_mut(&self.task_id) {
            waiting.watchers -= 1;
            if waiting.watchers == 0 {
                state.waiting.remove(&self.task_id);
            }
        }
    }
}

/// The right to make the look-up that is due.
struct Turn<'a> {
    client: &'a Client,
    /// Until when the right lasts; another value in the table means that it was lost.
    lease: Instant,
    /// When the next look-up is due after this one.
    next: Instant,
}

impl<'a> Turn<'a> {
    fn take(client: &'a Client) -> Option<Self> {
        let now = Instant::now();
        let lease = now + LEASE;
        let taken = client.lookups().due.send_if_modified(|due| {
            let is_free = *due <= now;
            if is_free {
                *due = lease;
            }
            is_free
        });
        taken.then(|| Self {
            client,
            lease,
            next: now + client.settings().poll_interval,
        })
    }

    /// Makes the look-up, and renews the lease for as long as somebody drives it.
    async fn make(mut self) {
        let ids = self.choose();
        let client = self.client;
        let mut answer = std::pin::pin!(client.look_up(&ids));
        let answer = loop {
            tokio::select! {
                answer = &mut answer => break answer,
                () = sleep(RENEWAL) => {
                    if !self.replace(Instant::now() + LEASE) {
                        return;
                    }
                }
            }
        };
        if self.still_holds() {
            self.tell(&ids, answer);
        }
    }

    /// The tasks of this look-up: those that have waited longest, if there are too many for one.
    fn choose(&mut self) -> Vec<String> {
        let mut state = self.client.lookups().lock();
        state.turn += 1;
        let (turn, batch) = (state.turn, state.batch);
        let mut ids: Vec<(u64, String)> = state
            .waiting
            .iter()
            .map(|(id, waiting)| (waiting.asked, id.clone()))
            .collect();
        if ids.len() > batch {
            ids.sort_unstable();
            ids.truncate(batch);
            let soon = self.client.settings().poll_interval.min(BETWEEN_BATCHES);
            self.next = self.next.min(Instant::now() + soon);
        }
        let ids: Vec<String> = ids.into_iter().map(|(_, id)| id).collect();
        for id in &ids {
            if let Some(waiting) = state.waiting.get_mut(id) {
                waiting.asked = turn;
            }
        }
        ids
    }

    fn tell(&mut self, ids: &[String], answer: Result<Vec<TaskData>>) {
        let mut state = self.client.lookups().lock();
        let error = match answer {
            Ok(tasks) => {
                state.trouble = None;
                state.batch = (state.batch * 2).min(BATCH);
                let mut found: HashMap<String, TaskData> = tasks
                    .into_iter()
                    .map(|task| (task.task_id.clone(), task))
                    .collect();
                // Only those that were asked for: one that came since has not been looked up.
                return state.tell(ids, |id| Ok(found.remove(id)));
            }
            Err(error) => error,
        };
        tracing::debug!(kind = error.kind().as_str(), "a look-up failed");
        match error.kind() {
            // The token is not accepted, and will not be in two seconds.
            ErrorKind::Authentication | ErrorKind::Disabled => {
                state.tell(ids, |id| {
                    Err::<_, Error>(error.clone().with_task(Some(id.to_owned())))
                });
            }
            // Older gateways answered so where newer ones answer with nothing.
            ErrorKind::NotFound => state.tell(ids, |_| Ok(None)),
            kind => {
                // Too much at once for somebody, perhaps; or one of them spoils it for the others.
                if matches!(kind, ErrorKind::Decode | ErrorKind::BadRequest) {
                    state.batch = (ids.len() / 2).max(1);
                }
                self.next += error.retry_after().unwrap_or_default().min(LONGEST_PAUSE);
                state.trouble = Some(error.to_string());
            }
        }
    }

    fn still_holds(&self) -> bool {
        *self.client.lookups().due.borrow() == self.lease
    }

    /// Puts another time in the place of the own lease; nothing happens if that was lost to another waiter.
    fn replace(&mut self, time: Instant) -> bool {
        let lease = self.lease;
        let replaced = self.client.lookups().due.send_if_modified(|due| {
            let is_own = *due == lease;
            if is_own {
                *due = time;
            }
            is_own
        });
        if replaced {
            self.lease = time;
        }
        replaced
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let next = self.next;
        self.replace(next);
    }
}

impl State {
    fn tell(&mut self, ids: &[String], mut said: impl FnMut(&str) -> Seen) {
        for id in ids {
            if let Some(waiting) = self.waiting.get(id) {
                waiting.seen.send_replace(Some(said(id)));
            }
        }
    }
}

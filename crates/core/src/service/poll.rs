//! Waiting for tasks: one poll at a time for all tasks that are waited for on a client.
//!
//! There is no background task: a waiter that runs when a poll is due makes it for all. The right to make it is a lease that is
//! renewed while the poll is driven, so a waiter that is dropped, or no longer driven, does not hold up the others.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::http::Http;
use super::lookup::{self, BATCH};
use crate::error::{Error, ErrorKind, Result};
use crate::model::task::TaskData;

/// How long the right to poll lasts without being renewed.
const LEASE: Duration = Duration::from_secs(5);

/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(2);

/// A service that asks for more patience than this is asked again all the same: waiting is what the caller paid for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Tasks beyond one batch are polled in turns, not more often than this unless the caller's interval is shorter.
const BETWEEN_BATCHES: Duration = Duration::from_secs(1);

/// From this progress on, in percent, a task is nearly done.
const NEAR_THE_END: u8 = 60;

/// What the latest poll said of a task: its record, nothing where the service does not know it, or a refusal.
type Seen = Result<Option<TaskData>>;

/// The tasks that are waited for, and when the next poll is due.
#[derive(Debug)]
pub(crate) struct Polls {
    http: Arc<Http>,
    state: Mutex<State>,
    due: watch::Sender<Due>,
}

/// When the next poll may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    at: Instant,
    /// Whether a poll is under way until then. Another value in its place means that the lease was lost.
    is_leased: bool,
}

#[derive(Debug)]
struct State {
    waiting: HashMap<String, Waiting>,
    /// How many ids one poll asks for: fewer after one that was too much for the service, or for us.
    batch: usize,
    /// Counts the polls.
    turn: u64,
    /// When the latest poll began.
    latest: Option<Instant>,
    /// Why the latest poll brought nothing, for the error of a waiter whose deadline passes.
    trouble: Option<String>,
}

/// One task, and how many wait for it.
#[derive(Debug)]
struct Waiting {
    waiters: usize,
    /// The turn in which it was last asked for; the longest ago comes first.
    asked: u64,
    /// Whether it is nearly done, so that all tasks are polled more often.
    is_near: bool,
    seen: watch::Sender<Option<Seen>>,
}

impl Polls {
    pub(crate) fn new(http: Arc<Http>) -> Self {
        let state = State {
            waiting: HashMap::new(),
            batch: BATCH,
            turn: 0,
            latest: None,
            trouble: None,
        };
        let now = Due {
            at: Instant::now(),
            is_leased: false,
        };
        Self {
            http,
            state: Mutex::new(state),
            due: watch::Sender::new(now),
        }
    }

    pub(crate) fn trouble(&self) -> Option<String> {
        self.state.lock().trouble.clone()
    }

    /// Lets the next poll begin `interval` after the latest, where it was to begin later.
    fn hasten(&self, interval: Duration) {
        let Some(latest) = self.state.lock().latest else {
            return;
        };
        let at = latest + interval;
        self.due.send_if_modified(|due| {
            let is_later = !due.is_leased && due.at > at;
            if is_later {
                due.at = at;
            }
            is_later
        });
    }
}

/// One waiter for one task.
#[derive(Debug)]
pub(crate) struct Waiter {
    polls: Arc<Polls>,
    task_id: String,
    /// A task that was only just submitted has nothing to say yet.
    not_before: Instant,
    seen: watch::Receiver<Option<Seen>>,
    due: watch::Receiver<Due>,
}

impl Waiter {
    /// `is_quick` says that the task is one that is done within seconds.
    pub(crate) fn new(
        polls: Arc<Polls>,
        task_id: String,
        not_before: Instant,
        is_quick: bool,
    ) -> Self {
        let seen = {
            let mut state = polls.state.lock();
            let waiting = state
                .waiting
                .entry(task_id.clone())
                .or_insert_with(|| Waiting {
                    waiters: 0,
                    asked: 0,
                    is_near: false,
                    seen: watch::Sender::new(None),
                });
            waiting.waiters += 1;
            waiting.is_near |= is_quick;
            waiting.seen.subscribe()
        };
        if is_quick {
            polls.hasten(polls.http.settings.poll_interval(true));
        }
        Self {
            due: polls.due.subscribe(),
            polls,
            task_id,
            not_before,
            seen,
        }
    }

    /// Waits for the next poll and gives what it said of this task. Failures of the network and of the service are sat out: the
    /// caller has a deadline.
    pub(crate) async fn next(&mut self) -> Seen {
        loop {
            let due = self.due.borrow_and_update().at.max(self.not_before);
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
                    if let Some(turn) = Turn::take(&self.polls) {
                        turn.make().await;
                    }
                }
            }
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut state = self.polls.state.lock();
        if let Some(waiting) = state.waiting.get_mut(&self.task_id) {
            waiting.waiters -= 1;
            if waiting.waiters == 0 {
                state.waiting.remove(&self.task_id);
            }
        }
    }
}

/// The right to make the poll that is due.
struct Turn<'a> {
    polls: &'a Polls,
    lease: Due,
    begun: Instant,
    /// Which tasks are asked for.
    ids: Vec<String>,
    /// How long after the beginning of this poll the next is due, if that is sooner than the interval asks for.
    soon: Option<Duration>,
    /// How much later the service wants to be asked again.
    pause: Duration,
}

impl<'a> Turn<'a> {
    fn take(polls: &'a Polls) -> Option<Self> {
        let begun = Instant::now();
        let lease = Due {
            at: begun + LEASE,
            is_leased: true,
        };
        let is_taken = polls.due.send_if_modified(|due| {
            let is_free = due.at <= begun;
            if is_free {
                *due = lease;
            }
            is_free
        });
        is_taken.then(|| {
            let mut turn = Self {
                polls,
                lease,
                begun,
                ids: Vec::new(),
                soon: None,
                pause: Duration::ZERO,
            };
            turn.choose();
            turn
        })
    }

    /// Makes the poll, and renews the lease for as long as the waiter is driven.
    async fn make(mut self) {
        let polls = self.polls;
        let ids = std::mem::take(&mut self.ids);
        let mut answer = std::pin::pin!(lookup::tasks_once(&polls.http, &ids));
        let answer = loop {
            tokio::select! {
                answer = &mut answer => break answer,
                () = sleep(RENEWAL) => {
                    let renewed = Due { at: Instant::now() + LEASE, is_leased: true };
                    if !self.replace(renewed) {
                        return;
                    }
                }
            }
        };
        if *polls.due.borrow() == self.lease {
            self.notify(&ids, answer);
        }
    }

    /// The tasks of this poll: those that have waited longest, if there are too many for one.
    fn choose(&mut self) {
        let mut state = self.polls.state.lock();
        state.turn += 1;
        state.latest = Some(self.begun);
        let (turn, batch) = (state.turn, state.batch);
        let mut ids: Vec<(u64, String)> = state
            .waiting
            .iter()
            .map(|(id, waiting)| (waiting.asked, id.clone()))
            .collect();
        if ids.len() > batch {
            ids.sort_unstable();
            ids.truncate(batch);
            self.soon = Some(BETWEEN_BATCHES);
        }
        self.ids = ids.into_iter().map(|(_, id)| id).collect();
        for id in &self.ids {
            if let Some(waiting) = state.waiting.get_mut(id) {
                waiting.asked = turn;
            }
        }
    }

    /// Passes the answer on to all who wait for it.
    fn notify(&mut self, ids: &[String], answer: Result<HashMap<String, TaskData>>) {
        let mut state = self.polls.state.lock();
        let error = match answer {
            Ok(mut found) => {
                state.trouble = None;
                state.batch = (state.batch * 2).min(BATCH);
                // Only those that were asked for: one that came since has not been looked up.
                return state.notify(ids, |id| Ok(found.remove(id)));
            }
            Err(error) => error,
        };
        tracing::debug!(kind = error.kind().as_str(), "a poll failed");
        match error.kind() {
            // The token is not accepted, and will not be in two seconds.
            ErrorKind::Authentication | ErrorKind::Disabled => {
                state.notify(ids, |id| {
                    Err::<_, Error>(error.clone().with_task(Some(id.to_owned())))
                });
            }
            // Older gateways answer so where newer ones answer with nothing.
            ErrorKind::NotFound => state.notify(ids, |_| Ok(None)),
            kind => {
                // The batch may be too large for the service or for us, or one task in it cannot be read.
                if matches!(kind, ErrorKind::Decode | ErrorKind::BadRequest) {
                    state.batch = (ids.len() / 2).max(1);
                }
                self.pause = error.retry_after().unwrap_or_default().min(LONGEST_PAUSE);
                state.trouble = Some(error.to_string());
            }
        }
    }

    /// Puts another time in the place of the own lease; nothing happens if that was lost to another waiter.
    fn replace(&mut self, next: Due) -> bool {
        let lease = self.lease;
        let is_replaced = self.polls.due.send_if_modified(|due| {
            let is_own = *due == lease;
            if is_own {
                *due = next;
            }
            is_own
        });
        if is_replaced {
            self.lease = next;
        }
        is_replaced
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let is_near = self.polls.state.lock().is_near();
        let interval = self.polls.http.settings.poll_interval(is_near);
        let interval = self.soon.map_or(interval, |soon| soon.min(interval));
        let next = Due {
            at: self.begun + interval + self.pause,
            is_leased: false,
        };
        self.replace(next);
    }
}

impl State {
    fn notify(&mut self, ids: &[String], mut said: impl FnMut(&str) -> Seen) {
        for id in ids {
            if let Some(waiting) = self.waiting.get_mut(id) {
                let seen = said(id);
                if let Ok(Some(task)) = &seen {
                    let is_running = !task.state.is_terminal();
                    waiting.is_near =
                        is_running && (waiting.is_near || task.progress >= NEAR_THE_END);
                }
                waiting.seen.send_replace(Some(seen));
            }
        }
    }

    fn is_near(&self) -> bool {
        self.waiting.values().any(|waiting| waiting.is_near)
    }
}

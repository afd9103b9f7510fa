//! One generation: what was asked for, how far it is, and how to follow it.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::watch;

use super::timeline::{Step, Timeline};
use crate::action::Picture;
use crate::fault::Fault;
use crate::wire::error::ErrorObject;
use crate::wire::request::Mode;

/// One observable state of a picture in the making. The one with progress 100 is the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) image_id: u64,
    /// Percent.
    pub(crate) progress: u8,
}

impl Frame {
    pub(crate) fn is_result(self) -> bool {
        self.progress == 100
    }
}

/// A generation, running or finished. Its facts are read straight from it.
#[derive(Debug)]
pub(crate) struct Job {
    facts: Facts,
    pub(crate) state: Mutex<State>,
    /// The faults that strike fetches of its pictures, used up as they do.
    pub(crate) picture_faults: Mutex<Vec<Fault>>,
    changed: watch::Sender<()>,
}

/// What changes while a job runs.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Unix seconds.
    pub(crate) started: Option<f64>,
    /// Unix seconds.
    pub(crate) finished: Option<f64>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) failure: Option<ErrorObject>,
    /// What is still to come, the next step last.
    pub(crate) ahead: Timeline,
}

/// How a job ended.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Result(Frame),
    Failure(ErrorObject),
}

/// What is settled when a job is accepted.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Its number among the started jobs of the run; nothing for one that was read back from the state folder.
    pub(crate) sequence: Option<u64>,
    pub(crate) task_id: String,
    pub(crate) trace_id: String,
    pub(crate) action: String,
    pub(crate) mode: Mode,
    /// The body of the submission, as it came.
    pub(crate) request: Box<RawValue>,
    pub(crate) picture: Picture,
    /// The name of its picture files, without extension.
    pub(crate) file: String,
    /// `split_images` was asked for.
    pub(crate) split: bool,
    /// The record carries unfinished frames, because the submission accepted NDJSON.
    pub(crate) streamed: bool,
    /// The faults that strike this task, its record and its results.
    pub(crate) faults: Vec<Fault>,
    /// It is to fail with this.
    pub(crate) doom: Option<ErrorObject>,
    /// Unix seconds.
    pub(crate) created: f64,
    /// When it was accepted, in time since the start of the run.
    pub(crate) accepted: Duration,
    /// Look-ups do not find it before this moment of the run …
    pub(crate) visible_from: Duration,
    /// … or never.
    pub(crate) hidden: bool,
}

impl Deref for Job {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.facts
    }
}

impl Job {
    pub(crate) fn new(facts: Facts, state: State) -> Self {
        let picture_faults = facts
            .faults
            .iter()
            .filter(|fault| fault.target() == crate::fault::Target::Picture)
            .cloned()
            .collect();
        Self {
            facts,
            state: Mutex::new(state),
            picture_faults: Mutex::new(picture_faults),
            changed: watch::Sender::new(()),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }

    /// The time after the submission of the next step, if there is one.
    pub(crate) fn next_step(&self) -> Option<Duration> {
        self.state().ahead.last().map(|(after, _)| *after)
    }

    /// Takes the next step; `image_id` names a frame by its number.
    pub(crate) fn take_step(&self, now: f64, image_id: impl FnOnce(usize) -> u64) -> Option<Step> {
        let mut state = self.state();
        let (_, step) = state.ahead.pop()?;
        let progress = match step {
            Step::Start => {
                state.started = Some(now);
                None
            }
            Step::Frame(progress) => Some(progress),
            Step::Finish => {
                state.finished = Some(now);
                state.failure.clone_from(&self.doom);
                // Nothing that has ended is kept longer than its results.
                state.ahead = Timeline::new();
                self.doom.is_none().then_some(100)
            }
        };
        if let Some(progress) = progress {
            let number = state.frames.len();
            state.frames.push(Frame {
                image_id: image_id(number),
                progress,
            });
        }
        Some(step)
    }

    /// Wakes those who follow; to be called after the store knows of the step too.
    pub(crate) fn announce(&self) {
        self.changed.send_replace(());
    }

    /// Ends a running job before its time. Returns whether it was running.
    pub(crate) fn abandon(&self, now: f64, error: ErrorObject) -> bool {
        {
            let mut state = self.state();
            if state.finished.is_some() {
                return false;
            }
            state.ahead = Timeline::new();
            state.finished = Some(now);
            state.failure = Some(error);
        }
        self.announce();
        true
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        let state = self.state();
        state.finished?;
        match &state.failure {
            Some(error) => Some(Outcome::Failure(error.clone())),
            None => state.frames.last().copied().map(Outcome::Result),
        }
    }

    pub(crate) fn newest_frame(&self) -> Option<Frame> {
        self.state().frames.last().copied()
    }

    /// The result's id, once there is one.
    pub(crate) fn result_id(&self) -> Option<u64> {
        match self.outcome()? {
            Outcome::Result(frame) => Some(frame.image_id),
            Outcome::Failure(_) => None,
        }
    }

    /// Bytes of memory that keeping this job costs, roughly.
    pub(crate) fn weight(&self) -> usize {
        // The prompt is in the request and once more in the recipe.
        1_500 + 2 * self.request.get().len() + self.picture.mask_bytes
    }
}

/// One event of a followed job.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A frame, the result among them.
    Frame(Frame),
    Failed(ErrorObject),
}

/// Sees every frame of a job in order, however late it looks.
#[derive(Debug)]
pub(crate) struct Follower {
    job: Arc<Job>,
    changed: watch::Receiver<()>,
    seen: usize,
    ended: bool,
}

impl Follower {
    pub(crate) fn new(job: &Arc<Job>) -> Self {
        Self {
            changed: job.changed.subscribe(),
            job: Arc::clone(job),
            seen: 0,
            ended: false,
        }
    }

    /// The next event; nothing after the last.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if self.ended {
                return None;
            }
            {
                let state = self.job.state();
                if let Some(&frame) = state.frames.get(self.seen) {
                    self.seen += 1;
                    self.ended = frame.is_result();
                    return Some(Event::Frame(frame));
                }
                if state.finished.is_some() {
                    self.ended = true;
                    return state.failure.clone().map(Event::Failed);
                }
            }
            // The job, and with it the sender, is held by `self`.
            self.changed.changed().await.ok()?;
        }
    }
}

/// Waits for the end of a job.
pub(crate) async fn outcome(job: &Arc<Job>) -> Outcome {
    let mut changed = job.changed.subscribe();
    loop {
        if let Some(outcome) = job.outcome() {
            return outcome;
        }
        if changed.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

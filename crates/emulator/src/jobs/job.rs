//! One generation: what was asked for, how far it is, and how to follow it.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::watch;

use super::action::Picture;
use super::fault::{Fault, Target};
use super::timeline::{Step, Timeline};
use crate::wire::error::ErrorObject;
use crate::wire::request::Mode;

/// Requests of more bytes lose their mask when a job is written to disk: the picture's recipe has its own, smaller copy.
const MAX_STORED_REQUEST: usize = 64 * 1024;

/// One observable state of a picture in the making. The one with progress 100 is the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    state: watch::Sender<State>,
    /// The faults that strike fetches of its pictures, used up as they do.
    pub(crate) picture_faults: Mutex<Vec<Fault>>,
}

/// What is known when a job is accepted, and does not change. What a later emulator has no use for is not written to disk.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// Its number among the started jobs of the run; nothing for one that was read back from the state folder.
    #[serde(skip)]
    pub(crate) sequence: Option<u64>,
    pub(crate) task_id: String,
    pub(crate) trace_id: String,
    pub(crate) action: String,
    pub(crate) mode: Mode,
    /// The body of the submission, as it came.
    #[serde(serialize_with = "without_large_mask")]
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
    /// The failure that it is to end with.
    #[serde(skip)]
    pub(crate) planned_failure: Option<ErrorObject>,
    /// Unix seconds.
    pub(crate) created: f64,
    /// When it was accepted, in time since the start of the run.
    #[serde(skip)]
    pub(crate) accepted: Duration,
    /// Look-ups do not find it before this moment of the run …
    #[serde(skip)]
    pub(crate) visible_from: Duration,
    /// … or never.
    #[serde(skip)]
    pub(crate) hidden: bool,
}

fn without_large_mask<S: Serializer>(request: &RawValue, serializer: S) -> Result<S::Ok, S::Error> {
    if request.get().len() > MAX_STORED_REQUEST
        && let Ok(mut request) = serde_json::from_str::<Value>(request.get())
    {
        if let Some(mask) = request.get_mut("mask") {
            *mask = Value::Null;
        }
        return request.serialize(serializer);
    }
    request.serialize(serializer)
}

/// What changes while a job runs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// Unix seconds.
    pub(crate) started: Option<f64>,
    /// Unix seconds.
    pub(crate) finished: Option<f64>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) failure: Option<ErrorObject>,
    /// The steps still to be taken, the next one last.
    #[serde(skip)]
    pub(crate) ahead: Timeline,
}

/// How a job ended.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Result(Frame),
    Failure(ErrorObject),
}

impl State {
    fn outcome(&self) -> Option<Outcome> {
        self.finished?;
        match &self.failure {
            Some(error) => Some(Outcome::Failure(error.clone())),
            None => self.frames.last().copied().map(Outcome::Result),
        }
    }
}

impl Deref for Job {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.facts
    }
}

impl Job {
    pub(crate) fn new(facts: Facts, state: State) -> Self {
        let strikes_pictures = |fault: &&Fault| fault.target() == Target::Picture;
        let picture_faults = facts.faults.iter().filter(strikes_pictures).cloned();
        Self {
            picture_faults: Mutex::new(picture_faults.collect()),
            facts,
            state: watch::Sender::new(state),
        }
    }

    /// The state as it is; the job cannot go on while this is held.
    pub(crate) fn state(&self) -> watch::Ref<'_, State> {
        self.state.borrow()
    }

    pub(crate) fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }

    /// The time after the submission of the next step, if there is one.
    pub(crate) fn next_step(&self) -> Option<Duration> {
        self.state().ahead.last().map(|(after, _)| *after)
    }

    /// Takes the next step, and gives it with the frame that it made; `image_id` names a frame by its number.
    pub(crate) fn take_step(
        &self,
        now: f64,
        image_id: impl FnOnce(usize) -> u64,
    ) -> Option<(Step, Option<Frame>)> {
        let mut taken = None;
        self.state.send_if_modified(|state| {
            let Some((_, step)) = state.ahead.pop() else {
                return false;
            };
            let progress = match step {
                Step::Start => {
                    state.started = Some(now);
                    None
                }
                Step::Frame(progress) => Some(progress),
                Step::Finish => {
                    state.finished = Some(now);
                    state.failure.clone_from(&self.planned_failure);
                    // A finished job stays in memory for long: its steps need not.
                    state.ahead = Timeline::new();
                    self.planned_failure.is_none().then_some(100)
                }
            };
            let frame = progress.map(|progress| Frame {
                image_id: image_id(state.frames.len()),
                progress,
            });
            state.frames.extend(frame);
            taken = Some((step, frame));
            // Followers are notified by `announce`.
            false
        });
        taken
    }

    /// Notifies followers of a step; to be called once the store has it too.
    pub(crate) fn announce(&self) {
        self.state.send_modify(|_| ());
    }

    /// Ends a running job before its time.
    pub(crate) fn abandon(&self, now: f64, error: ErrorObject) {
        self.state.send_if_modified(|state| {
            let is_running = state.finished.is_none();
            if is_running {
                state.ahead = Timeline::new();
                state.finished = Some(now);
                state.failure = Some(error);
            }
            is_running
        });
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.state().outcome()
    }

    /// Waits for the end of the job.
    pub(crate) async fn ended(&self) -> Outcome {
        let mut changes = self.state.subscribe();
        loop {
            if let Some(outcome) = self.outcome() {
                return outcome;
            }
            // `self` holds the sender, so there is always a change to wait for.
            drop(changes.changed().await);
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

    /// Bytes of memory that this job takes, roughly.
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

impl Event {
    pub(crate) fn is_last(&self) -> bool {
        match self {
            Self::Frame(frame) => frame.is_result(),
            Self::Failed(_) => true,
        }
    }
}

/// Reads every frame of a job in order, however late it starts.
#[derive(Debug)]
pub(crate) struct Follower {
    job: Arc<Job>,
    changes: watch::Receiver<State>,
    seen: usize,
    ended: bool,
}

impl Follower {
    pub(crate) fn new(job: &Arc<Job>) -> Self {
        Self {
            changes: job.state.subscribe(),
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
            // `self.job` holds the sender.
            self.changes.changed().await.ok()?;
        }
    }
}

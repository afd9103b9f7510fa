//! The jobs between two resets: how they start, proceed and end, and how they are found.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::action::{self, Picture};
use super::clock::{Clock, unix_now_ms};
use super::fault::Fault;
use super::ids::Ids;
use super::job::{Facts, Job, State};
use super::ledger::{Accounting, Limits, Order, Prices};
use super::schedule::{Due, Schedule};
use super::state_folder::StateFolder;
use super::store::{Bounds, Key, Store};
use super::timeline::{self, Speed, Step, timeline};
use crate::picture::RegionMask;
use crate::wire::error::{ErrorObject, Refusal};
use crate::wire::request::Mode;

/// What is fixed from the start of an emulator to its end.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) speed: Speed,
    pub(crate) seed: Option<u64>,
    pub(crate) limits: Limits,
    pub(crate) prices: Prices,
    pub(crate) bounds: Bounds,
    pub(crate) state_folder: Option<StateFolder>,
}

/// The jobs of a run, which lasts from one reset to the next.
#[derive(Debug)]
pub(crate) struct Jobs {
    pub(crate) settings: Arc<Settings>,
    pub(crate) ids: Ids,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) ledger: Accounting,
    schedule: Schedule,
    refusals: AtomicU64,
    /// Held while a virtual clock moves, and while a job is accepted, during which it must not move.
    advancing: Mutex<()>,
    /// Cancelled by a reset and by the end of the emulator.
    pub(crate) over: CancellationToken,
}

/// A checked submission.
#[derive(Debug)]
pub(crate) struct JobRequest {
    pub(crate) action: String,
    pub(crate) mode: Mode,
    /// The body, as it came.
    pub(crate) body: Box<RawValue>,
    pub(crate) origin: Origin,
    /// The prompt's words, for the pictures' file names.
    pub(crate) words: String,
    pub(crate) seed: Option<u64>,
    pub(crate) split: bool,
    pub(crate) streamed: bool,
    pub(crate) synchronous: bool,
    pub(crate) faults: Vec<Fault>,
    /// The bearer token, for faults that quote it.
    pub(crate) quoted_token: Option<String>,
}

/// What a job draws from: a prompt, or the picture that an action is on.
#[derive(Debug)]
pub(crate) enum Origin {
    Prompt {
        prompt: String,
        aspect: (u32, u32),
        modern: bool,
    },
    Action {
        source: Picture,
    },
    Region {
        source: Picture,
        mask: RegionMask,
        prompt: String,
    },
}

impl Jobs {
    pub(crate) fn new(settings: &Arc<Settings>, over: CancellationToken) -> Self {
        Self {
            ids: Ids::new(settings.seed, unix_now_ms()),
            clock: Clock::new(settings.speed, settings.seed.is_some()),
            store: Store::new(settings.bounds),
            ledger: Accounting::new(settings.limits),
            schedule: Schedule::default(),
            refusals: AtomicU64::new(0),
            advancing: Mutex::new(()),
            over,
            settings: Arc::clone(settings),
        }
    }

    /// The trace id of an answer that belongs to no task.
    pub(crate) fn refusal_trace(&self) -> String {
        self.ids
            .refusal_trace(self.refusals.fetch_add(1, Ordering::Relaxed))
    }

    /// Starts a job, unless a limit forbids it.
    pub(crate) fn submit(&self, request: JobRequest) -> Result<Arc<Job>, Refusal> {
        // A virtual clock must not move between the moment of acceptance and the job's first step on the schedule.
        let _still = self.clock.is_virtual().then(|| self.advancing.lock());
        let accepted = self.clock.elapsed();
        let order = Order {
            action: &request.action,
            mode: request.mode,
            price: self.price(&request.action),
            now: accepted,
        };
        let sequence = self
            .ledger
            .open(&order, |sequence| self.ids.task(sequence))?;
        let seed = request
            .seed
            .unwrap_or_else(|| self.ids.picture_seed(sequence));
        let picture = match request.origin {
            Origin::Prompt {
                prompt,
                aspect,
                modern,
            } => Some(Picture::generate(&prompt, seed, aspect, modern)),
            Origin::Action { source } => source.act(&request.action, seed),
            Origin::Region {
                source,
                mask,
                prompt,
            } => Some(source.region(mask, &prompt, seed)),
        };
        let Some(picture) = picture else {
            self.ledger.close(sequence, order.price, false);
            return Err(Refusal::bad_request(format!(
                "the action `{}` is not offered",
                request.action
            )));
        };
        let quick = action::is_quick(&request.action);
        let mut steps = timeline(self.settings.speed, request.mode, quick);
        let token = request.quoted_token.as_deref();
        let planned_failure = timeline::bend(&mut steps, &request.faults, token);
        steps.reverse();
        let late = request.faults.iter().find_map(|fault| match fault {
            Fault::LateTask(milliseconds) => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        });
        let facts = Facts {
            sequence: Some(sequence),
            task_id: self.ids.task(sequence),
            trace_id: self.ids.trace(sequence),
            mode: request.mode,
            request: request.body,
            picture,
            file: file_name(&request.words, &self.ids.file_tail(sequence)),
            split: request.split,
            streamed: request.streamed,
            hidden: request.synchronous && request.faults.contains(&Fault::NoRecord),
            faults: request.faults,
            planned_failure,
            created: self.clock.unix(accepted),
            accepted,
            visible_from: late.map_or(Duration::ZERO, |late| accepted.saturating_add(late)),
            action: request.action,
        };
        let state = State {
            ahead: steps,
            ..State::default()
        };
        let job = Arc::new(Job::new(facts, state));
        self.store.add(&job);
        tracing::debug!(task_id = job.task_id, action = job.action, "job accepted");
        self.schedule_next(&job);
        Ok(job)
    }

    fn price(&self, action: &str) -> f64 {
        let prices = &self.settings.prices;
        if action::is_quick(action) {
            prices.upscale
        } else {
            prices.generation
        }
    }

    /// Puts a job's next step on the schedule. Instant jobs run to their end at once.
    fn schedule_next(&self, job: &Arc<Job>) {
        while let Some(after) = job.next_step() {
            let at = job.accepted.saturating_add(after);
            let job = Arc::clone(job);
            if self.settings.speed != Speed::Instant {
                self.schedule.add(Due { at, job });
                return;
            }
            self.take_step(&job, at);
        }
    }

    /// Takes the steps that are due by `now`, in order; `before` is called with the moment of each before it is taken.
    fn take_due(&self, now: Duration, before: impl Fn(Duration)) {
        while let Some(Due { at, job }) = self.schedule.take_due(now) {
            before(at);
            self.take_step(&job, at);
            self.schedule_next(&job);
        }
    }

    fn take_step(&self, job: &Arc<Job>, at: Duration) {
        let Some(sequence) = job.sequence else { return };
        let taken = job.take_step(self.clock.unix(at), |number| {
            self.ids.image(sequence, number)
        });
        match taken {
            Some((Step::Finish, _)) => self.finish(job, sequence),
            Some((_, Some(frame))) => self.store.add_frame(job, frame.image_id),
            Some((_, None)) | None => {}
        }
        job.announce();
    }

    fn finish(&self, job: &Arc<Job>, sequence: u64) {
        let succeeded = job.result_id().is_some();
        self.ledger
            .close(sequence, self.price(&job.action), succeeded);
        self.store.finish(job);
        if let Some(folder) = self.settings.state_folder.as_ref().filter(|_| !job.hidden) {
            folder.add(job);
        }
        tracing::debug!(task_id = job.task_id, succeeded, "job finished");
    }

    /// Takes the steps of all jobs as they fall due. Ends with the run.
    pub(crate) async fn drive(self: Arc<Self>) {
        if self.clock.is_virtual() {
            return;
        }
        let forever = Duration::from_secs(3600 * 24);
        loop {
            let now = self.clock.elapsed();
            self.take_due(now, |_| ());
            let next = self.schedule.earliest().unwrap_or(now + forever);
            tokio::select! {
                () = self.clock.sleep_until(next) => {}
                () = self.schedule.earlier() => {}
                () = self.over.cancelled() => return,
            }
        }
    }

    /// Moves a virtual clock on; every step that falls due has been taken, in order, when this returns. Returns whether
    /// the clock is a virtual one.
    pub(crate) fn advance(&self, by: Duration) -> bool {
        if !self.clock.is_virtual() {
            return false;
        }
        let _alone = self.advancing.lock();
        let target = self.clock.elapsed().saturating_add(by);
        self.take_due(target, |at| self.clock.set(at));
        self.clock.set(target);
        true
    }

    /// Ends the run: its unfinished jobs fail.
    pub(crate) fn end(&self) {
        self.over.cancel();
        let now = self.clock.now();
        for job in self.schedule.drain() {
            job.abandon(now, ErrorObject::new("api_error", "the emulator was reset"));
        }
    }

    /// The tasks of these ids and traces that look-ups find, each once, in the order asked.
    pub(crate) async fn tasks(&self, ids: &[String], trace_ids: &[String]) -> Vec<Arc<Job>> {
        let by_id = ids.iter().cloned().map(Key::Task);
        let by_trace = trace_ids.iter().cloned().map(Key::Trace);
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for key in by_id.chain(by_trace) {
            let Some(job) = self.find(key).await else {
                continue;
            };
            if self.shows(&job) && seen.insert(job.task_id.clone()) {
                found.push(job);
            }
        }
        found
    }

    /// All tasks in memory that look-ups find, the newest first.
    pub(crate) fn newest_tasks(&self) -> Vec<Arc<Job>> {
        let mut jobs = self.store.newest_first();
        jobs.retain(|job| self.shows(job));
        jobs
    }

    /// Whether look-ups find a job.
    fn shows(&self, job: &Job) -> bool {
        !job.hidden && self.clock.elapsed() >= job.visible_from
    }

    /// The job whose result has this id; an unfinished frame is not a result.
    pub(crate) async fn result_of(&self, image_id: u64) -> Option<Arc<Job>> {
        let job = self.find(Key::Image(image_id)).await?;
        (job.result_id() == Some(image_id)).then_some(job)
    }

    /// Looks in memory, then in the state folder.
    pub(crate) async fn find(&self, key: Key) -> Option<Arc<Job>> {
        let known = self.store.find(&key);
        if known.is_some() || self.settings.state_folder.is_none() {
            return known;
        }
        let settings = Arc::clone(&self.settings);
        let read =
            tokio::task::spawn_blocking(move || settings.state_folder.as_ref()?.find(&key)).await;
        Some(self.store.adopt(read.ok().flatten()?))
    }
}

/// A file name as the service makes them: the prompt's first words, then what makes it unique.
fn file_name(words: &str, tail: &str) -> String {
    let words: Vec<String> = words
        .split_whitespace()
        .map(|word| {
            word.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
        })
        .filter(|word| !word.is_empty())
        .collect();
    let mut name = format!("emulated_{}", words.join("_"));
    // Only ASCII is left, so a cut anywhere leaves whole characters.
    name.truncate(69);
    format!("{}_{tail}", name.trim_end_matches('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_take_the_words_that_a_url_can_hold() {
        assert_eq!(
            file_name("A cat, sitting/on a table!", "t"),
            "emulated_A_cat_sittingon_a_table_t"
        );
        assert_eq!(file_name("Кот 猫", "t"), "emulated_t");
        assert!(file_name(&"word ".repeat(100), "t").len() < 80);
    }
}

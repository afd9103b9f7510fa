//! The service behind the wire: jobs, their time and their books. Nothing here knows HTTP.

pub(crate) mod clock;
pub(crate) mod ids;
pub(crate) mod job;
pub(crate) mod schedule;
pub(crate) mod store;
pub(crate) mod timeline;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use crate::action::{self, Picture};
use crate::callback::Deliveries;
use crate::config::Config;
use crate::fault::Fault;
use crate::fault::rules::Rules;
use crate::fault::script::Script;
use crate::journal::Journal;
use crate::ledger::{Books, Order};
use crate::wire::error::{ErrorObject, Refusal};
use crate::wire::request::Mode;
use clock::Clock;
use ids::Ids;
use job::{Facts, Job, State};
use schedule::{Due, Schedule};
use store::Store;
use timeline::{Speed, Step, Timeline, timeline};

/// Everything between two resets.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) config: Arc<Config>,
    pub(crate) ids: Ids,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) books: Books,
    pub(crate) rules: Rules,
    pub(crate) script: Script,
    pub(crate) journal: Journal,
    pub(crate) deliveries: Deliveries,
    schedule: Schedule,
    refusals: AtomicU64,
    /// Held while a virtual clock moves, by those who move it and by those who must not see it move.
    advancing: Mutex<()>,
    /// Cancelled by a reset and by the end of the emulator.
    pub(crate) over: CancellationToken,
}

/// A checked submission.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) action: String,
    pub(crate) mode: Mode,
    pub(crate) request: Box<RawValue>,
    /// The picture of an action, or the prompt of a generation.
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

/// What a job draws from.
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
        mask: crate::picture::RegionMask,
        prompt: String,
    },
}

impl Run {
    pub(crate) fn new(config: &Arc<Config>, over: CancellationToken) -> Self {
        let clock = Clock::new(config.speed, config.seed.is_some());
        Self {
            ids: Ids::new(config.seed, clock::unix_now_ms()),
            clock,
            store: Store::new(config.bounds),
            books: Books::new(config.limits),
            rules: Rules::default(),
            script: Script::default(),
            journal: Journal::default(),
            deliveries: Deliveries::default(),
            schedule: Schedule::default(),
            refusals: AtomicU64::new(0),
            advancing: Mutex::new(()),
            over,
            config: Arc::clone(config),
        }
    }

    /// The trace id of an answer that belongs to no task.
    pub(crate) fn refusal_trace(&self) -> String {
        self.ids
            .refusal_trace(self.refusals.fetch_add(1, Ordering::Relaxed))
    }

    /// Starts a job, unless a limit forbids it.
    pub(crate) fn submit(&self, submission: Submission) -> Result<Arc<Job>, Refusal> {
        // A virtual clock must not move between the moment of acceptance and the job's first place on the schedule.
        let _still = self.clock.is_virtual().then(|| {
            self.advancing
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        });
        let accepted = self.clock.elapsed();
        let quick = action::is_quick(&submission.action);
        let order = Order {
            action: &submission.action,
            mode: submission.mode,
            price: self.price(&submission.action),
            now: accepted,
        };
        let sequence = self
            .books
            .open(&order, |sequence| self.ids.task(sequence))?;
        let seed = submission
            .seed
            .unwrap_or_else(|| self.ids.picture_seed(sequence));
        let picture = match submission.origin {
            Origin::Prompt {
                prompt,
                aspect,
                modern,
            } => Some(Picture::generate(&prompt, seed, aspect, modern)),
            Origin::Action { source } => source.act(&submission.action, seed),
            Origin::Region {
                source,
                mask,
                prompt,
            } => Some(source.region(mask, &prompt, seed)),
        };
        let Some(picture) = picture else {
            self.books.close(sequence, order.price, false);
            return Err(Refusal::bad_request(format!(
                "the action `{}` is not offered",
                submission.action
            )));
        };
        let mut steps = timeline(self.config.speed, submission.mode, quick);
        let doom = bend_timeline(
            &mut steps,
            &submission.faults,
            submission.quoted_token.as_deref(),
        );
        steps.reverse();
        let late = submission.faults.iter().find_map(|fault| match fault {
            Fault::LateTask(milliseconds) => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        });
        let facts = Facts {
            sequence: Some(sequence),
            task_id: self.ids.task(sequence),
            trace_id: self.ids.trace(sequence),
            mode: submission.mode,
            request: submission.request,
            picture,
            file: file_name(&submission.words, &self.ids.file_tail(sequence)),
            split: submission.split,
            streamed: submission.streamed,
            hidden: submission.synchronous && submission.faults.contains(&Fault::NoRecord),
            faults: submission.faults,
            doom,
            created: self.clock.unix(accepted),
            accepted,
            visible_from: late.map_or(Duration::ZERO, |late| accepted.saturating_add(late)),
            action: submission.action,
        };
        let job = Arc::new(Job::new(
            facts,
            State {
                ahead: steps,
                ..State::default()
            },
        ));
        self.store.add(&job);
        tracing::debug!(task_id = job.task_id, action = job.action, "job accepted");
        self.proceed(
            Due {
                at: accepted,
                job: Arc::clone(&job),
            },
            false,
        );
        Ok(job)
    }

    fn price(&self, action: &str) -> f64 {
        let prices = &self.config.prices;
        if action::is_quick(action) {
            prices.upscale
        } else {
            prices.generation
        }
    }

    /// Takes a job's step if it is due, then puts its next step on the schedule. Instant jobs run to their end.
    fn proceed(&self, due: Due, step_is_due: bool) {
        let Due { mut at, job } = due;
        let mut step_is_due = step_is_due;
        loop {
            if step_is_due {
                self.step(&job, at);
            }
            let Some(after) = job.next_step() else { return };
            at = job.accepted.saturating_add(after);
            if self.config.speed == Speed::Instant {
                step_is_due = true;
                continue;
            }
            self.schedule.add(Due { at, job });
            return;
        }
    }

    fn step(&self, job: &Arc<Job>, at: Duration) {
        let Some(sequence) = job.sequence else { return };
        let step = job.take_step(self.clock.unix(at), |number| {
            self.ids.image(sequence, number)
        });
        match step {
            Some(Step::Finish) => self.finish(job, sequence),
            Some(Step::Frame(_)) => {
                if let Some(frame) = job.newest_frame() {
                    self.store.add_frame(job, frame);
                }
            }
            Some(Step::Start) | None => {}
        }
        job.announce();
    }

    fn finish(&self, job: &Arc<Job>, sequence: u64) {
        let succeeded = job.result_id().is_some();
        self.books
            .close(sequence, self.price(&job.action), succeeded);
        self.store.finish(job);
        if let Some(folder) = self.config.state_folder.as_ref().filter(|_| !job.hidden) {
            folder.keep(job);
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
            while let Some(due) = self.schedule.take_due(now) {
                self.proceed(due, true);
            }
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
        let _alone = self
            .advancing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let target = self.clock.elapsed().saturating_add(by);
        while let Some(due) = self.schedule.take_due(target) {
            self.clock.set(due.at);
            self.proceed(due, true);
        }
        self.clock.set(target);
        true
    }

    /// Ends the run: whoever waits for one of its jobs is told that it failed.
    pub(crate) fn end(&self) {
        self.over.cancel();
        let now = self.clock.unix(self.clock.elapsed());
        for due in self.schedule.drain() {
            due.job.abandon(
                now,
                ErrorObject {
                    code: "api_error".into(),
                    message: "the emulator was reset".into(),
                },
            );
        }
    }

    /// Whether look-ups find a job.
    pub(crate) fn shows(&self, job: &Job) -> bool {
        !job.hidden && self.clock.elapsed() >= job.visible_from
    }
}

/// Changes the steps of a job as its faults ask, and says with what it is to fail.
fn bend_timeline(
    steps: &mut Timeline,
    faults: &[Fault],
    token: Option<&str>,
) -> Option<ErrorObject> {
    let mut doom = None;
    for fault in faults {
        let (code, frames) = match fault {
            Fault::FailTask(code) => (code.clone(), 1),
            Fault::ErrorLine(frames) => ("api_error".to_owned(), *frames),
            Fault::FirstProgress(progress) => {
                let progress = u8::try_from(*progress).unwrap_or(99).min(99);
                let first = steps.iter_mut().find_map(|(_, step)| match step {
                    Step::Frame(progress) => Some(progress),
                    Step::Start | Step::Finish => None,
                });
                if let Some(first) = first {
                    *first = progress;
                }
                continue;
            }
            Fault::ProgressBackwards => {
                let frames = steps.iter_mut().filter_map(|(_, step)| match step {
                    Step::Frame(progress) => Some(progress),
                    Step::Start | Step::Finish => None,
                });
                if let [.., earlier, last] = &mut frames.collect::<Vec<_>>()[..] {
                    std::mem::swap(*earlier, *last);
                }
                continue;
            }
            _ => continue,
        };
        let quoted = token
            .map(|token| format!(" (Authorization: Bearer {token})"))
            .unwrap_or_default();
        doom = Some(ErrorObject {
            code: code.into(),
            message: format!("emulated failure of the task{quoted}"),
        });
        let kept = 1 + usize::try_from(frames)
            .unwrap_or(usize::MAX)
            .min(steps.len() - 2);
        let end = steps[kept].0;
        steps.truncate(kept);
        steps.push((end, Step::Finish));
    }
    doom
}

/// A file name as the service makes them: the prompt's first words, then what makes it unique.
fn file_name(words: &str, tail: &str) -> String {
    let kept: Vec<String> = words
        .split_whitespace()
        .map(|word| {
            word.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
        })
        .filter(|word| !word.is_empty())
        .collect();
    let mut name = format!("emulated_{}", kept.join("_"));
    // Only ASCII is left, so any place is a place to cut.
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

    #[test]
    fn a_doomed_job_ends_after_the_frame_it_is_to_end_after() {
        for (frames, expected) in [(0, 2), (2, 4), (99, 6)] {
            let mut steps = timeline(Speed::Fast, Mode::Fast, false);
            let doom = bend_timeline(&mut steps, &[Fault::ErrorLine(frames)], None);
            assert_eq!(
                doom.map(|error| error.code.into_owned()).as_deref(),
                Some("api_error")
            );
            assert_eq!(
                (steps.len(), steps.last().map(|(_, step)| *step)),
                (expected, Some(Step::Finish))
            );
        }
    }
}

//! One generation, from the request to the picture: submit, read frames, poll. Everything that waits for a picture drives this
//! one machine, and dropping it ends the exchange.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument as _;

use super::Service;
use super::body::Attempts;
use super::lookup::{self, Name};
use super::poll::Waiter;
use super::reply::{Next, Objects};
use super::submit::{Accepted, submit};
use crate::error::{Error, ErrorKind, Result};
use crate::model::action;
use crate::model::answer::Answer;
use crate::model::image::ImageData;
use crate::model::progress::Progress;
use crate::model::request::{DEFAULT_TIMEOUT, ImagineRequest};
use crate::model::task::{TaskData, TaskState};

/// A task that the service does not know for this long is taken for one that left no record.
const PATIENCE: Duration = Duration::from_secs(30);

/// After so long without a frame, the task is looked up while the connection stays open: it may be dead without a word.
const QUIET: Duration = Duration::from_secs(30);

/// How the service is asked to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// With the task's name, at once; the task is polled.
    Polls,
    /// With every frame as it is drawn, on the connection of the request.
    Frames,
}

#[derive(Debug)]
pub(crate) struct Generation {
    service: Service,
    stage: Stage,
    limit: Duration,
    /// Set when the generation is first driven: a stream that nobody pulls has not begun.
    deadline: Option<Instant>,
    attempts: Attempts,
    /// Whether its picture is usually there within seconds.
    is_quick: bool,
    task_id: Option<String>,
    trace_id: Option<String>,
    /// The progress of the latest update, in percent.
    shown: Option<u8>,
    /// Since when the service has not known the task.
    unknown_since: Option<Instant>,
    span: tracing::Span,
}

#[derive(Debug)]
enum Stage {
    Submitting(Bytes),
    /// The waiter joins in when the connection has been quiet for a while, and the task has a name.
    Reading {
        frames: Box<Objects>,
        waiter: Option<Waiter>,
    },
    /// To be polled, not before then.
    Named(Instant),
    Polling(Waiter),
    /// The task had ended when it was last seen.
    Known(Box<TaskData>),
    Over,
}

/// The body that goes out.
#[derive(Serialize)]
struct Asked<'a> {
    #[serde(flatten)]
    request: &'a ImagineRequest,
    #[serde(rename = "async", skip_serializing_if = "std::ops::Not::not")]
    asynchronous: bool,
}

impl Generation {
    /// A generation that is still to be submitted.
    ///
    /// Errors: `invalid_request`.
    pub(crate) fn new(
        service: Service,
        request: &ImagineRequest,
        delivery: Delivery,
        own_deadline: Option<Duration>,
    ) -> Result<Self> {
        request.check()?;
        let asked = Asked {
            request,
            asynchronous: delivery == Delivery::Polls,
        };
        let body = serde_json::to_vec(&asked).map_err(|error| {
            Error::invalid_request(
                "extra",
                format_args!("it cannot be written as JSON: {error}"),
            )
        })?;
        let limit = service
            .settings()
            .limit(own_deadline, request.service_wait());
        let span = tracing::debug_span!(
            "generation",
            action = request.action(),
            task_id = tracing::field::Empty
        );
        let stage = Stage::Submitting(Bytes::from(body));
        Ok(Self {
            is_quick: action::is_quick(request.action()),
            ..Self::at(service, stage, limit, span)
        })
    }

    /// A task that was submitted before, as it was last seen.
    pub(crate) fn of_task(
        service: Service,
        task: TaskData,
        own_deadline: Option<Duration>,
        first_look: Instant,
        is_quick: bool,
    ) -> Self {
        let wait = task
            .request
            .get("timeout")
            .and_then(serde_json::Value::as_f64)
            .filter(|wait| *wait > 0.0);
        let limit = service
            .settings()
            .limit(own_deadline, wait.unwrap_or(DEFAULT_TIMEOUT));
        let action = task
            .request
            .get("action")
            .and_then(serde_json::Value::as_str);
        let is_quick = is_quick || action.is_some_and(action::is_quick);
        let (task_id, trace_id) = (task.task_id.clone(), task.trace_id.clone());
        let span = tracing::debug_span!("task", task_id);
        let stage = if task.state.is_terminal() {
            Stage::Known(Box::new(task))
        } else {
            Stage::Named(first_look)
        };
        Self {
            task_id: Some(task_id),
            trace_id,
            is_quick,
            ..Self::at(service, stage, limit, span)
        }
    }

    fn at(service: Service, stage: Stage, limit: Duration, span: tracing::Span) -> Self {
        Self {
            service,
            stage,
            limit,
            deadline: None,
            attempts: Attempts::default(),
            is_quick: false,
            task_id: None,
            trace_id: None,
            shown: None,
            unknown_since: None,
            span,
        }
    }

    pub(crate) fn task_id(&self) -> Option<&str> {
        self.task_id.as_deref()
    }

    /// The next update; nothing after the one that is done, or after an error.
    pub(crate) async fn next(&mut self) -> Option<Result<Progress>> {
        while !matches!(self.stage, Stage::Over) {
            if let Some(told) = self.step_in_time().await.transpose() {
                return Some(told);
            }
        }
        None
    }

    /// Goes on until the task has a name, and gives it; with an older service, until the picture is there.
    pub(crate) async fn until_named(&mut self) -> Result<TaskData> {
        let mut image = None;
        while !matches!(
            self.stage,
            Stage::Named(_) | Stage::Polling(_) | Stage::Over
        ) {
            image = self.step_in_time().await?.and_then(|step| step.image);
        }
        let mut task = TaskData::named(
            self.task_id.clone().unwrap_or_default(),
            self.trace_id.clone(),
        );
        if let (Stage::Over, Some(image)) = (&self.stage, image) {
            task.state = TaskState::Succeeded;
            task.progress = 100;
            task.image = Some(image);
        }
        Ok(task)
    }

    /// One step, within the deadline. An error ends the run and carries what is known of the task.
    async fn step_in_time(&mut self) -> Result<Option<Progress>> {
        let deadline = *self
            .deadline
            .get_or_insert_with(|| Instant::now() + self.limit);
        let span = self.span.clone();
        let answer = match timeout_at(deadline, self.step(deadline))
            .instrument(span)
            .await
        {
            Ok(answer) => answer,
            Err(_) => Err(self.deadline_passed()),
        };
        answer.map_err(|error| {
            self.stage = Stage::Over;
            // A task that has a name was accepted, whatever became of looking it up.
            let accepted = error.may_have_been_accepted() || self.task_id.is_some();
            error
                .accepted(accepted)
                .with_task(self.task_id.clone())
                .with_trace(self.trace_id.clone())
        })
    }

    async fn step(&mut self, deadline: Instant) -> Result<Option<Progress>> {
        match &mut self.stage {
            Stage::Submitting(body) => {
                match submit(&self.service.http, body, &self.attempts, deadline).await? {
                    Accepted::Answer(frames) => {
                        self.name(None, frames.trace_id.clone());
                        self.stage = Stage::Reading {
                            frames,
                            waiter: None,
                        };
                        Ok(None)
                    }
                    Accepted::Task(task) => {
                        self.stage = Stage::Named(Instant::now());
                        self.seen(*task)
                    }
                    Accepted::Named(task_id) => {
                        self.name(Some(task_id), None);
                        self.stage = Stage::Named(Instant::now());
                        Ok(self.step_to(0, None))
                    }
                }
            }
            Stage::Reading {
                frames,
                waiter: Some(waiter),
            } => {
                tokio::select! {
                    frame = frames.next() => self.read(frame),
                    seen = waiter.next() => match seen {
                        Ok(Some(task)) => self.seen(task),
                        // There may be no record of a task whose answer is still open.
                        Ok(None) | Err(_) => Ok(None),
                    }
                }
            }
            Stage::Reading { frames, waiter } => match &self.task_id {
                None => {
                    let frame = frames.next().await;
                    self.read(frame)
                }
                Some(task_id) => {
                    if let Ok(frame) = timeout(QUIET, frames.next()).await {
                        return self.read(frame);
                    }
                    *waiter = Some(Waiter::new(
                        Arc::clone(&self.service.polls),
                        task_id.clone(),
                        Instant::now(),
                        self.is_quick,
                    ));
                    Ok(None)
                }
            },
            Stage::Named(first_look) => {
                let task_id = self.task_id.clone().unwrap_or_default();
                self.stage = Stage::Polling(Waiter::new(
                    Arc::clone(&self.service.polls),
                    task_id,
                    *first_look,
                    self.is_quick,
                ));
                Ok(None)
            }
            Stage::Polling(waiter) => match waiter.next().await? {
                Some(task) => {
                    self.unknown_since = None;
                    self.seen(task)
                }
                None => self.not_seen().await,
            },
            Stage::Known(task) => {
                let task = (**task).clone();
                self.seen(task)
            }
            Stage::Over => Ok(None),
        }
    }

    fn read(&mut self, next: Next) -> Result<Option<Progress>> {
        match next {
            Next::Object(fields) => self.answered(Answer::read(&fields)),
            Next::End => self.answer_over(None, "it ended without a result"),
            Next::Broken { task_id, reason } => self.answer_over(task_id, &reason),
        }
    }

    fn answered(&mut self, answer: Answer) -> Result<Option<Progress>> {
        match answer {
            Answer::Named { task_id, trace_id } => {
                self.name(Some(task_id), trace_id);
                Ok(self.step_to(0, None))
            }
            Answer::Step(image) => {
                self.name(image.task_id.clone(), image.trace_id.clone());
                Ok(self.step_to(image.progress.unwrap_or(0), Some(image)))
            }
            Answer::Finished(image) => {
                self.name(image.task_id.clone(), image.trace_id.clone());
                Ok(Some(self.finish(image)))
            }
            Answer::Failed(body) => {
                let token = &self.service.settings().token;
                Err(body.into_task_error(self.task_id.as_deref(), token))
            }
            Answer::Nothing => Ok(None),
        }
    }

    /// The answer is over and brought no picture: its task is looked up, if it has a name.
    fn answer_over(&mut self, task_id: Option<String>, reason: &str) -> Result<Option<Progress>> {
        self.name(task_id, None);
        let Some(task_id) = self.task_id.clone() else {
            let message = format!(
                "the service answered, and what became of the request cannot be told: {reason}"
            );
            return Err(Error::new(ErrorKind::OutcomeUnknown, message));
        };
        tracing::debug!(task_id, reason, "the answer is over; the task is looked up");
        let interval = self.service.settings().poll_interval(self.is_quick);
        self.stage = Stage::Named(Instant::now() + interval);
        Ok(self.step_to(0, None))
    }

    fn seen(&mut self, task: TaskData) -> Result<Option<Progress>> {
        self.name(Some(task.task_id.clone()), task.trace_id.clone());
        match (task.state, task.image, task.error) {
            (TaskState::Succeeded, Some(image), _) => Ok(Some(self.finish(image))),
            (TaskState::Succeeded, None, _) => Err(Error::new(
                ErrorKind::TaskFailed,
                "the task ended with a result that is no picture; look it up to see it",
            )),
            (TaskState::Failed, _, Some(error)) => Err(error),
            (TaskState::Failed, _, None) => {
                Err(Error::new(ErrorKind::TaskFailed, "the task failed"))
            }
            (TaskState::Pending | TaskState::Running, image, _) => {
                Ok(self.step_to(task.progress, image))
            }
        }
    }

    async fn not_seen(&mut self) -> Result<Option<Progress>> {
        let since = *self.unknown_since.get_or_insert_with(Instant::now);
        if since.elapsed() < PATIENCE {
            return Ok(None);
        }
        // A batch may be shorter than what was asked for: before the task is given up, it is asked for by itself.
        let task_id = self.task_id.as_deref().unwrap_or_default();
        if let Ok(Some(task)) = lookup::task_once(&self.service.http, Name::Id, task_id).await {
            self.unknown_since = None;
            return self.seen(task);
        }
        Err(Error::new(
            ErrorKind::OutcomeUnknown,
            format!(
                "the service has not known the task for {} s: it may have left no record, and may have been charged",
                PATIENCE.as_secs()
            ),
        ))
    }

    fn name(&mut self, task_id: Option<String>, trace_id: Option<String>) {
        let token = &self.service.settings().token;
        if let (None, Some(task_id)) = (&self.task_id, task_id) {
            let task_id = token.redact_id(&task_id);
            self.span.record("task_id", task_id.as_str());
            self.task_id = Some(task_id);
        }
        if let Some(trace_id) = trace_id {
            self.trace_id = Some(token.redact_id(&trace_id));
        }
    }

    /// An update if this is a step forwards: progress never runs backwards, and no update repeats another.
    fn step_to(&mut self, progress: u8, image: Option<ImageData>) -> Option<Progress> {
        if self.shown.is_some_and(|shown| progress <= shown) {
            return None;
        }
        self.shown = Some(progress);
        // A step may say how far it is without showing anything.
        let image = image.filter(|image| image.has_url() || !image.image_id.is_empty());
        Some(self.update(progress, image, false))
    }

    fn finish(&mut self, image: ImageData) -> Progress {
        self.stage = Stage::Over;
        self.update(100, Some(image), true)
    }

    fn update(&self, progress: u8, image: Option<ImageData>, done: bool) -> Progress {
        let image = image.map(|mut image| {
            image.task_id = image.task_id.or_else(|| self.task_id.clone());
            image.trace_id = image.trace_id.or_else(|| self.trace_id.clone());
            image
        });
        Progress {
            task_id: self.task_id.clone(),
            percent: progress,
            image,
            done,
        }
    }

    fn deadline_passed(&mut self) -> Error {
        if let Stage::Reading { frames, .. } = &self.stage {
            let task_id = frames.named_so_far();
            self.name(task_id, None);
        }
        let seconds = self.limit.as_secs_f64();
        let mut message = match (&self.task_id, self.attempts.is_out()) {
            (Some(_), _) => {
                format!(
                    "the deadline of {seconds} s passed; the task goes on at the service and can be looked up by its id"
                )
            }
            (None, true) => format!(
                "the deadline of {seconds} s passed before the service named the task; it may have started it"
            ),
            (None, false) => {
                format!("the deadline of {seconds} s passed before the request was sent")
            }
        };
        if let Some(trouble) = self
            .task_id
            .as_ref()
            .and_then(|_| self.service.polls.trouble())
        {
            message = format!("{message}; the latest poll failed: {trouble}");
        }
        let trace_id = self
            .attempts
            .accepted()
            .and_then(|error| error.trace_id().map(str::to_owned));
        Error::new(ErrorKind::Deadline, message)
            .accepted(self.attempts.is_out())
            .with_trace(trace_id)
    }
}

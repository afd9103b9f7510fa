//! One generation, from the request to the picture: submit, read frames, look the task up. Everything that waits for a
//! picture drives this one machine, and dropping it ends the exchange.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument as _;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::{Frame, Frames, Sent};
use crate::image::Image;
use crate::lookups::Watch;
use crate::model::{Answer, ImageData, TaskData, TaskState};
use crate::request::ImagineRequest;
use crate::submission::{Accepted, submit};
use crate::update::Update;

/// A task that the service does not know for this long is taken for one that left no record.
const PATIENCE: Duration = Duration::from_secs(30);

/// After so long without a frame, the task is looked up while the connection stays open: it may be dead without a word.
const QUIET: Duration = Duration::from_secs(30);

/// How the service is asked to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// With the task's name, at once; the picture is looked up.
    Lookups,
    /// With every frame as it is drawn, on the connection of the request.
    Frames,
}

#[derive(Debug)]
pub(crate) struct Run {
    client: Client,
    stage: Stage,
    limit: Duration,
    /// Set when the run is first driven: a stream that nobody pulls has not begun.
    deadline: Option<Instant>,
    sent: Sent,
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
    /// `watch` joins in when the connection has been quiet for a while, and the task has a name.
    Reading {
        frames: Box<Frames>,
        watch: Option<Watch>,
    },
    /// To be looked up, not before then.
    Named(Instant),
    Watching(Watch),
    /// The task had ended when it was last seen.
    Known(Box<TaskData>),
    Over,
}

#[derive(Serialize)]
struct Submission<'a> {
    #[serde(flatten)]
    request: &'a ImagineRequest,
    #[serde(rename = "async", skip_serializing_if = "std::ops::Not::not")]
    asynchronous: bool,
}

impl Run {
    /// A generation that is still to be submitted.
    ///
    /// Errors: `invalid_request`.
    pub(crate) fn new(
        client: Client,
        request: &ImagineRequest,
        delivery: Delivery,
        own_deadline: Option<Duration>,
    ) -> Result<Self> {
        request.check()?;
        let submission = Submission {
            request,
            asynchronous: delivery == Delivery::Lookups,
        };
        let body = serde_json::to_vec(&submission).map_err(|error| {
            Error::invalid_request(
                "extra",
                format_args!("it cannot be written as JSON: {error}"),
            )
        })?;
        let limit = client.wait(own_deadline, request.service_wait());
        let span = tracing::debug_span!(
            "generation",
            action = request.action(),
            task_id = tracing::field::Empty
        );
        Ok(Self::at(
            client,
            Stage::Submitting(Bytes::from(body)),
            limit,
            span,
        ))
    }

    /// A task that was submitted before, as it was last seen.
    pub(crate) fn of_task(
        client: Client,
        task: TaskData,
        own_deadline: Option<Duration>,
        first_look: Instant,
    ) -> Self {
        let wait = task
            .request
            .get("timeout")
            .and_then(serde_json::Value::as_f64)
            .filter(|wait| *wait > 0.0);
        let limit = client.wait(
            own_deadline,
            wait.unwrap_or(crate::request::DEFAULT_TIMEOUT),
        );
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
            ..Self::at(client, stage, limit, span)
        }
    }

    fn at(client: Client, stage: Stage, limit: Duration, span: tracing::Span) -> Self {
        Self {
            client,
            stage,
            limit,
            deadline: None,
            sent: Sent::default(),
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
    pub(crate) async fn next(&mut self) -> Option<Result<Update>> {
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
            Stage::Named(_) | Stage::Watching(_) | Stage::Over
        ) {
            image = self.step_in_time().await?.and_then(|update| update.image);
        }
        let mut task = TaskData::named(
            self.task_id.clone().unwrap_or_default(),
            self.trace_id.clone(),
        );
        if let (Stage::Over, Some(image)) = (&self.stage, image) {
            task.state = TaskState::Succeeded;
            task.progress = 100;
            task.image = Some(image.into_data());
        }
        Ok(task)
    }

    /// One step, within the deadline. An error ends the run and carries what is known of the task.
    async fn step_in_time(&mut self) -> Result<Option<Update>> {
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

    async fn step(&mut self, deadline: Instant) -> Result<Option<Update>> {
        match &mut self.stage {
            Stage::Submitting(body) => {
                match submit(&self.client, body, &self.sent, deadline).await? {
                    Accepted::Answer(frames) => {
                        self.name(None, frames.trace_id.clone());
                        self.stage = Stage::Reading {
                            frames,
                            watch: None,
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
                watch: Some(watch),
            } => {
                tokio::select! {
                    frame = frames.next() => self.read(frame),
                    seen = watch.next() => match seen {
                        Ok(Some(task)) => self.seen(task),
                        // There may be no record of a task whose answer is still open.
                        Ok(None) | Err(_) => Ok(None),
                    }
                }
            }
            Stage::Reading { frames, watch } => match &self.task_id {
                None => {
                    let frame = frames.next().await;
                    self.read(frame)
                }
                Some(task_id) => {
                    if let Ok(frame) = timeout(QUIET, frames.next()).await {
                        return self.read(frame);
                    }
                    *watch = Some(Watch::new(
                        self.client.clone(),
                        task_id.clone(),
                        Instant::now(),
                    ));
                    Ok(None)
                }
            },
            Stage::Named(first_look) => {
                let task_id = self.task_id.clone().unwrap_or_default();
                self.stage = Stage::Watching(Watch::new(self.client.clone(), task_id, *first_look));
                Ok(None)
            }
            Stage::Watching(watch) => match watch.next().await? {
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

    fn read(&mut self, frame: Frame) -> Result<Option<Update>> {
        match frame {
            Frame::Object(fields) => self.answered(Answer::read(&fields)),
            Frame::End => self.answer_over(None, "it ended without a result"),
            Frame::Broken { task_id, reason } => self.answer_over(task_id, &reason),
        }
    }

    fn answered(&mut self, answer: Answer) -> Result<Option<Update>> {
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
            Answer::Failed(complaint) => {
                Err(complaint
                    .into_task_error(self.task_id.as_deref(), &self.client.settings().token))
            }
            Answer::Nothing => Ok(None),
        }
    }

    /// The answer is over and brought no picture: its task is looked up, if it has a name.
    fn answer_over(&mut self, task_id: Option<String>, reason: &str) -> Result<Option<Update>> {
        self.name(task_id, None);
        let Some(task_id) = self.task_id.clone() else {
            let message = format!(
                "the service answered, and what became of the request cannot be told: {reason}"
            );
            return Err(Error::new(ErrorKind::OutcomeUnknown, message));
        };
        tracing::debug!(task_id, reason, "the answer is over; the task is looked up");
        self.stage = Stage::Named(Instant::now() + self.client.settings().poll_interval);
        Ok(self.step_to(0, None))
    }

    fn seen(&mut self, task: TaskData) -> Result<Option<Update>> {
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

    async fn not_seen(&mut self) -> Result<Option<Update>> {
        let since = *self.unknown_since.get_or_insert_with(Instant::now);
        if since.elapsed() < PATIENCE {
            return Ok(None);
        }
        // A batch may be shorter than what was asked for: before the task is given up, it is asked for by itself.
        let task_id = self.task_id.as_deref().unwrap_or_default();
        if let Ok(Some(task)) = self.client.look_up_one("id", task_id).await {
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
        let token = &self.client.settings().token;
        if let (None, Some(task_id)) = (&self.task_id, task_id) {
            let task_id = token.strike_out_of_id(&task_id);
            self.span.record("task_id", task_id.as_str());
            self.task_id = Some(task_id);
        }
        if let Some(trace_id) = trace_id {
            self.trace_id = Some(token.strike_out_of_id(&trace_id));
        }
    }

    /// An update if this is a step forwards: progress never runs backwards, and nothing is told twice.
    fn step_to(&mut self, progress: u8, image: Option<ImageData>) -> Option<Update> {
        if self.shown.is_some_and(|shown| progress <= shown) {
            return None;
        }
        self.shown = Some(progress);
        // A step may say how far it is without showing anything.
        let image = image.filter(|image| image.has_url() || !image.image_id.is_empty());
        Some(self.update(progress, image, false))
    }

    fn finish(&mut self, image: ImageData) -> Update {
        self.stage = Stage::Over;
        self.update(100, Some(image), true)
    }

    fn update(&self, progress: u8, image: Option<ImageData>, done: bool) -> Update {
        let image = image.map(|mut image| {
            image.task_id = image.task_id.or_else(|| self.task_id.clone());
            image.trace_id = image.trace_id.or_else(|| self.trace_id.clone());
            Image::new(self.client.clone(), image)
        });
        Update {
            task_id: self.task_id.clone(),
            progress,
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
        let mut message = match (&self.task_id, self.sent.is_out()) {
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
            .and_then(|_| self.client.lookups().trouble())
        {
            message = format!("{message}; the latest look-up failed: {trouble}");
        }
        let trace_id = self
            .sent
            .taken()
            .and_then(|error| error.trace_id().map(str::to_owned));
        Error::new(ErrorKind::Deadline, message)
            .accepted(self.sent.is_out())
            .with_trace(trace_id)
    }
}

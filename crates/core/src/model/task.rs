//! The data of a task: the service's record of one generation.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::answer::Answer;
use super::error_body::ErrorBody;
use super::fields::Fields;
use super::image::ImageData;
use crate::error::Error;
use crate::token::Token;

/// Where a task stands. The wire has no such field: it is derived from the record (docs/contract.md, "Tasks").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Submitted; the service has not started to draw, or not said so.
    Pending,
    /// Being drawn.
    Running,
    /// Finished with a picture.
    Succeeded,
    /// Finished without one.
    Failed,
}

impl TaskState {
    /// Whether the task has ended, one way or the other.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// What is known of a task. Times are seconds since 1970 (UTC), durations are seconds.
///
/// It reads what it writes, so that a task can be stored; the service's own records have another form.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TaskData {
    /// The task's id. Whoever knows it can look the task up, so treat it as a secret of its prompt and pictures.
    pub task_id: String,
    /// The service's name for the exchange that started the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// What kind of task it is: `imagine`, or another endpoint's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Where the task stands.
    pub state: TaskState,
    /// How far the picture is drawn, in percent (0 to 100).
    pub progress: u8,
    /// The finished picture, or the latest preview of an unfinished one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageData>,
    /// Why the task failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// The request as the service stored it.
    #[serde(default)]
    pub request: Map<String, Value>,
    /// When the task was submitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<f64>,
    /// When the service began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<f64>,
    /// When the task ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<f64>,
    /// How long the service worked, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed: Option<f64>,
    /// Fields that this version does not know, kept as they came.
    #[serde(default)]
    pub extra: Map<String, Value>,
}

const KNOWN: &[&str] = &[
    "id",
    "task_id",
    "trace_id",
    "type",
    "request",
    "response",
    "created_at",
    "started_at",
    "finished_at",
    "elapsed",
    "duration",
];

impl TaskData {
    /// A task of which only its names are known: just submitted.
    pub(crate) fn named(task_id: String, trace_id: Option<String>) -> Self {
        Self {
            task_id,
            trace_id,
            r#type: None,
            state: TaskState::Pending,
            progress: 0,
            image: None,
            error: None,
            request: Map::new(),
            created_at: None,
            started_at: None,
            finished_at: None,
            elapsed: None,
            extra: Map::new(),
        }
    }

    /// Reads a record. `{}`, the service's word for an unknown task, and anything else without an id are none.
    pub(crate) fn read(fields: &Fields, token: &Token) -> Option<Self> {
        let task_id = fields.text("id").or_else(|| fields.text("task_id"))?;
        let id = |name: &str| fields.text(name).map(|id| token.redact_id(&id));
        let mut task = Self::named(task_id, id("trace_id"));
        task.r#type = fields.text("type");
        task.created_at = fields.time("created_at");
        task.started_at = fields.time("started_at");
        task.finished_at = fields.time("finished_at");
        task.elapsed = fields
            .number("elapsed")
            .or_else(|| fields.number("duration"));
        if let Some(Value::Object(request)) = fields.value("request") {
            task.request = request;
        }
        task.extra = fields.except(KNOWN);
        task.judge(
            fields.object("response"),
            fields.value("finished_at").is_some(),
            token,
        );
        Some(task)
    }

    /// The terminal rule of docs/contract.md: `finished_at` ends a task; else an error, progress 100 or a payload do.
    fn judge(&mut self, response: Option<Fields>, finished: bool, token: &Token) {
        let response = response.unwrap_or_default();
        let fail = |task: &mut Self, body: ErrorBody| {
            let error = body.into_task_error(Some(&task.task_id), token);
            task.trace_id = task
                .trace_id
                .take()
                .or_else(|| error.trace_id().map(str::to_owned));
            task.error = Some(error);
            task.state = TaskState::Failed;
        };
        match Answer::read(&response) {
            // `success: false` alone, before the end, is not yet a failure.
            Answer::Failed(body) if finished || body.says_why() => fail(self, body),
            Answer::Failed(_) => self.state = TaskState::Running,
            Answer::Finished(image) => {
                self.state = TaskState::Succeeded;
                self.progress = 100;
                self.image = Some(self.complete(image));
            }
            // A record that ended says so once; the progress of its last frame may be behind.
            Answer::Step(image) if finished && image.has_url() => {
                self.state = TaskState::Succeeded;
                self.progress = 100;
                self.image = Some(self.complete(image));
            }
            Answer::Step(image) if !finished => {
                self.state = TaskState::Running;
                self.progress = image.progress.unwrap_or(0);
                self.image = Some(self.complete(image)).filter(ImageData::has_url);
            }
            // Other endpoints' tasks finish with payloads that are no picture: what `response` holds is in `extra`.
            _ if !response
                .except(&["task_id", "trace_id", "success", "progress"])
                .is_empty()
                && (finished
                    || response.value("descriptions").is_some()
                    || response.value("video_urls").is_some()) =>
            {
                self.state = TaskState::Succeeded;
                self.progress = 100;
                self.extra
                    .insert("response".to_owned(), Value::Object(response.except(&[])));
            }
            _ if finished => {
                let message = Some(
                    "the task ended without a picture, and the service gave no reason".to_owned(),
                );
                fail(
                    self,
                    ErrorBody {
                        message,
                        ..ErrorBody::default()
                    },
                );
            }
            _ if !response.is_empty() || self.started_at.is_some() => {
                self.state = TaskState::Running;
            }
            _ => {}
        }
    }

    /// A picture in a record may leave out what the record itself says.
    fn complete(&self, mut image: ImageData) -> ImageData {
        image.task_id.get_or_insert_with(|| self.task_id.clone());
        image.trace_id = image.trace_id.or_else(|| self.trace_id.clone());
        image
    }
}

/// The request holds the prompt, and records have held people's addresses: neither is shown.
impl fmt::Debug for TaskData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Task")
            .field("task_id", &self.task_id)
            .field("state", &self.state)
            .field("progress", &self.progress)
            .field("image", &self.image)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

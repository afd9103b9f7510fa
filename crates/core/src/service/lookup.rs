//! Looking tasks up: the calls that cost nothing. Waiting for a task is in `poll`.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::json;
use tokio::time::Instant;

use super::http::Http;
use super::reply::unreadable;
use crate::error::{Error, ErrorKind, Result};
use crate::model::fields::Fields;
use crate::model::image::ImageData;
use crate::model::task::{TaskData, TaskState};

const TASKS: &str = "/midjourney/tasks";

/// The most ids that one look-up asks for; records repeat their requests, masks included.
pub(crate) const BATCH: usize = 500;

/// What a task is looked up by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Name {
    Id,
    Trace,
}

impl Name {
    fn field(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Trace => "trace_id",
        }
    }
}

/// Looks one task up, with retries.
///
/// Errors: `invalid_request` for an empty name, `not_found`, and those of a free call.
pub(crate) async fn task(
    http: &Http,
    name: Name,
    value: &str,
    deadline: Instant,
) -> Result<TaskData> {
    let value = value.trim();
    if value.is_empty() {
        return Err(Error::invalid_request(name.field(), "it is empty"));
    }
    let answer = http.ask(TASKS, &question(name, value), deadline).await?;
    read_task(http, &answer)?.ok_or_else(|| {
        // The value stays out of the text: a wrong one may be anything.
        let error = Error::new(
            ErrorKind::NotFound,
            "the service knows no such task; right after a submission it may not know it yet",
        );
        match name {
            Name::Id => error.with_task(Some(value.to_owned())),
            Name::Trace => error.with_trace(Some(value.to_owned())),
        }
    })
}

/// Looks many tasks up, with retries; those that the service does not know are left out.
pub(crate) async fn tasks(
    http: &Http,
    ids: &[String],
    deadline: Instant,
) -> Result<HashMap<String, TaskData>> {
    let mut found = HashMap::new();
    for some in ids.chunks(BATCH) {
        let answer = http.ask(TASKS, &batch_question(some), deadline).await?;
        found.extend(read_batch(http, &answer, some)?);
    }
    Ok(found)
}

/// One try to look one task up; nothing when the service does not know it.
pub(crate) async fn task_once(http: &Http, name: Name, value: &str) -> Result<Option<TaskData>> {
    match http.ask_once(TASKS, &question(name, value)).await {
        Ok(answer) => read_task(http, &answer),
        // Older gateways answer so where newer ones answer `{}`.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// One try to look many tasks up; those that the service does not know are left out.
pub(crate) async fn tasks_once(http: &Http, ids: &[String]) -> Result<HashMap<String, TaskData>> {
    let answer = http.ask_once(TASKS, &batch_question(ids)).await?;
    read_batch(http, &answer, ids)
}

fn question(name: Name, value: &str) -> Bytes {
    Bytes::from(json!({"action": "retrieve", name.field(): value}).to_string())
}

fn batch_question(ids: &[String]) -> Bytes {
    // The service's own limit is 12, which would hide the thirteenth.
    let question = json!({"action": "retrieve_batch", "ids": ids, "offset": 0, "limit": ids.len()});
    Bytes::from(question.to_string())
}

/// A record; nothing where the service does not know the task. One that is broken counts if its picture can be read.
fn read_task(http: &Http, answer: &Fields) -> Result<Option<TaskData>> {
    let task = TaskData::read(answer, &http.settings.token);
    match answer.problem() {
        Some(problem) if !task.as_ref().is_some_and(has_picture) => Err(unreadable(problem)),
        _ => Ok(task),
    }
}

/// Records by their ids. Of a broken answer only what was asked for alone counts, if its picture can be read: which records a
/// break took away cannot be told from which are unknown.
fn read_batch(http: &Http, answer: &Fields, ids: &[String]) -> Result<HashMap<String, TaskData>> {
    if answer.is_empty() && answer.problem().is_none() {
        return Ok(HashMap::new());
    }
    let items = answer
        .objects("items")
        .ok_or_else(|| unreadable(answer.problem().unwrap_or("it has no list of tasks")))?;
    let tasks: HashMap<String, TaskData> = items
        .iter()
        .filter_map(|item| TaskData::read(item, &http.settings.token))
        .map(|task| (task.task_id.clone(), task))
        .collect();
    match (answer.problem(), ids) {
        (None, _) => Ok(tasks),
        (Some(_), [id]) if tasks.get(id).is_some_and(has_picture) => Ok(tasks),
        (Some(problem), _) => Err(unreadable(problem)),
    }
}

fn has_picture(task: &TaskData) -> bool {
    task.state == TaskState::Succeeded && task.image.as_ref().is_some_and(ImageData::has_url)
}

//! The paid request, from its first attempt to an answer. This is the only place that may send one again, and it does so
//! only when the service cannot have started a job: it was not sent, or refused with 429.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument as _;

use super::backoff::Backoff;
use super::body::{Attempts, Fate};
use super::http::{Accept, Http, not_sent};
use super::lookup::{self, Name};
use super::reply::Objects;
use crate::error::{Error, ErrorKind, Result};
use crate::model::task::TaskData;

const IMAGINE: &str = "/midjourney/imagine";

/// How long the one look-up by trace may take.
const TRACE_LOOKUP: Duration = Duration::from_secs(10);

/// How the service accepted a paid request.
pub(crate) enum Accepted {
    /// It answers.
    Answer(Box<Objects>),
    /// It failed to answer, and its trace led to the task all the same.
    Task(Box<TaskData>),
    /// It failed to answer, and named the task all the same.
    Named(String),
}

/// Sends a paid request. `attempts` knows at any time whether it may be with the service.
pub(crate) async fn submit(
    http: &Http,
    body: &Bytes,
    attempts: &Attempts,
    deadline: Instant,
) -> Result<Accepted> {
    let settings = &http.settings;
    let mut backoff = Backoff::default();
    loop {
        let span = tracing::debug_span!("attempt", number = backoff.failures() + 1);
        let reply = http
            .post(IMAGINE, Accept::Ndjson, body.clone(), attempts)
            .instrument(span)
            .await?;
        let (error, may_repeat) = match reply {
            Ok(reply) if reply.is_success() => {
                return Ok(Accepted::Answer(Box::new(reply.into_objects())));
            }
            Ok(reply) => {
                let error = reply.into_error(&settings.token).await;
                match follow(http, &error, deadline).await {
                    Followed::To(accepted) => return Ok(accepted),
                    Followed::ToNothing => {
                        let may_repeat = may_repeat(&error, settings.retry_server_errors);
                        (error, may_repeat)
                    }
                    Followed::NotToItsEnd => (error, false),
                }
            }
            Err(lost) if lost.fate == Fate::NotSent => (not_sent(&lost.reason), true),
            Err(lost) => {
                let message = format!("the request was sent, and no answer came: {}", lost.reason);
                (Error::new(ErrorKind::OutcomeUnknown, message), false)
            }
        };
        if error.may_have_been_accepted() {
            attempts.may_be_accepted(&error);
        } else {
            attempts.refused();
        }
        let wait = backoff.next(error.retry_after());
        // A try that the deadline would cut off tells the caller less than the error at hand.
        let is_in_time = wait < deadline.saturating_duration_since(Instant::now());
        if !may_repeat || backoff.failures() > settings.max_retries || !is_in_time {
            return Err(match attempts.accepted() {
                // What a later try came to does not undo an earlier one.
                Some(earlier) => error
                    .accepted(true)
                    .with_trace(earlier.trace_id().map(str::to_owned)),
                None => error,
            });
        }
        tracing::debug!(
            kind = error.kind().as_str(),
            wait_seconds = wait.as_secs_f64(),
            "trying again"
        );
        sleep(wait).await;
    }
}

fn may_repeat(error: &Error, retry_server_errors: bool) -> bool {
    match (error.kind(), error.status()) {
        // An answer that names a task is no refusal, whatever it says.
        _ if error.task_id().is_some() => false,
        (ErrorKind::RateLimit, Some(429)) => true,
        (ErrorKind::Server, Some(500)) => retry_server_errors && error.code() == Some("api_error"),
        _ => false,
    }
}

/// Where the identifiers of a failed answer lead.
enum Followed {
    To(Accepted),
    /// The service knows of no task, or there is nothing to ask by.
    ToNothing,
    /// It could not be asked.
    NotToItsEnd,
}

/// Follows a failed request to its task, where the answer leaves open that there is one: by the task's name, or by one
/// look-up of its trace.
async fn follow(http: &Http, error: &Error, deadline: Instant) -> Followed {
    if !error.may_have_been_accepted() {
        return Followed::ToNothing;
    }
    if let Some(task_id) = error.task_id() {
        return Followed::To(Accepted::Named(task_id.to_owned()));
    }
    let (Some(500 | 504), Some(trace_id)) = (error.status(), error.trace_id()) else {
        return Followed::ToNothing;
    };
    let limit = deadline.min(Instant::now() + TRACE_LOOKUP);
    match timeout_at(limit, lookup::task_once(http, Name::Trace, trace_id)).await {
        Ok(Ok(Some(task))) => Followed::To(Accepted::Task(Box::new(task))),
        Ok(Ok(None)) => Followed::ToNothing,
        Ok(Err(_)) | Err(_) => Followed::NotToItsEnd,
    }
}

//! The paid request, from its first attempt to an answer. This is the only place that may send one again, and it does so
//! only when the service cannot have started a job: it was not sent, or refused with 429.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument as _;

use crate::client::{Client, IMAGINE};
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::{Accept, Backoff, Frames, Lost, Reply, Sent, not_sent};
use crate::model::TaskData;

/// How long the one look-up by trace may take.
const TRACE_LOOKUP: Duration = Duration::from_secs(10);

/// How a paid request was taken.
pub(crate) enum Accepted {
    /// The service answers.
    Answer(Box<Frames>),
    /// It failed to answer, and its trace led to the task all the same.
    Task(Box<TaskData>),
}

/// Sends a paid request. `sent` says at any time whether it may be with the service.
pub(crate) async fn submit(
    client: &Client,
    body: &Bytes,
    sent: &Sent,
    deadline: Instant,
) -> Result<Accepted> {
    let settings = client.settings();
    let mut backoff = Backoff::default();
    loop {
        let span = tracing::debug_span!("attempt", number = backoff.failures() + 1);
        let reply = client
            .exchange()
            .post(settings, IMAGINE, Accept::Ndjson, body.clone(), sent)
            .instrument(span)
            .await?;
        let (error, may_repeat) = match reply {
            Ok(reply) if reply.is_success() => {
                return Ok(Accepted::Answer(Box::new(reply.into_frames())));
            }
            Ok(reply) => match follow_trace(client, reply, sent, deadline).await {
                Ok(task) => return Ok(Accepted::Task(Box::new(task))),
                Err(error) => {
                    let may_repeat = may_repeat(&error, settings.retry_server_errors);
                    (error, may_repeat)
                }
            },
            Err(Lost {
                sent: false,
                reason,
            }) => (Error::new(ErrorKind::NotSent, not_sent(&reason)), true),
            Err(Lost { sent: true, reason }) => (
                Error::new(
                    ErrorKind::OutcomeUnknown,
                    format!("the request was sent, and no answer came: {reason}"),
                ),
                false,
            ),
        };
        let wait = backoff.next(error.retry_after());
        // A try that the deadline would cut off tells the caller less than the error at hand.
        if !may_repeat
            || backoff.failures() > settings.max_retries
            || Instant::now() + wait >= deadline
        {
            return Err(error);
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
        (ErrorKind::RateLimit, Some(429)) => true,
        (ErrorKind::Server, Some(500)) => retry_server_errors && error.code() == Some("api_error"),
        _ => false,
    }
}

/// The error of a refused or failed request, unless its trace leads to a task after all.
async fn follow_trace(
    client: &Client,
    reply: Reply,
    sent: &Sent,
    deadline: Instant,
) -> Result<TaskData> {
    let error = reply.into_error(&client.settings().token).await;
    if !error.may_have_been_accepted() {
        sent.clear();
        return Err(error);
    }
    if let (Some(500 | 504), Some(trace_id)) = (error.status(), error.trace_id()) {
        let limit = deadline.min(Instant::now() + TRACE_LOOKUP);
        if let Ok(Some(task)) = timeout_at(limit, client.task_of_trace(trace_id)).await {
            return Ok(task);
        }
    }
    Err(error)
}

//! The streamed answer to a submission, a line for each frame, spelled and broken as the faults ask.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::stream;

use super::bend::Exchange;
use super::connection::{Connection, Ending};
use super::service::Session;
use super::{answers, reply};
use crate::jobs::fault::Fault;
use crate::jobs::job::{Event, Follower, Job};
use crate::wire::error::{ErrorObject, Refusal};

/// Where a stream stops before its time.
#[derive(Clone, Copy, Debug)]
struct Stop {
    after_frames: u64,
    /// How the connection is broken; without it the stream ends as if it were complete.
    ending: Option<Ending>,
}

impl Stop {
    fn of(fault: &Fault) -> Option<Self> {
        let (after_frames, ending) = match fault {
            Fault::CutAfterFrame(frames) => (*frames, Some(Ending::Close)),
            Fault::ResetAfterFrame(frames) => (*frames, Some(Ending::Reset)),
            Fault::SilenceAfterFrame(frames) => (*frames, Some(Ending::Hold)),
            Fault::EndAfterFrame(frames) => (*frames, None),
            _ => return None,
        };
        Some(Self {
            after_frames,
            ending,
        })
    }
}

/// A stream in progress.
struct Lines {
    session: Arc<Session>,
    connection: Connection,
    job: Arc<Job>,
    follower: Follower,
    /// The first event, which was read before the head was sent.
    first: Option<Event>,
    deadline: Duration,
    faults: Vec<Fault>,
    stop: Option<Stop>,
    sent: u64,
    ended: bool,
}

/// Answers with one line per frame, until the deadline. The head waits for the first frame, so that a failure before it
/// has a status of its own. Gives nothing if the deadline comes before the first frame.
pub(super) async fn answer(
    exchange: &Exchange,
    job: &Arc<Job>,
    deadline: Duration,
) -> Option<Response> {
    let mut follower = Follower::new(job);
    let first = tokio::select! {
        biased;
        event = follower.next() => event,
        () = exchange.session.jobs.clock.sleep_until(deadline) => return None,
    };
    if let Some(Event::Failed(error)) = first {
        return Some(exchange.refuse(&Refusal::from(error).with_trace(&job.trace_id)));
    }
    let lines = Lines {
        session: Arc::clone(&exchange.session),
        connection: exchange.connection.clone(),
        job: Arc::clone(job),
        follower,
        first,
        deadline,
        faults: exchange.faults.clone(),
        stop: exchange.faults.iter().find_map(Stop::of),
        sent: 0,
        ended: false,
    };
    let lines = stream::unfold(lines, |mut lines| async {
        let line = lines.next().await?;
        Some((Ok::<_, Infallible>(line), lines))
    });
    Some(reply::with_type(
        StatusCode::OK,
        "application/x-ndjson",
        Body::from_stream(lines),
    ))
}

impl Lines {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(stop) = self.stop.filter(|stop| stop.after_frames == self.sent) {
            self.connection.end_after_flush(stop.ending?);
            return pending().await;
        }
        if self.ended {
            return None;
        }
        let event = if let Some(event) = self.first.take() {
            event
        } else {
            tokio::select! {
                biased;
                event = self.follower.next() => event?,
                () = self.session.jobs.clock.sleep_until(self.deadline) => Event::Failed(
                    ErrorObject::new("timeout", "the generation takes longer than the timeout"),
                ),
            }
        };
        self.sent += 1;
        self.ended = event.is_last();
        let text = answers::event(&self.session, &self.job, &event);
        let is_last = self.ended || self.stop.is_some_and(|stop| stop.after_frames == self.sent);
        Some(self.spell(text, is_last))
    }

    /// A line with its end.
    fn spell(&self, mut text: String, is_last: bool) -> Bytes {
        let has = |fault: &Fault| self.faults.contains(fault);
        if is_last && has(&Fault::TruncatedJson) {
            // A line is ASCII: of the prompt it has only the file name, where nothing else is left.
            text.truncate(text.len() / 2);
            return text.into();
        }
        let end = if has(&Fault::Crlf) { "\r\n" } else { "\n" };
        if !(is_last && has(&Fault::NoFinalNewline)) {
            text.push_str(end);
        }
        if !is_last && has(&Fault::BlankLines) {
            text.push_str(end);
        }
        text.into()
    }
}

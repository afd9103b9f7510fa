//! Callbacks: which of a job's frames are sent, and the tries that a delivery takes.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::answers;
use super::deliveries::{Delivery, DeliveryState, Try};
use super::outbound::Outbound;
use super::service::Session;
use crate::jobs::fault::Fault;
use crate::jobs::job::{Follower, Job};
use crate::jobs::timeline::Speed;

/// Seconds to wait before each further try, as an older document of the vendor gives them.
const REAL_PAUSES: [u64; 5] = [60, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600];
/// Milliseconds to wait before each further try at the speeds `instant` and `fast`.
const SHORT_PAUSES: [u64; 5] = [50, 100, 200, 400, 800];

/// The callbacks that a submission asked for.
#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) url: Url,
    /// One for each frame, rather than one at the end.
    pub(crate) per_frame: bool,
}

/// Delivers the callbacks of a job as they come. Ends when the last has been tried once; further tries go on by
/// themselves until the session is over.
pub(crate) async fn deliver(
    session: Arc<Session>,
    outbound: Arc<Outbound>,
    job: Arc<Job>,
    callback: Callback,
) {
    let courier = Courier {
        session,
        outbound,
        task_id: job.task_id.clone(),
        url: callback.url,
    };
    let copies = if job.has(&Fault::DuplicateCallbacks) {
        2
    } else {
        1
    };
    let mut to_lose = job.faults.iter().find_map(|fault| match fault {
        Fault::LoseCallbacks(count) => Some(count.unwrap_or(u64::MAX)),
        _ => None,
    });
    let mut held_back = Vec::new();
    let mut follower = Follower::new(&job);
    while let Some(event) = follower.next().await {
        if !event.is_last() && !callback.per_frame {
            continue;
        }
        let body = answers::event(&courier.session, &job, &event);
        if let Some(remaining) = to_lose.as_mut().filter(|remaining| **remaining > 0) {
            *remaining -= 1;
            courier.note(&body, DeliveryState::Lost);
            continue;
        }
        held_back.extend(std::iter::repeat_n(body, copies));
        if !job.has(&Fault::ReorderCallbacks) {
            for body in held_back.drain(..) {
                courier.send(body).await;
            }
        }
    }
    for body in held_back.into_iter().rev() {
        courier.send(body).await;
    }
}

/// Posts a delivery of the log once more. Returns it with the new try; nothing if the log does not have it.
pub(crate) async fn replay(
    session: &Arc<Session>,
    outbound: &Arc<Outbound>,
    number: u64,
) -> Option<Delivery> {
    let log = &session.deliveries;
    let delivery = log.amend(number, |delivery| delivery.clone())?;
    let courier = Courier {
        session: Arc::clone(session),
        outbound: Arc::clone(outbound),
        url: Url::parse(&delivery.url).ok()?,
        task_id: delivery.task_id,
    };
    courier.attempt(number, delivery.body.get()).await;
    log.amend(number, |delivery| delivery.clone())
}

#[derive(Clone, Debug)]
struct Courier {
    session: Arc<Session>,
    outbound: Arc<Outbound>,
    task_id: String,
    url: Url,
}

impl Courier {
    fn note(&self, body: &str, state: DeliveryState) -> u64 {
        let log = &self.session.deliveries;
        log.open(&self.task_id, &self.url, body, state)
    }

    /// Tries once; if that fails, the other tries go on in a task of their own, so that later frames are not held up.
    async fn send(&self, body: String) {
        let number = self.note(&body, DeliveryState::Pending);
        if self.attempt(number, &body).await {
            return;
        }
        let courier = self.clone();
        let over = self.session.jobs.over.clone();
        tokio::spawn(
            over.run_until_cancelled_owned(async move { courier.retry(number, &body).await }),
        );
    }

    async fn retry(&self, number: u64, body: &str) {
        let jobs = &self.session.jobs;
        let pauses = match jobs.settings.speed {
            Speed::Instant | Speed::Fast => SHORT_PAUSES.map(Duration::from_millis),
            Speed::Real | Speed::Virtual => REAL_PAUSES.map(Duration::from_secs),
        };
        for pause in pauses {
            jobs.clock.sleep(pause).await;
            if self.attempt(number, body).await {
                return;
            }
        }
        self.session.deliveries.amend(number, |delivery| {
            delivery.state = DeliveryState::Failed;
        });
    }

    /// Posts once and notes the try. Returns whether the receiver took it.
    async fn attempt(&self, number: u64, body: &str) -> bool {
        let result = self.outbound.post(&self.url, body.to_owned()).await;
        let delivered = matches!(result, Ok(200..=299));
        let entry = Try {
            at: self.session.jobs.clock.now(),
            status: result.as_ref().ok().copied(),
            error: result.err(),
        };
        self.session.deliveries.amend(number, |delivery| {
            delivery.tries.push(entry);
            if delivered {
                delivery.state = DeliveryState::Delivered;
            }
        });
        delivered
    }
}

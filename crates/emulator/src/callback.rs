//! Callbacks: their delivery, the tries that it takes, and the log of both.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::Semaphore;
use url::Url;

use crate::fault::Fault;
use crate::outbound::Outbound;
use crate::wire::response;
use crate::work::Run;
use crate::work::job::{Event, Follower, Job};
use crate::work::timeline::Speed;

const MAX_ENTRIES: usize = 1_000;
/// Posts under way at once.
const AT_ONCE: usize = 64;
/// The waits before each further try, as an older document of the vendor gives them.
const REAL_PAUSES: [Duration; 5] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(6 * 3600),
];
/// The same for those who do not want to wait.
const SHORT_PAUSES: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryState {
    /// No try has succeeded yet, and more will follow.
    Pending,
    /// A try was answered with a 2xx status.
    Delivered,
    /// All tries have failed.
    Failed,
    /// A fault kept it from being sent.
    Lost,
}

/// One try to deliver a callback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Try {
    /// When it ended, in Unix seconds.
    pub at: f64,
    /// The status that the receiver answered.
    pub status: Option<u16>,
    /// What went wrong before there was a status.
    pub error: Option<String>,
}

/// One callback.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Counts the deliveries of a run from 0.
    pub number: u64,
    /// The task that it tells of.
    pub task_id: String,
    /// Where it goes.
    pub url: String,
    /// The JSON that it carries.
    pub body: Box<RawValue>,
    /// How it stands.
    pub state: DeliveryState,
    /// The tries so far, replays among them.
    pub tries: Vec<Try>,
}

#[derive(Debug, Default)]
struct Entries {
    count: u64,
    kept: VecDeque<Delivery>,
}

/// The deliveries of a run; the newest thousand are kept.
#[derive(Debug)]
pub(crate) struct Deliveries {
    entries: Mutex<Entries>,
    posting: Semaphore,
}

impl Default for Deliveries {
    fn default() -> Self {
        Self {
            entries: Mutex::default(),
            posting: Semaphore::new(AT_ONCE),
        }
    }
}

impl Deliveries {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, task_id: &str, url: &Url, body: &str, state: DeliveryState) -> u64 {
        let mut entries = self.lock();
        let number = entries.count;
        entries.count += 1;
        let raw =
            RawValue::from_string(body.to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned());
        entries.kept.push_back(Delivery {
            number,
            task_id: task_id.to_owned(),
            url: url.to_string(),
            body: raw,
            state,
            tries: Vec::new(),
        });
        if entries.kept.len() > MAX_ENTRIES {
            entries.kept.pop_front();
        }
        number
    }

    fn amend(&self, number: u64, amend: impl FnOnce(&mut Delivery)) {
        let mut entries = self.lock();
        let first = entries.kept.front().map_or(0, |delivery| delivery.number);
        let position = number
            .checked_sub(first)
            .and_then(|position| usize::try_from(position).ok());
        if let Some(delivery) = position.and_then(|position| entries.kept.get_mut(position)) {
            amend(delivery);
        }
    }

    pub(crate) fn read(&self) -> Vec<Delivery> {
        self.lock().kept.iter().cloned().collect()
    }

    pub(crate) fn find(&self, number: u64) -> Option<Delivery> {
        self.lock()
            .kept
            .iter()
            .find(|delivery| delivery.number == number)
            .cloned()
    }
}

/// Where the callbacks of a job go.
#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) url: Url,
    /// One for each frame, rather than one at the end.
    pub(crate) per_frame: bool,
}

/// Delivers the callbacks of a job as they come. Ends when the last has been tried once; further tries go on by
/// themselves until the run is over.
pub(crate) async fn deliver(
    run: Arc<Run>,
    outbound: Arc<Outbound>,
    job: Arc<Job>,
    callback: Callback,
) {
    let courier = Courier {
        run,
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
        let body = match event {
            Event::Frame(frame) if !frame.is_result() && !callback.per_frame => continue,
            Event::Frame(frame) => response::image(&courier.run, &job, frame),
            Event::Failed(error) => response::failure(&job, &error),
        };
        if let Some(left) = to_lose.as_mut().filter(|left| **left > 0) {
            *left -= 1;
            courier
                .run
                .deliveries
                .open(&courier.task_id, &courier.url, &body, DeliveryState::Lost);
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

/// Posts a kept delivery once more. Returns it with the new try, or nothing if it is not kept.
pub(crate) async fn replay(
    run: &Arc<Run>,
    outbound: &Arc<Outbound>,
    number: u64,
) -> Option<Delivery> {
    let delivery = run.deliveries.find(number)?;
    let courier = Courier {
        run: Arc::clone(run),
        outbound: Arc::clone(outbound),
        url: Url::parse(&delivery.url).ok()?,
        task_id: delivery.task_id,
    };
    let delivered = courier.attempt(number, delivery.body.get()).await;
    run.deliveries.amend(number, |delivery| {
        if delivered {
            delivery.state = DeliveryState::Delivered;
        }
    });
    run.deliveries.find(number)
}

#[derive(Clone, Debug)]
struct Courier {
    run: Arc<Run>,
    outbound: Arc<Outbound>,
    task_id: String,
    url: Url,
}

impl Courier {
    /// Tries once; if that fails, the other tries go on behind the caller's back, so that later frames are not held up.
    async fn send(&self, body: String) {
        let number =
            self.run
                .deliveries
                .open(&self.task_id, &self.url, &body, DeliveryState::Pending);
        if self.attempt(number, &body).await {
            self.run
                .deliveries
                .amend(number, |delivery| delivery.state = DeliveryState::Delivered);
            return;
        }
        let courier = self.clone();
        let over = self.run.over.clone();
        tokio::spawn(
            over.run_until_cancelled_owned(async move { courier.retry(number, &body).await }),
        );
    }

    async fn retry(&self, number: u64, body: &str) {
        let pauses = match self.run.config.speed {
            Speed::Instant | Speed::Fast => SHORT_PAUSES,
            Speed::Real | Speed::Virtual => REAL_PAUSES,
        };
        for pause in pauses {
            self.run.clock.sleep(pause).await;
            if self.attempt(number, body).await {
                self.run
                    .deliveries
                    .amend(number, |delivery| delivery.state = DeliveryState::Delivered);
                return;
            }
        }
        self.run
            .deliveries
            .amend(number, |delivery| delivery.state = DeliveryState::Failed);
    }

    /// Returns whether the receiver took it.
    async fn attempt(&self, number: u64, body: &str) -> bool {
        // Never closed, so there is always a permit to wait for.
        let _permit = self.run.deliveries.posting.acquire().await;
        let result = self.outbound.post(&self.url, body.to_owned()).await;
        let delivered = matches!(result, Ok(200..=299));
        let at = self.run.clock.unix(self.run.clock.elapsed());
        let entry = match result {
            Ok(status) => Try {
                at,
                status: Some(status),
                error: None,
            },
            Err(error) => Try {
                at,
                status: None,
                error: Some(error),
            },
        };
        self.run
            .deliveries
            .amend(number, |delivery| delivery.tries.push(entry));
        delivered
    }
}

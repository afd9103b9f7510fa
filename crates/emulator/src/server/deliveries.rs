//! The log of callbacks: what was sent where, and each try to deliver it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::Url;

use super::log::Log;
use crate::wire::response::raw;

/// The state of a delivery.
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
    /// A fault had it lost: it was never sent.
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
    /// The task that it is about.
    pub task_id: String,
    /// Its destination.
    pub url: String,
    /// Its JSON.
    pub body: Box<RawValue>,
    /// Its state.
    pub state: DeliveryState,
    /// The tries so far, replays among them.
    pub tries: Vec<Try>,
}

pub(crate) type Deliveries = Log<Delivery>;

impl Deliveries {
    /// Notes a callback that is to be sent, or that a fault loses; its tries are noted under the number returned.
    pub(crate) fn open(&self, task_id: &str, url: &Url, body: &str, state: DeliveryState) -> u64 {
        self.add(|number| Delivery {
            number,
            task_id: task_id.to_owned(),
            url: url.to_string(),
            body: raw(body.to_owned()),
            state,
            tries: Vec::new(),
        })
    }
}

//! The clock of a run: the machine's, a frozen one, or a virtual one that moves only when `Jobs::advance` moves it.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

use super::ids::SEEDED_EPOCH_MS;
use super::timeline::Speed;

/// Milliseconds since 1970.
pub(crate) fn unix_now_ms() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0)
}

#[derive(Debug)]
enum Kind {
    Wall,
    /// Waits are real and every time stamp is the same: an instant run with a seed.
    Frozen,
    Virtual(watch::Sender<Duration>),
}

#[derive(Debug)]
pub(crate) struct Clock {
    kind: Kind,
    origin_ms: u64,
    started: Instant,
}

impl Clock {
    pub(crate) fn new(speed: Speed, seeded: bool) -> Self {
        let kind = match speed {
            Speed::Virtual => Kind::Virtual(watch::Sender::new(Duration::ZERO)),
            Speed::Instant if seeded => Kind::Frozen,
            _ => Kind::Wall,
        };
        let repeatable = seeded && !matches!(kind, Kind::Wall);
        let origin_ms = if repeatable {
            SEEDED_EPOCH_MS
        } else {
            unix_now_ms()
        };
        Self {
            kind,
            origin_ms,
            started: Instant::now(),
        }
    }

    /// Time since the start of the run.
    pub(crate) fn elapsed(&self) -> Duration {
        match &self.kind {
            Kind::Virtual(now) => *now.borrow(),
            _ => self.started.elapsed(),
        }
    }

    /// The time stamp of this moment, in Unix seconds to the millisecond.
    pub(crate) fn now(&self) -> f64 {
        self.unix(self.elapsed())
    }

    /// The time stamp, in Unix seconds to the millisecond, of a moment of this run.
    pub(crate) fn unix(&self, at: Duration) -> f64 {
        let at = if matches!(self.kind, Kind::Frozen) {
            Duration::ZERO
        } else {
            at
        };
        let milliseconds = u128::from(self.origin_ms) + at.as_millis();
        #[expect(
            clippy::cast_precision_loss,
            reason = "Unix milliseconds fit a double for 285,000 years"
        )]
        let seconds = milliseconds as f64 / 1000.0;
        seconds
    }

    /// Whether time stamps repeat from run to run.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.origin_ms == SEEDED_EPOCH_MS
    }

    pub(crate) fn is_virtual(&self) -> bool {
        matches!(self.kind, Kind::Virtual(_))
    }

    /// Waits until the run has lasted this long.
    pub(crate) async fn sleep_until(&self, at: Duration) {
        match &self.kind {
            // The sender lives as long as `self`, so the wait cannot fail.
            Kind::Virtual(now) => drop(now.subscribe().wait_for(|now| *now >= at).await),
            _ => tokio::time::sleep_until((self.started + at).into()).await,
        }
    }

    pub(crate) async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.elapsed().saturating_add(duration))
            .await;
    }

    /// Sets a virtual clock, and wakes the tasks that sleep by it. Other clocks stay as they are.
    pub(crate) fn set(&self, to: Duration) {
        if let Kind::Virtual(now) = &self.kind {
            now.send_replace(to);
        }
    }
}

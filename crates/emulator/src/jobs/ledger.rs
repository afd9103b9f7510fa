//! The ledger: what was submitted, what ran, and what was charged; and the limits on all three.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::wire::error::Refusal;
use crate::wire::request::Mode;

/// The most entries that stay; the counters go on.
const MAX_ENTRIES: usize = 10_000;

/// What successful jobs are charged, in units of your choice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prices {
    /// A generation, and every action that draws anew.
    pub generation: f64,
    /// An upscale.
    pub upscale: f64,
}

impl Default for Prices {
    /// One unit a generation, a fifth for an upscale: the proportion of the vendor's dated price list.
    fn default() -> Self {
        Self {
            generation: 1.0,
            upscale: 0.2,
        }
    }
}

/// What the emulator allows. Everything is unlimited unless it is set; limits count for the emulator as a whole,
/// whatever the token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Limits {
    /// Jobs that may run at once; one more is 429 `too_many_requests`.
    pub in_flight: Option<u32>,
    /// Submissions that may be accepted within one second; one more is 429 `too_many_requests`.
    pub submissions_per_second: Option<u32>,
    /// Units that may be spent; a job that the rest does not cover is 403 `used_up`.
    pub balance: Option<f64>,
}

/// The state of a job in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobState {
    /// Queued or drawing.
    Running,
    /// Finished, and charged.
    Succeeded,
    /// Failed; not charged.
    Failed,
}

/// One started job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// The task that the job is.
    pub task_id: String,
    /// `generate`, or the action on a picture.
    pub action: String,
    /// The queue that it waits in.
    pub mode: Mode,
    /// What it costs if it succeeds.
    pub price: f64,
    /// Its state.
    pub state: JobState,
    /// What was charged: the price after success, else 0.
    pub charged: f64,
}

/// The ledger of a run. A client that never pays twice leaves `started` equal to the generations that were asked of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ledger {
    /// Submissions that reached the service, refused ones included.
    pub submissions: u64,
    /// Jobs that started.
    pub started: u64,
    /// Jobs that succeeded.
    pub succeeded: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// The sum of all charges.
    pub charged: f64,
    /// What is left to spend; nothing when it is not limited.
    pub balance: Option<f64>,
    /// The newest 10,000 jobs, in the order in which they started.
    pub entries: VecDeque<LedgerEntry>,
}

impl Ledger {
    /// Jobs queued or drawing.
    pub(crate) fn running(&self) -> u64 {
        self.started - self.succeeded - self.failed
    }
}

#[derive(Debug, Default)]
struct Account {
    ledger: Ledger,
    /// The prices of the running jobs.
    reserved: f64,
    /// The moments of the submissions accepted within the last second.
    recent: VecDeque<Duration>,
}

/// Writes the ledger of a run, within its limits.
#[derive(Debug)]
pub(crate) struct Accounting {
    limits: Limits,
    account: watch::Sender<Account>,
}

/// What the ledger has to know of a job that is about to start.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    pub(crate) action: &'a str,
    pub(crate) mode: Mode,
    pub(crate) price: f64,
    pub(crate) now: Duration,
}

impl Account {
    /// Opens an entry, unless a limit forbids it.
    fn open(
        &mut self,
        limits: &Limits,
        order: &Order<'_>,
        task_id: impl FnOnce(u64) -> String,
    ) -> Result<u64, Refusal> {
        let Self {
            ledger,
            reserved,
            recent,
        } = self;
        let too_many = |message| Err(Refusal::new("too_many_requests", message));
        let running = ledger.running();
        if limits
            .in_flight
            .is_some_and(|limit| running >= limit.into())
        {
            return too_many("too many requests in flight");
        }
        if let Some(limit) = limits.submissions_per_second {
            recent.retain(|&at| order.now.saturating_sub(at) < Duration::from_secs(1));
            if recent.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
                return too_many("too many submissions within one second");
            }
        }
        if ledger
            .balance
            .is_some_and(|balance| balance - *reserved < order.price)
        {
            return Err(Refusal::new("used_up", "the balance is used up"));
        }
        if limits.submissions_per_second.is_some() {
            recent.push_back(order.now);
        }
        *reserved += order.price;
        let sequence = ledger.started;
        ledger.started += 1;
        ledger.entries.push_back(LedgerEntry {
            task_id: task_id(sequence),
            action: order.action.to_owned(),
            mode: order.mode,
            price: order.price,
            state: JobState::Running,
            charged: 0.0,
        });
        if ledger.entries.len() > MAX_ENTRIES {
            ledger.entries.pop_front();
        }
        Ok(sequence)
    }

    fn close(&mut self, sequence: u64, price: f64, succeeded: bool) {
        let Self {
            ledger, reserved, ..
        } = self;
        *reserved -= price;
        let (state, charged) = if succeeded {
            ledger.succeeded += 1;
            (JobState::Succeeded, price)
        } else {
            ledger.failed += 1;
            (JobState::Failed, 0.0)
        };
        ledger.charged += charged;
        if let Some(balance) = &mut ledger.balance {
            *balance -= charged;
        }
        let first = ledger.started - ledger.entries.len() as u64;
        let position = sequence
            .checked_sub(first)
            .and_then(|position| usize::try_from(position).ok());
        if let Some(entry) = position.and_then(|position| ledger.entries.get_mut(position)) {
            entry.state = state;
            entry.charged = charged;
        }
    }
}

impl Accounting {
    pub(crate) fn new(limits: Limits) -> Self {
        let mut account = Account::default();
        account.ledger.balance = limits.balance;
        Self {
            limits,
            account: watch::Sender::new(account),
        }
    }

    pub(crate) fn note_submission(&self) {
        self.account
            .send_modify(|account| account.ledger.submissions += 1);
    }

    /// Opens an entry, unless a limit forbids it. Returns the job's number, which counts from 0 without gaps.
    pub(crate) fn open(
        &self,
        order: &Order<'_>,
        task_id: impl FnOnce(u64) -> String,
    ) -> Result<u64, Refusal> {
        let mut opened = Ok(0);
        self.account.send_if_modified(|account| {
            opened = account.open(&self.limits, order, task_id);
            opened.is_ok()
        });
        opened
    }

    /// Closes the entry of a job: charged if it succeeded.
    pub(crate) fn close(&self, sequence: u64, price: f64, succeeded: bool) {
        self.account
            .send_modify(|account| account.close(sequence, price, succeeded));
    }

    /// Waits until the ledger is as wanted, and gives it.
    pub(crate) async fn read_when(&self, mut wanted: impl FnMut(&Ledger) -> bool) -> Ledger {
        let mut changes = self.account.subscribe();
        loop {
            let ledger = self.read();
            if wanted(&ledger) || changes.changed().await.is_err() {
                return ledger;
            }
        }
    }

    pub(crate) fn set_balance(&self, balance: Option<f64>) {
        self.account
            .send_modify(|account| account.ledger.balance = balance);
    }

    pub(crate) fn read(&self) -> Ledger {
        self.account.borrow().ledger.clone()
    }

    /// The ledger without its entries.
    pub(crate) fn totals(&self) -> Ledger {
        Ledger {
            entries: VecDeque::new(),
            ..self.account.borrow().ledger
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(accounting: &Accounting, now: u64) -> Result<u64, String> {
        let order = Order {
            action: "generate",
            mode: Mode::Fast,
            price: 1.0,
            now: Duration::from_millis(now),
        };
        accounting
            .open(&order, |number| number.to_string())
            .map_err(|refusal| refusal.error.code.into_owned())
    }

    #[test]
    fn only_success_is_charged() {
        let accounting = Accounting::new(Limits {
            balance: Some(2.5),
            ..Limits::default()
        });
        assert_eq!((open(&accounting, 0), open(&accounting, 0)), (Ok(0), Ok(1)));
        assert_eq!(
            open(&accounting, 0),
            Err("used_up".to_owned()),
            "what runs is reserved"
        );
        accounting.close(0, 1.0, false);
        assert_eq!(
            open(&accounting, 0),
            Ok(2),
            "a failure gives its price back"
        );
        accounting.close(1, 1.0, true);
        let ledger = accounting.read();
        assert_eq!((ledger.started, ledger.succeeded, ledger.failed), (3, 1, 1));
        assert_eq!(
            serde_json::json!([ledger.charged, ledger.balance]),
            serde_json::json!([1.0, 1.5])
        );
        assert_eq!(ledger.entries[0].state, JobState::Failed);
        assert!((ledger.entries[1].charged - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_rate_counts_accepted_submissions_of_the_last_second() {
        let accounting = Accounting::new(Limits {
            submissions_per_second: Some(2),
            ..Limits::default()
        });
        assert!(open(&accounting, 0).is_ok() && open(&accounting, 900).is_ok());
        assert_eq!(open(&accounting, 999), Err("too_many_requests".to_owned()));
        assert!(open(&accounting, 1000).is_ok());
        assert!(open(&accounting, 1001).is_err());
    }

    #[test]
    fn entries_are_bounded_and_stay_in_step() {
        let accounting = Accounting::new(Limits::default());
        let count = MAX_ENTRIES as u64 + 5;
        for _ in 0..count {
            open(&accounting, 0).unwrap();
        }
        accounting.close(0, 1.0, true);
        accounting.close(count - 1, 1.0, true);
        let ledger = accounting.read();
        assert_eq!(
            (ledger.entries.len(), ledger.started, ledger.succeeded),
            (MAX_ENTRIES, count, 2)
        );
        assert_eq!(ledger.entries.back().unwrap().state, JobState::Succeeded);
        assert_eq!(
            ledger
                .entries
                .iter()
                .filter(|entry| entry.state == JobState::Succeeded)
                .count(),
            1
        );
    }
}

#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod emulator;
mod jobs;
mod picture;
mod server;
mod wire;

pub use emulator::{Builder, Emulator};
pub use jobs::fault::Fault;
pub use jobs::ledger::{JobState, Ledger, LedgerEntry, Limits, Prices};
pub use jobs::timeline::Speed;
pub use server::admin::EmulatorState;
pub use server::deliveries::{Delivery, DeliveryState, Try};
pub use server::request_log::JournalEntry;
pub use server::rules::FaultRule;
pub use server::script::{ScriptedReply, Then};
pub use wire::request::Mode;

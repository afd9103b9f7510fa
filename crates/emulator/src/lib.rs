#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod action;
mod callback;
mod config;
mod emulator;
mod fault;
mod journal;
mod ledger;
mod outbound;
mod picture;
mod prompt;
mod server;
mod state_folder;
mod token;
mod wire;
mod work;

pub use callback::{Delivery, DeliveryState, Try};
pub use emulator::{Builder, Emulator};
pub use fault::{Fault, FaultRule, ScriptedReply, Then};
pub use journal::JournalEntry;
pub use ledger::{JobState, Ledger, LedgerEntry, Limits, Prices};
pub use server::admin::EmulatorState;
pub use wire::request::Mode;
pub use work::timeline::Speed;

//! The emulator.

mod action;
mod config;
mod emulator;
mod fault;
mod ledger;
pub mod picture;
mod prompt;
mod server;
mod token;
mod wire;
mod work;

pub use emulator::{Builder, Emulator};
pub use fault::{Fault, FaultRule};
pub use ledger::{JobState, Ledger, LedgerEntry, Limits, Prices};
pub use wire::request::Mode;
pub use work::timeline::Speed;

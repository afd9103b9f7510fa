//! The service without its HTTP: what a prompt means, the jobs, their clock and ids, the store and the ledger.

pub(crate) mod action;
pub(crate) mod clock;
pub(crate) mod engine;
pub(crate) mod fault;
pub(crate) mod ids;
pub(crate) mod job;
pub(crate) mod ledger;
pub(crate) mod prompt;
pub(crate) mod schedule;
pub(crate) mod state_folder;
pub(crate) mod store;
pub(crate) mod timeline;

//! Faults on demand: what can go wrong, the rules that make it go wrong, and scripted exchanges.
//!
//! How a connection is broken is `server::connection`'s business; how an answer is bent, `server::bend`'s.

mod kinds;
pub(crate) mod rules;
pub(crate) mod script;

pub use kinds::Fault;
pub(crate) use kinds::Target;
pub use rules::FaultRule;
pub use script::{ScriptedReply, Then};

//! The API's JSON as the emulator reads and writes it: strict, and its own, so that a mistake in a client of ours cannot
//! hide itself here.

pub(crate) mod error;
pub(crate) mod request;
pub(crate) mod response;

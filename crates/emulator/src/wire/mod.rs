//! The API's JSON as the emulator reads and writes it: strict, and shared with no client, so that a client's mistake
//! about the API shows in its tests.

pub(crate) mod error;
pub(crate) mod request;
pub(crate) mod response;

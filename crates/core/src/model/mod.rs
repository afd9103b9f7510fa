//! The wire's data, without HTTP: read in every shape that the service is known to send, written in one.

pub(crate) mod action;
pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod error_body;
pub(crate) mod fields;
pub(crate) mod format;
pub(crate) mod image;
pub(crate) mod mend;
pub(crate) mod progress;
pub(crate) mod request;
pub(crate) mod task;

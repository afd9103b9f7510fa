//! Errors at the border: how the bridge makes one, and the payload that a host turns into its own class.

use std::fmt;

use midjourney_imagine::{Error, ErrorKind};

use crate::event::json;

/// An error as the JSON text that hosts read: `kind`, `message`, `may_have_been_accepted`, and where known `status`, `code`,
/// `trace_id`, `task_id` and `retry_after` (seconds).
#[must_use]
pub fn payload(error: &Error) -> String {
    json(error)
}

/// An argument cannot be used; `field` is named as on the wire, and the value is not repeated.
pub(crate) fn refuse(kind: ErrorKind, field: &str, problem: impl fmt::Display) -> Error {
    Error::of_kind(kind, format!("`{field}`: {problem}"))
}

/// As [`refuse`], for what a call is given.
pub(crate) fn mistake(field: &str, problem: impl fmt::Display) -> Error {
    refuse(ErrorKind::InvalidRequest, field, problem)
}

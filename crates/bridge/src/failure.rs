//! Errors at the border: how the bridge makes one, and the payload that a host turns into its own class.

use std::fmt;

use midjourney_imagine::{Error, ErrorKind};
use serde_json::json;

/// An error as the JSON text that hosts read: `kind`, `message`, `may_have_been_accepted`, and where known `status`, `code`,
/// `trace_id`, `task_id` and `retry_after` (seconds).
#[must_use]
pub fn payload(error: &Error) -> String {
    json!(error).to_string()
}

/// What the host's caller gave cannot be used; `field` is named as on the wire, and the value is not repeated.
pub(crate) fn refuse(kind: ErrorKind, field: &str, problem: impl fmt::Display) -> Error {
    new(kind, &format!("`{field}`: {problem}"))
}

/// The core makes its errors itself; those of the border take the way of any error that crosses it.
pub(crate) fn new(kind: ErrorKind, message: &str) -> Error {
    let facts = json!({"kind": kind, "message": message, "may_have_been_accepted": kind.may_have_been_accepted()});
    serde_json::from_value(facts).expect("an error reads the form that it writes")
}

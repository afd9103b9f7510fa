//! Errors as the service words them: the code, its usual status, and the body.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The `error` object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ErrorObject {
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
}

impl ErrorObject {
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }

    /// The status that the code arrives with; 500 for a code that the service's documents do not have.
    pub(crate) fn status(&self) -> u16 {
        match &*self.code {
            "bad_request" | "api_not_implemented" | "no_token" | "token_mismatched" => 400,
            "invalid_token" | "token_expired" => 401,
            "used_up" | "forbidden" | "disabled" => 403,
            "no_api" | "task_not_found" => 404,
            "request_too_large" => 413,
            "too_many_requests" | "rate_limited" => 429,
            "timeout" => 504,
            _ => 500,
        }
    }

    /// The body of an answer that is an error.
    pub(crate) fn answer_body(&self, trace_id: &str) -> Value {
        json!({ "error": self, "trace_id": trace_id })
    }

    /// The body of a failed task: in its record, in a callback, or as the last line of a stream.
    pub(crate) fn task_body(&self, task_id: &str, trace_id: &str) -> Value {
        json!({ "success": false, "task_id": task_id, "error": self, "trace_id": trace_id })
    }
}

/// Why a request is answered with an error.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) error: ErrorObject,
    /// The trace id of the task that the error is about; without one the answer gets a trace id of its own.
    pub(crate) trace_id: Option<String>,
}

impl From<ErrorObject> for Refusal {
    fn from(error: ErrorObject) -> Self {
        Self {
            error,
            trace_id: None,
        }
    }
}

impl Refusal {
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        ErrorObject::new(code, message).into()
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new("bad_request", message)
    }

    pub(crate) fn with_trace(mut self, trace_id: &str) -> Self {
        self.trace_id = Some(trace_id.to_owned());
        self
    }
}

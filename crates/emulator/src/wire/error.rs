//! Errors as the service words them: the code, its usual status, and the body.

use std::borrow::Cow;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The `error` object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ErrorObject {
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
}

/// A request that is answered with an error.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) error: ErrorObject,
    /// The task that the error is about; without one the answer gets a trace id of its own.
    pub(crate) trace_id: Option<String>,
}

impl Refusal {
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let code = code.into();
        let status = status_of(&code);
        Self {
            status,
            error: ErrorObject {
                code,
                message: message.into(),
            },
            trace_id: None,
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new("bad_request", message)
    }

    pub(crate) fn with_trace(mut self, trace_id: &str) -> Self {
        self.trace_id = Some(trace_id.to_owned());
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

/// The status that a code arrives with, by the contract's table; 500 for a code that it does not have.
pub(crate) fn status_of(code: &str) -> StatusCode {
    match code {
        "bad_request" | "api_not_implemented" | "no_token" | "token_mismatched" => {
            StatusCode::BAD_REQUEST
        }
        "invalid_token" | "token_expired" => StatusCode::UNAUTHORIZED,
        "used_up" | "forbidden" | "disabled" => StatusCode::FORBIDDEN,
        "no_api" | "task_not_found" => StatusCode::NOT_FOUND,
        "request_too_large" => StatusCode::PAYLOAD_TOO_LARGE,
        "too_many_requests" | "rate_limited" => StatusCode::TOO_MANY_REQUESTS,
        "timeout" => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The contract's shape A, of errors that are the answer of a request.
pub(crate) fn answer_body(error: &ErrorObject, trace_id: &str) -> Value {
    json!({ "error": error, "trace_id": trace_id })
}

/// The contract's shape C, of failed tasks: in a record, a callback, or a line of a stream.
pub(crate) fn task_body(error: &ErrorObject, task_id: &str, trace_id: &str) -> Value {
    json!({ "success": false, "task_id": task_id, "error": error, "trace_id": trace_id })
}

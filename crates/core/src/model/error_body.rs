//! Error bodies in every shape that the service is known to send, and the [`Error`]s that they become. The code decides before
//! the status does, because 403 alone means moderation, an empty balance or a disabled key.

use serde_json::Value;

use super::fields::Fields;
use crate::error::{Error, ErrorKind};
use crate::token::Token;

/// What an error body says, wherever it arrived: an HTTP error, a 200, a frame, a callback or a task record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) task_id: Option<String>,
}

/// Longer messages of the service are cut here: an error is read by a person.
const MESSAGE_LIMIT: usize = 500;
const ID_LIMIT: usize = 200;

impl ErrorBody {
    /// Reads the error of a frame, a callback, a task's response or a 200: it is one only if it says so itself. An empty
    /// `error` beside a success says nothing.
    pub(crate) fn in_answer(fields: &Fields) -> Option<Self> {
        let body = Self::from_error_member(fields);
        if body.is_some() || fields.boolean("success") == Some(false) {
            let mut body = body.unwrap_or_default();
            body.message = body.message.or_else(|| loose_message(fields));
            body.add_identifiers(fields);
            return Some(body);
        }
        None
    }

    /// Reads the body of an HTTP error, in any of its known shapes; nothing when it is none of them.
    pub(crate) fn in_http_error(fields: &Fields) -> Option<Self> {
        let mut body = Self::in_answer(fields).unwrap_or_default();
        body.code = body.code.or_else(|| fields.text("code"));
        body.message = body.message.or_else(|| loose_message(fields));
        body.add_identifiers(fields);
        (body.code.is_some() || body.message.is_some() || fields.boolean("success") == Some(false))
            .then_some(body)
    }

    fn from_error_member(fields: &Fields) -> Option<Self> {
        let error = fields.value("error")?;
        if let Some(object) = error.as_object() {
            let text = |name: &str| {
                object
                    .get(name)
                    .and_then(text_of)
                    .filter(|text| !text.is_empty())
            };
            let body = Self {
                code: text("code"),
                message: text("message"),
                ..Self::default()
            };
            let says_something = object
                .values()
                .any(|value| text_of(value).is_some_and(|text| !text.is_empty()));
            return says_something.then_some(body);
        }
        match error {
            Value::Null | Value::Bool(false) => None,
            Value::String(text) if text.trim().is_empty() || text == "null" => None,
            Value::Array(list) if list.is_empty() => None,
            Value::Number(number) if number.as_f64() == Some(0.0) => None,
            other => Some(Self {
                message: text_of(&other),
                ..Self::default()
            }),
        }
    }

    /// Whether there is more to it than that something failed.
    pub(crate) fn says_why(&self) -> bool {
        self.code.is_some() || self.message.is_some()
    }

    fn add_identifiers(&mut self, fields: &Fields) {
        self.trace_id = fields.text("trace_id");
        self.task_id = fields.text("task_id");
    }

    /// The error of an answer with an HTTP error status.
    pub(crate) fn into_http_error(self, status: u16, token: &Token) -> Error {
        let kind = self
            .code
            .as_deref()
            .and_then(kind_of_code)
            .unwrap_or_else(|| kind_of_status(status));
        self.into_error(kind, token).with_status(status)
    }

    /// The error of a failed task, frame, callback or 200. One that names its task was accepted, whatever its code.
    pub(crate) fn into_task_error(self, task_id: Option<&str>, token: &Token) -> Error {
        let kind = match self.code.as_deref().and_then(kind_of_code) {
            // "The server failed" says less of a task than that the task failed.
            None | Some(ErrorKind::Server) => ErrorKind::TaskFailed,
            Some(kind) => kind,
        };
        let task_id = self.task_id.clone().or_else(|| task_id.map(str::to_owned));
        let accepted = task_id.is_some() || kind.may_have_been_accepted();
        self.into_error(kind, token)
            .with_task(task_id)
            .accepted(accepted)
    }

    fn into_error(self, kind: ErrorKind, token: &Token) -> Error {
        let shown = |text: &str| shorten(&token.redact(text.trim()), MESSAGE_LIMIT);
        let message = self
            .message
            .as_deref()
            .map(shown)
            .filter(|message| !message.is_empty());
        let id = |text: Option<String>| text.map(|text| shorten(&token.redact_id(&text), ID_LIMIT));
        Error::new(
            kind,
            message.unwrap_or_else(|| default_message(kind).to_owned()),
        )
        .with_code(
            self.code
                .map(|code| shorten(&token.redact(&code), ID_LIMIT)),
        )
        .with_trace(id(self.trace_id))
        .with_task(id(self.task_id))
    }
}

/// Frameworks and gateways put their text elsewhere: `{"detail": …}`, `{"message": …}`.
fn loose_message(fields: &Fields) -> Option<String> {
    ["message", "detail"]
        .iter()
        .find_map(|name| fields.value(name).and_then(|value| text_of(&value)))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Cuts a text of the service to a length that people read, and takes out what could steer their terminal.
fn shorten(text: &str, limit: usize) -> String {
    let plain = |char: char| if char.is_control() { ' ' } else { char };
    let cut: String = text.chars().take(limit).map(plain).collect();
    if text.chars().nth(limit).is_some() {
        cut + "…"
    } else {
        cut
    }
}

/// The documented codes (docs/contract.md, "Errors"), the withdrawn ones included: an older gateway may still send them.
fn kind_of_code(code: &str) -> Option<ErrorKind> {
    Some(match code {
        "bad_request"
        | "api_not_implemented"
        | "invalid_request"
        | "request_too_large"
        | "content_too_large" => ErrorKind::BadRequest,
        "no_token" | "invalid_token" | "token_expired" | "token_mismatched" | "unauthorized" => {
            ErrorKind::Authentication
        }
        "used_up" | "insufficient_balance" => ErrorKind::InsufficientBalance,
        "disabled" => ErrorKind::Disabled,
        "forbidden" | "content_moderation" => ErrorKind::Moderation,
        "no_api" | "not_found" | "task_not_found" => ErrorKind::NotFound,
        "too_many_requests" | "rate_limited" => ErrorKind::RateLimit,
        "timeout" | "upstream_timeout" => ErrorKind::GenerationTimeout,
        "api_error" | "busy" | "upstream_error" => ErrorKind::Server,
        "task_failed" => ErrorKind::TaskFailed,
        _ => return None,
    })
}

fn kind_of_status(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::Authentication,
        402 => ErrorKind::InsufficientBalance,
        404 => ErrorKind::NotFound,
        429 => ErrorKind::RateLimit,
        504 => ErrorKind::GenerationTimeout,
        // A failure that came with a 200.
        500.. | ..300 => ErrorKind::Server,
        // Every other 4xx is a refusal, and the most general refusal is this one.
        _ => ErrorKind::BadRequest,
    }
}

fn default_message(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Authentication => "the service does not accept the token",
        ErrorKind::InsufficientBalance => "the balance is used up",
        ErrorKind::Disabled => "the key is disabled",
        ErrorKind::Moderation => "the service's moderation refused the request",
        ErrorKind::NotFound => "the service knows no such thing",
        ErrorKind::RateLimit => "the service asks to send fewer requests",
        ErrorKind::Server => "the service failed",
        ErrorKind::GenerationTimeout => "the service gave up waiting for the picture",
        ErrorKind::TaskFailed => "the task failed, and the service gave no reason",
        _ => "the service refused the request",
    }
}

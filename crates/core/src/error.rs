//! The one error type, and the table of its kinds. How an answer of the service becomes an error is in `model::error_body`.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What every fallible call of this crate gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call did not give what was asked, and what that means for your money.
///
/// One type for every call: match on [`Error::kind`] and read the rest where it is known. The text never holds the API
/// token, a prompt or a signed URL; the service's own message is passed on with the token redacted.
///
/// ```
/// use midjourney_imagine::{Client, ErrorKind};
///
/// let error = Client::builder().token("secret").base_url("ftp://example.com").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Config);
/// assert!(!error.may_have_been_accepted(), "nothing was sent, nothing can have been charged");
/// ```
#[derive(Clone, PartialEq)]
pub struct Error(Box<Facts>);

/// What is known of an error; also its JSON form, which the other languages read.
///
/// The words on the fields are those of the other languages; in Rust the methods of [`Error`] say it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Facts {
    /// What happened, as one of a fixed list.
    kind: ErrorKind,
    /// What happened, in words.
    message: String,
    /// The HTTP status of the answer, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// The service's own code, such as `used_up`, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The service's name for this exchange: quote it when you ask for support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    /// The task that the request started, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
    /// How long the service asked to wait before the next try, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<f64>,
    /// Whether a job may have been started, and so may be charged: then do not simply send it again.
    may_have_been_accepted: bool,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Facts {
            kind,
            message: message.into(),
            status: None,
            code: None,
            trace_id: None,
            task_id: None,
            retry_after: None,
            may_have_been_accepted: kind.may_have_been_accepted(),
        }))
    }

    /// An error of the border to the other languages, which refuses what it cannot pass on.
    #[cfg(feature = "bridge")]
    #[doc(hidden)]
    #[must_use]
    pub fn of_kind(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::new(kind, message)
    }

    /// A request refused here, before anything was sent; `field` is named as on the wire.
    pub(crate) fn invalid_request(field: &str, problem: impl fmt::Display) -> Self {
        Self::new(ErrorKind::InvalidRequest, format!("`{field}`: {problem}"))
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_code(mut self, code: Option<String>) -> Self {
        self.0.code = code;
        self
    }

    /// Names the exchange, where the error does not do so itself.
    pub(crate) fn with_trace(mut self, trace_id: Option<String>) -> Self {
        self.0.trace_id = self.0.trace_id.or(trace_id);
        self
    }

    /// Names the task, where the error does not do so itself.
    pub(crate) fn with_task(mut self, task_id: Option<String>) -> Self {
        self.0.task_id = self.0.task_id.or(task_id);
        self
    }

    pub(crate) fn into_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait.map(|wait| wait.as_secs_f64());
        self
    }

    /// Says whether the service may have started the job, where the kind's own answer is not the right one.
    pub(crate) fn accepted(mut self, may_have_been_accepted: bool) -> Self {
        self.0.may_have_been_accepted = may_have_been_accepted;
        self
    }

    /// What happened, as one of a fixed list.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What happened, in words, without the identifiers that [`fmt::Display`] adds.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The HTTP status of the answer, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's own code, such as `used_up`, where it gave one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The service's name for this exchange: quote it when you ask for support. A task can be looked up by it.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// The task that the request started, where it is known: [`Client::task`](crate::Client::task) picks it up.
    #[must_use]
    pub fn task_id(&self) -> Option<&str> {
        self.0.task_id.as_deref()
    }

    /// How long the service asked to wait before the next try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0
            .retry_after
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }

    /// Whether a job may have been started, and so may be charged. When true, do not simply send the request again.
    #[must_use]
    pub fn may_have_been_accepted(&self) -> bool {
        self.0.may_have_been_accepted
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &*self.0;
        formatter.write_str(&facts.message)?;
        let mut separator = " (";
        let mut fact = |name: &str, value: &dyn fmt::Display| {
            let written = write!(formatter, "{separator}{name} {value}");
            separator = ", ";
            written
        };
        if let Some(status) = facts.status {
            fact("status", &status)?;
        }
        if let Some(code) = &facts.code {
            fact("code", code)?;
        }
        if let Some(task_id) = &facts.task_id {
            fact("task", task_id)?;
        }
        if let Some(trace_id) = &facts.trace_id {
            fact("trace", trace_id)?;
        }
        if separator == ", " {
            formatter.write_str(")")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {self}", self.kind().class_name())
    }
}

impl std::error::Error for Error {}

impl Serialize for Error {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Error {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Error".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Facts::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for Error {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        Facts::deserialize(deserializer).map(|facts| Self(Box::new(facts)))
    }
}

/// Declares the kinds with everything that is said of a kind, so that no second list of them exists.
macro_rules! kinds {
    ($($(#[$doc:meta])+ $variant:ident, $name:literal, $class:literal, accepted: $accepted:literal;)+) => {
        /// The kinds of [`Error`]: the same in every language, where each is a class of its own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl ErrorKind {
            /// Every kind, in the order of the table in docs/money.md.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire between languages, such as `rate_limit`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The class that this kind is in Python and Node, such as `RateLimitError`.
            pub(crate) const fn class_name(self) -> &'static str {
                match self { $(Self::$variant => $class,)+ }
            }

            /// The class that this kind is in Python and Node, for those who write or check these classes.
            #[cfg(feature = "bridge")]
            #[doc(hidden)]
            #[must_use]
            pub const fn class(self) -> &'static str {
                self.class_name()
            }

            /// Whether an error of this kind usually leaves open that a job was started; the error itself knows better.
            #[must_use]
            pub const fn may_have_been_accepted(self) -> bool {
                match self { $(Self::$variant => $accepted,)+ }
            }
        }
    };
}

kinds! {
    /// The client's settings: no token, a base URL that is no URL.
    Config, "config", "ConfigError", accepted: false;
    /// Refused here, before anything was sent; the message names the field.
    InvalidRequest, "invalid_request", "InvalidRequestError", accepted: false;
    /// The image does not offer the action; nothing was sent.
    ActionNotAvailable, "action_not_available", "ActionNotAvailableError", accepted: false;
    /// The service refused the request: 400, 413, 422, `bad_request`, `api_not_implemented`.
    BadRequest, "bad_request", "BadRequestError", accepted: false;
    /// The token is missing, wrong, expired or not meant for this API.
    Authentication, "authentication", "AuthenticationError", accepted: false;
    /// The balance or a quota is used up.
    InsufficientBalance, "insufficient_balance", "InsufficientBalanceError", accepted: false;
    /// The key or the application is disabled.
    Disabled, "disabled", "DisabledError", accepted: false;
    /// The service's moderation refused the prompt or the picture.
    Moderation, "moderation", "ModerationError", accepted: false;
    /// No such path, or no such task.
    NotFound, "not_found", "NotFoundError", accepted: false;
    /// Too many requests, after the last try.
    RateLimit, "rate_limit", "RateLimitError", accepted: false;
    /// The service failed (5xx with its own error body).
    Server, "server", "ServerError", accepted: true;
    /// The service gave up waiting for the picture; the job may go on.
    GenerationTimeout, "generation_timeout", "GenerationTimeoutError", accepted: true;
    /// The task failed on the service.
    TaskFailed, "task_failed", "TaskFailedError", accepted: true;
    /// The request never left this machine: refused connection, DNS, TLS.
    NotSent, "not_sent", "NotSentError", accepted: false;
    /// The request left, and no usable answer came. It is not sent again: it may have been paid for.
    OutcomeUnknown, "outcome_unknown", "OutcomeUnknownError", accepted: true;
    /// Your own deadline passed. The task, where it is known, goes on at the service.
    Deadline, "deadline", "DeadlineError", accepted: true;
    /// No readable answer to a free call: a look-up.
    Decode, "decode", "DecodeError", accepted: false;
    /// A picture could not be fetched or written. The image itself is safe at the service until its URL expires.
    Picture, "picture", "PictureError", accepted: false;
    /// A callback that is not ours, or that cannot be read.
    Callback, "callback", "CallbackError", accepted: false;
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

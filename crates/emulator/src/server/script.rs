//! Scripts: answers given word for word, for tests that are data. How one is sent is in `scripted`.

use std::collections::{BTreeMap, VecDeque};

use axum::http::{HeaderName, HeaderValue};
use base64::Engine as _;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// What happens to the connection after a scripted answer, or after the cut in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Then {
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
    /// It stays open, and silent.
    Hold,
}

/// An answer given word for word. In the body and in header values `{{url}}` becomes the emulator's base URL, and
/// `{{token}}` the request's bearer token.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedReply {
    /// The path whose next request gets this answer, whatever its method and query.
    pub path: String,
    /// The status, 200 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The headers; `content-type` is `application/json` unless given.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<serde_json::Value>,
    /// The body as NDJSON, one value a line; `content-type` is then `application/x-ndjson` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<serde_json::Value>>,
    /// The body as base64, if it is not text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
    /// The body in pieces, each sent by itself, without an announced length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunks: Option<Vec<String>>,
    /// Cuts the answer after this many bytes, the head included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_after_bytes: Option<u64>,
    /// Cuts the answer after this many bytes of its body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_body_after_bytes: Option<u64>,
    /// What happens then. Without it a cut closes the connection, and a whole answer leaves it open. With it, no length is
    /// announced, and the body's end is never sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Then>,
}

impl ScriptedReply {
    /// Refuses an answer that cannot be given, and says why.
    pub(crate) fn check(&self) -> Result<(), String> {
        let bodies = [
            self.body.is_some(),
            self.json.is_some(),
            self.lines.is_some(),
            self.body_base64.is_some(),
            self.chunks.is_some(),
        ];
        if bodies.iter().filter(|&&given| given).count() > 1 {
            return Err(
                "only one of `body`, `json`, `lines`, `body_base64` and `chunks` can be given"
                    .to_owned(),
            );
        }
        let base64 = base64::engine::general_purpose::STANDARD;
        if self
            .body_base64
            .as_ref()
            .is_some_and(|body| base64.decode(body).is_err())
        {
            return Err("`body_base64` is not base64".to_owned());
        }
        if !self.path.starts_with('/') {
            return Err("`path` must start with `/`".to_owned());
        }
        if self
            .status
            .is_some_and(|status| !(200..=599).contains(&status))
        {
            return Err("`status` must be between 200 and 599".to_owned());
        }
        for (name, value) in &self.headers {
            let valid = HeaderName::try_from(name.as_str()).is_ok()
                && HeaderValue::try_from(value.as_str()).is_ok();
            if !valid {
                return Err(format!("`{name}` is no header"));
            }
        }
        Ok(())
    }
}

/// The answers still to be given, in order.
#[derive(Debug, Default)]
pub(crate) struct Script(Mutex<VecDeque<ScriptedReply>>);

impl Script {
    pub(crate) fn add(&self, replies: Vec<ScriptedReply>) {
        self.0.lock().extend(replies);
    }

    pub(crate) fn take(&self, path: &str) -> Option<ScriptedReply> {
        let mut replies = self.0.lock();
        let position = replies.iter().position(|reply| reply.path == path)?;
        replies.remove(position)
    }

    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    pub(crate) fn remaining(&self) -> usize {
        self.0.lock().len()
    }
}

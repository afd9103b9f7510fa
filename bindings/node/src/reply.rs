//! What crosses the border: the events of a batch as one JSON text and its byte contents, and refusals as thrown errors.
//! Turning their payloads into the package's own classes is TypeScript's part.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use midjourney_imagine_bridge::{Error, Event, LogLevel, Reply, payload};
use napi::bindgen_prelude::Uint8Array;

/// The `code` of a thrown error.
pub enum Code {
    /// The message is the payload of one of the package's errors.
    MidjourneyError,
    /// The system or Node refused something, or the package used this module wrongly.
    GenericFailure,
}

impl AsRef<str> for Code {
    fn as_ref(&self) -> &'static str {
        match self {
            Self::MidjourneyError => "MidjourneyError",
            Self::GenericFailure => "GenericFailure",
        }
    }
}

/// What a synchronous function throws.
pub(crate) type Thrown = napi::Error<Code>;

pub(crate) fn refusal(error: &Error) -> Thrown {
    Thrown::new(Code::MidjourneyError, payload(error))
}

pub(crate) fn failure(error: impl Display) -> Thrown {
    Thrown::new(Code::GenericFailure, error)
}

/// Several events on their way into JavaScript: `[[number, what, its JSON] …]`.
///
/// What a call gives is JSON already and is copied as it is, so that one string and one `JSON.parse` bring the whole batch over.
#[derive(Default)]
pub(crate) struct Batch {
    text: String,
    contents: Vec<Uint8Array>,
}

impl Batch {
    pub(crate) fn add(&mut self, number: i64, event: Event) {
        match event {
            Event::Progress(update) => self.write(number, "progress", &update),
            Event::Log(line) => {
                let level = match line.level {
                    LogLevel::Debug => "debug",
                    LogLevel::Info => "info",
                    LogLevel::Warning => "warning",
                    LogLevel::Error => "error",
                };
                let line = serde_json::json!({ "level": level, "message": line.message });
                self.write(number, "log", &line.to_string());
            }
            Event::Done(Ok(Reply::Text(json))) => self.write(number, "done", &json),
            Event::Done(Ok(Reply::Bytes(bytes))) => {
                let index = self.contents.len().to_string();
                // The buffer itself changes hands: nobody else holds it.
                self.contents.push(Uint8Array::from(Vec::from(bytes)));
                self.write(number, "bytes", &index);
            }
            Event::Done(Ok(Reply::Pulled(step))) => match step.take() {
                Ok(update) => self.write(number, "done", update.as_deref().unwrap_or("null")),
                Err(error) => self.write(number, "failed", &payload(&error)),
            },
            Event::Done(Err(error)) => self.write(number, "failed", &payload(&error)),
            Event::Lost => self.write(number, "lost", "null"),
        }
    }

    /// The text, and the contents that its `bytes` events name by their index.
    pub(crate) fn finish(mut self) -> (String, Vec<Uint8Array>) {
        if self.text.is_empty() {
            self.text.push('[');
        }
        self.text.push(']');
        (self.text, self.contents)
    }

    fn write(&mut self, number: i64, what: &str, json: &str) {
        let opening = if self.text.is_empty() { '[' } else { ',' };
        let json = exact(json);
        _ = write!(self.text, "{opening}[{number},\"{what}\",{json}]");
    }
}

/// The largest integer that JavaScript's numbers hold with all that are smaller.
const LARGEST_INTEGER: u64 = (1 << 53) - 1;

/// JSON whose integers `JSON.parse` keeps digit for digit: larger ones, which are ids in fields that nobody knows, become text.
pub(crate) fn exact(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let mut exact = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        match byte {
            b'"' => {
                at += 1;
                while bytes.get(at).is_some_and(|&byte| byte != b'"') {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let is_numeric = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                at += bytes[start..].iter().take_while(is_numeric).count();
                let digits = json[start..at].trim_start_matches('-');
                let is_large = digits.len() > 15
                    && digits.bytes().all(|byte| byte.is_ascii_digit())
                    && !digits
                        .parse()
                        .is_ok_and(|integer: u64| integer <= LARGEST_INTEGER);
                if is_large {
                    _ = write!(exact, "{}\"{}\"", &json[copied..start], &json[start..at]);
                    copied = at;
                }
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    exact.push_str(&json[copied..]);
    Cow::Owned(exact)
}

//! What the API accepts: the bodies of `imagine` and `tasks`, checked member by member.
//!
//! A member of the wrong type is an error that names it; `null` counts as absent, as the vendor's own clients need;
//! unknown members are accepted. Rules that need the prompt's flags or a picture are not checked here.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::error::Refusal;

/// How a generation is queued, and what it costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mode {
    /// The slow, cheap queue.
    Relax,
    /// The default of a request without a mode.
    #[default]
    Fast,
    /// The quick, expensive queue.
    Turbo,
}

/// How long the service waits for a synchronous generation by default.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(480);

/// The body of `POST /midjourney/imagine`.
#[derive(Clone, Debug)]
pub(crate) struct Imagine {
    pub(crate) prompt: Option<String>,
    pub(crate) action: String,
    pub(crate) image_id: Option<String>,
    pub(crate) mask: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) timeout: Duration,
    pub(crate) split_images: bool,
    pub(crate) callback_url: Option<Url>,
    pub(crate) r#async: bool,
    pub(crate) version: Option<String>,
    pub(crate) quality: Option<String>,
}

/// The body of `POST /midjourney/tasks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    One {
        id: Option<String>,
        trace_id: Option<String>,
    },
    Batch {
        ids: Option<Vec<String>>,
        trace_ids: Option<Vec<String>>,
        offset: usize,
        limit: usize,
    },
}

/// The members of a JSON object, read one by one.
struct Members(Map<String, Value>);

impl Members {
    fn parse(body: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(Refusal::bad_request("the body must be a JSON object")),
            Err(error) => Err(Refusal::bad_request(format!(
                "the body is not valid JSON (line {}, column {})",
                error.line(),
                error.column()
            ))),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn read<T>(
        &self,
        name: &str,
        what: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        read(value)
            .map(Some)
            .ok_or_else(|| Refusal::bad_request(format!("`{name}` must be {what}")))
    }

    /// An empty string counts as absent.
    fn string(&self, name: &str) -> Result<Option<String>, Refusal> {
        let text = self.read(name, "a string", |value| value.as_str().map(str::to_owned))?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    fn boolean(&self, name: &str) -> Result<bool, Refusal> {
        Ok(self
            .read(name, "a boolean", Value::as_bool)?
            .unwrap_or(false))
    }

    fn number(&self, name: &str) -> Result<Option<f64>, Refusal> {
        self.read(name, "a number", Value::as_f64)
    }

    fn count(&self, name: &str, default: usize) -> Result<usize, Refusal> {
        let read = |value: &Value| value.as_u64().and_then(|count| usize::try_from(count).ok());
        Ok(self
            .read(name, "a whole number, 0 or more", read)?
            .unwrap_or(default))
    }

    fn strings(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        self.read(name, "an array of strings", |value| {
            value
                .as_array()?
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect()
        })
    }
}

impl Imagine {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let members = Members::parse(body)?;
        let mode = match members.string("mode")?.as_deref() {
            None | Some("fast") => Mode::Fast,
            Some("relax") => Mode::Relax,
            Some("turbo") => Mode::Turbo,
            Some(_) => {
                return Err(Refusal::bad_request(
                    "`mode` must be one of `fast`, `relax`, `turbo`",
                ));
            }
        };
        let timeout = match members.number("timeout")? {
            None => DEFAULT_TIMEOUT,
            Some(seconds) => Duration::try_from_secs_f64(seconds)
                .ok()
                .filter(|timeout| !timeout.is_zero())
                .ok_or_else(|| {
                    Refusal::bad_request("`timeout` must be a positive number of seconds")
                })?,
        };
        let callback_url = members.string("callback_url")?.map(|text| {
            Url::parse(&text)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
                .ok_or_else(|| {
                    Refusal::bad_request("`callback_url` must be an absolute http or https URL")
                })
        });
        for name in ["translation", "hd", "style_reference", "moodboard"] {
            members.boolean(name)?;
        }
        members.string("application_id")?;
        Ok(Self {
            prompt: members.string("prompt")?,
            action: members
                .string("action")?
                .unwrap_or_else(|| "generate".to_owned()),
            image_id: members.string("image_id")?,
            mask: members.string("mask")?,
            mode,
            timeout,
            split_images: members.boolean("split_images")?,
            callback_url: callback_url.transpose()?,
            r#async: members.boolean("async")?,
            version: members.string("version")?,
            quality: members.string("quality")?,
        })
    }
}

impl Lookup {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let members = Members::parse(body)?;
        match members.string("action")?.as_deref() {
            None | Some("retrieve") => Ok(Self::One {
                id: members.string("id")?,
                trace_id: members.string("trace_id")?,
            }),
            Some("retrieve_batch") => Ok(Self::Batch {
                ids: members.strings("ids")?,
                trace_ids: members.strings("trace_ids")?,
                offset: members.count("offset", 0)?,
                limit: members.count("limit", 12)?,
            }),
            Some(_) => Err(Refusal::bad_request(
                "`action` must be `retrieve` or `retrieve_batch`",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> String {
        Imagine::parse(body.as_bytes()).unwrap_err().error.message
    }

    #[test]
    fn null_counts_as_absent_in_every_member() {
        let body =
            br#"{"prompt":"a cat","action":null,"image_id":null,"mode":null,"mask":null,"timeout":null,
            "translation":null,"split_images":null,"callback_url":null,"async":null,"version":null,"hd":null,
            "quality":null,"style_reference":null,"moodboard":null,"application_id":null}"#;
        let request = Imagine::parse(body).unwrap();
        assert_eq!(
            (request.action.as_str(), request.mode),
            ("generate", Mode::Fast)
        );
        assert_eq!(request.timeout, DEFAULT_TIMEOUT);
        assert!(!request.r#async && !request.split_images);
    }

    #[test]
    fn a_member_of_the_wrong_type_is_named() {
        assert_eq!(
            message(r#"{"image_id":1211290228438868029}"#),
            "`image_id` must be a string"
        );
        assert_eq!(message(r#"{"async":"true"}"#), "`async` must be a boolean");
        assert_eq!(
            message(r#"{"timeout":"480"}"#),
            "`timeout` must be a number"
        );
        assert_eq!(
            message(r#"{"timeout":0}"#),
            "`timeout` must be a positive number of seconds"
        );
        assert_eq!(
            message(r#"{"timeout":1e300}"#),
            "`timeout` must be a positive number of seconds"
        );
        assert_eq!(message(r#"{"quality":1}"#), "`quality` must be a string");
        assert_eq!(
            message(r#"{"translation":1}"#),
            "`translation` must be a boolean"
        );
        assert_eq!(
            message(r#"{"mode":"slow"}"#),
            "`mode` must be one of `fast`, `relax`, `turbo`"
        );
        assert_eq!(message("[]"), "the body must be a JSON object");
        assert_eq!(
            message("{\"a\":"),
            "the body is not valid JSON (line 1, column 5)"
        );
        for url in ["/health", "ftp://h/x", "example"] {
            let body = format!(r#"{{"callback_url":"{url}"}}"#);
            assert_eq!(
                message(&body),
                "`callback_url` must be an absolute http or https URL"
            );
        }
    }

    #[test]
    fn a_batch_has_the_defaults_of_the_service() {
        let lookup =
            Lookup::parse(br#"{"action":"retrieve_batch","ids":["a"],"offset":null}"#).unwrap();
        let ids = Some(vec!["a".to_owned()]);
        assert_eq!(
            lookup,
            Lookup::Batch {
                ids,
                trace_ids: None,
                offset: 0,
                limit: 12
            }
        );
        assert!(Lookup::parse(br#"{"action":"retrieve_batch","limit":-1}"#).is_err());
        assert!(Lookup::parse(br#"{"action":"list"}"#).is_err());
    }
}

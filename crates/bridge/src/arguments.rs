//! Reading what a host passes on. A value of the wrong type is refused by the name of its field, and never repeated: it may be
//! a prompt or a token.

use std::time::Duration;

use midjourney_imagine::{Error, ErrorKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::failure::refuse;

/// Reads an object. Errors of `kind` name the first field that cannot be read.
pub(crate) fn read<T: DeserializeOwned>(kind: ErrorKind, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|_| {
        match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(fields) => blame::<T>(kind, fields),
            // What hosts write is JSON, but for half a character, which their strings can hold.
            Err(error) if error.to_string().contains("hex escape") => refuse(
                kind,
                "arguments",
                "a text in them holds half of a character (a lone surrogate)",
            ),
            Err(_) => refuse(kind, "arguments", "they are not a JSON object"),
        }
    })
}

/// As [`read`], for an object inside the arguments.
pub(crate) fn read_value<T: DeserializeOwned>(
    kind: ErrorKind,
    fields: Map<String, Value>,
) -> Result<T, Error> {
    match T::deserialize(Value::Object(fields.clone())) {
        Ok(value) => Ok(value),
        Err(_) => Err(blame::<T>(kind, fields)),
    }
}

/// Which field it was, and what it takes. The library's own message would repeat the value, so each field is read by itself,
/// where a value that can be read is only ever followed by the complaint that others are missing.
fn blame<T: DeserializeOwned>(kind: ErrorKind, fields: Map<String, Value>) -> Error {
    for (name, value) in fields {
        let alone = Map::from_iter([(name.clone(), value)]);
        let Err(error) = T::deserialize(Value::Object(alone)) else {
            continue;
        };
        let complaint = error.to_string();
        if !complaint.starts_with("missing field") {
            return refuse(kind, &name, problem(&complaint));
        }
    }
    refuse(kind, "arguments", "a field is missing")
}

/// The end of the library's message, which says what would do; the value stands before it.
fn problem(complaint: &str) -> String {
    if complaint.starts_with("unknown field") {
        return "there is no such field".to_owned();
    }
    match complaint.rsplit_once(", expected ") {
        // The one word that is Rust's own.
        Some((_, "f64")) => "expected a number".to_owned(),
        Some((_, expected)) => format!("expected {expected}"),
        None => "its value has the wrong type".to_owned(),
    }
}

/// A span of time, given in seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Seconds(f64);

impl Seconds {
    pub(crate) fn duration(self, kind: ErrorKind, field: &str) -> Result<Duration, Error> {
        Duration::try_from_secs_f64(self.0)
            .ok()
            .filter(|duration| !duration.is_zero())
            .ok_or_else(|| refuse(kind, field, "it is a number of seconds above zero"))
    }
}

/// A limit of one call.
pub(crate) fn deadline(given: Option<Seconds>) -> Result<Option<Duration>, Error> {
    given
        .map(|seconds| seconds.duration(ErrorKind::InvalidRequest, "deadline"))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Given {
        #[expect(dead_code, reason = "it is read to be refused")]
        prompt: String,
        #[expect(dead_code, reason = "it is read to be refused")]
        deadline: Option<Seconds>,
    }

    fn refusal(text: &str) -> String {
        read::<Given>(ErrorKind::InvalidRequest, text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_refusal_names_the_field_and_what_it_takes_and_not_what_was_given() {
        for (text, message) in [
            (r#"{"prompt":42}"#, "`prompt`: expected a string"),
            (
                r#"{"prompt":"a","deadline":"secret, expected by none"}"#,
                "`deadline`: expected a number",
            ),
            (
                r#"{"prompt":"a","secret":1}"#,
                "`secret`: there is no such field",
            ),
            (r#"{"deadline":1}"#, "`arguments`: a field is missing"),
            ("[]", "`arguments`: they are not a JSON object"),
            (
                r#"{"prompt":"\ud800"}"#,
                "`arguments`: a text in them holds half of a character (a lone surrogate)",
            ),
        ] {
            assert_eq!(refusal(text), message);
        }
    }
}

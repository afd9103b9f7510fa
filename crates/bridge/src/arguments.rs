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
        let Ok(fields) = serde_json::from_str::<Map<String, Value>>(text) else {
            return refuse(kind, "arguments", "they are not a JSON object");
        };
        blame::<T>(kind, fields)
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

/// Which field it was. The library's own message would repeat the value, so each field is read by itself, where a value that
/// can be read is only ever followed by the complaint that others are missing.
fn blame<T: DeserializeOwned>(kind: ErrorKind, fields: Map<String, Value>) -> Error {
    let wrong = fields.into_iter().find(|(name, value)| {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        let answer = serde_json::from_str::<T>(&Value::Object(alone).to_string());
        answer.is_err_and(|error| !error.to_string().starts_with("missing field"))
    });
    match wrong {
        Some((name, _)) => refuse(
            kind,
            &name,
            "there is no such field, or its value has the wrong type",
        ),
        None => refuse(kind, "arguments", "a field is missing"),
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

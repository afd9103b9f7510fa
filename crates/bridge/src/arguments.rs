//! Reading what a host passes on. What cannot be read is refused by the name of its field and with what would do, as the
//! schema has it; the value is not repeated: it may be a prompt or a token.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use midjourney_imagine::{Error, ErrorKind};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use serde_path_to_error::{Path, Segment};

use crate::failure::refuse;

/// Reads JSON text; `what` is its name in an error, where no field of it is to blame.
pub(crate) fn read<T: DeserializeOwned + JsonSchema>(
    kind: ErrorKind,
    what: &str,
    text: &str,
) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|_| blame::<T>(kind, what, text))
}

/// Reads again, slowly, to see where reading stops.
fn blame<T: DeserializeOwned + JsonSchema>(kind: ErrorKind, what: &str, text: &str) -> Error {
    let mut reader = serde_json::Deserializer::from_str(text);
    let stopped = serde_path_to_error::deserialize::<_, T>(&mut reader);
    let Err(stopped) = stopped else {
        return refuse(kind, what, "it is not one JSON value");
    };
    let schema = SchemaSettings::default().into_generator();
    let schema = Value::from(schema.into_root_schema_for::<T>());
    let (field, problem) = explain(&schema, stopped.path(), text);
    // Hosts write JSON, but for half a character, which their strings can hold.
    let problem = if !stopped.inner().is_data() && holds_half_a_character(text) {
        "it holds half of a character (a lone surrogate)".to_owned()
    } else {
        problem
    };
    refuse(kind, field.as_deref().unwrap_or(what), problem)
}

/// The field that is to blame, and what is wrong with it. The schema and the text are walked side by side.
fn explain(schema: &Value, path: &Path, text: &str) -> (Option<String>, String) {
    let mut here = schema;
    let mut json = Some(text);
    let (mut field, mut variant) = (None, None);
    for segment in path {
        here = plain(schema, here);
        let name = match segment {
            Segment::Map { key } => {
                let known = &here["properties"][key];
                if known.is_null() && here["additionalProperties"] == false {
                    return (Some(key.clone()), "there is no such option".to_owned());
                }
                here = known;
                (field, variant) = (Some(key), None);
                key
            }
            Segment::Enum { variant: name } => {
                here = variants(here)
                    .find_map(|variant| variant["properties"].get(name))
                    .unwrap_or(&Value::Null);
                match field {
                    Some(_) => variant = Some(name),
                    None => field = Some(name),
                }
                name
            }
            Segment::Seq { .. } => {
                here = &here["items"];
                json = None;
                continue;
            }
            Segment::Unknown => break,
        };
        json = json.and_then(|json| Some(members(json)?.get(name.as_str())?.get()));
    }
    here = plain(schema, here);
    if let (Some(members), Some(required)) = (json.and_then(members), here["required"].as_array()) {
        let mut required = required.iter().filter_map(Value::as_str);
        if let Some(missing) = required.find(|name| !members.contains_key(*name)) {
            return (Some(missing.to_owned()), "it is missing".to_owned());
        }
    }
    let problem = match (takes(here), variant) {
        (None, _) => "it cannot be read".to_owned(),
        (Some(takes), None) => format!("expected {takes}"),
        (Some(takes), Some(variant)) => format!("{variant} takes {takes}"),
    };
    (field.cloned(), problem)
}

/// A schema without its reference, and without the null that may stand in its place.
fn plain<'a>(root: &'a Value, mut schema: &'a Value) -> &'a Value {
    loop {
        schema = if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            root.pointer(pointer).unwrap_or(&Value::Null)
        } else if let Some([known, null]) = schema["anyOf"].as_array().map(Vec::as_slice)
            && null["type"] == "null"
        {
            known
        } else {
            return schema;
        };
    }
}

fn variants(schema: &Value) -> impl Iterator<Item = &Value> {
    ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|word| schema[word].as_array())
        .flatten()
}

/// The members of a JSON object, whose values are still text.
fn members(json: &str) -> Option<HashMap<Cow<'_, str>, &RawValue>> {
    serde_json::from_str(json).ok()
}

/// What a schema takes, in words.
fn takes(schema: &Value) -> Option<String> {
    if let Some(words) = schema["takes"].as_str() {
        return Some(words.to_owned());
    }
    let names: Vec<String> = variants(schema)
        .filter_map(|variant| {
            let tagged = || variant["properties"].as_object()?.keys().next();
            variant["const"]
                .as_str()
                .or_else(|| tagged().map(String::as_str))
        })
        .map(|name| format!("`{name}`"))
        .collect();
    // A variant without a name takes any other string.
    if !names.is_empty() && names.len() == variants(schema).count() {
        return Some(format!("one of {}", names.join(", ")));
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first()?.as_str()?,
        Value::String(kind) => kind,
        _ => variants(schema).next().map(|_| "string")?,
    };
    Some(match (kind, &schema["minimum"], &schema["maximum"]) {
        ("string", ..) => "a string".to_owned(),
        ("boolean", ..) => "true or false".to_owned(),
        ("integer", least, most) if most.is_number() => {
            format!("an integer from {least} to {most}")
        }
        ("integer", least, _) if least.is_number() => format!("an integer of {least} or more"),
        ("integer" | "number", ..) => "a number".to_owned(),
        ("array", ..) => "a list".to_owned(),
        ("object", ..) => "an object".to_owned(),
        _ => return None,
    })
}

/// Whether an escape in JSON text stands for a surrogate without its other half.
fn holds_half_a_character(json: &str) -> bool {
    let mut characters = json.chars();
    let mut units = Vec::new();
    while let Some(character) = characters.next() {
        if character != '\\' {
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
        } else if characters.next() == Some('u') {
            let digits: String = characters.by_ref().take(4).collect();
            units.push(u16::from_str_radix(&digits, 16).unwrap_or_default());
        }
    }
    char::decode_utf16(units).any(|character| character.is_err())
}

/// A span of time above zero, given in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds(Duration);

impl From<Seconds> for Duration {
    fn from(seconds: Seconds) -> Self {
        seconds.0
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Duration::try_from_secs_f64(f64::deserialize(deserializer)?) {
            Ok(duration) if !duration.is_zero() => Ok(Self(duration)),
            _ => Err(D::Error::custom("no seconds")),
        }
    }
}

impl JsonSchema for Seconds {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Seconds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number", "exclusiveMinimum": 0, "takes": "a number of seconds above zero"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "it is read to be refused")]
    enum Asked {
        Draw(Drawn),
        Skip(#[schemars(range(min = 1, max = 4))] u8),
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is read to be refused")]
    struct Drawn {
        prompt: String,
        deadline: Option<Seconds>,
        hd: Option<bool>,
        ids: Option<Vec<String>>,
        tries: Option<u32>,
        weight: Option<f64>,
        then: Option<Box<Asked>>,
        mode: Option<Mode>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        /// One.
        Fast,
        /// Another.
        Relax,
    }

    #[test]
    fn a_refusal_names_the_field_and_what_it_takes_and_not_what_was_given() {
        for (text, message) in [
            (r#"{"draw":{"prompt":42}}"#, "`prompt`: expected a string"),
            (
                r#"{"draw":{"prompt":"a","deadline":"secret, expected by none"}}"#,
                "`deadline`: expected a number of seconds above zero",
            ),
            (
                r#"{"draw":{"prompt":"a","deadline":-1}}"#,
                "`deadline`: expected a number of seconds above zero",
            ),
            (
                r#"{"draw":{"prompt":"a","hd":"secret"}}"#,
                "`hd`: expected true or false",
            ),
            (
                r#"{"draw":{"prompt":"a","ids":["b",7]}}"#,
                "`ids`: expected a string",
            ),
            (
                r#"{"draw":{"prompt":"a","ids":7}}"#,
                "`ids`: expected a list",
            ),
            (
                r#"{"draw":{"prompt":"a","tries":-1}}"#,
                "`tries`: expected an integer of 0 or more",
            ),
            (
                r#"{"draw":{"prompt":"a","weight":[]}}"#,
                "`weight`: expected a number",
            ),
            (
                r#"{"draw":{"prompt":"a","weight":1e999}}"#,
                "`weight`: expected a number",
            ),
            (
                r#"{"draw":{"prompt":"a","mode":"secret"}}"#,
                "`mode`: expected one of `fast`, `relax`",
            ),
            (
                r#"{"draw":{"prompt":"a","then":{"skip":"secret"}}}"#,
                "`then`: skip takes an integer from 1 to 4",
            ),
            (
                r#"{"draw":{"prompt":"a","then":{"secret":1}}}"#,
                "`then`: expected one of `draw`, `skip`",
            ),
            (
                r#"{"draw":{"prompt":"a","secret":1}}"#,
                "`secret`: there is no such option",
            ),
            (r#"{"draw":{"deadline":1}}"#, "`prompt`: it is missing"),
            (r#"{"draw":7}"#, "`draw`: expected an object"),
            (
                r#"{"paint":{}}"#,
                "`command`: expected one of `draw`, `skip`",
            ),
            ("[]", "`command`: expected one of `draw`, `skip`"),
            (
                r#"{"draw":{"prompt":"\\ \ud83d\ude00 \ud800"}}"#,
                "`prompt`: it holds half of a character (a lone surrogate)",
            ),
        ] {
            let error = read::<Asked>(ErrorKind::InvalidRequest, "command", text).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}

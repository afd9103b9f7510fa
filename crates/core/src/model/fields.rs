//! One JSON object, read field by field with the tolerance that docs/contract.md, "Traps", asks for.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::mend::{closed_before, mended};

/// A JSON object whose values are still text, so that a 19-digit id that arrives as a number keeps every digit.
///
/// What no field is read from is `extra`.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    values: BTreeMap<String, Box<RawValue>>,
    /// Why this is not all of the object, where it is not.
    problem: Option<String>,
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(|values| Self {
            values,
            problem: None,
        })
    }
}

impl Fields {
    /// Reads one object, also one whose strings are not quite valid; anything else is an error.
    pub(crate) fn parse(json: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json).or_else(|error| {
            let text = std::str::from_utf8(json).map_err(|_| error)?;
            serde_json::from_str(&mended(text))
        })
    }

    /// What can be read of an object that is broken: all that stands whole before the break. `problem` says what is wrong.
    pub(crate) fn salvage(json: &str, problem: String) -> Option<Self> {
        let text = mended(json);
        let error = serde_json::from_str::<Self>(&text).err()?;
        let lines = text.split_inclusive('\n').take(error.line() - 1);
        let end = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
        let read: Self = serde_json::from_str(&closed_before(&text, end)).ok()?;
        Some(Self {
            problem: Some(problem),
            ..read
        })
    }

    /// Why this is not all of the object, where it is not.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn raw(&self, name: &str) -> Option<&RawValue> {
        self.values
            .get(name)
            .map(AsRef::as_ref)
            .filter(|raw| raw.get() != "null")
    }

    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        value_in(self.raw(name)?)
    }

    /// A string, or a number as it was written; an empty string counts as absent.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        text_in(self.raw(name)?)
    }

    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        match self.value(name)? {
            Value::Bool(value) => Some(value),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A finite number, or a string that holds one.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        let text = self.text(name)?;
        text.trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
    }

    /// Seconds since 1970: a number, a string that holds one, or an ISO date as older records carry them.
    pub(crate) fn time(&self, name: &str) -> Option<f64> {
        self.number(name).or_else(|| {
            let text = self.text(name)?;
            let at = text.parse::<jiff::Timestamp>().ok().or_else(|| {
                // Older records leave the zone out; their times are UTC.
                text.parse::<jiff::civil::DateTime>()
                    .ok()?
                    .to_zoned(jiff::tz::TimeZone::UTC)
                    .ok()
                    .map(|at| at.timestamp())
            })?;
            Some(at.as_duration().as_secs_f64())
        })
    }

    /// A list of strings; entries that are no strings are left out.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items: Vec<Box<RawValue>> = serde_json::from_str(self.raw(name)?.get()).ok()?;
        Some(items.iter().filter_map(|item| text_in(item)).collect())
    }

    /// A nested object.
    pub(crate) fn object(&self, name: &str) -> Option<Self> {
        serde_json::from_str(self.raw(name)?.get()).ok()
    }

    /// A list of objects; entries that are no objects are left out.
    pub(crate) fn objects(&self, name: &str) -> Option<Vec<Self>> {
        let items: Vec<Box<RawValue>> = serde_json::from_str(self.raw(name)?.get()).ok()?;
        Some(
            items
                .iter()
                .filter_map(|item| serde_json::from_str(item.get()).ok())
                .collect(),
        )
    }

    /// A count of pixels: a whole number, written as a number or as a string.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    pub(crate) fn pixels(&self, name: &str) -> Option<u32> {
        self.number(name)
            .filter(|number| (0.0..=f64::from(u32::MAX)).contains(number))
            .map(|number| number as u32)
    }

    /// A percentage, rounded down: 99.6 is not done.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    pub(crate) fn percent(&self, name: &str) -> Option<u8> {
        let text = self.text(name)?;
        let number: f64 = text.trim().trim_end_matches('%').parse().ok()?;
        number.is_finite().then(|| number.clamp(0.0, 100.0) as u8)
    }

    /// All that is not named in `known`, as plain JSON.
    pub(crate) fn except(&self, known: &[&str]) -> serde_json::Map<String, Value> {
        self.values
            .iter()
            .filter(|(name, _)| !known.contains(&name.as_str()))
            .filter_map(|(name, raw)| Some((name.clone(), value_in(raw)?)))
            .collect()
    }
}

/// A value, also one whose strings hold half a character: the parser that keeps values as text takes these as they are.
fn value_in(raw: &RawValue) -> Option<Value> {
    serde_json::from_str(raw.get())
        .or_else(|_| serde_json::from_str(&mended(raw.get())))
        .ok()
}

fn text_in(raw: &RawValue) -> Option<String> {
    let json = raw.get();
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json)
            .or_else(|_| serde_json::from_str(&mended(json)))
            .ok()
            .filter(|text| !text.is_empty()),
        b'-' | b'0'..=b'9' => Some(json.to_owned()),
        _ => None,
    }
}

//! How single values are read: durations, extra fields, speeds.

use std::time::Duration;

use clap::ValueEnum;
use serde_json::Value;

/// A duration above zero, in seconds.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "a number of seconds above zero is wanted".to_owned())
}

/// `KEY=JSON`. What is no JSON is taken as a string, so that `--extra style=raw` needs no quoted quotes.
pub(super) fn extra(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text
        .split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| "KEY=JSON is wanted, such as hold=true".to_owned())?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((key.to_owned(), value))
}

/// How fast an emulator works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Speed {
    /// No wait at all
    Instant,
    /// About three seconds
    Fast,
    /// As long as the service takes: half a minute, more in relax mode
    Real,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_above_zero() {
        assert_eq!(seconds("1.5"), Ok(Duration::from_millis(1500)));
        for wrong in ["0", "-1", "NaN", "inf", "1e99", "soon", ""] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_extra_field_is_json_or_a_string() {
        assert_eq!(
            extra("hold=true"),
            Ok(("hold".to_owned(), Value::Bool(true)))
        );
        assert_eq!(
            extra("style=raw"),
            Ok(("style".to_owned(), Value::from("raw")))
        );
        assert_eq!(extra("a=b=c"), Ok(("a".to_owned(), Value::from("b=c"))));
        assert!(extra("alone").is_err());
        assert!(extra("=1").is_err());
    }
}

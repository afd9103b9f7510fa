//! How long to wait before the next try. Whether there is one is decided by those who know what was sent.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(8);

/// Exponential backoff from 0.5 s to 8 s with full jitter; the service's own `Retry-After` goes first.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// How often the caller has failed so far.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    pub(crate) fn next(&mut self, retry_after: Option<Duration>) -> Duration {
        let ceiling = FIRST
            .saturating_mul(1 << self.failures.min(10))
            .min(LONGEST);
        self.failures += 1;
        retry_after.unwrap_or_else(|| ceiling.mul_f64(fastrand::f64()))
    }
}

/// A longer `Retry-After` is read as this one: no caller waits that long, and clocks cannot count to every number. A shorter one
/// than the first backoff is read as that: a service that answers 429 does not want to be asked again at once.
const LONGEST_REQUEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// `Retry-After`, in seconds or as a date.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    requested(headers).map(|wait| wait.clamp(FIRST, LONGEST_REQUEST))
}

fn requested(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()?;
    Duration::try_from(at.duration_since(jiff::Timestamp::now())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_eight_seconds_and_never_exceed_it() {
        let mut backoff = Backoff::default();
        for ceiling in [0.5, 1.0, 2.0, 4.0, 8.0, 8.0] {
            assert!(backoff.next(None) <= Duration::from_secs_f64(ceiling));
        }
        assert_eq!(
            backoff.next(Some(Duration::from_secs(30))),
            Duration::from_secs(30)
        );
        assert_eq!(backoff.failures(), 7);
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let read = |text: &str| {
            retry_after(&HeaderMap::from_iter([(
                RETRY_AFTER,
                text.parse().unwrap(),
            )]))
        };
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(read("0"), Some(Duration::from_millis(500)));
        assert_eq!(read("10000000000000000000"), Some(LONGEST_REQUEST));
        assert_eq!(read("-1"), None);
        assert_eq!(read("soon"), None);
        assert_eq!(
            read("Wed, 21 Oct 2015 07:28:00 GMT"),
            None,
            "a date that has passed asks for nothing"
        );
        assert!(read("Wed, 21 Oct 2099 07:28:00 GMT").is_some());
    }
}

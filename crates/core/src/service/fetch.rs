//! Fetching a picture from its URL, with retries. The token never comes near a picture's host.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use url::Url;

use super::backoff::Backoff;
use super::http::Http;
use super::reason::reason;
use super::settings::FOR_EVER;
use crate::error::{Error, ErrorKind, Result};
use crate::model::format::Format;

/// Silence that ends one try.
const IDLE: Duration = Duration::from_secs(30);

/// The largest picture that is taken, in bytes: a grid in full size is under 20 MB.
const SIZE_LIMIT: usize = 128 * 1024 * 1024;

/// Fetches a picture; a transfer that breaks is tried again until `limit` has passed.
///
/// Errors: `picture`.
pub(crate) async fn fetch(http: &Http, url: &Url, limit: Duration) -> Result<(Bytes, Format)> {
    let pictures = http.pictures(url)?;
    let deadline = Instant::now() + limit.min(FOR_EVER);
    let mut backoff = Backoff::default();
    loop {
        let error = match timeout_at(deadline, fetch_once(pictures, url.clone())).await {
            Ok(Ok(picture)) => return Ok(picture),
            Ok(Err(Failure::Passing(error))) => error,
            Ok(Err(Failure::Final(error))) => return Err(error),
            Err(_) => {
                return Err(picture_error(format!(
                    "the picture was not there within {} s; it is still at the service",
                    limit.as_secs_f64()
                )));
            }
        };
        let wait = backoff.next(None);
        if backoff.failures() > http.settings.max_retries
            || wait >= deadline.saturating_duration_since(Instant::now())
        {
            return Err(error);
        }
        tracing::debug!(
            wait_seconds = wait.as_secs_f64(),
            "fetching the picture again"
        );
        sleep(wait).await;
    }
}

enum Failure {
    /// Another try may do better.
    Passing(Error),
    Final(Error),
}

async fn fetch_once(pictures: &reqwest::Client, url: Url) -> Result<(Bytes, Format), Failure> {
    let broken = |why: &str| {
        Failure::Passing(picture_error(format!(
            "the picture did not arrive whole: {why}"
        )))
    };
    let silent = || broken("its host went silent");
    let too_large = || {
        Failure::Final(picture_error(format!(
            "the picture is larger than {SIZE_LIMIT} bytes"
        )))
    };
    let mut response = timeout(IDLE, pictures.get(url).send())
        .await
        .map_err(|_| silent())?
        .map_err(|error| broken(&reason(&error)))?;
    let status = response.status();
    if !status.is_success() {
        let error = picture_error(match status.as_u16() {
            403 | 404 | 410 => "the picture's host does not give it out (any more)",
            _ => "the picture's host failed",
        })
        .with_status(status.as_u16());
        let passing = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
        return Err(if passing {
            Failure::Passing(error)
        } else {
            Failure::Final(error)
        });
    }
    let announced = response.content_length();
    if announced.is_some_and(|length| length > SIZE_LIMIT as u64) {
        return Err(too_large());
    }
    let mut bytes = BytesMut::new();
    loop {
        match timeout(IDLE, response.chunk()).await {
            Ok(Ok(Some(chunk))) if bytes.len() + chunk.len() > SIZE_LIMIT => {
                return Err(too_large());
            }
            Ok(Ok(Some(chunk))) => bytes.extend_from_slice(&chunk),
            Ok(Ok(None)) => break,
            Ok(Err(error)) => return Err(broken(&reason(&error))),
            Err(_) => return Err(silent()),
        }
    }
    match Format::of(&bytes) {
        Some(format) if announced.is_some() || format.is_complete(&bytes) => {
            Ok((bytes.freeze(), format))
        }
        Some(_) => Err(broken("the file breaks off")),
        None if bytes.is_empty() => Err(broken("it is empty")),
        None => Err(Failure::Final(picture_error(
            "what the picture's host gave is no PNG, JPEG, WebP, GIF or AVIF file",
        ))),
    }
}

fn picture_error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Picture, message)
}

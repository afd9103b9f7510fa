//! Web addresses that the caller gives, checked before they are sent.

use url::Url;

use crate::error::{Error, Result};

/// Refuses anything but an absolute http(s) URL; the text is not repeated, since a URL may hold a secret.
pub(crate) fn check_web_address(field: &str, text: &str) -> Result<Url> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(Error::invalid_request(
            field,
            "it is not an absolute http:// or https:// URL",
        )),
    }
}

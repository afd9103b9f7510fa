//! The area of a picture that `variation_region` draws anew.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::address::check_web_address;
use crate::model::format::Format;

/// A greyscale picture of the same size as the source, white where the picture shall be drawn anew.
///
/// On the wire it is a URL, or the file's bytes as plain base64.
///
/// ```
/// use midjourney_imagine::Mask;
///
/// let by_address = Mask::url("https://example.com/mask.png");
/// let by_content = Mask::bytes(std::fs::read("mask.png").unwrap_or_default());
/// assert_eq!(Mask::file("no such file.png").unwrap_err().kind().as_str(), "invalid_request");
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Mask(String);

impl Mask {
    /// A mask that the service fetches itself; the URL is absolute, http or https. A `data:` URL is sent as its content.
    pub fn url(url: impl Into<String>) -> Self {
        let url = url.into();
        match url
            .strip_prefix("data:")
            .and_then(|data| data.split_once(";base64,"))
        {
            Some((_, content)) => Self(content.to_owned()),
            None => Self(url),
        }
    }

    /// The content of a PNG, JPEG or WebP file.
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Self {
        Self(BASE64_STANDARD.encode(bytes))
    }

    /// A PNG, JPEG or WebP file on this machine, read at once.
    ///
    /// Errors: `invalid_request` when it cannot be read or is no picture.
    pub fn file(path: impl AsRef<Path>) -> Result<Self> {
        // The path stays out of the message: it may be a prompt or a secret that went astray.
        let bytes = std::fs::read(path).map_err(|error| {
            Error::invalid_request("mask", format_args!("the file cannot be read: {error}"))
        })?;
        let mask = Self::bytes(bytes);
        mask.check()?;
        Ok(mask)
    }

    /// Refuses what the service could not use: a path in the place of a URL, text in the place of a picture.
    pub(crate) fn check(&self) -> Result<()> {
        if self.0.contains("://") {
            return check_web_address("mask", &self.0).map(drop);
        }
        let head = self
            .0
            .get(..16)
            .and_then(|head| BASE64_STANDARD.decode(head).ok())
            .unwrap_or_default();
        if matches!(Format::of(&head), None | Some(Format::Avif)) {
            return Err(Error::invalid_request(
                "mask",
                "it is neither an http(s) URL nor the content of a PNG, JPEG or WebP file",
            ));
        }
        Ok(())
    }
}

/// A mask can be megabytes of base64, or a signed URL: neither is shown.
impl std::fmt::Debug for Mask {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Mask({} characters)", self.0.len())
    }
}

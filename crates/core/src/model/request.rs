//! The body of `POST /midjourney/imagine`, and the checks that it passes before it is sent and paid for.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::action::{GENERATE, VARIATION_REGION};
use super::address::check_web_address;
use crate::error::{Error, Result};
use crate::mask::Mask;

/// The service's own wait when a request names none, in seconds.
pub(crate) const DEFAULT_TIMEOUT: f64 = 480.0;

/// The most image URLs that a prompt may lead with.
const MAX_PROMPT_IMAGES: usize = 5;

/// How fast the service works, which the price depends on. An unknown mode passes through as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mode {
    /// The service's default.
    Fast,
    /// Slower and cheaper.
    Relax,
    /// Faster and more expensive; version 8.1 does not have it.
    Turbo,
    /// A mode that this version does not know.
    #[serde(untagged)]
    Other(String),
}

impl From<&str> for Mode {
    fn from(mode: &str) -> Self {
        match mode {
            "fast" => Self::Fast,
            "relax" => Self::Relax,
            "turbo" => Self::Turbo,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl From<String> for Mode {
    fn from(mode: String) -> Self {
        Self::from(mode.as_str())
    }
}

/// The fields of a generation, under the names of the wire. What is absent is not sent, and the service's default holds.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ImagineRequest {
    /// What to draw, in English unless [`translation`](Self::translation); flags such as `--ar 16:9` and up to five
    /// leading image URLs are part of it. Needed to generate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// `generate` (the service's default), or an action that an image offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The image that the action is for; needed for every action but `generate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// `fast` (the service's default), `relax` or `turbo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// The area to draw anew, for `variation_region`: white is redrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
    /// How long the service itself waits, in seconds (480).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<f64>,
    /// Translate the prompt to English first (false).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation: Option<bool>,
    /// Give the four quadrants as pictures of their own, too, in `sub_image_urls` (false).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_images: Option<bool>,
    /// Where the service shall post the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// The model's version, which the price may depend on; prompts usually say `--version` as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// High definition; the V8 family only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hd: Option<bool>,
    /// `.25`, `.5`, `1` (the service's default), `2` or `4`, as the version admits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// Declare that the prompt uses `--sref`: the price depends on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style_reference: Option<bool>,
    /// Declare that the prompt uses a moodboard: the price depends on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moodboard: Option<bool>,
    /// Fields that the API has learned since this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The names that `extra` may not use. `async` is how the client talks, not what is asked.
const OWN: &[&str] = &[
    "prompt",
    "action",
    "image_id",
    "mode",
    "mask",
    "timeout",
    "translation",
    "split_images",
    "callback_url",
    "version",
    "hd",
    "quality",
    "style_reference",
    "moodboard",
    "async",
];

impl ImagineRequest {
    pub(crate) fn action(&self) -> &str {
        self.action.as_deref().unwrap_or(GENERATE)
    }

    /// How long the service itself will wait, in seconds.
    pub(crate) fn service_wait(&self) -> f64 {
        self.timeout.unwrap_or(DEFAULT_TIMEOUT)
    }

    /// Checks what would be refused or misunderstood by the service, while it still costs nothing.
    pub(crate) fn check(&self) -> Result<()> {
        let absent =
            |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
        if self
            .action
            .as_deref()
            .is_some_and(|action| action.trim().is_empty())
        {
            return Err(Error::invalid_request(
                "action",
                "it is empty; leave it out to generate",
            ));
        }
        if self.action() == GENERATE {
            if absent(&self.prompt) {
                return Err(Error::invalid_request("prompt", "say what to draw"));
            }
        } else if absent(&self.image_id) {
            return Err(Error::invalid_request(
                "image_id",
                format_args!(
                    "the action {} needs the id of the image that it is for",
                    self.action()
                ),
            ));
        }
        if self.action() == VARIATION_REGION && self.mask.is_none() {
            return Err(Error::invalid_request(
                "mask",
                "say which area to draw anew (white on black)",
            ));
        }
        if let Some(mask) = &self.mask {
            mask.check()?;
        }
        if let Some(timeout) = self.timeout
            && !(timeout.is_finite() && timeout > 0.0)
        {
            return Err(Error::invalid_request(
                "timeout",
                "it is a number of seconds above zero",
            ));
        }
        if let Some(url) = &self.callback_url {
            check_web_address("callback_url", url)?;
        }
        let images = leading_image_urls(self.prompt.as_deref().unwrap_or_default());
        if images > MAX_PROMPT_IMAGES {
            return Err(Error::invalid_request(
                "prompt",
                format_args!(
                    "it leads with {images} image URLs; at most {MAX_PROMPT_IMAGES} are allowed"
                ),
            ));
        }
        if let Some(name) = self.extra.keys().find(|name| OWN.contains(&name.as_str())) {
            return Err(Error::invalid_request(
                "extra",
                format_args!("`{name}` is set by an option of its own, or by the client itself"),
            ));
        }
        Ok(())
    }
}

/// Prompts, callbacks and whatever is in `extra` are the caller's secrets.
impl fmt::Debug for ImagineRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ImagineRequest")
            .field("action", &self.action())
            .field("image_id", &self.image_id)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

fn leading_image_urls(prompt: &str) -> usize {
    prompt
        .split_whitespace()
        .take_while(|word| word.starts_with("https://") || word.starts_with("http://"))
        .count()
}

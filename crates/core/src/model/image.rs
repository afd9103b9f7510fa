//! The data of a picture that the API made.

use std::fmt;
use std::ops::Deref;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::fields::Fields;

/// What is known of a picture that the API made, under the names of the wire. A 2×2 grid is one picture.
///
/// Reading it is tolerant (sizes as strings, ids as numbers, fields missing or new); writing it gives the wire form. Read it
/// from JSON text or a `serde_json::Value` itself, not through `#[serde(flatten)]`: ids are read digit for digit.
///
/// ```
/// use midjourney_imagine::ImageData;
///
/// let image: ImageData = serde_json::from_str(r#"{"image_id": 1211290228438868029, "image_width": "1024", "new": 1}"#)?;
/// assert_eq!(image.image_id, "1211290228438868029");
/// assert_eq!(image.image_width, Some(1024));
/// assert_eq!(image.extra["new"], 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ImageData {
    /// The picture's id, 19 digits; actions are asked for by it. Empty where the service named none.
    pub image_id: String,
    /// The task that made the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// How far the picture is drawn, in percent (0 to 100); below 100 it is a preview that will be destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<u8>,
    /// The actions that the service offers on this picture; unknown when absent, none when empty.
    #[serde(skip_serializing_if = "Actions::is_unknown")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<String>>"))]
    pub actions: Actions,
    /// The preview's URL, signed: see [`ImageData::expires_at`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// The preview's width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_width: Option<u32>,
    /// The preview's height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_height: Option<u32>,
    /// The full picture's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_image_url: Option<String>,
    /// The full picture's width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_image_width: Option<u32>,
    /// The full picture's height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_image_height: Option<u32>,
    /// The four quadrants of a grid as pictures of their own, where `split_images` asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_image_urls: Option<Vec<String>>,
    /// The service's name for the exchange that made the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Fields that this version does not know, kept as they came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The fields that are not `extra`. `success` says nothing of a picture (docs/contract.md, trap 5) and is left out.
const KNOWN: &[&str] = &[
    "image_id",
    "task_id",
    "progress",
    "actions",
    "image_url",
    "image_width",
    "image_height",
    "raw_image_url",
    "raw_image_width",
    "raw_image_height",
    "sub_image_urls",
    "trace_id",
    "success",
];

impl ImageData {
    pub(crate) fn read(fields: &Fields) -> Self {
        Self {
            image_id: fields.text("image_id").unwrap_or_default(),
            task_id: fields.text("task_id"),
            progress: fields.percent("progress"),
            actions: Actions(fields.texts("actions")),
            image_url: fields.text("image_url"),
            image_width: fields.pixels("image_width"),
            image_height: fields.pixels("image_height"),
            raw_image_url: fields.text("raw_image_url"),
            raw_image_width: fields.pixels("raw_image_width"),
            raw_image_height: fields.pixels("raw_image_height"),
            sub_image_urls: fields.texts("sub_image_urls"),
            trace_id: fields.text("trace_id"),
            extra: fields.except(KNOWN),
        }
    }

    /// A picture of which only the id is known: it offers every action, and has no URL.
    #[must_use]
    pub fn from_id(image_id: impl Into<String>) -> Self {
        Self {
            image_id: image_id.into(),
            ..Self::default()
        }
    }

    /// The size that [`bytes`](crate::Image::bytes) has, in pixels: width and height of the full picture, or of the preview where
    /// the service named no other. It is what the service reported; unknown for an image made from an id alone.
    #[must_use]
    pub fn size(&self) -> Option<(u32, u32)> {
        let raw = self.raw_image_width.zip(self.raw_image_height);
        raw.or(self.image_width.zip(self.image_height))
    }

    /// When the picture's signed URL ends, by the URL's own `ex` parameter. A hint: hosts have served longer.
    #[must_use]
    pub fn expires_at(&self) -> Option<jiff::Timestamp> {
        let url = self
            .raw_image_url
            .as_deref()
            .or(self.image_url.as_deref())?;
        let url = url::Url::parse(url).ok()?;
        let (_, seconds) = url.query_pairs().find(|(name, _)| name == "ex")?;
        jiff::Timestamp::from_second(i64::from_str_radix(&seconds, 16).ok()?).ok()
    }

    /// Whether the picture has an address at all.
    pub(crate) fn has_url(&self) -> bool {
        self.raw_image_url.is_some() || self.image_url.is_some()
    }
}

/// The actions that a picture offers, as a list of their names on the wire: empty where it offers none, and where they are not
/// known, as of an image made from an id alone; [`is_known`](Self::is_known) says which.
///
/// ```
/// # let image: midjourney_imagine::ImageData = serde_json::from_str(r#"{"image_id": "1", "actions": ["upscale1"]}"#)?;
/// for action in &image.actions {
///     println!("{action}");
/// }
/// assert!(image.actions.contains("upscale1"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Actions(Option<Vec<String>>);

impl Actions {
    /// Whether the service has said which actions there are.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// Whether an action of this name is known to be offered.
    #[must_use]
    pub fn contains(&self, action: &str) -> bool {
        self.iter().any(|name| name == action)
    }

    fn is_unknown(&self) -> bool {
        !self.is_known()
    }
}

impl Deref for Actions {
    type Target = [String];

    fn deref(&self) -> &[String] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<'a> IntoIterator for &'a Actions {
    type Item = &'a String;
    type IntoIter = std::slice::Iter<'a, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Actions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<'de> Deserialize<'de> for ImageData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Fields::deserialize(deserializer)
            .map(|fields| Self::read(&fields))
            .map_err(D::Error::custom)
    }
}

impl From<&str> for ImageData {
    fn from(image_id: &str) -> Self {
        Self::from_id(image_id)
    }
}

impl From<String> for ImageData {
    fn from(image_id: String) -> Self {
        Self::from_id(image_id)
    }
}

impl From<&Self> for ImageData {
    fn from(image: &Self) -> Self {
        image.clone()
    }
}

/// URLs are signed and `extra` may hold anything, so neither is shown.
impl fmt::Debug for ImageData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Image");
        shown.field("image_id", &self.image_id);
        if let Some(task_id) = &self.task_id {
            shown.field("task_id", task_id);
        }
        if let Some(progress) = self.progress {
            shown.field("progress", &progress);
        }
        if let Some((width, height)) = self.size() {
            shown.field("size", &format_args!("{width}x{height}"));
        }
        if self.actions.is_known() {
            shown.field("actions", &format_args!("[{}]", self.actions.join(", ")));
        }
        shown.finish_non_exhaustive()
    }
}

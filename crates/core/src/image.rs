//! A picture that the API made, as something to act on and to save.

use std::fmt;
use std::ops::Deref;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::client::Client;
use crate::download::Download;
use crate::error::{Error, Result};
use crate::imagine::Imagine;
use crate::mask::Mask;
use crate::model::action;
use crate::model::image::ImageData;
use crate::model::request::ImagineRequest;
use crate::save::Save;

/// A picture that the API made, with the client to go on with it. The 2×2 grid is one picture.
///
/// Its data are the fields of [`ImageData`], read straight from it (`image.image_id`, `image.actions` …).
///
/// Actions are [`Imagine`]s: `.await`, `stream()` or `submit()` them. One that the image is known not to offer is refused
/// before anything is sent (`action_not_available`), with what it does offer. An image made from an id alone offers
/// everything.
#[derive(Clone)]
pub struct Image {
    client: Client,
    data: ImageData,
}

impl Image {
    pub(crate) fn new(client: Client, data: ImageData) -> Self {
        let data = client.service().redacted(data);
        Self { client, data }
    }

    /// The picture's data alone.
    #[must_use]
    pub fn data(&self) -> &ImageData {
        &self.data
    }

    /// The picture's data alone.
    #[must_use]
    pub fn into_data(self) -> ImageData {
        self.data
    }

    /// Any action by its name on the wire, such as `variation1`; new names pass through.
    pub fn act(&self, action: impl Into<String>) -> Imagine {
        self.begin(Ok(action.into()))
    }

    /// One quadrant of a grid as a picture of its own: 1 top left, 2 top right, 3 bottom left, 4 bottom right.
    pub fn upscale(&self, index: u8) -> Imagine {
        self.begin(action::numbered("upscale", index))
    }

    /// A new grid of variations of one quadrant (1 to 4) of a grid.
    pub fn variation(&self, index: u8) -> Imagine {
        self.begin(action::numbered("variation", index))
    }

    /// A new grid from the same prompt.
    pub fn reroll(&self) -> Imagine {
        self.act("reroll")
    }

    /// An upscaled picture at twice its size.
    pub fn upscale_2x(&self) -> Imagine {
        self.act("upscale_2x")
    }

    /// An upscaled picture at four times its size.
    pub fn upscale_4x(&self) -> Imagine {
        self.act("upscale_4x")
    }

    /// An upscaled picture, larger and true to the original.
    pub fn upscale_subtle(&self) -> Imagine {
        self.act("upscale_subtle")
    }

    /// An upscaled picture, larger and with new detail.
    pub fn upscale_creative(&self) -> Imagine {
        self.act("upscale_creative")
    }

    /// A grid of small variations of an upscaled picture.
    pub fn variation_subtle(&self) -> Imagine {
        self.act("variation_subtle")
    }

    /// A grid of large variations of an upscaled picture.
    pub fn variation_strong(&self) -> Imagine {
        self.act("variation_strong")
    }

    /// A new grid with the white area of `mask` drawn anew from `prompt`. The mask has the size of the full picture in pixels
    /// ([`ImageData::size`]). The service never lists this action and always accepts it.
    pub fn variation_region(&self, mask: Mask, prompt: impl Into<String>) -> Imagine {
        self.act(action::VARIATION_REGION).mask(mask).prompt(prompt)
    }

    /// An upscaled picture seen from further away, by the factor 2 or 1.5, with new surroundings.
    pub fn zoom_out(&self, factor: impl Into<f64>) -> Imagine {
        self.begin(action::zoom_out(factor.into()))
    }

    /// An upscaled picture continued to the `left`, `right`, `up` or `down`.
    pub fn pan(&self, direction: impl AsRef<str>) -> Imagine {
        self.begin(action::pan(direction.as_ref()))
    }

    fn begin(&self, action: Result<String>) -> Imagine {
        let checked = action.and_then(|action| {
            if self.data.image_id.is_empty() {
                return Err(Error::invalid_request(
                    "image_id",
                    "the service gave this picture no id, so it cannot act on it",
                ));
            }
            action::check_offered(&self.data, &action)?;
            Ok(action)
        });
        let image_id = Some(self.data.image_id.clone());
        match checked {
            Ok(action) => self.client.request(ImagineRequest {
                action: Some(action),
                image_id,
                ..ImagineRequest::default()
            }),
            Err(error) => self
                .client
                .request(ImagineRequest {
                    image_id,
                    ..ImagineRequest::default()
                })
                .refused(error),
        }
    }

    /// The picture's bytes, full size unless [`Download::preview`] asks for less. `.await` it.
    ///
    /// Errors: `picture`, which says what is missing when the image was made from an id alone.
    pub fn bytes(&self) -> Download {
        Download::new(self.client.service().clone(), self.data.clone())
    }

    /// Saves the picture to a file, or into a folder as `<image_id>.<extension>` (`<image_id>-preview.…`,
    /// `<image_id>-<n>.…`), and gives the path. `.await` it.
    ///
    /// A path without a picture's extension gets one, by the content; folders that are missing are made. The file is written
    /// beside its target and renamed, so that it is whole or not there; what was there before is replaced, unless
    /// [`Save::keep_existing`]. Dropping the call while the file is being written does not undo it.
    ///
    /// Errors: `picture`.
    pub fn save(&self, path: impl Into<PathBuf>) -> Save {
        Save::new(self.bytes(), path.into())
    }
}

impl Deref for Image {
    type Target = ImageData;

    fn deref(&self) -> &ImageData {
        &self.data
    }
}

impl From<&Image> for ImageData {
    fn from(image: &Image) -> Self {
        image.data.clone()
    }
}

/// The picture's data in their wire form.
impl Serialize for Image {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.data.serialize(serializer)
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.data.fmt(formatter)
    }
}

//! What a host can ask of a client: one type for each call, read from the host's JSON. The types of the host languages are
//! generated from the schema of these (`cargo xtask gen`).

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;

use midjourney_imagine::{
    Client, Download, Image, ImageData, Imagine, ImagineRequest, Mask, Result, Save, TaskData,
    Updates,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::arguments::Seconds;
use crate::failure::mistake;

/// A call of a client.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    /// Generates, and waits for the image.
    Imagine(Generation),
    /// Generates, and gives the task as soon as the service has named it.
    Submit(Generation),
    /// Waits for a task's image.
    Wait(Wait),
    /// Looks one task up.
    Task(TaskName),
    /// Looks tasks up, in the order asked, with null in the place of an unknown one.
    Tasks(TaskNames),
    /// Fetches one of an image's files.
    Bytes(ImageFile),
    /// Saves one of an image's files, and gives the path.
    Save(SavedFile),
}

/// What a stream is of.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StreamCommand {
    /// A generation, which begins when the first update is pulled.
    Generation(Generation),
    /// A task that runs already.
    Task(Wait),
}

/// A generation, or an action on an image.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Generation {
    /// The options that the service reads, under the names of the wire.
    #[serde(default)]
    request: ImagineRequest,
    /// Fields that the API has learned since this version; one that has an option of its own is refused.
    #[serde(default)]
    extra: Map<String, Value>,
    /// The area to draw anew, for an action that takes one.
    mask: Option<GivenMask>,
    /// The image that the action is for.
    image: Option<ImageSource>,
    /// The action on the image.
    action: Option<Action>,
    /// How long the whole call may take, in seconds.
    deadline: Option<Seconds>,
}

/// A method of an image that makes a new one.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// Any action by its name on the wire.
    Act(String),
    /// One quadrant as a picture of its own.
    Upscale(#[schemars(range(min = 1, max = 4))] u8),
    /// Variations of one quadrant.
    Variation(#[schemars(range(min = 1, max = 4))] u8),
    /// A new grid from the same prompt.
    Reroll,
    /// Twice the size.
    #[serde(rename = "upscale_2x")]
    Upscale2x,
    /// Four times the size.
    #[serde(rename = "upscale_4x")]
    Upscale4x,
    /// Larger and true to the original.
    UpscaleSubtle,
    /// Larger and with new detail.
    UpscaleCreative,
    /// Small variations.
    VariationSubtle,
    /// Large variations.
    VariationStrong,
    /// An area drawn anew; its mask and prompt lie beside the action.
    VariationRegion,
    /// From further away, by this factor.
    ZoomOut(f64),
    /// Continued to this side.
    Pan(String),
}

/// A mask as its owner has it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GivenMask {
    /// A URL: `http:`, `https:` or `data:`.
    Url(String),
    /// A picture file on this machine, read by the call.
    Path(PathBuf),
    /// The content of a picture file.
    Base64(Mask),
}

/// A task to wait for, as it was given before.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    /// The task.
    task: TaskData,
    /// How long to wait, in seconds.
    deadline: Option<Seconds>,
}

/// One task, by one of its two names.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskName {
    /// Its id.
    Id(String),
    /// The trace id of the exchange that started it.
    TraceId(String),
}

/// Tasks by their ids.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskNames {
    /// The ids.
    pub(crate) ids: Vec<String>,
}

/// One of an image's files.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageFile {
    /// The image.
    image: ImageSource,
    /// The preview instead of the full picture.
    #[serde(default)]
    preview: bool,
    /// One quadrant (1 to 4) of a grid that was made with `split_images`, instead of the whole.
    sub_image: Option<u8>,
    /// How long all tries together may take, in seconds.
    deadline: Option<Seconds>,
}

/// One of an image's files, and where to save it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedFile {
    /// The image.
    image: ImageSource,
    /// A file, or a folder.
    path: PathBuf,
    /// Refuse to replace a file instead of replacing it.
    #[serde(default)]
    keep_existing: bool,
    /// The preview instead of the full picture.
    #[serde(default)]
    preview: bool,
    /// One quadrant (1 to 4) of a grid that was made with `split_images`, instead of the whole.
    sub_image: Option<u8>,
    /// How long fetching may take, in seconds.
    deadline: Option<Seconds>,
}

impl Generation {
    /// The generation as the core has it. A mask's file is read when this is awaited.
    pub(crate) fn begin(
        self,
        core: &Client,
    ) -> Result<impl Future<Output = Result<Imagine>> + Send + use<>> {
        let mut request = self.request;
        if let Some(name) = request.extra.keys().next() {
            let problem = "there is no such option; what the API has learned goes into `extra`";
            return Err(mistake(name, problem));
        }
        request.extra = self.extra;
        let mut imagine = match (self.image, self.action) {
            (Some(image), Some(action)) => action.on(&core.image(image.0)).options(request),
            (None, None) => core.request(request),
            _ => return Err(mistake("action", "an image and an action belong together")),
        };
        if let Some(deadline) = self.deadline {
            imagine = imagine.deadline(deadline.into());
        }
        Ok(async move {
            Ok(match self.mask {
                Some(mask) => imagine.mask(mask.read().await?),
                None => imagine,
            })
        })
    }
}

impl Action {
    fn on(self, image: &Image) -> Imagine {
        match self {
            Self::Act(name) => image.act(name),
            Self::Upscale(index) => image.upscale(index),
            Self::Variation(index) => image.variation(index),
            Self::Reroll => image.reroll(),
            Self::Upscale2x => image.upscale_2x(),
            Self::Upscale4x => image.upscale_4x(),
            Self::UpscaleSubtle => image.upscale_subtle(),
            Self::UpscaleCreative => image.upscale_creative(),
            Self::VariationSubtle => image.variation_subtle(),
            Self::VariationStrong => image.variation_strong(),
            Self::VariationRegion => image.act("variation_region"),
            Self::ZoomOut(factor) => image.zoom_out(factor),
            Self::Pan(direction) => image.pan(direction),
        }
    }
}

impl GivenMask {
    async fn read(self) -> Result<Mask> {
        match self {
            Self::Url(url) => Ok(Mask::url(url)),
            Self::Base64(content) => Ok(content),
            // All calls share one thread, which must not wait for a disk.
            Self::Path(path) => tokio::task::spawn_blocking(|| Mask::file(path))
                .await
                .unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic())),
        }
    }
}

impl Wait {
    pub(crate) fn updates(self, core: &Client) -> Updates {
        let task = core.resume(self.task);
        match self.deadline {
            Some(deadline) => task.stream_within(deadline.into()),
            None => task.stream(),
        }
    }
}

impl ImageFile {
    pub(crate) fn of(self, core: &Client) -> Download {
        let mut download = core.image(self.image.0).bytes();
        if self.preview {
            download = download.preview();
        }
        if let Some(index) = self.sub_image {
            download = download.sub_image(index);
        }
        if let Some(deadline) = self.deadline {
            download = download.deadline(deadline.into());
        }
        download
    }
}

impl SavedFile {
    pub(crate) fn of(self, core: &Client) -> Save {
        let mut save = core.image(self.image.0).save(self.path);
        if self.keep_existing {
            save = save.keep_existing();
        }
        if self.preview {
            save = save.preview();
        }
        if let Some(index) = self.sub_image {
            save = save.sub_image(index);
        }
        if let Some(deadline) = self.deadline {
            save = save.deadline(deadline.into());
        }
        save
    }
}

/// An image as its id or its JSON.
pub(crate) struct ImageSource(ImageData);

/// By hand, since ids in the JSON may be numbers, and an untagged enum would lose their last digits.
impl<'de> Deserialize<'de> for ImageSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = ImageData;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an image's id or its JSON")
            }

            fn visit_str<E>(self, id: &str) -> Result<ImageData, E> {
                Ok(ImageData::from_id(id))
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<ImageData, A::Error> {
                ImageData::deserialize(MapAccessDeserializer::new(fields))
            }
        }

        deserializer.deserialize_any(Either).map(Self)
    }
}

impl JsonSchema for ImageSource {
    fn schema_name() -> Cow<'static, str> {
        "ImageSource".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An image as its id or its JSON.",
            "takes": "an image's id or its JSON",
            "anyOf": [{"type": "string"}, generator.subschema_for::<ImageData>()],
        })
    }
}

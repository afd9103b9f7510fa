//! One observed step of a running generation, as data.

use super::image::ImageData;

/// How far a generation is. [`Update`](crate::Update) is the same with an image that can be acted on.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) task_id: Option<String>,
    /// How far it is, 0 to 100.
    pub(crate) percent: u8,
    /// The preview; in the last step the picture.
    pub(crate) image: Option<ImageData>,
    /// Whether this is the last step.
    pub(crate) done: bool,
}
